"""Numbers and strings that may lie in a file: nothing of them is seen before it has been verified.

In memory there is nothing to verify. In a file only what is looked at is read: most questions look at little.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.generic)
# So many look-ups of a string are not done twice.
_REMEMBERED = 4096


class Verifier(Protocol):
    """What stands between the bytes of a file and whoever wants to see them."""

    def verify(self, start: int, stop: int) -> None:
        """Bytes from `start` to `stop` may be seen when this returns.

        Raises:
            SnapshotDamaged: they are not what was written.
        """

    def verify_each(self, starts: npt.NDArray[np.int64], size: int) -> None:
        """The same for `size` bytes from each of the starts, in any order."""


class Stored(Generic[Number]):
    """An array (n, ...) of numbers, in memory or in a file."""

    __slots__ = ("_array", "_row_bytes", "_verifier")

    def __init__(self, array: npt.NDArray[Number], verifier: Verifier | None = None) -> None:
        """Takes the numbers, and what verifies them; None where they are in memory."""
        self._array, self._verifier = array, verifier
        self._row_bytes = array.itemsize * int(np.prod(array.shape[1:]))

    def __len__(self) -> int:
        return len(self._array)

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, ...)."""
        return self._array.shape

    @property
    def whole(self) -> npt.NDArray[Number]:
        """All of it, verified."""
        return self.part(0, len(self._array))

    def part(self, start: int, stop: int) -> npt.NDArray[Number]:
        """Rows from `start` to `stop`, verified; for 0 <= start <= stop <= n. Not copied."""
        if self._verifier is not None:
            self._verifier.verify(start * self._row_bytes, stop * self._row_bytes)
        return self._array[start:stop]

    def take(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[Number]:
        """(m,) numbers of rows, from 0 -> those rows (m, ...), verified, copied."""
        if self._verifier is not None:
            self._verifier.verify_each(rows * self._row_bytes, self._row_bytes)
        return self._array[rows]


class Strings(Sequence[str]):
    """Strings in the order of their code points, each once, so that one can be found; equal to any equal sequence.

    In UTF-8, the order of bytes is that of code points (RFC 3629, section 1).

    Attributes:
        text: the bytes (UTF-8) of all of them, a line feed after each.
        starts: (n + 1,) integers: string i has the bytes starts[i] to starts[i + 1], its line feed included.
    """

    def __init__(self, text: Stored[np.uint8], starts: Stored[Any]) -> None:
        """Takes the bytes and where each string begins."""
        self.text, self.starts = text, starts
        self._found: dict[str, int | None] = {}

    @classmethod
    def of(cls, ordered: Iterable[str]) -> "Strings":
        """Strings in order -> the same in memory."""
        encoded = [f"{string}\n".encode() for string in ordered]
        starts = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(line) for line in encoded], out=starts[1:])
        return cls(Stored(np.frombuffer(b"".join(encoded), np.uint8)), Stored(starts))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        return self._bytes(at % len(self)).decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self.between(0, len(self)))

    def __contains__(self, string: object) -> bool:
        return isinstance(string, str) and self.find(string) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment] # what is compared like a list is hashed like one

    def find(self, string: str) -> int | None:
        """A string -> its number, or None."""
        try:  # a question's terms are looked up more than once
            return self._found[string]
        except KeyError:
            wanted = string.encode("utf-8", "surrogatepass")
            place = self._place(wanted)
            number = place if place < len(self) and self._bytes(place) == wanted else None
        if len(self._found) >= _REMEMBERED:
            self._found.clear()
        self._found[string] = number
        return number

    def between(self, first: int, stop: int) -> list[str]:
        """Those from number `first` to number `stop`."""
        starts = self.starts.part(first, stop + 1).tolist()
        data = self.text.part(starts[0], starts[-1]).tobytes()
        return [data[a - starts[0] : b - starts[0] - 1].decode() for a, b in pairwise(starts)]

    def beginning_with(self, prefix: str) -> list[str]:
        """Those that begin with a prefix, in order."""
        first = self._place(prefix.encode())
        # No byte of UTF-8 is as high.
        return self.between(first, self._place(prefix.encode() + b"\xff"))

    def _place(self, wanted: bytes) -> int:
        """Bytes -> how many strings stand before them."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._bytes(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def _bytes(self, number: int) -> bytes:
        start, stop = self.starts.part(number, number + 2).tolist()
        return self.text.part(start, stop - 1).tobytes()
