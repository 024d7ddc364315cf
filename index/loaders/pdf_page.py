"""A page of a PDF -> its lines, each with the place of every character; columns are read one after the other.

pdfium gives the characters in the order in which the page draws them. They are cut into segments (a piece of one line,
without a wide gap), and the segments are put in reading order by where they stand.
"""

import ctypes
import math
import statistics
import sys
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium_c

# How pdfium gives a hyphen that it takes for one at the end of a line, now and in older versions.
_LINE_END_HYPHENS = frozenset("\ufffe\x02")
_NON_CHARACTER = 0xFFFE
# In font heights: a wider gap ends a segment, a narrower one is a space.
_GAP = 1.6
# In radians: what runs more askew than this is no line of the text, but a stamp on it.
_ASLANT = 0.3
# A gutter in points, and where across the region it may lie.
_GUTTER = 7.0
_MIDDLE = (0.15, 0.85)
_MIN_SIDE = 4
_MOST = 0.8
_MAX_SPANNING = 0.4
# What makes lines prose: characters of the median one, and how much of the column they fill.
_PROSE_CHARACTERS = 18
_PROSE_FILL = 0.55
_MAX_COLUMNS_DEEP = 4
# How many strips are looked at: on a page of words strewn about there is one between any two of them.
_MAX_STRIPS = 60
# How many pieces of a row the next piece is compared with.
_LAST_OF_ROW = 5


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in points; y grows upwards, as in PDF."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """Its height."""
        return self.top - self.bottom

    @property
    def width(self) -> float:
        """Its width."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """How high half of it is."""
        return (self.bottom + self.top) / 2

    def cover(self, other: "Box") -> "Box":
        """The smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.bottom, other.bottom),
            max(self.right, other.right),
            max(self.top, other.top),
        )

    def holds(self, other: "Box") -> bool:
        """Whether the middle of another box lies in it."""
        return self.left <= (other.left + other.right) / 2 <= self.right and self.bottom <= other.middle <= self.top

    def beside(self, other: "Box") -> bool:
        """Whether the two stand on one line: they share half the height of the lower one."""
        shared = min(self.top, other.top) - max(self.bottom, other.bottom)
        return shared >= 0.5 * min(self.height, other.height)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text.

    Attributes:
        text: its characters, none of them white space at either end.
        numbers: of each character, its number on the page, or -1 for a space that stands between two pieces.
        box: around all of it.
        size: height of its font, in points.
        left, right: the edges of the column that it stands in.
    """

    text: str
    numbers: tuple[int, ...]
    box: Box
    size: float
    left: float = 0.0
    right: float = 0.0


def read_lines(page: Any, *, is_first: bool = False) -> list[Line]:
    """An open page -> its lines in reading order, measured from the lower left of what is shown; empty without text.

    What lies outside of the page's crop box is neither shown nor printed, and is no text of it. What does not run from
    left to right comes last; on the first page first, where no sentence goes on before it.
    """
    frame = _Frame(Box(*page.get_bbox()), page.get_rotation())
    textpage = page.get_textpage()
    try:
        segments, aslant = _segments(textpage.raw, frame)
    finally:
        textpage.close()
    lines = _ordered(segments, 0)
    return [*aslant, *lines] if is_first else [*lines, *aslant]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What of a page is shown: a rectangle of the file's own space, wherever that begins, and how far it is turned."""

    shown: Box
    rotation: int

    def place(self, box: Box) -> Box | None:
        """A box as the file has it -> as it stands on the page shown, whose lower left is 0, 0; None outside of it."""
        if not self.shown.holds(box):
            return None
        left, right = box.left - self.shown.left, box.right - self.shown.left
        bottom, top = box.bottom - self.shown.bottom, box.top - self.shown.bottom
        width, height = self.shown.width, self.shown.height
        match self.rotation:
            case 90:
                return Box(bottom, width - right, top, width - left)
            case 180:
                return Box(width - right, height - top, width - left, height - bottom)
            case 270:
                return Box(height - top, left, height - bottom, right)
            case _:
                return Box(left, bottom, right, top)


