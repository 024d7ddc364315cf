"""Many passages, end to end: the openings of 176,458 Wikipedia articles, and 2,655 Natural Questions among them.

    python -m tests.benchmarks.wikipedia FOLDER corpus DATA     writes them as files
    python -m tests.benchmarks.wikipedia FOLDER build           indexes those; minutes, memory, distance to the limit
    python -m tests.benchmarks.wikipedia FOLDER quality         what is found, and by which ranking
    python -m tests.benchmarks.wikipedia FOLDER fusion          how both are fused best: chosen on half of the questions
    python -m tests.benchmarks.wikipedia FOLDER recall          vectors, against an exact search of them

DATA holds `wikipedia_passages.jsonl.gz` (id, title, text) and `nq_questions.jsonl.gz` (question, answers, gold_title,
gold_text), which do not come with Quoth. All else is in FOLDER. An article is a file, and a question's gold the whole
article that answers it; articles are ranked by their best passages.
"""

import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from statistics import median

import faiss
import numpy as np
import onnx
import onnxruntime
from rich.console import Console
from rich.progress import Progress

from bot.cli.common import DONE, INCOMPLETE
from bot.lab.estimates import estimate
from bot.lab.questions import Gold, LabelledQuestion
from bot.lab.quotes import normalised
from bot.lab.retrieval import retrieval_values
from bot.lab.run import SYSTEMS, Outcome, run
from bot.lab.tune import RRF_KS, halves
from bot.respond import Responder, open_responder
from index.cores import n_cores
from index.encoder import load_encoder
from index.records import Span
from index.search import SearchSettings, rank
from index.snapshot import load_snapshot
from index.tables import Passages
from index.terms import terms_of

ARTICLES, QUESTIONS, CORPUS, INDEX = "wikipedia_passages.jsonl.gz", "nq_questions.jsonl.gz", "corpus", "index"
MEASURES = ("success@1", "success@5", "success@20", "mrr@10")
DEPTHS = (20, 50, 100)
_MRR_AT = 10
_IN_A_FOLDER = 1_000
# Of the model: layers, width, and that of what is between.
_LAYERS, _WIDTH, _INNER = 6, 384, 1536


@dataclass(frozen=True, slots=True)
class Cost:
    """What a build took: seconds by the clock and of the processors; the most MB, with mapped files and without."""

    clock: float
    processor: float
    resident: float
    anonymous: float


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.wikipedia")
    parser.add_argument("folder", type=Path)
    parser.add_argument("step", choices=("corpus", "build", "quality", "fusion", "recall"))
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--articles", type=int, default=1 << 30, help="only the first so many")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth question")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    if given.step == "corpus":
        write_corpus(given.data, given.folder, given.articles)
    elif given.step == "build":
        report_build(given.folder)
    elif given.step == "quality":
        report_quality(given.folder, given.every)
    elif given.step == "fusion":
        report_fusion(given.folder)
    else:
        report_recall(given.folder)


