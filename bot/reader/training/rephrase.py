"""A question as people also ask it: for yes or no, as a request, with a slip of the keys.

The data sets ask in full sentences that begin with who, what or when; half of what people ask does not.
"""

import random
import re
from collections.abc import Sequence

_PREPOSITIONS = frozenset(
    "in on at by from to for of with during after before until since under between within into near over".split()
)
_AUXILIARIES = "is are was were do does did can could will would should has have had may might must".split()
_COPULAS = frozenset({"is", "are", "was", "were"})
_ASKS = re.compile(
    rf"(?:(?P<before>{'|'.join(sorted(_PREPOSITIONS))}) )?"
    r"(?P<word>what|which|who|whom|where|when|why|how many|how much)"
    rf"(?P<noun>(?: (?!(?:{'|'.join(_AUXILIARIES)})\b)[\w'’-]+){{0,4}}?) (?P<verb>{'|'.join(_AUXILIARIES)})"
    r" (?P<rest>.+?)\s*\?*",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"(?P<word>who|what) (?P<verb>\w+) (?P<rest>.+?)\s*\?*", re.IGNORECASE)
_QUANTITY = re.compile(r"how (?:many|much) (?P<rest>.+?)\s*\?*", re.IGNORECASE)
_NAMED = re.compile(r"(?:which|what) (?P<noun>[a-z-]+) (?P<rest>(?P<verb>\w+(?:ed|s)) .+?)\s*\?*", re.IGNORECASE)
# What stands after a copula takes the answer at its end where it ends like this: "what was the town called".
_OPEN_END = re.compile(r"(?:named|called|known|\b(?:as|to|of|by|for|with|in|on|from|at|about))$")
_DETERMINED = re.compile(r"(?:the|a|an|one|some|his|her|its|their|another) ", re.IGNORECASE)
# How a subject begins; anything else after an auxiliary is its verb: "who was killed".
_SUBJECT_BEGINS = re.compile(
    r"(?:the|a|an|one|some|his|her|its|their|my|your|our|this|that|these|those|he|she|it|they|we|you|I|there)\b|[A-Z\d]"
)
_YEAR = re.compile(r"(?:1\d|20)\d\d")
_DAY = re.compile(r"[A-Z][a-z]+ \d{1,2}\b|\d{1,2}(?:st|nd|rd|th)? [A-Z]")
_IRREGULAR = dict(
    pair.split("/")
    for pair in """
        wrote/write won/win led/lead began/begin became/become made/make gave/give took/take said/say found/find
        built/build held/hold left/leave lost/lose met/meet ran/run sent/send sold/sell saw/see thought/think
        told/tell brought/bring bought/buy came/come went/go got/get grew/grow knew/know wore/wear drew/draw fell/fall
        flew/fly sang/sing sat/sit spoke/speak stood/stand taught/teach broke/break chose/choose drove/drive paid/pay
        kept/keep felt/feel fought/fight sought/seek caught/catch shot/shoot set/set put/put cut/cut
        died/die tied/tie
    """.split()
)
_ADDS_E = re.compile(r"(?:at|iz|v|c|u|rs|ns|ps|us|os|id|ud|od|ir|ur|ib|ap|dg|rg|ng|[bdgptk]l)ed$")
_ADDS_NONE = re.compile(r"(?:ss|sh|ch|ck|[nrcpxs]t|[nrl]d|dd|[lr]k|r[mn]|[lm]p|[aeo][wy]|er|en|ll|al)ed$")
_DOUBLED = re.compile(r"([bgmnprt])\1ed$")
_HISSES = re.compile(r"(?:sh|ch|ss|x|z|o)es$")
_REQUESTS = (
    "Tell me: {}",
    "I would like to know: {}",
    "For an article: {}",
    "Quick question: {}",
    "Can you tell me {}",
    "Do you know {}",
    "And {}",
    "Please say {}",
)
_WORD = re.compile(r"\b[a-z]{5,}\b", re.IGNORECASE)
_VOWELS = "aeiou"
_LIKE_NUMBER = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|million|billion)\b", re.IGNORECASE)


def yes_no(question: str, answer: str, before: str, chance: random.Random) -> str | None:
    """A question and its answer -> whether it is so: "When did it end?", "1905" -> "Did it end in 1905?".

    Args:
        question: it begins with who, what, which, when, where, why, how many or how much.
        answer: what the text says; or something else, which the text then denies.
        before: the word that stands before the answer in the text.
        chance: chooses where there are several ways to ask.

    Returns:
        The new question, or None for a question or an answer of another kind.
    """
    answer = answer.strip(" .,;:\"'“”()")
    if not answer or len(answer) > 80:  # noqa: PLR2004 - a phrase; a whole clause fits no question
        return None
    question = question.strip()
    if (match := _ASKS.fullmatch(question)) is not None:
        return _asked_with_auxiliary(match, answer, before.lower(), chance)
    if (match := _QUANTITY.fullmatch(question)) is not None:
        repeats = _share_words(answer, match["rest"].split(" ", 1)[0])
        return None if repeats else f"Is it true that {answer} {match['rest']}?"
    if (match := _SUBJECT.fullmatch(question)) is not None:
        return _asked_of_subject(match, answer, chance)
    return None


def _asked_of_subject(match: re.Match[str], answer: str, chance: random.Random) -> str | None:
    word, verb, rest = match["word"].lower(), match["verb"].lower(), match["rest"]
    base = _base_of(verb)
    if base is not None and chance.random() < 0.7:  # noqa: PLR2004 - mostly the plain way
        return f"{'Does' if verb.endswith('s') else 'Did'} {answer} {base} {rest}?"
    if word == "who" or base is not None:
        return f"Was it {answer} {'who' if word == 'who' else 'that'} {verb} {rest}?"
    return None  # "what team won it": which of the words is the verb?


