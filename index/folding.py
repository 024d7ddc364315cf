"""A canonical text -> a copy that is easier to read for machines, with the way back to the canonical offsets.

Two copies are made. `repair` mends what printing did to words: ligatures, hyphens at the ends of lines, soft hyphens;
retrieval and the readers read it. `even_out` evens out spaces and quotation marks too; `verify` looks words up in it,
whether a hyphen at the end of a line belongs to the word or not.
A text that needs no mending is its own copy.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

# Ligatures, and letters and signs that Unicode has twice, such as the Greek question mark for a semicolon.
_SIGNS = "\ufb00-\ufb06\u037e\u0387\u1fef\u2126\u212a\u212b"
_INVISIBLE = "\u00ad\u200b\u2060\ufeff"
# A hyphen that ends a line, between two letters or digits.
_LINE_END = r"(?<=\w)[-\u2010](?:\r\n|\r|\n)[ \t]*(?=\w)"
_REPAIRED = re.compile(
    rf"(?P<sign>[{_SIGNS}])|(?P<gone>[{_INVISIBLE}](?:(?<=\u00ad)(?:\r\n|\r|\n)[ \t]*)?)|(?P<hyphen>{_LINE_END})"
)
# A hyphen between two letters; white space follows where a line ends, or ended before the text was copied.
_HYPHEN = r"(?<=[^\W\d_])[-\u2010\u2011]\s*(?=[^\W\d_])"
_JOINT = re.compile(_HYPHEN)
_EVENED = re.compile(
    rf"(?P<joint>{_HYPHEN})|{_REPAIRED.pattern}|(?P<space>\s+)|(?P<single>[‘’‚‛′])|(?P<double>[“”„‟″«»])|(?P<dash>[‐‑–—−])"
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# Before these a hyphen is part of the spelling.
_PREFIXES = frozenset("non self well ex semi quasi anti".split())
_WORD_OF_ITS_OWN = 4


@dataclass(frozen=True, slots=True)
class Folded:
    """A copy of a text, and which of its characters came from where.

    The copy is made of pieces. Where a piece has the length that it has in the original, it stands for it character by
    character; else as a whole.

    Attributes:
        text: the copy.
        here: where each piece begins in the copy, ascending, the copy's length last.
        there: where each piece begins in the original, the original's length last.
    """

    text: str
    here: tuple[int, ...]
    there: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the copy -> the smallest range of the original that it came from."""
        return _carried(start, end, self.here, self.there)

    def folded(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the original -> the smallest range of the copy that stands for it."""
        return _carried(start, end, self.there, self.here)


@dataclass(frozen=True, slots=True)
class Evened:
    """A copy of a text in which the same words look the same, however they were printed.

    Attributes:
        copy: without the hyphens between letters, with straight quotation marks, one space for any white space.
        hyphens: where hyphens stood that are of the word, as offsets in the copy, ascending.
        line_ends: the same of those at the ends of lines, which may be of the word or not.
    """

    copy: Folded
    hyphens: tuple[int, ...]
    line_ends: frozenset[int]

    def find(self, words: "Evened") -> tuple[int, int] | None:
        """Other words -> start and end, in the text that this is the copy of, of where they stand first, or None.

        A hyphen at a line's end, here or there, stands for one or for none; any other for itself.
        """
        sought = words.copy.text.strip()
        first = len(words.copy.text) - len(words.copy.text.lstrip())
        at = self.copy.text.find(sought) if sought else -1
        while at >= 0:
            if self._spells(words, at - first, at, at + len(sought)):
                return self.copy.original(at, at + len(sought))
            at = self.copy.text.find(sought, at + 1)
        return None

    def _spells(self, words: "Evened", shift: int, start: int, end: int) -> bool:
        """Whether the words, so many characters further on, have the same hyphens between start and end."""
        here = set(self.hyphens[bisect_right(self.hyphens, start) : bisect_left(self.hyphens, end)])
        there = {offset + shift for offset in words.hyphens}
        return all(
            offset in self.line_ends or offset - shift in words.line_ends
            for offset in here ^ there
            if start < offset < end
        )


def repair(text: str) -> Folded:
    """A text -> its copy with ligatures resolved, words whole again across lines, and no invisible characters.

    A hyphen at the end of a line goes where the whole word stands elsewhere in the text, or nothing says otherwise;
    it stays in a compound: one that the text spells so elsewhere, or of two words that it knows.
    """
    return _rewrite(text, _REPAIRED)


def even_out(text: str) -> Evened:
    """A text -> its evened copy, with the hyphens apart."""
    copy = _rewrite(text, _EVENED)
    hyphens: dict[bool, list[int]] = {True: [], False: []}
    for match in _JOINT.finditer(text):
        hyphens[len(match.group()) > 1].append(copy.folded(match.start(), match.end())[0])
    return Evened(copy, tuple(hyphens[False]), frozenset(hyphens[True]))


def _rewrite(text: str, pattern: re.Pattern[str]) -> Folded:
    pieces: list[str] = []
    here, there = [0], [0]
    vocabulary: frozenset[str] | None = None
    at = 0
    for match in pattern.finditer(text):
        if match["hyphen"] is not None:
            vocabulary = _vocabulary(text) if vocabulary is None else vocabulary
            new = _hyphen(text, match.start(), match.end(), vocabulary)
        else:
            new = _replacement(match)
        if new == match.group():
            continue
        for piece, start in ((text[at : match.start()], at), (new, match.start())):
            _append(pieces, here, there, piece, start)
        at = match.end()
    _append(pieces, here, there, text[at:], at)
    here.append(here[-1] + len(pieces[-1]))
    there.append(len(text))
    return Folded("".join(pieces), tuple(here), tuple(there))


def _append(pieces: list[str], here: list[int], there: list[int], piece: str, start: int) -> None:
    if pieces:
        here.append(here[-1] + len(pieces[-1]))
        there.append(start)
    pieces.append(piece)


def _replacement(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "sign":
        return unicodedata.normalize("NFKC", match.group())
    return {"gone": "", "joint": "", "space": " ", "single": "'", "double": '"', "dash": "-"}[kind or "gone"]


def _vocabulary(text: str) -> frozenset[str]:
    """Every word of a text, hyphenated ones whole, in lower case; the halves at the ends of lines are among them."""
    return frozenset(
        match.group().lower() for match in _WORD.finditer(text) if not text.startswith(("-\n", "-\r"), match.end())
    )


def _hyphen(text: str, start: int, end: int, vocabulary: frozenset[str]) -> str:
    before = re.search(r"[^\W\d_]*$", text[max(0, start - 40) : start])
    after = re.match(r"[^\W\d_]*", text[end : end + 40])
    left, right = before.group() if before else "", after.group() if after else ""
    if not left or not right or right[0].isupper():
        return "-"
    left, right = left.lower(), right.lower()
    if left + right in vocabulary:
        return ""
    if f"{left}-{right}" in vocabulary or left in _PREFIXES:
        return "-"
    known = left in vocabulary and right in vocabulary
    return "-" if known and min(len(left), len(right)) >= _WORD_OF_ITS_OWN else ""


def _carried(start: int, end: int, source: tuple[int, ...], target: tuple[int, ...]) -> tuple[int, int]:
    first = _piece(start, source)
    begin = _within(start, first, source, target, at_end=False)
    if end <= start:
        return begin, begin
    last = _piece(end - 1, source)
    return begin, max(begin, _within(end, last, source, target, at_end=True))


def _piece(offset: int, starts: tuple[int, ...]) -> int:
    return min(max(0, bisect_right(starts, offset) - 1), len(starts) - 2)


def _within(offset: int, piece: int, source: tuple[int, ...], target: tuple[int, ...], *, at_end: bool) -> int:
    length = source[piece + 1] - source[piece]
    if length == target[piece + 1] - target[piece]:
        return target[piece] + min(offset - source[piece], length)
    return target[piece + 1] if at_end else target[piece]
