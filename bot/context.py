"""What a sentence needs before it so that it makes sense alone.

Rules by wording alone.

A sentence inside a quotation is quoted with the one that names the speaker: from the sentence that opens the
quotation on, or, where that one is all quotation and an attribution follows (", he said"), up to the one that closes
it. Where that makes too long a quote, or nothing in the quotation names a speaker, the sentence that does is context.

A sentence that opens with a pronoun ("It accounts for", "And he praised", "Despite this", "Most recently, it agreed")
leans on the sentences before it, back to the first that does not. One that opens with a connective ("But", "Even if")
leans on the sentence before it in its paragraph.
"""

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from index.records import Document, Sentence, Span

MAX_CONTEXT_SENTENCES = 2
MAX_QUOTATION_SENTENCES = 3
# How far back the sentence that names somebody is looked for.
_REACH = 8
# How much of a sentence counts as its opening: a sentence may be a whole table.
_OPENING_CHARACTERS = 400

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
_CAPITAL = "[A-ZÀ-Þ]"
_PREPOSITIONS = (
    r"about|above|according\s+to|after|against|along\s+with|among|apart\s+from|around|as\s+for|at|because\s+of|before|"
    r"behind|below|beside|besides|between|beyond|by|despite|due\s+to|during|for|from|given(?!\s+that\b)|in|in\s+addition\s+to|"
    r"in\s+spite\s+of|inside|instead\s+of|like|near|of|on|out\s+of|outside|over|since|thanks\s+to|through|to|towards?|"
    r"under|unlike|until|upon|with|within|without"
)
# "Despite this", "To him", "Because of its size"; but not what the sentence itself explains: "Unlike those of Spain",
# "In his speech, Putin", "In this essay".
_AFTER_PREPOSITION = (
    r"(?:him|her|his|its?|them|their|these|then|(?:that|those)(?!\s+(?:of|who|whom|which)\b)|"
    r"this(?!\s+(?:article|book|chapter|document|essay|guide|paper|section)\b))\b"
)
_EXPLAINED_IN_PLACE = rf"(?!(?:his|her|its|their)\s[^,.;:]{{1,60}},\s+(?-i:{_CAPITAL}))"
_OPENING = r"^[\s\"'“”‘’(\[–—-]*+"
_OPENS_WITH_CONNECTIVE = re.compile(rf"{_OPENING}(?:{_CONNECTIVES})\b", re.IGNORECASE)
_OPENS_WITH_PRONOUN = re.compile(
    rf"{_OPENING}(?:(?:{_CONNECTIVES})\b,?\s+)?"
    rf"(?:(?:{_PRONOUNS})\b|(?:{_PREPOSITIONS})\s+{_EXPLAINED_IN_PLACE}{_AFTER_PREPOSITION})",
    re.IGNORECASE,
)
_EMPTY = (
    r"(?:(?:is|was|seems|appears|remains|would\s+be|may\s+be)\s+(?:not\s+|more\s+|\w+ly\s+)*(?:difficult|hard|easy|clear|"
    r"likely|unlikely|possible|impossible|true|necessary|important|said|time|no\s+(?:wonder|surprise|secret)))\b"
)
_WEATHER = (
    r"(?:(?:is|was|has|had|been|will|would|may|might|did|does|not|never|\w+ly)\s+)*"
    r"(?:rain|snow|drizzl|sleet|thunder)(?:s|e|es|ed|ing)?\b"
)
# "That Russia lost is clear" names what is clear; "That Monday was wet" and "That Russian ship was red" do not.
_THAT_CLAUSE = (
    r"that\s+(?!(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|(?:january|february|march|april|may|june|july|august|"
    rf"september|october|november|december)\b|\w+(?:ian|ean|ican|ese|ish)\b)(?-i:{_CAPITAL})[^.;:]*\b"
    r"(?:is|was|remains|remained|seems|seemed|means|meant|makes|made|shows|showed|became)\b"
)
# "It is difficult to see", "It rained", "There have been no": the pronoun refers to nothing.
_EMPTY_PRONOUN = re.compile(
    rf"{_OPENING}(?:(?:{_CONNECTIVES})\b,?\s+)?(?:it\s+(?:{_EMPTY}|{_WEATHER})|{_THAT_CLAUSE}"
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
# A pronoun before any name: "Nor did she know"; but "Compounding the problem, Putin has said that he" names him.
_PRONOUN_OR_NAME = re.compile(
    rf"(?<=[\s\"'“‘(])(?:(?P<pronoun>(?:he|she|they|him|her|his|its|their|them|it(?!\s+{_EMPTY}))\b)|{_CAPITAL})"
)
_SAYING = re.compile(
    r"\b(?:say|says|said|saying|tells?|told|asks?|asked|adds?|added|writes?|wrote|speaks?|spoke|thinks?|thought|"
    r"replies|replied|cries|cried|explains?|argues?|according\s+to|(?:acknowledg|admitt|announc|answer|argu|boast|claim|"
    r"comment|complain|conced|conclud|continu|declar|exclaim|explain|insist|murmur|mutter|not|observ|promis|pronounc|"
    r"propos|protest|recall|remark|report|respond|retort|shout|stat|suggest|warn|whisper)(?:ed|ing))\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[“”«»„\"]")
_CLOSED_BY = {"“": "”", "«": "»", "„": "“”", '"': '"'}


class Lean(Enum):
    """On what a sentence leans."""

    NOTHING = 0
    SENTENCE = 1
    NAME = 2


def leaning(text: str) -> Lean:
    """A sentence -> what before it it leans on: a name (pronoun), the last sentence (connective), or nothing."""
    text = text[:_OPENING_CHARACTERS]
    if _PRONOUN_AFTER_PHRASE.match(text) or (_OPENS_WITH_PRONOUN.match(text) and not _EMPTY_PRONOUN.match(text)):
        return Lean.NAME
    if _OPENS_WITH_CONNECTIVE.match(text) or _CONTINUES.match(text):
        return Lean.SENTENCE
    return Lean.NOTHING


def attributed(document: Document, sentences: Sequence[Sentence], number: int) -> range:
    """A sentence -> itself, or itself with the sentences of its quotation to the one that names the speaker.

    Args:
        document: the sentence's document.
        sentences: all sentences of the snapshot.
        number: the sentence's ordinal there.

    Returns:
        Ordinals of consecutive sentences of one paragraph, `number` among them; at most `MAX_QUOTATION_SENTENCES`.
    """
    alone = range(number, number + 1)
    quoted = _quotation_around(document, sentences, number)
    if quoted is None:
        return alone
    from_opening = range(quoted.start, number + 1)
    choices = [from_opening]
    if _SAYING.search(_outside(document, sentences[quoted[-1]])):
        to_closing = [quoted, range(number, quoted.stop)]
        # Where the sentence that opens the quotation names the speaker, the way back to it comes first.
        named = _speaks_outside(document, sentences[quoted.start])
        choices = [from_opening, *to_closing] if named else [*to_closing, from_opening]
    return next((choice for choice in choices if len(choice) <= MAX_QUOTATION_SENTENCES), alone)


def context_of(document: Document, sentences: Sequence[Sentence], numbers: range) -> Span | None:
    """The sentences of a quote -> the verbatim context they need, or None.

    The one or two sentences next to the quote; where the name or the speaker lies further back, the sentence
    that holds it, with the one before it where that is needed. Never crosses a heading.
    """
    number = numbers.start
    speaker = _speaker_before(document, sentences, numbers)
    if speaker is not None:
        return _back_to(document, sentences, speaker, number)
    lean = leaning(document.slice(sentences[number].span))
    if lean is Lean.NAME:
        return _back_to_name(document, sentences, number)
    if lean is Lean.SENTENCE and number > 0 and _same_paragraph(sentences, number - 1, number):
        return _back_to(document, sentences, number - 1, number)
    return None


def _speaker_before(document: Document, sentences: Sequence[Sentence], numbers: range) -> int | None:
    """The sentences of a quote -> the one before them that says who speaks, where all of them are quotation."""
    number = numbers.start
    sentence = sentences[number]
    if any(_speaks_outside(document, sentences[i]) for i in numbers):
        return None
    if not any(quotation.overlaps(sentence.span) for quotation in _quotations(document, sentence.paragraph)):
        return None
    quoted = _quotation_around(document, sentences, number) or numbers
    holder = quoted.start if quoted.start < number else number - 1
    # Quotations without an attribution may follow one another.
    while holder >= quoted.start - _REACH and _same_section(document, sentences, holder, number):
        if _speaks_outside(document, sentences[holder]):
            # One sentence in marks may be a title; several are speech.
            return holder if len(quoted) > 1 or _reports(document, sentences[holder]) else None
        holder = min(holder, quoted.start) - 1
    return None


def _back_to_name(document: Document, sentences: Sequence[Sentence], number: int) -> Span | None:
    """A sentence that leans on a name -> the context back to the first sentence that does not.

    Where none in reach stands without a name from before it, the sentences next to the quote.
    """
    near = first = number
    while number - first < _REACH and _same_section(document, sentences, first - 1, number):
        first -= 1
        if number - first <= MAX_CONTEXT_SENTENCES:
            near = first
        if not _needs_name(document, sentences[first]):
            near = first
            break
    if near == number:
        return None
    last = number - 1 if number - near <= MAX_CONTEXT_SENTENCES else near
    return sentences[near].span.cover(sentences[last].span)


def _back_to(document: Document, sentences: Sequence[Sentence], first: int, number: int) -> Span:
    """The context from sentence `first` to the quote at `number`, or `first` alone where that is too far.

    A single sentence that needs a name itself brings the one before it.
    """
    last = number - 1 if number - first <= MAX_CONTEXT_SENTENCES else first
    named = first < last or not _needs_name(document, sentences[first])
    if not named and _same_section(document, sentences, first - 1, number):
        first -= 1
    return sentences[first].span.cover(sentences[last].span)


def _needs_name(document: Document, sentence: Sentence) -> bool:
    """Whether a sentence cannot be understood without a name from before it."""
    text = document.slice(sentence.span)[:_OPENING_CHARACTERS]
    lean = leaning(text)
    if lean is not Lean.SENTENCE:
        return lean is Lean.NAME
    found = _PRONOUN_OR_NAME.search(text)
    return found is not None and found["pronoun"] is not None


def _quotation_around(document: Document, sentences: Sequence[Sentence], number: int) -> range | None:
    """A sentence -> the sentences of the quotation that it continues, or that it opens and does not close."""
    span = sentences[number].span
    quotations = _quotations(document, sentences[number].paragraph)
    continued = (quotation for quotation in quotations if quotation.start < span.start < quotation.end)
    opened = (quotation for quotation in quotations if span.start <= quotation.start < span.end < quotation.end)
    quotation = next(continued, None) or next(opened, None)
    if quotation is None:
        return None
    first, last = number, number
    while sentences[first].span.start > quotation.start and _same_paragraph(sentences, first - 1, number):
        first -= 1
    while sentences[last].span.end < quotation.end and _same_paragraph(sentences, last + 1, number):
        last += 1
    return range(first, last + 1)


def _speaks_outside(document: Document, sentence: Sentence) -> bool:
    """Whether a sentence has words outside quotation marks: where it holds a quotation, they name the speaker."""
    return any(character.isalpha() for character in _outside(document, sentence))


def _reports(document: Document, sentence: Sentence) -> bool:
    """Whether a sentence tells that somebody speaks: by its words, or since it ends with a quotation."""
    ends_quotation = any(quotation.end == sentence.span.end for quotation in _quotations(document, sentence.paragraph))
    return ends_quotation or _SAYING.search(_outside(document, sentence)) is not None


def _outside(document: Document, sentence: Sentence) -> str:
    """A sentence -> its text without what stands in quotation marks."""
    pieces, at = [], sentence.span.start
    for quotation in _quotations(document, sentence.paragraph):
        if quotation.overlaps(sentence.span):
            pieces.append(document.text[at : quotation.start])
            at = quotation.end
    pieces.append(document.text[at : sentence.span.end])
    return " ".join(pieces)


def _quotations(document: Document, paragraph: int) -> tuple[Span, ...]:
    """A paragraph -> its quotations with their marks; one that is not closed ends with the paragraph."""
    span = document.paragraphs[paragraph]
    return _marked(document.slice(span), span.start)


# The rules look at the same paragraph many times for one quote.
@lru_cache(maxsize=8)
def _marked(text: str, offset: int) -> tuple[Span, ...]:
    """A text, and where it stands in its document -> the outermost quotations there."""
    marks = [match.start() for match in _MARKS.finditer(text)]
    straight_after = _next_straight(text, marks)
    found: list[Span] = []
    opened, depth, start = "", 0, 0
    for position in marks:
        mark = text[position]
        if not depth:
            if mark in _CLOSED_BY and not _after_digit(text, position):
                opened, depth, start = mark, 1, position
        elif mark in _CLOSED_BY[opened]:
            if not _means_inches(text, position, straight_after[position]):
                depth -= 1
                if not depth:
                    found.append(Span(offset + start, offset + position + 1))
        elif mark == opened:
            depth += 1
    if depth:
        found.append(Span(offset + start, offset + len(text)))
    return tuple(found)


def _next_straight(text: str, marks: Sequence[int]) -> dict[int, int | None]:
    """Positions of marks -> for each, where the next straight one stands."""
    after: dict[int, int | None] = {}
    following = None
    for position in reversed(marks):
        after[position] = following
        if text[position] == '"':
            following = position
    return after


def _after_digit(text: str, position: int) -> bool:
    """Whether a straight mark stands directly after a digit: it means inches, or closes a quotation."""
    return text[position] == '"' and position > 0 and text[position - 1].isdigit()


def _means_inches(text: str, position: int, following: int | None) -> bool:
    """Whether a mark inside a quotation means inches: a later mark, directly after a word or stop, closes it."""
    return _after_digit(text, position) and following is not None and not text[following - 1].isspace()


def _same_paragraph(sentences: Sequence[Sentence], one: int, other: int) -> bool:
    """Whether sentence `one` exists and stands in the paragraph of `other`."""
    if not 0 <= one < len(sentences):
        return False
    a, b = sentences[one], sentences[other]
    return a.document == b.document and a.paragraph == b.paragraph


def _same_section(document: Document, sentences: Sequence[Sentence], one: int, other: int) -> bool:
    """Whether sentence `one` exists and no heading or other document lies between it and `other`."""
    if one < 0:
        return False
    a, b = sentences[one], sentences[other]
    return a.document == b.document and document.section(a.span.start) == document.section(b.span.start)
