"""How vectors may be searched: what each of FAISS's kinds finds, and what it costs, beside what Quoth does.

    python -m tests.benchmarks.sweep VECTORS.npy QUESTIONS.npy [--out docs/vectors.svg]

Both hold float32 unit vectors of the same model, passages and questions: real ones, for made ones are found with
more ease, or with less. What is found is compared with an exact search of all numbers as they were given. One thread;
the processor's milliseconds, which other work on the machine disturbs less.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import faiss
import matplotlib as mpl
import numpy as np
import numpy.typing as npt

from index import vectors
from index.encoder import Vectors
from index.vectors import VectorIndex

mpl.use("Agg")
K = 10
# As deep as a ranking is read before it is fused.
_DEPTH = 50
Search = Callable[[Vectors], npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Kind:
    """A way to search: bytes a vector, seconds to build, and how with each of its settings."""

    name: str
    n_bytes: float
    build_s: float
    settings: dict[str, Search]


@dataclass(frozen=True)
class Point:
    """What one setting of a kind gave: share of the ten nearest that it found, and the median of its milliseconds."""

    kind: str
    setting: str
    recall: float
    ms: float
    n_bytes: float
    build_s: float


def main() -> None:
    """Prints a table, and draws it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("vectors", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--asked", type=int, default=200)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    faiss.omp_set_num_threads(1)
    rows = np.ascontiguousarray(np.load(given.vectors), np.float32)
    asked = np.load(given.questions)[: given.asked]
    nearest = faiss.knn(asked, rows, K, metric=faiss.METRIC_INNER_PRODUCT)[1]
    title = f"{len(rows):,} real passages, {len(asked)} real questions"
    print(f"{title}; {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}")
    print("| kind | setting | recall@10 | ms | bytes a vector | build s |\n|---|---|---|---|---|---|")
    points = []
    for kind in kinds(rows):
        for setting, search in kind.settings.items():
            found, spent = [], []
            for question in asked:
                begun = time.process_time()
                found.append(search(question))
                spent.append((time.process_time() - begun) * 1e3)
            shares = [len({*one[:K].tolist()} & {*all_.tolist()}) / K for one, all_ in zip(found, nearest, strict=True)]
            point = Point(kind.name, setting, float(np.mean(shares)), median(spent), kind.n_bytes, kind.build_s)
            points.append(point)
            print(
                f"| {point.kind} | {setting} | {point.recall:.4f} | {point.ms:.2f} | {point.n_bytes:.0f} "
                f"| {point.build_s:.1f} |",
                flush=True,
            )
    if given.out:
        draw(points, title, given.out)


def kinds(rows: Vectors) -> Iterator[Kind]:
    """Vectors -> the kinds, one built after the other."""
    n, dimension = rows.shape
    inner = faiss.METRIC_INNER_PRODUCT

    def exact(question: Vectors) -> npt.NDArray[np.int64]:
        return np.asarray(faiss.knn(question[None], rows, _DEPTH, metric=inner)[1][0], np.int64)

    def quoth(n_best: int) -> Search:
        return lambda question: ours.nearest(question, _DEPTH, refined=n_best)[0]

    yield Kind("exact, 32 bits", dimension * 4, 0.0, {"": exact})
    begun = time.process_time()
    ours = VectorIndex.of(rows)
    spent = time.process_time() - begun
    vectors._REFINED_PER_HIT = 1
    refined = (50, 100, vectors.REFINED, 400)
    yield Kind("Quoth: 8 bits, then 16", dimension * 2, spent, {str(n_best): quoth(n_best) for n_best in refined})
    n_lists = int(4 * np.sqrt(n))
    for name, description, n_bytes, setting, values in (
        ("HNSW", "HNSW32,Flat", dimension * 4 + 32 * 8, "efSearch", (32, 64, 128, 256)),
        ("HNSW, 8 bits", "HNSW32,SQ8", dimension + 32 * 8, "efSearch", (64, 128, 256)),
        ("IVF, 8 bits", f"IVF{n_lists},SQ8", dimension + 8, "nprobe", (8, 16, 32, 64, 128)),
        ("IVF, PQ, refined", f"IVF{n_lists},PQ48x8,RFlat", dimension * 4 + 56, "nprobe", (16, 32, 64, 128)),
    ):
        begun = time.process_time()
        index = faiss.index_factory(dimension, description, inner)
        index.train(rows)
        index.add(rows)
        spent = time.process_time() - begun
        yield Kind(name, n_bytes, spent, {f"{setting} {value}": _with(index, setting, value) for value in values})


def _with(index: Any, setting: str, value: int) -> Search:
    space = faiss.ParameterSpace()

    def search(question: Vectors) -> npt.NDArray[np.int64]:
        space.set_index_parameter(index, setting, value)
        if isinstance(index, faiss.IndexRefineFlat):
            index.k_factor = 4
        found: npt.NDArray[np.int64] = index.search(question[None], _DEPTH)[1][0]
        return found

    return search


def draw(points: list[Point], title: str, out: Path) -> None:
    """Points -> a picture: recall against latency, the size of a mark for bytes a vector."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend has been chosen

    mpl.rcParams["svg.hashsalt"] = "quoth"
    figure, axes = plt.subplots(figsize=(8, 5))
    for kind in dict.fromkeys(point.kind for point in points):
        own = [point for point in points if point.kind == kind]
        label = f"{kind}: {own[0].n_bytes:.0f} bytes a vector, built in {own[0].build_s:.0f} s"
        axes.plot([point.ms for point in own], [point.recall for point in own], marker="o", label=label)
    axes.axhline(0.98, color="grey", linestyle=":", linewidth=1)
    axes.set(xscale="log", xlabel="processor's milliseconds a question", ylabel="recall@10", title=title)
    axes.legend(fontsize=8, loc="lower right")
    figure.tight_layout()
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    main()
