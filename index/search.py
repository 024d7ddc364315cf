"""Query + snapshot -> hits: nearest vectors and best terms, fused by rank."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.encoder import Vectors
from index.records import Hit
from index.snapshot import Snapshot
from index.tables import Passages

# Reciprocal rank fusion: Cormack, Clarke & Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and
# individual Rank Learning Methods" (SIGIR 2009), doi:10.1145/1571941.1572114, with k = 10 for 60: here only
# the first few ranks are read.
RRF_K = 10
# How deep each of the two rankings is read before they are fused.
DEPTH = 50


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How two rankings become one, and how much of it is read; `quoth tune` tries others.

    Attributes:
        rrf_k: the constant of reciprocal rank fusion; the higher, the less the first ranks weigh.
        depth: how deep each of the two rankings is read before they are fused.
        passages: how many fused passages are read. On dev, the right sentence is among those of 16 for 99% of the
            answerable questions, and of 8 for 95%.
        term_percent: what a rank by terms weighs, in percent of what one by vectors does. Where people ask in words of
            their own of very many documents, less than all is better (tests/benchmarks/README.md).
    """

    rrf_k: int = RRF_K
    depth: int = DEPTH
    passages: int = 16
    term_percent: int = 100


@dataclass(frozen=True, slots=True)
class Rankings:
    """Rows of passages, best first, by each of the two; `bm25` is (n_passages,), the score of every row."""

    by_vector: npt.NDArray[np.int64]
    by_term: npt.NDArray[np.int64]
    bm25: npt.NDArray[np.float32]

    def cut(self, depth: int) -> "Rankings":
        """Both no deeper than that."""
        return replace(self, by_vector=self.by_vector[:depth], by_term=self.by_term[:depth])

    def fused(self, settings: SearchSettings) -> list[tuple[int, float]]:
        """Both together, as `fuse` gives them."""
        rankings = self.by_vector, self.by_term
        return fuse(*rankings, rrf_k=settings.rrf_k, weights=(1.0, settings.term_percent / 100))


def search(
    snapshot: Snapshot,
    query: Vectors,
    terms: Sequence[str],
    k: int,
    documents: frozenset[str] | None = None,
    *,
    settings: SearchSettings | None = None,
) -> list[Hit]:
    """Query vector and terms -> the k best passages, fused.

    Args:
        snapshot: where to search.
        query: (dimension,) float32 of unit length.
        terms: stems of the query's content words; none leaves the ranking to the vectors.
        k: how many hits at most.
        documents: paths of those to search in; None searches all.
        settings: depth and fusion.

    Returns:
        Hits by descending `rrf`, equal ones in passage order.
    """
    settings = settings or SearchSettings()
    rankings = rank(snapshot, query, terms, max(k, settings.depth), documents)
    fused = rankings.fused(settings)[:k]
    rows = np.array([row for row, _ in fused], dtype=np.int64)
    cosines = snapshot.contents.vectors.cosines(query, rows)
    return [
        Hit(passage=row, rrf=rrf, cosine=float(cosine), bm25=float(rankings.bm25[row]))
        for (row, rrf), cosine in zip(fused, cosines, strict=True)
    ]


def rank(
    snapshot: Snapshot, query: Vectors, terms: Sequence[str], depth: int, documents: frozenset[str] | None = None
) -> Rankings:
    """As `search` takes them -> the `depth` best rows by vectors, and those by terms, before they are fused."""
    vectors, term_index = snapshot.contents.vectors, snapshot.contents.terms
    bm25 = term_index.scores(terms)
    if documents is None:
        by_vector, _ = vectors.nearest(query, depth)
    else:
        allowed = _rows_of(snapshot, documents)
        by_vector, _ = vectors.nearest(query, depth, allowed)
        elsewhere = np.ones(len(bm25), np.bool_)
        for rows in allowed:
            elsewhere[rows.start : rows.stop] = False
        bm25[elsewhere] = 0.0
    return Rankings(by_vector, term_index.best(bm25, depth), bm25)


def _rows_of(snapshot: Snapshot, documents: frozenset[str]) -> list[range]:
    """Paths of documents -> the rows of their passages, ascending, those of neighbours together."""
    contents = snapshot.contents
    ordinals = sorted(number for path in documents if (number := contents.ordinal_of(path)) is not None)
    wanted = np.array(ordinals, np.int64)
    owners = Passages.of(contents.passages).rows[:, 0]
    # Where a run of consecutive documents begins, and where it ends.
    breaks = np.flatnonzero(np.diff(wanted) != 1) + 1
    firsts = np.searchsorted(owners, wanted[np.r_[0, breaks]] if len(wanted) else wanted, "left")
    lasts = np.searchsorted(owners, wanted[np.r_[breaks - 1, len(wanted) - 1]] if len(wanted) else wanted, "right")
    return [range(first, stop) for first, stop in zip(firsts.tolist(), lasts.tolist(), strict=True) if first < stop]


def fuse(
    *rankings: npt.NDArray[np.int64], rrf_k: int = RRF_K, weights: Sequence[float] = ()
) -> list[tuple[int, float]]:
    """Rankings of rows, best first -> (row, sum of weight / (rrf_k + rank)), best first; rank counts from 1.

    Each ranking has a weight, or none has: then all weigh 1.
    """
    scores: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, row in enumerate(ranking.tolist(), start=1):
            scores[row] = scores.get(row, 0.0) + weight / (rrf_k + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
