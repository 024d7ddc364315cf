"""How fast passages become vectors, beside sentence-transformers with the same weights in float32, on the same texts.

`python -m tests.benchmarks.encoding [--passages FILE.jsonl.gz] [--rounds 5]`: the essay's passages, or the `text` of
each line of a file. Both encode all of them in turn, in both orders, so that what else the machine does slows both;
only their ratio means something.
"""

import argparse
import gzip
import itertools
import json
import os
import statistics
import time
from pathlib import Path

import torch

from index.build import index_corpus
from index.documents import read_corpus
from index.encoder import load_encoder
from index.encoder.sentence_transformer import load_sentence_transformer
from index.settings import DEFAULT_MODEL, IndexSettings
from tests.accuracy.figures import ROOT
from tests.unit.fakes import FakeEncoder

N_FROM_FILE = 256


def main() -> None:
    """Prints the medians, their ratio, and how alike the vectors are."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.encoding", description=__doc__)
    parser.add_argument("--passages", type=Path, help="a gzipped file of JSON lines with a `text` each")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    texts = _from_file(args.passages) if args.passages else _of_the_essay()
    ours, theirs = load_encoder(), load_sentence_transformer(DEFAULT_MODEL)
    n_tokens = statistics.mean(map(ours.count_tokens, texts))
    alike = (ours.encode(texts) * theirs.encode(texts)).sum(axis=1)  # warms both up
    seconds: dict[str, list[float]] = {"Quoth": [], "sentence-transformers": []}
    for number in range(args.rounds):
        encoders = [("Quoth", ours.encode), ("sentence-transformers", theirs.encode)]
        for name, encode in encoders if number % 2 else reversed(encoders):
            begun = time.perf_counter()
            encode(texts)
            seconds[name].append(time.perf_counter() - begun)
    print(f"{os.cpu_count()} cores, torch {torch.__version__} with {torch.get_num_threads()} threads")
    print(f"{len(texts)} passages of {n_tokens:.0f} tokens in the mean, {args.rounds} rounds")
    for name, times in seconds.items():
        print(f"{name}: {len(texts) / statistics.median(times):.1f} passages a second, median")
    ratios = [other / mine for mine, other in zip(*seconds.values(), strict=True)]
    print(f"as fast as sentence-transformers, median of the rounds: {statistics.median(ratios):.2f} times", end=" ")
    print(f"(from {min(ratios):.2f} to {max(ratios):.2f}); cosines of their vectors at least {alike.min():.3f}")


def _of_the_essay() -> list[str]:
    contents = index_corpus(read_corpus(ROOT / "corpus"), IndexSettings(), FakeEncoder(max_tokens=256)).contents
    return [contents.documents[p.document].readable(p.span) for p in contents.passages]


def _from_file(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in itertools.islice(lines, N_FROM_FILE)]


if __name__ == "__main__":
    main()
