"""Quoth over many passages: opening, memory, disk and questions, beside the essay and beside the naive way.

    python -m tests.benchmarks.size FOLDER VECTORS.npy PASSAGES.jsonl.gz --passages 1000000

VECTORS are float32 unit vectors of the shipped model, PASSAGES hold `{"title": ..., "text": ...}` a line. Where there
are too few, more vectors are made by perturbing those, and more terms of halves of two passages: latency and memory are
those of as many real ones, what is found is not. Indexes are written into FOLDER once, and left there. Each measurement
runs in a process of its own, on one thread, with warm files.
"""

import argparse
import gzip
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import faiss
import numpy as np

from bot.respond import open_responder
from index.build import build_index
from index.encoder import Vectors, load_encoder
from index.records import Document, Passage, Sentence, Span
from index.search import search
from index.settings import DEFAULT_MODEL, IndexSettings
from index.snapshot import Contents, EncoderId, current_id, load_snapshot, write_snapshot
from index.snapshot.documents import TEXTS
from index.snapshot.layout import generation_of
from index.snapshot.spans import key_of
from index.tables import Keys, Passages, Sentences
from index.terms import merge_terms, terms_of
from index.vectors import VectorIndex
from index.versions import made_with
from index.words import Words

ROOT = Path(__file__).parents[2]
# How far a made vector lies from the real one that it is made of: their cosine is about 0.89.
_AWAY = 0.5
_QUESTIONS = 20
_CHARACTERS = 430
Steps = dict[str, Callable[[Path], dict[str, float]]]


def main() -> None:
    """Prints the measurements, each with what it is compared with, and their ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("vectors", type=Path, nargs="?")
    parser.add_argument("texts", type=Path, nargs="?")
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(STEPS[given.step](given.folder)))
        return
    essay, many = given.folder / "essay", given.folder / f"{given.passages}"
    if not essay.exists():
        build_index([ROOT / "corpus"], essay, IndexSettings(), partial(load_encoder, DEFAULT_MODEL))
    if not many.exists():
        write_many(many, given.vectors, given.texts, given.passages)
    print(f"{given.passages:,} passages; {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}")
    report(essay, many, given.passages)


def report(essay: Path, many: Path, n: int) -> None:
    """Prints a line for each measurement."""
    opened, loaded = run("open", many), run("numpy", many)
    compare("opening, ms", "the vectors with numpy", opened["ms"], loaded["ms"])
    print(f"resident beyond the maps, MB: {opened['mb']:.0f} opened, {run('memory', many)['mb']:.0f} after questions")
    generation = generation_of(many, current_id(many))
    sizes = {file.name: file.stat().st_size for file in generation.iterdir() if file.name != TEXTS}
    print(f"disk without texts, bytes a passage: {sum(sizes.values()) / n:.0f}", end=" (")
    print(", ".join(f"{name} {size / n:.0f}" for name, size in sorted(sizes.items()) if size > n), end=")\n")
    asked = run("terms", many)
    compare("BM25, ten words, ms", "exact scan of vectors", asked["bm25"], asked["scan"])
    compare("search by vectors, ms", "exact scan of vectors", asked["vectors"], asked["scan"])
    here, there = run("search", many), run("search", essay)
    compare("search, ms", "on the essay", here["ms"], there["ms"])
    here, there = run("ask", many), run("ask", essay)
    compare("a whole question, ms", "on the essay", here["ms"], there["ms"])
    print(f"of that, search, ms: {here['search']:.2f} and {there['search']:.2f}", end="; ")
    print(f"the first question: {here['first']:.0f} and {there['first']:.0f}")


def compare(what: str, naive: str, ours: float, theirs: float) -> None:
    """Prints both and their ratio."""
    print(f"{what}: {ours:.2f}; {naive}: {theirs:.2f}; ratio {ours / theirs:.3f}", flush=True)


def run(step: str, folder: Path) -> dict[str, float]:
    """A step's name and an index -> what it measured, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.size", str(folder), "--step", step]
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=alone).stdout))


def perturbed(real: Vectors, n: int) -> Iterator[Vectors]:
    """(m, dimension) unit vectors -> n, a part at a time: themselves, then others near them."""
    chance = np.random.default_rng(0)
    for start in range(0, n, len(real)):
        part = real[: n - start]
        if start:
            part = part + chance.standard_normal(part.shape, np.float32) * np.float32(_AWAY / np.sqrt(real.shape[1]))
            part /= np.linalg.norm(part, axis=1, keepdims=True)
        yield part