def rows_of(file: Path) -> Iterator[dict[str, str]]:
    """A packed file of JSON lines -> its rows."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def write_corpus(data: Path, folder: Path, n: int) -> None:
    """Writes a file for each article, and for each that answers a question."""
    questions = list(rows_of(data / QUESTIONS))
    gold = sorted({(row["gold_title"], row["gold_text"]) for row in questions})
    articles = ((row["title"], row["text"]) for row, _ in zip(rows_of(data / ARTICLES), range(n), strict=False))
    for kind, entries in (("gold", gold), ("article", articles)):
        for number, (title, text) in enumerate(entries):
            file = folder / CORPUS / f"{kind}-{number // _IN_A_FOLDER:03}" / f"{number:06}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"# {title}\n\n{text}\n", "utf-8")
    paths = {entry: f"gold-{number // _IN_A_FOLDER:03}/{number:06}.md" for number, entry in enumerate(gold)}
    with (folder / "questions.jsonl").open("w", encoding="utf-8") as lines:
        for number, row in enumerate(questions):
            entry = {"id": f"nq{number:04}", "question": row["question"], "answers": row["answers"]}
            lines.write(json.dumps({**entry, "document": paths[row["gold_title"], row["gold_text"]]}) + "\n")


def report_build(folder: Path) -> None:
    """Runs `quoth index`, and prints what it took beside what the processor could do at best."""
    cost = watched([sys.executable, "-m", "bot", "index", str(folder / CORPUS), "--index", str(folder / INDEX)])
    print(f"{cost.clock / 60:.1f} minutes by the clock, {cost.processor / 60:.1f} of the processors'")
    print(f"memory at its highest: {cost.resident:,.0f} MB resident, {cost.anonymous:,.0f} MB without mapped files")
    contents = load_snapshot(folder / INDEX).contents
    encoder = load_encoder()
    chance = np.random.default_rng(0)
    rows = np.sort(chance.choice(len(contents.passages), min(4_000, len(contents.passages)), replace=False))
    texts = [contents.documents[p.document].readable(p.span) for p in (contents.passages[row] for row in rows.tolist())]
    titles = [contents.documents[contents.passages[row].document].title for row in rows.tolist()]
    lengths = np.array([encoder.count_tokens(f"{title}\n{text}") for title, text in zip(titles, texts, strict=True)])
    n = len(contents.passages)
    work = float(multiply_adds(lengths).mean()) * n
    print(f"{len(contents.documents):,} documents, {n:,} passages of {lengths.mean():.0f} tokens")
    for kind, peak in peak_multiply_adds().items():
        print(f"{work:.2g} multiply-adds, in {kind} {peak:.2g} a second at best:", end=" ")
        limit = work / peak
        print(f"the limit is {limit / 60:.1f} minutes, {limit / cost.clock:.2f} of what the build took")


def watched(command: Sequence[str]) -> Cost:
    """Runs a command -> what it cost, that of the processes that it started among the processor's."""
    begun, before = time.perf_counter(), os.times()
    process = subprocess.Popen(command)
    resident = anonymous = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text("ascii")
        except (FileNotFoundError, ProcessLookupError):
            break
        found = {name: int(kb) for name, kb in re.findall(r"^(VmHWM|RssAnon):\s+(\d+) kB", status, re.MULTILINE)}
        resident, anonymous = max(resident, found.get("VmHWM", 0)), max(anonymous, found.get("RssAnon", 0))
        time.sleep(0.5)
    if process.wait() not in {DONE, INCOMPLETE}:
        raise SystemExit(process.returncode)
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(time.perf_counter() - begun, processor, resident / 1e3, anonymous / 1e3)


