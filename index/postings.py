"""Which row holds which term how often, in about a byte and a half for each: made, merged and read.

Of each term the rows stand in rising order, each as its distance from the one before, most of them in one byte
(variable-byte codes: Manning, Raghavan & Schütze, "Introduction to Information Retrieval" (2008), section 5.3.1).
What is made is put together from runs of a bounded size, so that a corpus may be larger than memory.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import SnapshotDamaged
from index.room import Room
from index.stored import Stored, Strings

# How a count may be stored: a passage of 96 tokens never needs more than the first.
COUNTS = ("<u1", "<u2", "<u4")
# What an occurrence of a term, or a posting, takes while it is worked on: some twenty numbers of 64 bits.
_EACH_BYTES = 192
_BITS, _LONGEST = 7, 5
_MORE = 1 << _BITS
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Several:
    """Postings of consecutive terms, in their order: (n,) each.

    Attributes:
        terms: int64, how many terms after the first of them.
        rows: int64, rising within a term.
        counts: int64, how often the term stands in the row, at least once.
    """

    terms: Numbers
    rows: Numbers
    counts: Numbers


@dataclass(frozen=True, slots=True)
class Postings:
    """Which row holds which term how often.

    A posting is a number in `gaps`: twice the rows between it and the one before (the first: before it), and one more
    where the term stands there more often than once. Seven bits a byte, the lowest first; the highest bit says that
    another byte follows.

    Attributes:
        terms: in the order of their code points; a term's number is its place here.
        frequencies: (n_terms,) integers: how many postings each has, at least one.
        gaps: uint8.
        gaps_at: (n_terms + 1,) integers: the numbers of term t are in gaps[gaps_at[t]:gaps_at[t + 1]].
        counts: of the postings of more than one, how often, of the smallest of `COUNTS` that holds the largest.
        counts_at: (n_terms + 1,) integers: those of term t are counts[counts_at[t]:counts_at[t + 1]].
        lengths: (n_rows,) int32: how many terms each row has.
    """

    terms: Strings
    frequencies: Stored[Any]
    gaps: Stored[np.uint8]
    gaps_at: Stored[Any]
    counts: Stored[Any]
    counts_at: Stored[Any]
    lengths: Stored[np.int32]

    def __len__(self) -> int:
        return int(self.frequencies.whole.sum(dtype=np.int64))

    def frequency(self, term: int) -> int:
        """A term's number -> how many rows hold it."""
        return int(self.frequencies.part(term, term + 1)[0])

    def between(self, first: int, stop: int) -> Several:
        """Numbers of terms -> the postings of all of them.

        Raises:
            SnapshotDamaged: they are none, or do not fit: something else has written them.
        """
        n_each = self.frequencies.part(first, stop).astype(np.int64)
        start, end = self.gaps_at.part(first, stop + 1)[[0, -1]].tolist()
        numbers = _decoded(self.gaps.part(start, end))
        start, end = self.counts_at.part(first, stop + 1)[[0, -1]].tolist()
        is_more = (numbers & 1).astype(bool)
        if len(numbers) != n_each.sum() or int(is_more.sum()) != end - start:
            raise SnapshotDamaged("the postings of the index do not fit its terms; run: quoth index --force")
        terms = np.repeat(np.arange(stop - first), n_each)
        counts = np.ones(len(numbers), np.int64)
        counts[is_more] = self.counts.part(start, end)
        # Rows so far, without those that stand before the term.
        passed = np.cumsum((numbers >> 1) + 1)
        before = np.concatenate([np.zeros(1, np.int64), passed])[_starts(n_each)[:-1]]
        return Several(terms, passed - before[terms] - 1, counts)


def merge(
    old: Postings | None,
    origin: Numbers,
    fresh: Iterable[Sequence[str]],
    room: Room | None = None,
    at_once: int | None = None,
) -> Postings:
    """Older postings and what is new -> the postings of the new rows, the same as if they were made from all of them.

    Args:
        old: rows to take over.
        origin: (n_rows,) int64: for each new row the row of `old` that it equals, each at most once, or -1.
        fresh: the terms of each row whose origin is -1, in order; gone through once.
        room: where they lie while they are made, and afterwards; in memory by default.
        at_once: how many occurrences of terms, or postings, are worked on at a time; by default as the room allows.
    """
    room = room or Room()
    at_once = at_once or room.at_once(_EACH_BYTES)
    vocabulary: dict[str, int] = {}
    parts: list[_Part] = []
    if old is not None:
        for term in old.terms:
            vocabulary[term] = len(vocabulary)
        parts.append(_Old(old, origin))
    runs = _Runs(room)
    places = np.flatnonzero(origin < 0)
    lengths = np.zeros(len(origin), np.int32)
    if old is not None:
        lengths[origin >= 0] = old.lengths.whole[origin[origin >= 0]]
    done = 0
    for tokens, sizes in _collected(fresh, vocabulary, at_once):
        rows = places[done : done + len(sizes)]
        lengths[rows] = sizes
        done += len(sizes)
        runs.append(tokens, np.repeat(rows, sizes), list(vocabulary))
    parts += runs.finish()
    return _merged(parts, sorted(vocabulary), vocabulary, lengths, room, at_once)