def _segments(textpage: Any, frame: _Frame) -> tuple[list[Line], list[Line]]:
    """A page's text -> its segments in drawing order, and the lines that do not run from left to right."""
    rect = pdfium_c.FS_RECTF()
    here = _Segment()
    for number, character in _characters(textpage):
        if character == "\n":
            here.end()
        elif character.isspace():
            here.add_space(number, " " if character == "\u3000" or character.isascii() else character)
        elif pdfium_c.FPDFText_GetLooseCharBox(textpage, number, ctypes.byref(rect)):
            box = frame.place(Box(rect.left, rect.bottom, rect.right, rect.top))
            if box is None:
                continue
            if here.boxes and not here.is_aslant and not _goes_on(here.boxes[-1], box):
                here.end()
            if not here.boxes:
                here.is_aslant = frame.rotation == 0 and _is_aslant(textpage, number)
            here.add(number, "-" if character in _LINE_END_HYPHENS else character, box)
            if character in _LINE_END_HYPHENS:
                here.end()
    here.end()
    return here.segments, here.aslant


def _characters(textpage: Any) -> Iterator[tuple[int, str]]:
    """A page's text -> each character with its number; those that are none are left out, line ends are line feeds."""
    half = 0
    for number in range(max(0, pdfium_c.FPDFText_CountChars(textpage))):
        code = pdfium_c.FPDFText_GetUnicode(textpage, number)
        if 0xD800 <= code < 0xDC00:  # noqa: PLR2004 - a character beyond 16 bits comes in two halves
            half = code
            continue
        if 0xDC00 <= code < 0xE000:  # noqa: PLR2004 - the second half
            code, half = (0x10000 + ((half - 0xD800) << 10) + (code - 0xDC00) if half else 0), 0
        half = 0
        character = chr(code) if code <= sys.maxunicode else "\0"
        if code in {0x0A, 0x0D}:
            yield number, "\n"
        elif character in _LINE_END_HYPHENS or character.isspace() or not _is_no_character(character):
            yield number, character


def _is_no_character(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} or ord(character) & 0xFFFE == _NON_CHARACTER


@dataclass(slots=True)
class _Segment:
    """The segment that is being read, and those that have been."""

    segments: list[Line] = field(default_factory=list)
    aslant: list[Line] = field(default_factory=list)
    characters: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    is_aslant: bool = False

    def add(self, number: int, character: str, box: Box) -> None:
        """Adds a character that can be seen."""
        self.characters.append(character)
        self.numbers.append(number)
        self.boxes.append(box)

    def add_space(self, number: int, character: str) -> None:
        """Adds white space, where the segment has begun and none stands there already."""
        if self.characters and not self.characters[-1].isspace():
            self.characters.append(character)
            self.numbers.append(number)

    def end(self) -> None:
        """Ends the segment; one without words is forgotten."""
        if line := _line(self.characters, self.numbers, self.boxes):
            (self.aslant if self.is_aslant else self.segments).append(line)
        self.characters.clear()
        self.numbers.clear()
        self.boxes.clear()


def _is_aslant(textpage: Any, number: int) -> bool:
    angle = pdfium_c.FPDFText_GetCharAngle(textpage, number) % (2 * math.pi)
    return bool(_ASLANT < angle < 2 * math.pi - _ASLANT)


def _goes_on(last: Box, box: Box) -> bool:
    size = max(last.height, box.height, 1.0)
    gap = box.left - last.right
    return last.beside(box) and -2 * size < gap < _GAP * size


def _line(characters: Sequence[str], numbers: Sequence[int], boxes: Sequence[Box]) -> Line | None:
    text = "".join(characters)
    start, stop = len(text) - len(text.lstrip()), len(text.rstrip())
    if start >= stop:
        return None
    box = boxes[0]
    for other in boxes[1:]:
        box = box.cover(other)
    size = statistics.median(b.height for b in boxes)
    return Line(text[start:stop], tuple(numbers[start:stop]), box, size, box.left, box.right)


