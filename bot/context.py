"""What a sentence needs before it so that it makes sense alone.

Rules by wording alone. A sentence inside a quotation is quoted from the sentence on that opens it, since that is
where the speaker is named. One that opens with a pronoun ("It accounts for", "And he praised", "Most recently, it
agreed") leans on the sentences before it, back to the first that does not. One that opens with a connective
("But", "Even if") leans on the sentence before it in its paragraph.
"""

import re
from collections.abc import Sequence
from enum import Enum

from index.records import Document, Sentence, Span

MAX_CONTEXT_SENTENCES = 2
MAX_QUOTATION_SENTENCES = 3

_PRONOUNS = (
    r"he|she|it|they|him|her|his|hers|its|their|theirs|them|this|that|these|those|such|both|neither|either|none|"
    r"the\s+(?:former|latter|same|other|others|two|three|first|second)|"
    r"(?:one|some|many|most|all|several|few|each)\s+of\s+(?:them|these|those|which)|there|then|here"
)
_CONNECTIVES = (
    r"but|and|or|nor|yet|so|for\s+(?:example|instance)|however|moreover|furthermore|further|besides|also|thus|hence|"
    r"therefore|consequently|accordingly|instead|otherwise|nevertheless|nonetheless|still|indeed|in\s+fact|"
    r"as\s+a\s+(?:result|consequence)|in\s+(?:addition|contrast|turn|short|other\s+words|this\s+way|that\s+case)|"
    r"on\s+the\s+(?:other\s+hand|contrary)|at\s+the\s+same\s+time|similarly|likewise|meanwhile|afterwards?|"
    r"subsequently|rather|compounding|because\s+of\s+(?:this|that)|even\s+(?:if|so|then|that)|only\s+then"
)
_OPENING = r"^[\s\"'“”‘’(\[–—-]*"
_OPENS_WITH_CONNECTIVE = re.compile(rf"{_OPENING}(?:{_CONNECTIVES})\b", re.IGNORECASE)
_OPENS_WITH_PRONOUN = re.compile(rf"{_OPENING}(?:(?:{_CONNECTIVES})\b,?\s+)?(?:{_PRONOUNS})\b", re.IGNORECASE)
_EMPTY = (
    r"(?:(?:is|was|seems|appears|remains|would\s+be|may\s+be)\s+(?:not\s+|more\s+|\w+ly\s+)*(?:difficult|hard|easy|clear|"
    r"likely|unlikely|possible|impossible|true|necessary|important|said|time|no\s+(?:wonder|surprise|secret)))\b"
)
# "It is difficult to see", "There have been no": the pronoun refers to nothing.
_EMPTY_PRONOUN = re.compile(
    rf"{_OPENING}(?:(?:{_CONNECTIVES})\b,?\s+)?(?:it\s+{_EMPTY}"
    r"|there\s+(?:is|are|was|were|has|have|had|will|would|may|can|seems?)\b)",
    re.IGNORECASE,
)
# "Most recently, it agreed", "In July, he met": the subject after an opening phrase is a pronoun.
_PRONOUN_AFTER_PHRASE = re.compile(
    rf"{_OPENING}(?:[A-Z]?[\w’'-]+\s+){{0,5}}[\w’'-]+,\s+(?:he|she|it|they)\s+(?!{_EMPTY})",
)
# "China is frustrated, too:", "What is different, however,": the connective stands in the first clause.
_CONTINUES = re.compile(
    r"^[^;:.]{1,40}?,?\s(?:however|therefore|moreover|too|nevertheless|nonetheless|as\s+well)[,:]", re.IGNORECASE
)
_OPEN_MARKS, _CLOSE_MARKS = "“«„", "”»"


class Lean(Enum):
    """On what a sentence leans."""

    NOTHING = 0
    SENTENCE = 1
    NAME = 2


def leaning(text: str) -> Lean:
    """A sentence -> what before it it leans on: a name (pronoun), the last sentence (connective), or nothing."""
    if _PRONOUN_AFTER_PHRASE.match(text) or (_OPENS_WITH_PRONOUN.match(text) and not _EMPTY_PRONOUN.match(text)):
        return Lean.NAME
    if _OPENS_WITH_CONNECTIVE.match(text) or _CONTINUES.match(text):
        return Lean.SENTENCE
    return Lean.NOTHING


def attributed(document: Document, sentences: Sequence[Sentence], number: int) -> range:
    """A sentence -> itself, or itself with the sentences of its quotation back to the one that opens it.

    Args:
        document: the sentence's document.
        sentences: all sentences of the snapshot.
        number: the sentence's ordinal there.

    Returns:
        Ordinals of consecutive sentences that end with `number`; at most `MAX_QUOTATION_SENTENCES`.
    """
    sentence = sentences[number]
    paragraph = document.paragraphs[sentence.paragraph]
    opened_at = _open_quotation(document.slice(Span(paragraph.start, sentence.span.start)))
    if opened_at is None:
        return range(number, number + 1)
    opening = paragraph.start + opened_at
    first = number
    while first > 0 and sentences[first].span.start > opening and _same_paragraph(sentences, first - 1, number):
        first -= 1
    if number - first >= MAX_QUOTATION_SENTENCES:
        return range(number, number + 1)
    return range(first, number + 1)


def context_of(document: Document, sentences: Sequence[Sentence], numbers: range) -> Span | None:
    """The sentences of a quote -> the verbatim context they need, or None.

    The one or two sentences next to the quote; where the name they lean on lies further back, the sentence
    that holds it, alone. Never crosses a heading.
    """
    number = numbers.start
    lean = leaning(document.slice(sentences[number].span))
    if lean is Lean.NOTHING:
        return None
    if lean is Lean.SENTENCE:
        if number == 0 or not _same_paragraph(sentences, number - 1, number):
            return None
        first = number - 1
        if leaning(document.slice(sentences[first].span)) is Lean.NAME and _same_section(
            document, sentences, first - 1, number
        ):
            first -= 1
        return Span(sentences[first].span.start, sentences[number - 1].span.end)
    first = number
    while _same_section(document, sentences, first - 1, number):
        first -= 1
        if leaning(document.slice(sentences[first].span)) is not Lean.NAME:
            break
    if first == number:
        return None
    if number - first <= MAX_CONTEXT_SENTENCES:
        return Span(sentences[first].span.start, sentences[number - 1].span.end)
    return sentences[first].span


def _open_quotation(before: str) -> int | None:
    """Text before a sentence -> where in it a quotation opens that it does not close, or None."""
    depth, opened = 0, 0
    for position, character in enumerate(before):
        if character in _OPEN_MARKS:
            if depth == 0:
                opened = position
            depth += 1
        elif character in _CLOSE_MARKS:
            depth = max(0, depth - 1)
    if depth:
        return opened
    if before.count('"') % 2:
        return before.rindex('"')
    return None


def _same_paragraph(sentences: Sequence[Sentence], one: int, other: int) -> bool:
    a, b = sentences[one], sentences[other]
    return a.document == b.document and a.paragraph == b.paragraph


def _same_section(document: Document, sentences: Sequence[Sentence], one: int, other: int) -> bool:
    """Whether sentence `one` exists and no heading or other document lies between it and `other`."""
    if one < 0:
        return False
    a, b = sentences[one], sentences[other]
    return a.document == b.document and document.section(a.span.start) == document.section(b.span.start)
