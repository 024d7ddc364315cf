"""How long reading a question's passages takes, beside a cross-encoder on the same pairs.

`python -m tests.benchmarks.reading`: the essay's dev questions, the passages that Quoth reads of each; the peer is
sentence-transformers' CrossEncoder in float32 on a network of the same size. Both read each question in turn, so that
what else the machine does slows both; only their ratio means something.
"""

import os
import statistics
import time
from collections.abc import Callable

import torch
from sentence_transformers import CrossEncoder

from bot.question import read_question
from bot.reader.extractive import load_extractive
from bot.reader.training.network import base_folder
from bot.spelling import Speller
from index.build import index_corpus
from index.documents import read_corpus
from index.encoder import load_encoder
from index.search import SearchSettings, search
from index.settings import IndexSettings
from index.snapshot import Snapshot
from tests.accuracy.figures import ROOT, essay_questions

N_QUESTIONS = 40
PASSAGES = SearchSettings().passages


def main() -> None:
    """Prints the medians and their ratio."""
    encoder, reader = load_encoder(), load_extractive()
    corpus = read_corpus(ROOT / "corpus")
    contents = index_corpus(corpus, IndexSettings(), encoder).contents
    snapshot, speller = Snapshot("essay", contents), Speller(contents.words)
    # The weights of the peer's last layer are random: what it says does not matter here, only how long it takes.
    peer = CrossEncoder(str(base_folder()), num_labels=1, device="cpu", local_files_only=True)
    ours: list[float] = []
    theirs: list[float] = []
    questions = essay_questions(corpus.documents, "dev")[:N_QUESTIONS]
    for number, labelled in enumerate(questions):
        query = read_question(labelled.question, speller)
        vector = encoder.encode([query.resolved])[0]
        hits = search(snapshot, vector, query.terms, PASSAGES)
        passages = [contents.passages[hit.passage] for hit in hits]
        pairs = [(query.resolved, contents.documents[p.document].slice(p.span)) for p in passages]
        steps: list[tuple[list[float], Callable[[], object]]] = [
            (ours, lambda: reader.read(query, vector, hits, snapshot)),  # noqa: B023 - called at once
            (theirs, lambda: peer.predict(pairs, batch_size=len(pairs), show_progress_bar=False)),  # noqa: B023
        ]
        for times, step in steps if number % 2 else reversed(steps):
            begun = time.perf_counter()
            step()
            times.append(time.perf_counter() - begun)
    # The first questions warm both up.
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)][4:]
    print(f"{os.cpu_count()} cores, torch with {torch.get_num_threads()} threads, {len(ratios)} questions")
    print(
        f"reading {PASSAGES} passages, median: Quoth {statistics.median(ours[4:]) * 1e3:.0f} ms,",
        end=" ",
    )
    print(f"CrossEncoder {statistics.median(theirs[4:]) * 1e3:.0f} ms")
    print(f"ratio, median of the questions: {statistics.median(ratios):.2f} (quartiles", end=" ")
    print(", ".join(f"{value:.2f}" for value in statistics.quantiles(ratios, n=4)) + ")")


if __name__ == "__main__":
    main()
