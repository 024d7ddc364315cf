"""How fast passages become vectors, beside sentence-transformers with the same weights in float32, on the same texts.

`python -m tests.benchmarks.encoding [--passages FILE.jsonl.gz] [--rounds 5]`: the essay's passages, or the `text` of
each line of a file. All encode all of them in turn, in both orders, so that what else the machine does slows each; only
ratios mean something. txtai is measured, too, where it is installed (pip install --no-deps txtai msgpack).
"""

import argparse
import gzip
import itertools
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from index.build import index_corpus
from index.documents import read_corpus
from index.encoder import load_encoder
from index.encoder.sentence_transformer import load_sentence_transformer
from index.encoder.source import source_of
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
    encoders = {"Quoth": ours.encode, "sentence-transformers": theirs.encode, **_of_txtai()}
    seconds: dict[str, list[float]] = {name: [] for name in encoders}
    for number in range(args.rounds):
        for name, encode in list(encoders.items())[:: 1 if number % 2 else -1]:
            begun = time.perf_counter()
            encode(texts)
            seconds[name].append(time.perf_counter() - begun)
    print(f"{os.cpu_count()} cores, torch {torch.__version__} with {torch.get_num_threads()} threads")
    print(f"{len(texts)} passages of {n_tokens:.0f} tokens in the mean, {args.rounds} rounds")
    for name, times in seconds.items():
        print(f"{name}: {len(texts) / statistics.median(times):.1f} passages a second, median")
    for name in list(seconds)[1:]:
        ratios = [other / mine for mine, other in zip(seconds["Quoth"], seconds[name], strict=True)]
        print(f"as fast as {name}, median of the rounds: {statistics.median(ratios):.2f} times", end=" ")
        print(f"(from {min(ratios):.2f} to {max(ratios):.2f})")
    print(f"cosines with the vectors of sentence-transformers at least {alike.min():.3f}")


def _of_txtai() -> dict[str, Callable[[Sequence[str]], Any]]:
    """Another that serves the same weights, where it is installed."""
    if find_spec("txtai") is None:
        return {}
    settings = {"path": source_of(DEFAULT_MODEL), "method": "transformers", "gpu": False}
    encode = import_module("txtai.vectors").VectorsFactory.create(settings, None).encode
    encode(["One text warms it up."])
    return {"txtai": encode}


def _of_the_essay() -> list[str]:
    contents = index_corpus(read_corpus(ROOT / "corpus"), IndexSettings(), FakeEncoder(max_tokens=256)).contents
    return [contents.documents[p.document].readable(p.span) for p in contents.passages]


def _from_file(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in itertools.islice(lines, N_FROM_FILE)]


if __name__ == "__main__":
    main()