def _asked_with_auxiliary(match: re.Match[str], answer: str, before: str, chance: random.Random) -> str | None:
    word, noun, rest = match["word"].lower(), match["noun"], match["rest"]
    said: str | None
    if word.startswith("how"):
        said = _with_quantity(match, answer)
    elif word == "why":
        follows = answer.lower().startswith(("because", "to ", "due ", "for ", "in order"))
        said = f"{rest} {answer}" if follows else f"{rest} because {answer}"
    elif word in {"when", "where"} or match["before"] or (before in _PREPOSITIONS and noun):
        said = f"{rest} {_with_preposition(match, answer, before)}"
    else:
        said = _said_of(match, answer, chance)
    return None if said is None else f"{match['verb'].capitalize()} {said}?"


def _with_quantity(match: re.Match[str], answer: str) -> str | None:
    noun, rest = match["noun"], match["rest"]
    if not noun or _share_words(answer, noun):
        return None
    does = match["verb"].lower() in {"do", "does", "did"}
    return f"{rest} {answer}{noun}" if does or _SUBJECT_BEGINS.match(rest) else f"{answer}{noun} {rest}"


def _with_preposition(match: re.Match[str], answer: str, before: str) -> str:
    last = match["rest"].rsplit(" ", 1)[-1].lower()
    if answer.split(" ", 1)[0].lower() in _PREPOSITIONS or last in _PREPOSITIONS:
        return answer
    lead = before if before in _PREPOSITIONS else (match["before"] or _lead_of(match["word"].lower(), answer)).lower()
    return f"{lead} {answer}" if lead else answer


def _said_of(match: re.Match[str], answer: str, chance: random.Random) -> str | None:
    """What a question for a person or a thing says once the answer stands in it, before or after the rest."""
    verb, rest = match["verb"].lower(), match["rest"]
    if re.search(r"\bdo(?:ing|ne)?\b", rest):
        return None  # "what did he do"
    if verb in {"do", "does", "did"}:
        is_first = False
    elif not _SUBJECT_BEGINS.match(rest):
        is_first = not _OPEN_END.search(rest)
    elif verb not in _COPULAS or match["noun"] or _OPEN_END.search(rest):
        is_first = False
    else:
        is_first = bool(_DETERMINED.match(rest)) or chance.random() < 0.5  # noqa: PLR2004 - even odds
    return f"{answer} {rest}" if is_first else f"{rest} {answer}"


def _share_words(one: str, other: str) -> bool:
    return not set(one.lower().split()).isdisjoint(other.lower().split())


def _lead_of(word: str, answer: str) -> str:
    if word == "where":
        return "in"
    return "on" if _DAY.match(answer) else "in" if _YEAR.search(answer) else ""


def _base_of(verb: str) -> str | None:
    """A verb in the past or the third person -> its base form; None where it is neither, or no rule is sure."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith(("ied", "ies")):
        return f"{verb[:-3]}y"
    if verb.endswith("ed"):
        cut = next((n for rule, n in ((_ADDS_E, 1), (_ADDS_NONE, 2), (_DOUBLED, 3)) if rule.search(verb)), None)
        return None if cut is None else verb[:-cut]
    if _HISSES.search(verb):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith(("ss", "us", "is")) else None


def other_number(answer: str, others: Sequence[str], chance: random.Random) -> str | None:
    """A number and other questions' answers -> another number of its kind; None for what is no number.

    Only a number denies another: who is said to have gone to Paris may have gone to Rome, too.
    """
    if not _LIKE_NUMBER.search(answer):
        return None
    is_year = bool(_YEAR.fullmatch(answer))
    alike = [other for other in others if _LIKE_NUMBER.search(other) and bool(_YEAR.fullmatch(other)) == is_year]
    alike = [other for other in alike if other.lower() not in answer.lower() and answer.lower() not in other.lower()]
    return chance.choice(alike) if alike else None


def request(question: str, chance: random.Random) -> str:
    """A question -> the same as a request: "Which city hosted it?" -> "Name the city that hosted it"."""
    match = _NAMED.fullmatch(question.strip())
    # "What dish is eaten?" asks for a subject, "what dish does she eat?" does not: with an auxiliary, who can tell.
    if match is not None and {match["noun"].lower(), match["verb"].lower()}.isdisjoint(_AUXILIARIES):
        return f"{chance.choice(('Name', 'name', 'Say'))} the {match['noun']} that {match['rest']}"
    form = chance.choice(_REQUESTS)
    return form.format(question if question[1:2].isupper() else question[:1].lower() + question[1:])


def misspell(question: str, chance: random.Random) -> str:
    """A question -> the same with one long word misspelt; unchanged where it has none."""
    words = list(_WORD.finditer(question))
    if not words:
        return question
    word = chance.choice(words)
    at = chance.randrange(word.start() + 1, word.end() - 1)
    one = question[at]
    slip = chance.randrange(4)
    if slip == 0:
        new = ""
    elif slip == 1:
        new = one * 2
    elif one.lower() in _VOWELS and slip == 2:  # noqa: PLR2004 - the third kind of slip
        new = chance.choice(_VOWELS)
    else:
        return question[:at] + question[at + 1] + one + question[at + 2 :]
    return question[:at] + new + question[at + 1 :]
