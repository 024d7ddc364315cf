"""Unit vectors -> nearest rows by cosine. The only module that imports faiss.

A number of a vector is kept in 16 bits: the upper eight are scanned, and what they find is ranked by all sixteen.
FAISS scans the bytes as they lie in memory or in a mapped file; it never parses a file. docs/snapshot.md has the
measurements against other kinds.
"""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from index.encoder import Vectors
from index.room import Room
from index.stored import Number, Stored

# Up to here every row is ranked by all 16 bits, which is exact: it is as fast.
EXACT_ROWS = 1_000
# Beyond, so many of the first eight bits' best are ranked by all 16, at least.
REFINED = 200
_REFINED_PER_HIT = 4
_STEPS = 32_767
_QUERY_STEPS = 127.0
# Upper bytes of numbers beyond half the limit: from the one on, and below the other.
_UPPER, _LOWER = 0xC0, 0x40
_TINY = 1e-9
# Rows that are worked on at once, so that a million need no more memory than these.
_AT_ONCE = 8_192


class VectorIndex:
    """Search by inner product, which is the cosine for unit vectors.

    A number x is stored as u = round(x / limit * 32767) + 32768, in two bytes: at most limit / 65534 away from x.

    Attributes:
        high: (n, dimension) uint8: u // 256.
        low: (n, dimension) uint8: u % 256.
        limit: a power of two that no number of a vector lies beyond.
    """

    def __init__(self, high: Stored[np.uint8], low: Stored[np.uint8], limit: float) -> None:
        """Takes the bytes of (n, dimension) numbers, also for n = 0."""
        self.high, self.low, self.limit = high, low, limit

    @classmethod
    def of(cls, rows: Vectors) -> "VectorIndex":
        """(n, dimension) float32 rows of unit length -> the same in memory, two bytes a number.

        Raises:
            ValueError: a number is not finite: a defect in the caller.
        """
        return cls.merged(None, np.full(len(rows), -1, np.int64), rows)

    @classmethod
    def merged(
        cls, old: "VectorIndex | None", origin: npt.NDArray[np.int64], fresh: Vectors, room: Room | None = None
    ) -> "VectorIndex":
        """Rows of an older index and new ones -> the index of all.

        Args:
            old: rows to take over.
            origin: (n,) for each row the one of `old` that it equals, or -1.
            fresh: (m, dimension) float32 of unit length: the vectors of the rows whose origin is -1, in order.
            room: where the bytes lie; in memory by default.

        Raises:
            ValueError: a number is not finite: a defect in the caller.
        """
        largest = max((float(np.abs(part).max(initial=0.0)) for part in _parts(fresh)), default=0.0)
        if not np.isfinite(largest):
            raise ValueError("vectors that are not finite")
        limit = float(2.0 ** np.ceil(np.log2(largest))) if largest else 1.0
        if old is not None and (kept := origin[origin >= 0]).size:
            limit = max(limit, old.limit_of(kept)) if largest else old.limit_of(kept)
        room = room or Room()
        high, low = (room.array(np.uint8, fresh.shape[1]) for _ in range(2))
        at = 0
        for part in _parts(origin):
            planes = np.empty((2, len(part), fresh.shape[1]), np.uint8)
            is_fresh = part < 0
            planes[:, is_fresh] = _planes(fresh[at : (at := at + int(is_fresh.sum()))], limit)
            if old is not None and not is_fresh.all():
                planes[:, ~is_fresh] = old.planes(part[~is_fresh], limit)
            high.append(planes[0])
            low.append(planes[1])
        return cls(Stored(high.finish()), Stored(low.finish()), limit)

    def limit_of(self, rows: npt.NDArray[np.int64]) -> float:
        """(m,) rows -> what the limit would be if there were no others."""
        # From its upper byte it is known whether a number lies beyond half the limit.
        beyond = any(
            bool(((high >= _UPPER) | (high < _LOWER)).any()) for high in map(self.high.take, _parts(np.sort(rows)))
        )
        if beyond:
            return self.limit
        largest = max(float(np.abs(self.take(part)).max(initial=0.0)) for part in _parts(rows))
        return float(2.0 ** np.ceil(np.log2(largest))) if largest else 1.0

    def planes(self, rows: npt.NDArray[np.int64], limit: float) -> npt.NDArray[np.uint8]:
        """(m,) rows -> their bytes, (2, m, dimension), as they are for that limit."""
        if limit == self.limit:
            return np.stack([self.high.take(rows), self.low.take(rows)])
        return _planes(self.take(rows), limit)

    def __len__(self) -> int:
        return len(self.high)

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        return self.high.shape[1]

    @property
    def kind(self) -> str:
        """How it is searched, in words."""
        return "exact" if len(self) <= EXACT_ROWS else f"8-bit scan, the best {REFINED} ranked by 16 bits"

    @property
    def rows(self) -> Vectors:
        """All vectors, (n, dimension) float32."""
        rows = np.empty(self.high.shape, np.float32)
        for start in range(0, len(self), _AT_ONCE):
            numbers = np.arange(start, min(start + _AT_ONCE, len(self)))
            rows[start : start + len(numbers)] = self.take(numbers)
        return rows

    def take(self, rows: npt.NDArray[np.int64]) -> Vectors:
        """(m,) rows -> their vectors, (m, dimension) float32."""
        numbers = self.high.take(rows).astype(np.float32)
        numbers *= 256.0
        numbers += self.low.take(rows)
        numbers -= 32_768.0
        numbers *= np.float32(self.limit / _STEPS)
        return numbers

    def cosines(self, query: Vectors, rows: npt.NDArray[np.int64]) -> Vectors:
        """A unit vector and (m,) rows -> their cosines, (m,) float32."""
        parts = [self.take(part) @ query for part in _parts(rows)]
        return np.concatenate([np.empty(0, np.float32), *parts])

    def nearest(
        self, query: Vectors, k: int, among: Sequence[range] | None = None, refined: int = REFINED
    ) -> tuple[npt.NDArray[np.int64], Vectors]:
        """A unit vector (dimension,) -> its nearest rows and their cosines, (min(k, n),) each.

        Args:
            query: the vector.
            k: how many rows.
            among: ranges of rows to search in, apart from one another; None searches all.
            refined: how many rows at least are ranked by all 16 bits.

        Returns:
            Best first, equal ones in row order.
        """
        among = [range(len(self))] if among is None else among
        n_rows = sum(map(len, among))
        n_refined = max(refined, _REFINED_PER_HIT * k)
        if n_rows <= max(EXACT_ROWS, n_refined):
            found = np.concatenate([np.empty(0, np.int64), *(np.arange(one.start, one.stop) for one in among)])
        else:
            found = self._scan(query, n_refined, among)
        cosines = self.cosines(query, found)
        order = np.lexsort((found, -cosines))[:k]
        return found[order], cosines[order]

    def _scan(self, query: Vectors, k: int, among: Sequence[range]) -> npt.NDArray[np.int64]:
        """As `nearest` takes them -> the k best by the upper eight bits of rows and query, in no order."""
        # FAISS multiplies whole numbers: what it gives is cosines times a constant, the same on every processor.
        numbers = np.rint(query * np.float32(_QUERY_STEPS / max(float(np.abs(query).max()), _TINY)))
        scanner = _SCANNERS.of(self.dimension)
        scanner.set_query(faiss.swig_ptr(numbers))
        scores, found = np.full(k, -np.inf, np.float32), np.full(k, -1, np.int64)
        for number, rows in enumerate(among):
            scanner.set_list(number, 0.0)
            codes = self.high.part(rows.start, rows.stop)
            scanner.scan_codes(
                len(codes), faiss.swig_ptr(codes), None, faiss.swig_ptr(scores), faiss.swig_ptr(found), k
            )
        found = found[found >= 0]
        # Without names for them, rows are called by the number of their list and their place in it.
        firsts = np.array([rows.start for rows in among], np.int64)
        return np.asarray(firsts[found >> 32] + (found & 0xFFFFFFFF), np.int64)


