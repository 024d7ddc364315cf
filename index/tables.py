"""Sentences and passages as a snapshot stores them: a row of numbers each, which becomes a record when it is looked at.

An index holds hundreds of thousands of them; most questions, and most rebuilds, look at a few.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Self, TypeVar, overload

import numpy as np
import numpy.typing as npt

from index.records import Passage, Sentence, Span
from index.stored import Stored

# So many records are not made twice: a question looks at the same ones again and again.
_REMEMBERED = 8_192
Record = TypeVar("Record")
Rows = npt.NDArray[np.int32]


class Table(Sequence[Record]):
    """Records in order, each of them a row; equal to any other sequence of equal records.

    Its rows are (n, columns) int32, little-endian; the first column is the document's ordinal, and never falls.
    """

    __slots__ = ("_made", "_rows")
    columns: ClassVar[int]

    def __init__(self, rows: Rows | Stored[np.int32]) -> None:
        """Takes the rows, in memory or in a file."""
        self._rows = rows if isinstance(rows, Stored) else Stored(rows)
        self._made: dict[int, Record] = {}

    @property
    def rows(self) -> Rows:
        """All rows, verified."""
        return self._rows.whole

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self:
        """Records -> their table; a table is its own.

        Raises:
            OverflowError: a number does not fit.
        """
        if isinstance(records, cls):
            return records
        rows = np.array([cls._row(record) for record in records], dtype="<i4")
        return cls(rows.reshape(-1, cls.columns))

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Self:
        """Rows of several tables -> one table."""
        return cls(np.concatenate([np.empty((0, cls.columns), "<i4"), *parts]))

    def starts(self, n_documents: int) -> list[int]:
        """How many documents there are -> where the rows of each begin, and where all end."""
        return [int(start) for start in np.searchsorted(self.rows[:, 0], np.arange(n_documents + 1))]

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> Self: ...
    def __getitem__(self, at: int | slice) -> Record | Self:
        if isinstance(at, slice):
            first, stop, step = at.indices(len(self))
            return type(self)(self._rows.part(first, max(first, stop)) if step == 1 else self.rows[at])
        record = self._made.get(at)
        if record is None:
            number = range(len(self))[at]
            record = self._record(self._rows.part(number, number + 1)[0].tolist())
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            self._made[at] = record
        return record

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Record]:
        return map(self._record, self.rows.tolist())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, type(self)):
            return np.array_equal(self.rows, other.rows)
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment] # what is compared like a list is hashed like one

    @staticmethod
    @abstractmethod
    def _row(record: Any) -> tuple[int, ...]: ...

    @staticmethod
    @abstractmethod
    def _record(row: list[int]) -> Any: ...


class Sentences(Table[Sentence]):
    """A row has document, start, end, paragraph."""

    __slots__ = ()
    columns = 4

    @staticmethod
    def _row(record: Sentence) -> tuple[int, ...]:
        return record.document, record.span.start, record.span.end, record.paragraph

    @staticmethod
    def _record(row: list[int]) -> Sentence:
        document, start, end, paragraph = row
        return Sentence(document, Span(start, end), paragraph)


class Passages(Table[Passage]):
    """A row has document, start, end, first sentence, sentence after the last."""

    __slots__ = ()
    columns = 5

    @staticmethod
    def _row(record: Passage) -> tuple[int, ...]:
        return (record.document, record.span.start, record.span.end, record.sentences.start, record.sentences.stop)

    @staticmethod
    def _record(row: list[int]) -> Passage:
        document, start, end, first, stop = row
        return Passage(document, Span(start, end), range(first, stop))


class Keys(Sequence[bytes]):
    """Digests of equal size, a row each; equal to any other sequence of equal bytes."""

    size = 16

    def __init__(self, rows: Stored[np.uint8]) -> None:
        """Takes (n, 16) bytes."""
        self._rows = rows

    @classmethod
    def of(cls, keys: Iterable[bytes]) -> "Keys":
        """Digests -> the same in memory; what is of this kind already is itself."""
        if isinstance(keys, cls):
            return keys
        return cls(Stored(np.frombuffer(b"".join(keys), np.uint8).reshape(-1, cls.size)))

    @property
    def rows(self) -> npt.NDArray[np.uint8]:
        """All rows, verified."""
        return self._rows.whole

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> list[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | list[bytes]:
        if isinstance(at, slice):
            return [row.tobytes() for row in self.rows[at]]
        number = range(len(self))[at]
        return self._rows.part(number, number + 1).tobytes()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self[:])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment] # what is compared like a list is hashed like one
