"""A follow-up and the question before it -> a question that stands alone, by fixed rules.

1. "Why?" and the like: the question before it, with that word in front.
2. A short piece without a verb ("And Japan?", "What about 2006?", "and in March?") takes the place of its like in
   the question before: a year of a year, a phrase with the same preposition, or the last name; else it is added.
3. A question with a pronoun and no name of its own: the last name of the question before stands for the pronoun.

Anything else stands as it is.
"""

import re

_BARE = re.compile(
    r"^(?:and\s+|but\s+)?(why|how|how\s+so|since\s+when|when|where|how\s+come|why\s+not|why\s+is\s+that|why\s+so)\s*\?*$",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:(?:and|but|or|also|then)\s+)?(?:(?:what|how)\s+about\s+)?", re.IGNORECASE)
_STARTS_LIKE_A_FOLLOWUP = re.compile(r"^(?:and|but|or|also|then|(?:what|how)\s+about)\b", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|who|what|which|whose|why)\b",
    re.IGNORECASE,
)
_LONGEST_PIECE = 6
_LONGEST_PHRASE = 3
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_PREPOSITION = re.compile(r"^(in|on|at|from|to|with|for|by|of|between|during|after|before|under)\b", re.IGNORECASE)
# Capitalised words in a row, joined by "of" and the like: "Sea of Japan", "St. Petersburg".
_NAMES = re.compile(r"[A-Z][\w.’'-]*(?:\s+(?:of\s+|the\s+)*[A-Z][\w.’'-]*)*")
_QUESTION_WORDS = frozenset(
    """
    who whom whose what which when where why how is are was were do does did has have had can could will would should
    may might must and but or also then the a an in on at from to with for by of i name list tell so please
    """.split()
)
_PRONOUN = re.compile(
    r"\b(he|she|it|they|him|them|his|hers|her|its|their|theirs)\b(?!\s+(?:is|was)\s+(?:true|possible|likely)\b)",
    re.IGNORECASE,
)
_POSSESSIVE = frozenset({"his", "hers", "her", "its", "their", "theirs"})


def expand(question: str, previous: str) -> str:
    """A question and the resolved one before it -> the question to read; unchanged where no rule applies."""
    earlier = " ".join(previous.split()).rstrip("?!. ")
    if bare := _BARE.match(question):
        word = bare.group(1)
        return f"{word[0].upper()}{word[1:]}: {earlier}?"
    piece = _LEAD.sub("", question).strip().rstrip("?!. ")
    if _is_piece(question, piece):
        return _substitute(piece, earlier)
    pronoun = _PRONOUN.search(question)
    names = names_in(earlier)
    if pronoun and names and not names_in(question):
        name = re.sub(r"[’']s$", "", names[-1])
        if pronoun.group().lower() in _POSSESSIVE:
            name += "’s"
        return question[: pronoun.start()] + name + question[pronoun.end() :]
    return question


def names_in(text: str) -> list[str]:
    """A question -> its proper names in order: runs of capitalised words that are no question words."""
    names = []
    for run in _NAMES.findall(text):
        words = run.split()
        while words and words[0].lower().rstrip(".,") in _QUESTION_WORDS:
            words.pop(0)
        if words:
            names.append(" ".join(words).rstrip(".,"))
    return names


def _is_piece(question: str, piece: str) -> bool:
    n_words = len(piece.split())
    return (
        0 < n_words <= _LONGEST_PIECE
        and not _VERB.search(piece)
        and (
            _STARTS_LIKE_A_FOLLOWUP.match(question) is not None
            or (n_words <= _LONGEST_PHRASE and bool(_PREPOSITION.match(piece)))
        )
    )


def _substitute(piece: str, earlier: str) -> str:
    years = list(_YEAR.finditer(earlier))
    if _YEAR.fullmatch(piece) and years:
        return f"{earlier[: years[-1].start()]}{piece}{earlier[years[-1].end() :]}?"
    if preposition := _PREPOSITION.match(piece):
        piece = piece[0].lower() + piece[1:]
        like = list(
            re.finditer(
                rf"\b{preposition.group(1)}\s+[^,]*?(?=\s+(?:in|on|at|from|to|with|for|by|of)\b|,|$)",
                earlier,
                re.IGNORECASE,
            )
        )
        if like:
            return f"{earlier[: like[-1].start()]}{piece}{earlier[like[-1].end() :]}?"
        return f"{earlier} {piece}?"
    names = names_in(earlier)
    if names:
        start = earlier.rindex(names[-1])
        name = names[-1]
        possessive = re.search(r"[’']s$", name)
        ending = possessive.group() if possessive else ""
        return f"{earlier[:start]}{piece}{ending}{earlier[start + len(name) :]}?"
    return f"{earlier}: {piece}?"