def _ordered(segments: list[Line], depth: int) -> list[Line]:
    """Segments in drawing order -> whole lines in reading order."""
    gutter = _gutter(segments) if depth < _MAX_COLUMNS_DEEP else None
    if gutter is None:
        return _rows(segments)
    spanning = sorted((s for s in segments if s.box.left < gutter < s.box.right), key=lambda s: -s.box.top)
    rest = sorted((s for s in segments if not s.box.left < gutter < s.box.right), key=lambda s: -s.box.middle)
    lines: list[Line] = []
    done = 0
    for line in [*_rows(spanning), None]:
        floor = line.box.bottom + 0.5 * line.box.height if line is not None else float("-inf")
        begun = done
        while done < len(rest) and rest[done].box.middle > floor:
            done += 1
        band = rest[begun:done]
        for side in ([s for s in band if s.box.right <= gutter], [s for s in band if s.box.left >= gutter]):
            lines.extend(_ordered(side, depth + 1))
        if line is not None:
            lines.append(line)
    return lines


def _gutter(segments: list[Line]) -> float | None:
    """Where a blank strip parts the segments into two columns of prose, or None.

    Takes n log n steps: a page may hold as many segments as it likes, each of one character.
    """
    if len(segments) < 2 * _MIN_SIDE:
        return None
    lefts, rights = sorted(s.box.left for s in segments), sorted(s.box.right for s in segments)
    width = rights[-1] - lefts[0] + 1
    strips: dict[int, tuple[int, float, float]] = {}
    for start in lefts:
        n_before = bisect_left(rights, start)
        if not n_before or not _MIDDLE[0] <= (start - lefts[0]) / width <= _MIDDLE[1]:
            continue
        # Where most lines before it end: a title may reach further, and is then seen to span both columns.
        end = rights[int(_MOST * (n_before - 1))]
        at = (end + start) / 2
        crossing = bisect_left(lefts, at) - bisect_right(rights, at)
        if start - end >= _GUTTER and crossing <= _MAX_SPANNING * len(segments):
            strip = (crossing, end - start, at)
            strips[round(at)] = min(strip, strips.get(round(at), strip))
    best = sorted(strips.values())[:_MAX_STRIPS]
    return next((at for _, _, at in best if _are_columns(segments, at)), None)


def _are_columns(segments: list[Line], gutter: float) -> bool:
    """Whether both sides of a strip are running text, rather than the cells of a table."""
    sides = [[s for s in segments if s.box.right <= gutter], [s for s in segments if s.box.left >= gutter]]
    for side in sides:
        if len(side) < _MIN_SIDE:
            return False
        if statistics.median(len(s.text) for s in side) < _PROSE_CHARACTERS:
            return False
        width = max(s.box.right for s in side) - min(s.box.left for s in side)
        if statistics.median(s.box.width for s in side) < _PROSE_FILL * width:
            return False
    low, high = (
        max(min(s.box.bottom for s in side) for side in sides),
        min(max(s.box.top for s in side) for side in sides),
    )
    return high > low  # one beside the other, not one below the other


def _rows(segments: list[Line]) -> list[Line]:
    """Segments of one column -> its lines from top to bottom, what stands side by side joined from left to right."""
    rows: list[list[Line]] = []
    for segment in sorted(segments, key=lambda s: (-s.box.middle, s.box.left)):
        row = next(
            (row for row in reversed(rows[-3:]) if any(s.box.beside(segment.box) for s in row[-_LAST_OF_ROW:])), None
        )
        if row is not None:
            row.append(segment)
        else:
            rows.append([segment])
    if not rows:
        return []
    left, right = min(s.box.left for s in segments), max(s.box.right for s in segments)
    return [_joined(sorted(row, key=lambda s: s.box.left), left, right) for row in rows]


def _joined(row: list[Line], left: float, right: float) -> Line:
    text, numbers, box = row[0].text, list(row[0].numbers), row[0].box
    for previous, segment in pairwise(row):
        if segment.box.left - previous.box.right > 0.15 * segment.size:
            text += " "
            numbers.append(-1)
        text += segment.text
        numbers.extend(segment.numbers)
        box = box.cover(segment.box)
    longest = max(row, key=lambda s: len(s.text))
    return Line(text, tuple(numbers), box, longest.size, left, right)
