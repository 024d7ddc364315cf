"""How long one waits for an answer: from a cold start, for one warm question, and beside nineteen others.

`python -m tests.benchmarks.asking [--rounds 5]`. Each is measured beside something else in the same run, in turn: a
cold `quoth ask` beside `python -c "import sentence_transformers"`; a warm question about the essay beside
sentence-transformers' CrossEncoder in float32 (a network of the same size) reading sixteen of its passages; twenty
people at once beside one person whose questions one thread answers. Only ratios mean something.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from sentence_transformers import CrossEncoder

from bot.question import read_question
from bot.reader.training.network import base_folder
from bot.respond import Responder, open_responder
from index.build import build_index
from index.documents import read_corpus
from index.encoder import load_encoder
from index.search import SearchSettings, search
from index.settings import IndexSettings
from tests.accuracy.figures import ROOT, essay_questions

N_QUESTIONS = 20
PEOPLE = 20


def main() -> None:
    """Prints three ratios."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.asking", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"{os.cpu_count()} cores, torch {torch.__version__} with {torch.get_num_threads()} threads, {rounds} rounds")
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        build_index([ROOT / "corpus"], index, IndexSettings(), load_encoder)
        documents = read_corpus(ROOT / "corpus").documents
        questions = [labelled.question for labelled in essay_questions(documents, "dev")[:N_QUESTIONS]]
        cold(index, rounds)
        warm(open_responder(index), questions, rounds)
        at_once(index, questions, rounds)


def cold(index: Path, rounds: int) -> None:
    """The whole process that asks one question, beside one that only imports sentence-transformers."""
    ask = [sys.executable, "-m", "bot", "ask", "--index", str(index), "How much oil will Russia export to China?"]
    peer = [sys.executable, "-c", "import sentence_transformers"]

    def run(command: Sequence[str]) -> None:
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    report("quoth ask, cold", "importing sentence-transformers", in_turn(lambda: run(ask), lambda: run(peer), rounds))


def warm(responder: Responder, questions: Sequence[str], rounds: int) -> None:
    """All of a question, from its words to the answer, beside the CrossEncoder on sixteen passages that fit it."""
    # The weights of the peer's last layer are random: what it says does not matter here, only how long it takes.
    peer = CrossEncoder(str(base_folder()), num_labels=1, device="cpu", local_files_only=True)
    contents = responder.snapshot.contents
    times: list[tuple[float, float]] = []
    for question in questions:
        query = read_question(question, responder.speller)
        vector = responder.encoder.encode([query.resolved])[0]
        hits = search(responder.snapshot, vector, query.terms, SearchSettings().passages)
        passages = [contents.passages[hit.passage] for hit in hits]
        pairs = [(query.resolved, contents.documents[p.document].slice(p.span)) for p in passages]

        def ours(question: str = question) -> None:
            responder.answer(question)

        def theirs(pairs: list[tuple[str, str]] = pairs) -> None:
            peer.predict(pairs, batch_size=len(pairs), show_progress_bar=False)

        times.extend(in_turn(ours, theirs, max(2, rounds // 2)))
    report("a warm question, everything", "CrossEncoder reading 16 passages", times[4:])


def at_once(index: Path, questions: Sequence[str], rounds: int) -> None:
    """Twenty people with a question each, beside one who asks them one after another of one thread."""
    many, one = open_responder(index), open_responder(index, threads=1)  # as the chat has it, and alone
    with ThreadPoolExecutor(PEOPLE) as people:
        times = in_turn(
            lambda: list(people.map(many.answer, questions)),
            lambda: [one.answer(question) for question in questions],
            rounds,
        )
    report(f"{PEOPLE} people at once", "one person on one thread, the same questions", times)


def in_turn(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> list[tuple[float, float]]:
    """Two things to do -> seconds of each, round by round, after one round that is not counted."""
    times = []
    for number in range(rounds + 1):
        seconds = {}
        for name, step in (("ours", ours), ("theirs", theirs))[:: 1 if number % 2 else -1]:
            begun = time.perf_counter()
            step()
            seconds[name] = time.perf_counter() - begun
        times.append((seconds["ours"], seconds["theirs"]))
    return times[1:]


def report(ours: str, theirs: str, times: Sequence[tuple[float, float]]) -> None:
    """Prints the medians of both and of their ratios."""
    mine, other = (statistics.median(side) * 1e3 for side in zip(*times, strict=True))
    ratios = sorted(a / b for a, b in times)
    print(f"{ours}: {mine:.0f} ms; {theirs}: {other:.0f} ms;", end=" ")
    print(f"ratio, median: {statistics.median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