def write_many(folder: Path, vectors: Path, texts: Path, n: int) -> None:
    """Writes an index of n documents of one passage each, and beside it their vectors as numpy has them."""
    with gzip.open(texts, "rt", encoding="utf-8") as lines:
        entries = [json.loads(line) for _, line in zip(range(n), lines, strict=False)]
    for entry in entries:  # as long as passages are, so that as much of them is read
        entry["text"] = entry["text"][:_CHARACTERS]
    stems = [terms_of(f"{entry['title']}\n{entry['text']}") for entry in entries]
    m = len(entries)
    documents, spans, keys, rows = [], [], [], []
    for number in range(n):
        entry = entries[number % m]
        text = f"{entry['title']}\n\n{entry['text']}"
        begin = len(entry["title"]) + 2
        sha = hashlib.sha256(text.encode()).hexdigest()
        documents.append(Document(f"{number:07}.txt", entry["title"], text, sha, (), (Span(begin, len(text)),)))
        cuts = [begin, *(at + 3 for at in range(begin, len(text) - 3) if text[at : at + 3] == " . "), len(text)]
        spans.append([Span(start, stop) for start, stop in pairwise(cuts)])
        keys.append(key_of(f"{number} {text}"))
        row, other = stems[number % m], stems[(number + 7919 * (number // m)) % m]
        rows.append(row if number < m else row[: len(row) // 2] + other[len(other) // 2 :])
    sentences = [Sentence(number, span, 0) for number, own in enumerate(spans) for span in own]
    ends = np.cumsum([len(own) for own in spans]).tolist()
    passages = [
        Passage(number, own[0].cover(own[-1]), range(end - len(own), end))
        for number, (own, end) in enumerate(zip(spans, ends, strict=True))
    ]
    made = np.concatenate(list(perturbed(np.load(vectors, mmap_mode="r"), n)))
    words: dict[str, int] = {}
    for entry in entries:
        for word in entry["text"].lower().split():
            words[word] = words.get(word, 0) + 1
    contents = Contents(
        corpus_root="corpus",
        named=("corpus",),
        settings=IndexSettings(),
        encoder=EncoderId.of(load_encoder(DEFAULT_MODEL)),
        made_with=made_with(),
        documents=documents,
        sentences=Sentences.of(sentences),
        passages=Passages.of(passages),
        keys=Keys.of(keys),
        vectors=VectorIndex.of(made),
        terms=merge_terms(None, np.full(n, -1, np.int64), rows),
        words=Words.of(words),
        warnings={},
        left_out={},
    )
    write_snapshot(folder, contents, {"built_at": ""})
    np.save(folder.with_suffix(".npy"), made)


def anonymous_mb() -> float:
    """Resident memory of this process that no file is behind, in MB."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("RssAnon:")[1].split()[0]) / 1e3


def spent_ms(act: Callable[[], Any]) -> float:
    """Milliseconds that it takes."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1e3


def questions() -> list[str]:
    """The essay's, for every size the same."""
    lines = (ROOT / "tests/accuracy/essay.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines][:_QUESTIONS]


def opening(folder: Path) -> dict[str, float]:
    """What opening takes, and how much memory it leaves."""
    load_snapshot(folder)  # files in the cache, code imported
    before = anonymous_mb()
    kept: list[Any] = []
    ms = spent_ms(lambda: kept.append(load_snapshot(folder)))
    return {"ms": ms, "mb": anonymous_mb() - before}


def numpy_opening(folder: Path) -> dict[str, float]:
    """Vectors loaded into memory."""
    file = folder.with_suffix(".npy")
    np.load(file)
    return {"ms": spent_ms(lambda: np.load(file))}


def search_memory(folder: Path) -> dict[str, float]:
    """Memory after questions, beyond what the process had before it opened the index."""
    _, memory = searcher(folder)
    return {"mb": memory()}


def searcher(folder: Path) -> tuple[Callable[[], list[float]], Callable[[], float]]:
    """An index -> what asks it all questions (ms each), and what says how much memory it takes after that."""
    encoder = load_encoder(DEFAULT_MODEL)
    asked = [(encoder.encode([question])[0], terms_of(question)) for question in questions()]
    before = anonymous_mb()
    snapshot = load_snapshot(folder)

    def ask() -> list[float]:
        return [spent_ms(lambda v=vector, t=terms: search(snapshot, v, t, 16)) for vector, terms in asked]  # type: ignore[misc]

    def memory() -> float:
        ask()
        return anonymous_mb() - before

    return ask, memory


def searching(folder: Path) -> dict[str, float]:
    """Passages found for a question whose vector is there."""
    ask, _ = searcher(folder)
    ask()
    return {"ms": median(ask())}


def by_terms(folder: Path) -> dict[str, float]:
    """Ten terms of a passage by BM25, its vector, and an exact scan of all vectors."""
    contents = load_snapshot(folder).contents
    vectors = np.load(folder.with_suffix(".npy"))
    chance = np.random.default_rng(1)
    spent: dict[str, list[float]] = {"bm25": [], "scan": [], "vectors": []}
    faiss.omp_set_num_threads(1)
    for row in chance.choice(len(vectors), 25, replace=False).tolist():
        terms = terms_of(contents.documents[row].text)
        terms = list(chance.permutation(list(dict.fromkeys(terms)))[:10])
        query = vectors[row] + chance.standard_normal(vectors.shape[1]).astype(np.float32) * np.float32(0.03)
        query /= np.linalg.norm(query)
        spent["bm25"].append(spent_ms(lambda t=terms: contents.terms.best(contents.terms.scores(t), 50)))  # type: ignore[misc]
        spent["scan"].append(
            spent_ms(lambda q=query: faiss.knn(q[None], vectors, 50, metric=faiss.METRIC_INNER_PRODUCT))  # type: ignore[misc]
        )
        spent["vectors"].append(spent_ms(lambda q=query: contents.vectors.nearest(q, 50)))  # type: ignore[misc]
    return {name: median(found[5:]) for name, found in spent.items()}


def asking(folder: Path) -> dict[str, float]:
    """A whole question, from its text to its quotes, and how much of it is search."""
    responder = open_responder(folder, threads=1)
    first = spent_ms(lambda: responder.answer(questions()[0]))
    for question in questions():  # what each looks at has been looked at
        responder.answer(question)
    timings = [responder.answer(question).timings for question in questions()]
    return {
        "first": first,
        "ms": median(timing.total for timing in timings),
        "search": median(timing.retrieve for timing in timings),
    }


STEPS: Steps = {
    "open": opening,
    "numpy": numpy_opening,
    "memory": search_memory,
    "search": searching,
    "terms": by_terms,
    "ask": asking,
}


if __name__ == "__main__":
    main()
