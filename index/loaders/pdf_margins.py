"""Lines of all pages -> which of them repeat in the margins: running headers, footers and page numbers.

A heading at the top of a page may repeat, too: "Notes" on every page of slides, "Question 1", "Question 2". It belongs
to the text below it, so it stands close to it; running matter is set apart, and repeats on page after page.
"""

import re
import statistics
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from index.loaders.pdf_page import Line

# How many lines at the top and at the bottom of a page may repeat, and how much of its height they lie in.
_LINES = 4
_ZONE = 0.16
# The same words at the same height on this many pages are no accident, where not more lie between two of them.
_PAGES = 3
_PAGES_BETWEEN = 2
_SAME_HEIGHT = 8.0
# So close to the edge, as a share of the height, stands no text.
_EDGE = 0.09
# In font heights, beyond the gap between lines: how far running matter is from the text where it stays the same, and
# where a number in it counts the pages, as one in a heading may.
_APART = 1.0
_APART_COUNTING = 1.5
_UPRIGHT = 4.0
# What stays the same at the edge of so many pages in a row may be as close to the text as it likes.
_MANY_PAGES = 5
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    # Without regard to case, "i" would also stand for the Turkish letters that are no numerals.
    r"\W*(?:page\s+)?(?P<number>\d{1,4}|(?-i:[ivxlcIVXLC]){1,7})(?:\s*(?:of|/|von|de)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_DIGITS = 9
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True, slots=True)
class _Place:
    """A line in a margin: its page and number there, and how far it is from the edge that it is near, in points.

    At the edge it is where hardly ever any text is.
    """

    page: int
    number: int
    from_edge: float
    is_top: bool
    is_at_edge: bool


def repeated(pages: Sequence[tuple[float, Sequence[Line]]]) -> list[frozenset[int]]:
    """Pages, each its height and lines -> for each page, the numbers of the lines that are running matter.

    A line is, where it lies in the margin, apart from the text, and its words stand at the same height on three pages
    that follow each other, the same numbers in them but for one that counts the pages. A number by itself that counts
    the pages needs only two.
    """
    margins = [list(_marginal(page, height, lines)) for page, (height, lines) in enumerate(pages)]
    counted: dict[Hashable, list[_Place]] = defaultdict(list)
    same: dict[Hashable, list[_Place]] = defaultdict(list)
    counting: dict[Hashable, list[_Place]] = defaultdict(list)
    for place in chain.from_iterable(margins):
        text = pages[place.page][1][place.number].text
        same[place.is_top, " ".join(text.lower().split())].append(place)
        if (number := _page_number(text)) is not None:
            counted[place.is_top, number - place.page].append(place)
        elif place.is_at_edge:
            for signature in _counting(text, place.page):
                counting[place.is_top, signature].append(place)
    numbers = {p for places in counted.values() if len({p.page for p in places}) > 1 for p in places}
    bodies = [_body(lines) for _, lines in pages]
    needed = {p: _APART_COUNTING for places in counting.values() for p in _in_a_row(places, bodies)}
    for places in same.values():
        for place, n_pages in _in_a_row(places, bodies).items():
            needed[place] = 0.0 if place.is_at_edge and n_pages >= _MANY_PAGES else _APART
    return [
        _settled(lines, {p.number for p in here if p in numbers}, {p: needed[p] for p in here if p in needed})
        for (_, lines), here in zip(pages, margins, strict=True)
    ]


def _body(lines: Sequence[Line]) -> Hashable:
    """A page -> what stands on it but for its number: by that two pages are known to be the same one again."""
    return tuple(line.text for line in lines if _page_number(line.text) is None)


def _settled(lines: Sequence[Line], numbers: set[int], needed: dict[_Place, float]) -> frozenset[int]:
    """A page, its page numbers, and what else repeats (and how far apart it must be) -> all its running matter."""
    running = numbers | {place.number for place in needed}
    # From the text outwards: what is close to it is of it, and the next line may be close to that.
    for place in sorted(needed, key=lambda place: -place.from_edge):
        if needed[place] and place.number not in numbers and _apart(lines, place, running) < needed[place]:
            running.discard(place.number)
    return frozenset(running)


def _marginal(page: int, height: float, lines: Sequence[Line]) -> Iterator[_Place]:
    by_height = sorted(range(len(lines)), key=lambda number: -lines[number].box.top)
    for number in by_height[:_LINES]:
        if lines[number].box.bottom > height * (1 - _ZONE):
            yield _place(page, number, height - lines[number].box.top, height, is_top=True)
    for number in by_height[-_LINES:]:
        if lines[number].box.top < height * _ZONE:
            yield _place(page, number, lines[number].box.bottom, height, is_top=False)


def _place(page: int, number: int, from_edge: float, height: float, *, is_top: bool) -> _Place:
    return _Place(page, number, from_edge, is_top, from_edge <= _EDGE * height)


def _counting(text: str, page: int) -> Iterator[tuple[Hashable, ...]]:
    """A line's words and its page -> for each number in it, what is the same elsewhere where that one counts pages."""
    words = tuple(" ".join(part.lower().split()) for part in _NUMBER.split(text))
    numbers = _NUMBER.findall(text)
    for n, number in enumerate(numbers):
        yield words, n, tuple(numbers[:n] + numbers[n + 1 :]), int(number[:_DIGITS]) - page


def _in_a_row(places: Sequence[_Place], bodies: Sequence[Hashable]) -> dict[_Place, int]:
    """Lines that say the same -> those that do so at the same height on enough pages in a row, and on how many.

    Where nothing but the same page follows, all of it is text.
    """
    n_pages_at: dict[int, dict[int, int]] = {}
    for at in {round(place.from_edge) for place in places}:
        pages = sorted({place.page for place in places if abs(place.from_edge - at) <= _SAME_HEIGHT})
        n_pages_at[at] = {
            page: len(row)
            for row in _rows(pages)
            if len(row) >= _PAGES and len({bodies[page] for page in row}) > 1
            for page in row
        }
    n_pages = {place: n_pages_at[round(place.from_edge)].get(place.page, 0) for place in places}
    return {place: n for place, n in n_pages.items() if n}


def _rows(pages: Sequence[int]) -> list[list[int]]:
    """Pages, ascending -> the same, parted where too many lie between two of them."""
    rows: list[list[int]] = []
    for page in pages:
        if not rows or page - rows[-1][-1] > _PAGES_BETWEEN + 1:
            rows.append([])
        rows[-1].append(page)
    return rows


def _apart(lines: Sequence[Line], place: _Place, running: set[int]) -> float:
    """How much wider the gap between a line and the text is than that between lines, in heights of its font.

    Where text stands between the line and the edge, there is no gap; where there is no text, it has no end.
    """
    line = lines[place.number]
    # What is so high runs upwards, or across the page.
    text = [box for n, box in enumerate(o.box for o in lines) if n not in running and box.height < _UPRIGHT * line.size]
    gaps = [line.box.bottom - box.top if place.is_top else box.bottom - line.box.top for box in text]
    if not gaps:
        return float("inf")
    between = [a.box.bottom - b.box.top for a, b in pairwise(lines) if 0 < a.box.bottom - b.box.bottom < 3 * a.size]
    usual = statistics.median(between) if between else 0.0
    return (min(gaps) - usual) / max(line.size, 1.0)


def _page_number(text: str) -> int | None:
    match = _PAGE_NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    number = match["number"].lower()
    if number.isdecimal():
        return int(number)
    values = [_ROMAN[letter] for letter in number]
    return sum(-v if v < max(values[i + 1 :], default=0) else v for i, v in enumerate(values))
