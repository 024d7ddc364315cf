"""Raw text -> Query: validated, expanded from the question before it, spelling corrected, kind recognised."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bot.followup import expand
from bot.spelling import Speller
from index.errors import QuestionError
from index.terms import terms_of

MAX_CHARACTERS = 1_000
# The note of a follow-up; who shows the question as it was read need not show this too.
WITH_PREVIOUS = "Read with the question before it."


class Kind(StrEnum):
    """What kind of answer a question asks for."""

    FACT = "fact"
    WHY_HOW = "why_how"
    YES_NO = "yes_no"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Query:
    """A question, ready to be searched for.

    Attributes:
        question: as it was asked.
        resolved: as it is read; equal to `question` where nothing was changed.
        terms: stems of its content words.
        kind: what kind of answer it asks for.
        notes: what was changed, a line each.
    """

    question: str
    resolved: str
    terms: tuple[str, ...]
    kind: Kind
    notes: tuple[str, ...] = ()


_OPENING = r"^(?:(?:so|and|but|or|well|hey|hi|ok|okay|um|please|now|then|just|curious|sorry)\b[\s,:;–—-]*)*"
_YES_NO = re.compile(
    _OPENING + r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|shall|may|might|must"
    r"|isn['’]?t|aren['’]?t|wasn['’]?t|weren['’]?t|don['’]?t|doesn['’]?t|didn['’]?t|hasn['’]?t|haven['’]?t"
    r"|hadn['’]?t|can['’]?t|couldn['’]?t|won['’]?t|wouldn['’]?t|shouldn['’]?t)\s",
    re.IGNORECASE,
)
# What only asks for an answer: "can you tell me", "do you know". What follows says which kind.
_REQUEST = re.compile(
    _OPENING + r"(?:(?:can|could|will|would)\s+(?:you|anyone|anybody|someone|somebody)\s+(?:(?:please|kindly|also)\s+)?"
    r"(?:(?:tell|show|remind)\s+(?:me|us)|say|give\s+(?:(?:me|us)\s+)?(?:a|the)(?=\s+list\b)"
    r"|mind\s+(?:telling\s+(?:me|us)|saying)|(?=(?:explain|describe|list|enumerate|name)\b))"
    r"|(?:do\s+you|does\s+any(?:one|body))\s+(?:(?:happen\s+to\s+)?know|have\s+any\s+idea)"
    r"|(?:can|could|may)\s+i\s+ask)"
    r"[\s,:]*(?=(?:why|how|who|whom|whose|what|which|when|where|explain|describe|list|enumerate|name)\b)",
    re.IGNORECASE,
)
_QUANTITY = r"many|much|long|old|far|often|big|large|small|tall|high|deep|wide|fast|soon|late|early|heavy|few|little"
_WHY_HOW = re.compile(
    rf"\bwhy\b|\bhow\s+come\b|\bwhat\s+(?:is|was|are|were)\s+the\s+(?:reasons?|causes?)\b|\bfor\s+what\s+reasons?\b"
    rf"|\bwhat\s+(?:drives|drove|explains|motivates|makes|made)\b|{_OPENING}(?:explain|describe)\b"
    rf"|\bhow\b(?!\s+(?:{_QUANTITY})\b)",
    re.IGNORECASE,
)
# "which countries", "what two things", "name the islands", "who are the members".
_LIST = re.compile(
    _OPENING + r"(?:list\b|enumerate\b|name\s+(?:all|some|two|three|four|five|\d+|(?:the\s+)?(?:\w+\s+)?\w+[a-rt-z]s)\b"
    r"|(?:what|which)\s+(?:of\s+the\s+)?(?!of\s)(?:[\w'’-]+\s+){0,2}?(?!(?:is|was|does|has|this|its|his|us|as)\b)"
    r"[a-z-]*[a-rt-z]s\b(?!\s+(?:\w+\s+)?(?:is|was|does|has)\b)(?<!ous)(?<!sis)"
    r"|(?:what|who|which)\s+(?:are|were)\s+(?:the|all|some|its|their|his|her)\s+(?:\w+\s+){0,2}?\w+s\b)",
    re.IGNORECASE,
)


def kind_of(question: str) -> Kind:
    """A question -> its kind, by its wording; the first that fits of yes/no, why/how, list, else fact.

    A request in front ("can you tell me", "do you know") does not count where what follows asks by itself.
    """
    question = _REQUEST.sub("", question)
    if _YES_NO.search(question):
        return Kind.YES_NO
    if _WHY_HOW.search(question):
        return Kind.WHY_HOW
    if _LIST.search(question):
        return Kind.LIST
    return Kind.FACT


def read_question(question: str, speller: Speller, previous: str | None = None) -> Query:
    """Raw text -> Query.

    Args:
        question: what was typed.
        speller: knows the corpus's words.
        previous: the resolved question before it in the conversation.

    Raises:
        QuestionError: empty, too long, or with characters that are no text.
    """
    text = " ".join(validate(question).split())
    expanded = _expanded(text, previous) if previous else text
    corrections = speller.corrections(expanded)
    resolved = expanded
    for wrong, right in corrections.items():
        resolved = re.sub(rf"(?<!\w){re.escape(wrong)}(?!\w)", right, resolved)
    notes = tuple(f"Read “{wrong}” as “{right}”." for wrong, right in corrections.items())
    if expanded != text:
        notes = (WITH_PREVIOUS, *notes)
    return Query(question, resolved, tuple(terms_of(resolved)), kind_of(resolved), notes)


def _expanded(question: str, previous: str) -> str:
    """The question with what the one before it lends; as it is where the two together could not be asked."""
    try:
        return validate(expand(question, previous))
    except QuestionError:
        return question


def validate(question: str) -> str:
    """Raw text -> the same, stripped.

    Raises:
        QuestionError: empty, longer than `MAX_CHARACTERS`, or with characters that are no text.
    """
    stripped = question.strip()
    if len(stripped) > MAX_CHARACTERS:
        raise QuestionError(f"the question has {len(stripped):,} characters; ask in at most {MAX_CHARACTERS:,}")
    for character in stripped:
        if unicodedata.category(character) in {"Cc", "Cs", "Cn"} and character not in "\t\n\r":
            raise QuestionError(f"the question holds U+{ord(character):04X}, which is no text; type it without that")
    if not any(character.isalnum() for character in stripped):
        raise QuestionError("the question has no words; type what you want to know")
    return stripped