def _collected(
    fresh: Iterable[Sequence[str]], vocabulary: dict[str, int], at_once: int
) -> Iterator[tuple[Numbers, Numbers]]:
    """The terms of rows -> some rows at a time: the numbers of all their terms, and how many terms each row has."""
    tokens, sizes = array("q"), array("q")
    for row in fresh:
        tokens.extend([vocabulary.setdefault(term, len(vocabulary)) for term in row])
        sizes.append(len(row))
        if len(tokens) >= at_once:
            yield np.array(tokens, np.int64), np.array(sizes, np.int64)
            del tokens[:], sizes[:]
    if sizes:
        yield np.array(tokens, np.int64), np.array(sizes, np.int64)


class _Part(Protocol):
    """Postings of some terms, in the order of their code points."""

    @property
    def names(self) -> npt.NDArray[Any]:
        """The terms' numbers in the vocabulary."""

    @property
    def n_each(self) -> npt.NDArray[Any]:
        """How many postings each has, or more."""

    def between(self, first: int, stop: int) -> Several:
        """Places in `names` -> their postings, in new rows."""


class _Old:
    """Postings of an older index, of which some rows are taken over."""

    def __init__(self, old: Postings, origin: Numbers) -> None:
        self.names: Numbers = np.arange(len(old.terms))  # they came into the vocabulary first, and are in order
        self.n_each = old.frequencies.whole.astype(np.int64)
        self._old = old
        self._new_rows = np.full(len(old.lengths), -1, np.int64)
        self._new_rows[origin[origin >= 0]] = np.flatnonzero(origin >= 0)

    def between(self, first: int, stop: int) -> Several:
        found = self._old.between(first, stop)
        if len(found.rows) and int(found.rows.max()) >= len(self._new_rows):
            raise SnapshotDamaged("a posting of the index names a passage that is not there; run: quoth index --force")
        rows = self._new_rows[found.rows]
        stay = rows >= 0
        return Several(found.terms[stay], rows[stay], found.counts[stay])


@dataclass(frozen=True, slots=True)
class _Run:
    """Postings of some new rows, in arrays that hold those of all runs: these begin at `start`."""

    names: npt.NDArray[Any]
    n_each: npt.NDArray[Any]
    start: int
    rows: npt.NDArray[np.int32]
    counts: npt.NDArray[np.uint32]

    def between(self, first: int, stop: int) -> Several:
        n_before, n = (int(self.n_each[part].sum()) for part in (slice(first), slice(first, stop)))
        here = slice(self.start + n_before, self.start + n_before + n)
        terms = np.repeat(np.arange(stop - first), self.n_each[first:stop])
        return Several(terms, self.rows[here].astype(np.int64), self.counts[here].astype(np.int64))


class _Runs:
    """All runs."""

    def __init__(self, room: Room) -> None:
        """Takes where they lie."""
        self._rows, self._counts = room.array("<i4"), room.array("<u4")
        self._made: list[tuple[npt.NDArray[Any], npt.NDArray[Any], int]] = []
        self._n = 0

    def append(self, tokens: Numbers, rows: Numbers, vocabulary: Sequence[str]) -> None:
        """The number and the row of every occurrence of a term -> one run more."""
        numbers = np.unique(tokens)
        names = [vocabulary[number] for number in numbers.tolist()]
        order = sorted(range(len(names)), key=names.__getitem__)
        rank = np.empty(len(numbers), np.int64)
        rank[order] = np.arange(len(numbers))
        n_rows = int(rows.max(initial=0)) + 1
        keys, counts = np.unique(rank[np.searchsorted(numbers, tokens)] * n_rows + rows, return_counts=True)
        terms, places = np.divmod(keys, n_rows)
        self._rows.append(places)
        self._counts.append(counts)
        n_each = np.bincount(terms, minlength=len(numbers))
        self._made.append((numbers[order].astype(np.int32), n_each.astype(np.int32), self._n))
        self._n += len(keys)

    def finish(self) -> list[_Run]:
        """Each of them."""
        rows, counts = self._rows.finish(), self._counts.finish()
        return [_Run(names, n_each, start, rows, counts) for names, n_each, start in self._made]


