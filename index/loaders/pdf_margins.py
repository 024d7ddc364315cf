"""Lines of all pages -> which of them repeat in the margins: running headers, footers and page numbers."""

import re
from collections import defaultdict
from collections.abc import Sequence

from index.loaders.pdf_page import Line

# How many lines at the top and at the bottom of a page may repeat, and how much of its height they lie in.
_LINES = 4
_ZONE = 0.16
# The same words at the same height on this many pages are no accident.
_PAGES = 3
_SAME_HEIGHT = 8.0
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    # Without regard to case, "i" would also stand for the Turkish letters that are no numerals.
    r"\W*(?:page\s+)?(?P<number>\d{1,4}|(?-i:[ivxlcIVXLC]){1,7})(?:\s*(?:of|/|von|de)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def repeated(pages: Sequence[tuple[float, Sequence[Line]]]) -> list[frozenset[int]]:
    """Pages, each its height and lines -> for each page, the numbers of the lines that are running matter.

    A line is, where it lies in the margin and its words, digits aside, stand at the same height on three pages; or
    where it is a number that counts the pages, on two.
    """
    same: dict[tuple[str, bool], list[tuple[int, int, float]]] = defaultdict(list)
    counting: dict[tuple[int, bool], list[tuple[int, int]]] = defaultdict(list)
    for page, (height, lines) in enumerate(pages):
        for number, is_top in _marginal(height, lines):
            line = lines[number]
            key = " ".join(_NUMBER.sub("#", line.text.lower()).split())
            same[key, is_top].append((page, number, height - line.box.top if is_top else line.box.bottom))
            if (counted := _page_number(line.text)) is not None:
                counting[counted - page, is_top].append((page, number))
    found: list[set[int]] = [set() for _ in pages]
    for places in same.values():
        for page, number, at in places:
            if len({other for other, _, height in places if abs(height - at) <= _SAME_HEIGHT}) >= _PAGES:
                found[page].add(number)
    for numbered in counting.values():
        if len({page for page, _ in numbered}) >= 2:  # noqa: PLR2004 - two that count on
            for page, number in numbered:
                found[page].add(number)
    return [frozenset(numbers) for numbers in found]


def _marginal(height: float, lines: Sequence[Line]) -> list[tuple[int, bool]]:
    by_height = sorted(range(len(lines)), key=lambda number: -lines[number].box.top)
    top = [(n, True) for n in by_height[:_LINES] if lines[n].box.bottom > height * (1 - _ZONE)]
    bottom = [(n, False) for n in by_height[-_LINES:] if lines[n].box.top < height * _ZONE]
    return top + bottom


def _page_number(text: str) -> int | None:
    match = _PAGE_NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    number = match["number"].lower()
    if number.isdecimal():
        return int(number)
    values = [_ROMAN[letter] for letter in number]
    return sum(-v if v < max(values[i + 1 :], default=0) else v for i, v in enumerate(values))