class _Scanners(threading.local):
    """FAISS's scanners of signed bytes, one a thread and dimension: each remembers a query, and is never given back."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, Any]] = {}

    def of(self, dimension: int) -> Any:
        """The dimension -> its scanner."""
        if dimension not in self._made:
            signed_bytes = faiss.ScalarQuantizer.QT_8bit_direct_signed
            inner_product, by_residual, by_place = faiss.METRIC_INNER_PRODUCT, False, True
            # Of an index with one list, which stays empty: what is scanned is given with each question.
            empty = faiss.IndexFlatIP(dimension)
            index = faiss.IndexIVFScalarQuantizer(empty, dimension, 1, signed_bytes, inner_product, by_residual)
            self._made[dimension] = index.get_InvertedListScanner(by_place, None, None), index
        return self._made[dimension][0]


_SCANNERS = _Scanners()


def _planes(rows: Vectors, limit: float) -> npt.NDArray[np.uint8]:
    """(m, dimension) numbers -> their upper and their lower bytes, (2, m, dimension)."""
    numbers = np.rint(rows * np.float32(_STEPS / limit)).astype(np.int32) + 32_768
    return np.stack([numbers >> 8, numbers & 255]).astype(np.uint8)


def _parts(rows: npt.NDArray[Number]) -> Iterator[npt.NDArray[Number]]:
    """Rows -> so many of them at once."""
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))