def _merged(  # noqa: PLR0917 - all that it is made of
    parts: Sequence[_Part],
    terms: Sequence[str],
    vocabulary: dict[str, int],
    lengths: npt.NDArray[np.int32],
    room: Room,
    at_once: int,
) -> Postings:
    """Parts, all terms in order, and their numbers in the parts -> the postings of all, some terms at a time."""
    rank = np.empty(len(terms), np.int64)
    for number, term in enumerate(terms):
        rank[vocabulary[term]] = number
    vocabulary.clear()
    places = [rank[part.names] for part in parts]
    n_each = np.zeros(len(terms), np.int64)
    for part, place in zip(parts, places, strict=True):
        n_each[place] += part.n_each
    gaps, counts = room.array(np.uint8), room.array("<u4")
    frequencies = np.zeros(len(terms), np.int64)
    n_bytes, n_counts = np.zeros(len(terms), np.int64), np.zeros(len(terms), np.int64)
    n_rows = max(1, len(lengths))
    for first, stop in _batches(n_each, at_once):
        found = []
        for part, place in zip(parts, places, strict=True):
            begin, end = np.searchsorted(place, [first, stop]).tolist()
            some = part.between(begin, end)
            found.append(Several(place[begin:end][some.terms] - first, some.rows, some.counts))
        keys = np.concatenate([some.terms * n_rows + some.rows for some in found])
        # Each part is in order: a stable sort sees that, and only merges.
        order = np.argsort(keys, kind="stable")
        numbers, rows = np.divmod(keys[order], n_rows)
        times = np.concatenate([some.counts for some in found])[order]
        is_more, is_first = times > 1, np.diff(numbers, prepend=-1) != 0
        before = np.where(is_first, -1, np.roll(rows, 1))
        codes, sizes = _encoded((rows - before - 1) * 2 + is_more)
        gaps.append(codes)
        counts.append(times[is_more])
        for total, of, weights in (
            (frequencies, numbers, None),
            (n_bytes, numbers, sizes),
            (n_counts, numbers[is_more], None),
        ):
            total[first:stop] = np.bincount(of, weights, stop - first)
    kept = np.flatnonzero(frequencies)
    stored = counts.finish()
    return Postings(
        terms=Strings.of(terms[place] for place in kept.tolist()),
        frequencies=Stored(frequencies[kept]),
        gaps=Stored(gaps.finish()),
        gaps_at=Stored(_starts(n_bytes[kept])),
        counts=Stored(stored.astype(_dtype_for(stored))),
        counts_at=Stored(_starts(n_counts[kept])),
        lengths=Stored(lengths),
    )


def _batches(n_each: Numbers, at_once: int) -> Iterator[tuple[int, int]]:
    """How many postings each term has -> runs of terms with no more together than that, or of one term."""
    starts, first = _starts(n_each), 0
    while first < len(n_each):
        stop = int(np.searchsorted(starts, starts[first] + at_once, side="right")) - 1
        yield first, (stop := max(first + 1, stop))
        first = stop


def _starts(sizes: Numbers) -> Numbers:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


def _dtype_for(counts: npt.NDArray[Any]) -> str:
    """Counts -> how they are stored."""
    return next(dtype for dtype in COUNTS if counts.max(initial=0) <= np.iinfo(dtype).max)


def _encoded(numbers: Numbers) -> tuple[npt.NDArray[np.uint8], Numbers]:
    """(n,) numbers below 2 ** 35 -> their bytes, and how many each has."""
    sizes = np.ones(len(numbers), np.int64)
    for n in range(1, _LONGEST):
        sizes += numbers >= 1 << (_BITS * n)
    ends = np.cumsum(sizes)
    data = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    for n in range(_LONGEST):
        has = sizes > n if n else slice(None)
        bits = (numbers[has] >> (_BITS * n)) & (_MORE - 1)
        data[(ends - sizes)[has] + n] = bits | np.where(sizes[has] > n + 1, _MORE, 0)
    return data, sizes


def _decoded(data: npt.NDArray[np.uint8]) -> Numbers:
    """Bytes -> the numbers that they stand for; what is left at the end and stands for none is passed over."""
    ends = np.flatnonzero(data < _MORE)
    if len(ends) == len(data):
        return np.asarray(data, np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    sizes = ends - starts + 1
    numbers = np.asarray(data[starts[: len(sizes)]] & (_MORE - 1), np.int64)
    longer = np.flatnonzero(sizes > 1)
    for n in range(1, _LONGEST):
        if not len(longer):
            break
        numbers[longer] |= (data[starts[longer] + n] & np.uint8(_MORE - 1)).astype(np.int64) << (_BITS * n)
        longer = longer[sizes[longer] > n + 1]
    return numbers
