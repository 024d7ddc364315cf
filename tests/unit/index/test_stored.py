"""Numbers and strings that may lie in a file: nothing is seen that was not verified."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.stored import Stored, Strings

strings = st.lists(st.text(st.characters(codec="utf-8"), max_size=6), unique=True).map(sorted)


class Watcher:
    """Remembers which bytes were asked for."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def verify(self, start: int, stop: int) -> None:
        """As `Verifier`."""
        self.seen.update(range(start, stop))

    def verify_each(self, starts: npt.NDArray[np.int64], size: int) -> None:
        """As `Verifier`."""
        for start in starts.tolist():
            self.verify(start, start + size)


@given(st.integers(0, 9), st.integers(0, 9), st.lists(st.integers(0, 8)))
def test_what_is_seen_is_verified_and_nothing_else(start: int, stop: int, rows: list[int]) -> None:
    """Of a part, of chosen rows and of the whole, just the bytes that are given are verified."""
    numbers = np.arange(36, dtype=np.int32).reshape(9, 4)
    start, stop = sorted((start, stop))
    watcher = Watcher()
    stored = Stored(numbers, watcher)
    assert stored.part(start, stop).tolist() == numbers[start:stop].tolist()
    assert watcher.seen == set(range(start * 16, stop * 16))
    watcher.seen.clear()
    assert stored.take(np.array(rows, np.int64)).tolist() == numbers[rows].tolist() if rows else True
    assert watcher.seen == {byte for row in rows for byte in range(row * 16, row * 16 + 16)}
    assert stored.whole.tolist() == numbers.tolist()
    assert watcher.seen == set(range(numbers.nbytes))
    assert (len(stored), stored.shape) == (9, (9, 4))


@given(strings, st.text(st.characters(codec="utf-8"), max_size=3))
def test_strings_are_found_where_they_stand(ordered: list[str], other: str) -> None:
    """Each string is found by its number, none that is not there; they look like the list that they were made of."""
    found = Strings.of(ordered)
    assert [found.find(string) for string in ordered] == list(range(len(ordered)))
    assert found == ordered
    assert [found[number] for number in range(-len(ordered), len(ordered))] == [*ordered, *ordered]
    assert found[1:3] == ordered[1:3]
    assert (other in found) == (other in ordered)
    assert found.find(other) == (ordered.index(other) if other in ordered else None)
    assert found.beginning_with(other) == [string for string in ordered if string.startswith(other)]
    with pytest.raises(IndexError):
        found[len(ordered)]


def test_what_no_text_can_hold_is_not_found() -> None:
    """Half of a surrogate, as hostile questions have them, is looked for and not found."""
    assert "\ud800" not in Strings.of(["a", "b"])


def test_a_string_is_found_without_reading_all() -> None:
    """A search looks at a few strings of thousands, and a second one for the same string at none."""
    ordered = Strings.of(f"{number:05}" for number in range(10_000))
    watcher = Watcher()
    watched = Strings(Stored(ordered.text.whole, watcher), ordered.starts)
    assert watched.find("07777") == 7777
    assert len(watcher.seen) < 20 * 6
    watcher.seen.clear()
    assert watched.find("07777") == 7777
    assert watcher.seen == set()
