"""One changed document among many: what a rebuild costs beside a build from nothing.

    python -m tests.benchmarks.rebuild FOLDER --documents 10000 [--without-model] [--profile]

Without a model everything else is measured.

Writes a corpus of shuffled words and an index into FOLDER, which it makes, and leaves them there.
"""

import argparse
import cProfile
import pstats
import random
import re
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from index.build import BuildReport, build_index
from index.encoder import Encoder, Vectors, load_encoder
from index.settings import IndexSettings
from tests.unit.fakes import FakeEncoder

CORPUS = Path(__file__).parents[2] / "corpus"
DIMENSION = 384
# Four passages of 96 tokens a document.
_SENTENCES, _WORDS = 25, 12


class QuickEncoder(FakeEncoder):
    """Random vectors, the same for the same text: its time is not what is measured."""

    def count_tokens(self, text: str) -> int:
        """Text -> a number of tokens that is never too many."""
        return len(text) // 5

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n) texts -> (n, dimension) float32 unit rows."""
        rows = np.stack([np.random.default_rng(len(text)).standard_normal(DIMENSION, np.float32) for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def quick() -> Encoder:
    """Gives vectors at no cost."""
    return QuickEncoder(dimension=DIMENSION, max_tokens=256)


def write_corpus(folder: Path, n: int) -> None:
    """So many documents of the essay's words, as frequent as they are there."""
    chance = random.Random(1)
    words = re.findall(r"[a-z]+", (CORPUS / "putins-pivot.txt").read_text("utf-8"))
    for number in range(n):
        drawn = iter(chance.choices(words, k=_SENTENCES * _WORDS))
        sentences = [" ".join(next(drawn) for _ in range(_WORDS)).capitalize() + "." for _ in range(_SENTENCES)]
        paragraphs = [" ".join(sentences[at : at + 7]) for at in range(0, _SENTENCES, 7)]
        file = folder / f"{number // 100:03}" / f"{number:05}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"Document {number}\n\n" + "\n\n".join(paragraphs) + "\n", "utf-8")


def main() -> None:
    """Builds, changes one document, builds again; prints what each took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--without-model", action="store_true")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    corpus, index = given.folder / "corpus", given.folder / "index"
    if not corpus.exists():
        write_corpus(corpus, given.documents)

    def build(what: str, **options: Any) -> BuildReport:
        begun = SimpleNamespace(wall=time.perf_counter(), cpu=time.process_time())
        settings, load = (
            (IndexSettings(model="fake"), quick) if given.without_model else (IndexSettings(), load_encoder)
        )
        report = build_index([corpus], index, settings, load, **options)
        wall, cpu = time.perf_counter() - begun.wall, time.process_time() - begun.cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{what}: {wall:.1f} s ({cpu:.1f} s of processor), {report.n_documents:,} documents, "
            f"{report.n_passages:,} passages, {report.n_encoded:,} encoded; peak so far {peak:,} MB",
            flush=True,
        )
        return report

    if not index.exists():
        build("from nothing", anew=True)
    for number in range(2):
        changed = corpus / "000" / "00042.txt"
        changed.write_text(f"{changed.read_text('utf-8')}\nSomething new is said here, {time.time_ns()}.\n", "utf-8")
        profile = cProfile.Profile()
        if given.profile and number:
            profile.enable()
        build("one document changed")
        profile.disable()
        if given.profile and number:
            pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
    build("nothing changed")


if __name__ == "__main__":
    main()
