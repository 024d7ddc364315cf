"""A question that a window answers -> nearly the same question, which it no longer answers.

The kinds are those that Rajpurkar, Jia & Liang, "Know What You Don't Know" (2018), arXiv:1806.03822, found
among unanswerable questions: a negation, an antonym, another name or number, a condition that excludes the answer.
"""

import random
import re
from collections.abc import Callable, Sequence

_ANTONYMS = """
    first/last earliest/latest largest/smallest largest/least biggest/smallest highest/lowest most/least more/less
    more/fewer many/few greater/lesser larger/smaller higher/lower longer/shorter older/younger oldest/newest
    oldest/youngest better/worse best/worst early/late earlier/later before/after above/below inside/outside
    increase/decrease increased/decreased increases/decreases increasing/decreasing gain/lose gained/lost won/lost
    win/lose began/ended begin/end started/stopped start/finish start/stop opened/closed open/closed built/destroyed
    created/destroyed founded/dissolved established/abolished formed/disbanded support/oppose supported/opposed
    allow/forbid allowed/forbidden allowed/banned accepted/rejected accept/reject agreed/refused include/exclude
    included/excluded north/south northern/southern east/west eastern/western left/right major/minor majority/minority
    male/female men/women man/woman husband/wife father/mother son/daughter brother/sister king/queen public/private
    internal/external positive/negative possible/impossible legal/illegal rich/poor strong/weak stronger/weaker
    hot/cold fast/slow faster/slower good/bad easy/difficult easier/harder like/dislike liked/disliked love/hate
    buy/sell bought/sold arrive/leave arrived/left join/leave joined/left same/different similar/different
    ancient/modern rural/urban present/absent common/rare common/uncommon strength/weakness advantage/disadvantage
    cause/prevent caused/prevented causes/prevents improve/worsen improved/worsened expand/shrink attack/defend
    attacked/defended victory/defeat success/failure successful/unsuccessful able/unable known/unknown born/die
    up/down upper/lower import/export imported/exported teacher/student
""".split()
_KINDS = """
    city country state river mountain island year month century company organization university school book song film
    album language animal color colour disease war battle king president author scientist religion sport food drug
    newspaper building bridge ship game website
""".split()
_NEGATIVES = {
    "is": "isn't",
    "are": "aren't",
    "was": "wasn't",
    "were": "weren't",
    "does": "doesn't",
    "did": "didn't",
    "do": "don't",
    "can": "can't",
    "has": "hasn't",
    "have": "haven't",
    "had": "hadn't",
    "will": "won't",
    "would": "wouldn't",
    "could": "couldn't",
    "should": "shouldn't",
}
_NEGATED = 0.1
_NEAR, _FAR = (1, 2, 3, 5), (1, 2, 3, 10, 20, 100)
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?![\w.])")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+(?: (?:of |the |de |von )?[A-Z][\w-]+)*")
_MONTHS = re.compile(
    r"\d|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|century|day)\b"
)

_OPPOSITES: dict[str, list[str]] = {}
for _pair in _ANTONYMS:
    _one, _other = _pair.split("/")
    _OPPOSITES.setdefault(_one, []).append(_other)
    _OPPOSITES.setdefault(_other, []).append(_one)


def names_of(text: str) -> list[str]:
    """Text -> the names in it, found by their capitals inside a sentence, in order; a repeated one repeats."""
    return _NAME.findall(text)


def swap(question: str, window: str, names: Sequence[str], chance: random.Random) -> str | None:
    """A question that `window` answers -> one that it does not, or None where no change was found.

    Args:
        question: the question.
        window: the text that answers it; only words that it shares with the question are worth changing.
        names: names to put in, for instance those of the paragraph and of other texts.
        chance: chooses the kind of change and the words.
    """
    kinds: list[Callable[[], str | None]] = [
        lambda: _swap_name(question, window, names, chance),
        lambda: _swap_number(question, window, chance),
        lambda: _swap_antonym(question, chance),
        lambda: _swap_kind(question, window, chance),
    ]
    chance.shuffle(kinds)
    # Nearly every question can be negated, and a negation is easily told: left to itself it would be most of them.
    if chance.random() < _NEGATED:
        kinds = [lambda: _negate(question)]
    for kind in kinds:
        changed = kind()
        if changed is not None and changed != question:
            return changed
    return None


def _swap_name(question: str, window: str, names: Sequence[str], chance: random.Random) -> str | None:
    own = [match for match in _NAME.finditer(question) if match.group() in window]
    others = [name for name in names if name not in question and not any(name in m.group() for m in own)]
    if not own or not others:
        return None
    old = chance.choice(own)
    return question[: old.start()] + chance.choice(others) + question[old.end() :]


def _swap_number(question: str, window: str, chance: random.Random) -> str | None:
    own = [match for match in _NUMBER.finditer(question) if match.group() in window]
    if not own:
        return None
    old = chance.choice(own)
    value = int(old.group().replace(",", ""))
    step = chance.choice(_FAR if value > max(_FAR) else _NEAR)
    goes_up = value <= step or chance.random() < 0.5  # noqa: PLR2004 - even odds
    new = value + step if goes_up else value - step
    text = f"{new:,}" if "," in old.group() else str(new)
    if text in window:
        return None
    return question[: old.start()] + text + question[old.end() :]


def _swap_antonym(question: str, chance: random.Random) -> str | None:
    own = [match for match in _WORD.finditer(question) if match.group().lower() in _OPPOSITES]
    # "How many" asks for a number; its opposite would too.
    own = [match for match in own if not question[: match.start()].lower().endswith("how ")]
    if not own:
        return None
    old = chance.choice(own)
    return question[: old.start()] + chance.choice(_OPPOSITES[old.group().lower()]) + question[old.end() :]


def _swap_kind(question: str, window: str, chance: random.Random) -> str | None:
    """Asks for something of another kind: which city -> which river, who -> when."""
    for match in _WORD.finditer(question):
        word, before = match.group().lower(), question[: match.start()].lower()
        if word in _KINDS and before.endswith(("which ", "what ")):
            dated = _MONTHS.search(window)
            others = [kind for kind in _KINDS if kind not in window.lower() and not (dated and kind in _KINDS[6:9])]
            others = [kind for kind in others if kind != word]
            return question[: match.start()] + chance.choice(others) + question[match.end() :] if others else None
        if word in {"who", "where"} and not before and not _MONTHS.search(window):
            after = _WORD.match(question, match.end() + 1)
            if after and after.group() in _NEGATIVES:  # "who wrote" has no "when"
                return "When" + question[match.end() :]
    return None


def _negate(question: str) -> str | None:
    for match in list(_WORD.finditer(question))[1:4]:
        if match.group() in _NEGATIVES:
            return question[: match.start()] + _NEGATIVES[match.group()] + question[match.end() :]
    return None