def multiply_adds(lengths: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How many tokens each text has -> how many multiply-adds the model's matrices take for it."""
    of_weights = 4 * _WIDTH * _WIDTH + 2 * _WIDTH * _INNER
    return _LAYERS * (lengths * of_weights + 2 * lengths * lengths * _WIDTH)


def peak_multiply_adds() -> dict[str, float]:
    """The most multiply-adds a second that such matrices reach on all cores: numpy's float32, onnxruntime's 8 bits."""
    chance = np.random.default_rng(0)
    left, right = (chance.standard_normal(shape).astype(np.float32) for shape in ((2048, _WIDTH), (_WIDTH, _INNER)))
    whole = (left * 40).astype(np.uint8), (right * 20).astype(np.int8)
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMulInteger", ["left", "right"], ["product"])],
        "product",
        [onnx.helper.make_tensor_value_info("left", onnx.TensorProto.UINT8, whole[0].shape)],
        [onnx.helper.make_tensor_value_info("product", onnx.TensorProto.INT32, (2048, _INNER))],
        [onnx.numpy_helper.from_array(whole[1], "right")],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return {
        "float32": left.size * _INNER / quickest(lambda: left @ right),
        "8 bits": left.size * _INNER / quickest(lambda: session.run(None, {"left": whole[0]})),
    }


def quickest(act: Callable[[], object]) -> float:
    """The fewest seconds that something takes, of many times."""
    spent = []
    for _ in range(100):
        begun = time.perf_counter()
        act()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def questions_of(folder: Path, responder: Responder, every: int) -> tuple[list[LabelledQuestion], list[list[str]]]:
    """The questions with their articles as gold, and the short answers to each."""
    rows = [json.loads(line) for line in (folder / "questions.jsonl").read_text("utf-8").splitlines()][::every]
    labelled = []
    for row in rows:
        document = responder.snapshot.document_named(row["document"])
        if document is None:
            raise SystemExit(f"the index has no {row['document']}")
        gold = Gold(document.path, Span(0, len(document.text)))
        labelled.append(LabelledQuestion(id=row["id"], question=row["question"], gold=(gold,)))
    return labelled, [row["answers"] for row in rows]


def report_quality(folder: Path, every: int) -> None:
    """Prints what each ranking finds, and how often the first quote has the short answer."""
    responder = open_responder(folder / INDEX, threads=1)
    questions, answers = questions_of(folder, responder, every)
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("asking", total=len(questions))
        outcomes = run(
            questions,
            responder,
            lambda _, done, __: bar.update(task, completed=done),
            whole_documents=True,
            workers=n_cores(),
        )
    for system in SYSTEMS:
        values = retrieval_values(outcomes, system)
        found = {name: estimate(values[name]) for name in MEASURES}
        print(
            f"{system:8}", *(f"{name} {one.value:.3f} ({one.low:.3f} to {one.high:.3f})" for name, one in found.items())
        )
    has, marked = (np.array(found) for found in zip(*map(holds, outcomes, answers), strict=True))
    answered = np.array([outcome.is_answered for outcome in outcomes])
    print(f"the first quote holds a short answer: {has.mean():.3f}; it is marked in it: {marked.mean():.3f}")
    print(f"answered {answered.mean():.3f}; of those, the first quote holds one: {has[answered].mean():.3f}")
    print(f"a question takes {median(outcome.answer.timings.total for outcome in outcomes):.0f} ms")


def holds(outcome: Outcome, answers: Sequence[str]) -> tuple[bool, bool]:
    """An outcome and short answers -> whether the first quote, or the nearest, holds one, and whether it is marked."""
    if not outcome.shown:
        return False, False
    first = outcome.shown[0]
    text, marked = spaced(first.text), spaced(first.document.slice(first.answer)) if first.answer is not None else ""
    wanted = [spaced(answer) for answer in answers]
    return any(answer in text for answer in wanted), marked in wanted


def spaced(text: str) -> str:
    """Text -> its words as SQuAD compares them, a space around each."""
    return f" {' '.join(normalised(text))} "


def report_fusion(folder: Path) -> None:
    """Prints which fusion and depth do best on half of the questions, and what they do on the other."""
    responder = open_responder(folder / INDEX, threads=1)
    questions, _ = questions_of(folder, responder, 1)
    vectors = responder.encoder.encode([question.question for question in questions])
    contents = responder.snapshot.contents
    owners = contents.passages.rows[:, 0] if isinstance(contents.passages, Passages) else np.empty(0)
    deepest = max(DEPTHS)
    ranked = {
        question.id: (
            rank(responder.snapshot, vector, terms_of(question.question), deepest),
            contents.ordinal_of(question.gold[0].document),
        )
        for question, vector in zip(questions, vectors, strict=True)
    }

    def figures(half: Sequence[LabelledQuestion], settings: SearchSettings) -> tuple[float, float, float]:
        """The article first, MRR@10, and some of it among the passages read."""
        found = []
        for question in half:
            rankings, gold = ranked[question.id]
            articles = [int(owners[row]) for row, _ in rankings.cut(settings.depth).fused(settings)]
            place = ([*dict.fromkeys(articles), gold]).index(gold)
            mrr = 1 / (place + 1) if place < _MRR_AT and gold in articles else 0.0
            found.append((place == 0, mrr, gold in articles[: settings.passages]))
        first, mrr, read = np.mean(found, axis=0).tolist()
        return first, mrr, read

    choosing, other = halves(questions)
    usual = SearchSettings()
    tried = [
        replace(usual, rrf_k=k, term_percent=percent, depth=depth)
        for k, percent, depth in product(RRF_KS, (100, 70, 50, 30, 15), DEPTHS)
    ]
    best = max(tried, key=lambda settings: figures(choosing, settings))
    for half, name in ((choosing, "the half that chose"), (other, "the other half")):
        for settings in (usual, best):
            first, mrr, read = figures(half, settings)
            print(f"{name}, {settings}: article first {first:.3f}, MRR@10 {mrr:.3f}, among those read {read:.3f}")


def report_recall(folder: Path) -> None:
    """Prints how many of the ten nearest vectors are found."""
    responder = open_responder(folder / INDEX, threads=1)
    questions, _ = questions_of(folder, responder, 5)
    vectors = responder.snapshot.contents.vectors
    asked = responder.encoder.encode([question.question for question in questions])
    _, exact = faiss.knn(asked, vectors.rows, 10, metric=faiss.METRIC_INNER_PRODUCT)
    shares = [
        len({*vectors.nearest(one, 10)[0].tolist()} & {*rows}) / 10
        for one, rows in zip(asked, exact.tolist(), strict=True)
    ]
    print(f"recall@10 of {len(shares)} questions among {len(vectors):,} ({vectors.kind}): {np.mean(shares):.4f}")


if __name__ == "__main__":
    main()
