"""A follow-up and the question before it -> a question that stands alone, by fixed rules.

1. "Why?" and the like: the question before it, with that word in front.
2. A short piece without a verb ("And Japan?", "What about 2006?", "and in March?") takes the place of its like in
   the question before: a year of a year; a phrase of the last with the same preposition, a time only of a time; a
   month or day of a month or day; a name of the last other name, "Japan’s" only of one with such an ending, and none
   of a name that describes ("the Russian economy"). A piece without its like is added at the end, "its" and the like
   in it read as in rule 3. One that says nothing ("then", "now", "it") changes nothing.
3. A question with a pronoun and no name of its own: a name of the question before stands for the pronoun. That is
   its subject where a name follows its "is", "did" and the like, else its last name; names joined by "and" stand
   together for "they" and the like, and for no other pronoun. Months and days are no names here, and one that
   describes stands for nothing. An "it" without a thing ("is it true") is passed over; "of them" leaves the question
   as it is.

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
_PREPOSITION = re.compile(
    r"^(about|in|on|at|from|to|with|for|by|of|between|during|after|before|under)\b", re.IGNORECASE
)
# Capitalised words in a row, joined by "of" and the like: "Sea of Japan", "St. Petersburg".
_NAMES = re.compile(r"[A-Z][\w.’'-]*(?:\s+(?:of\s+|the\s+)*[A-Z][\w.’'-]*)*")
_CONTRACTION = re.compile(r"(?:n?[’']t|[’'](?:s|re|ve|ll|d|m))$")
_QUESTION_WORDS = frozenset(
    """
    who whom whose what which when where why how is are was were do does did has have had can could will would should
    may might must ca wo and but or also then the a an in on at from to with for by of i name list tell so please
    explain describe give show compare he she it they we you his her its their our your this that these those there
    about since during after before between under if not no yes
    """.split()
)
_PRONOUN = re.compile(r"\b(?:he|she|it|they|him|them|his|hers|her|its|their|theirs)\b", re.IGNORECASE)
_POSSESSIVE = frozenset({"his", "hers", "her", "its", "their", "theirs"})
_PLURAL = frozenset({"they", "them", "their", "theirs"})
# "her ships", but not "met her", "met her in July".
_HER_OWN = re.compile(r"\s+(?!(?:in|on|at|from|to|with|for|by|of|and|or|when|before|after|then)\b)\w", re.IGNORECASE)
_STATED = (
    r"(?:\s+(?:really|still|also|not|even|already|now|so|actually))*\s+(?:true|false|possible|impossible|likely|unlikely"
    r"|known|clear|certain|correct|right|wrong|necessary|important|time|that|because|why|how|when|where|who|what)\b"
)
# "It" that stands for nothing: "is it true", "it is likely", "does it take", "what time is it".
_EMPTY_IT = re.compile(
    rf"\b(?:is|was|isn[’']t|wasn[’']t|would|could|can|will|might|may)\s+it(?:\s+be)?{_STATED}"
    rf"|\bit(?:[’']s|\s+(?:is|was|isn[’']t|wasn[’']t|(?:would|could|can|will|might|may)\s+be)){_STATED}"
    r"|\bit\s+(?:takes?|took|seems?|seemed|appears?|appeared|matters?|mattered|rains?|rained|snows?|snowed)\b"
    r"|\btime\s+(?:is|was)\s+it\b",
    re.IGNORECASE,
)
_OF_PRONOUN = re.compile(r"\bof\s+(?:it|them|him)\b", re.IGNORECASE)
_SAYS_NOTHING = re.compile(
    r"(?:(?:in|on|at|from|to|with|for|by|of|between|during|after|before|under)\s+)?"
    r"(?:then|now|so|it|that|this|these|those|there|he|she|they|him|her|them)",
    re.IGNORECASE,
)
_CALENDAR = frozenset(
    """
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    """.split()
)
_AUXILIARY_BEFORE = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)(?:n[’']t)?\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_INITIALS_END = re.compile(r"\b[A-Z]\.[A-Z]$")
_JOINT = re.compile(r",?\s+and\s+(?:the\s+)?|,\s+(?:the\s+)?")
_ENDING = re.compile(r"[’']s?$")
_ARTICLE_BEFORE = re.compile(r"\bthe\s+$", re.IGNORECASE)
# One word, neither initials nor a plural: "the Russian", not "the US", "the European Union" or "the Russians".
_ADJECTIVE = re.compile(r"[A-Z][a-z]*[a-rt-z]")
# What may follow a name that is no part of a longer description, unlike "the Russian economy".
_NAME_ENDS = re.compile(
    r"$|[^\w\s]|\s+(?:in|on|at|from|to|with|for|by|of|between|during|after|before|under|and|or|than|as)\b",
    re.IGNORECASE,
)


def expand(question: str, previous: str) -> str:
    """A question and the resolved one before it -> the question to read; unchanged where no rule applies."""
    earlier = _bare(" ".join(previous.split()))
    if bare := _BARE.match(question):
        word = bare.group(1)
        return f"{word[0].upper()}{word[1:]}: {earlier}?"
    piece = _bare(_LEAD.sub("", question).strip())
    if _is_piece(question, piece):
        return question if _SAYS_NOTHING.fullmatch(piece) else _substitute(piece, earlier)
    return question if names_in(question) else _without_pronoun(question, earlier)


def names_in(text: str) -> list[str]:
    """A question -> its proper names in order: runs of capitalised words that are no question words."""
    names = []
    for run in _NAMES.findall(text):
        words = run.split()
        while words and _CONTRACTION.sub("", words[0].lower().rstrip(".,")) in _QUESTION_WORDS:
            words.pop(0)
        if words:
            names.append(" ".join(words).rstrip(".,"))
    return names


def _bare(text: str) -> str:
    """A text without the marks at its end; the dot of initials ("the U.S.") stays."""
    bare = text.rstrip("?!. ")
    return f"{bare}." if _INITIALS_END.search(bare) and text.startswith(f"{bare}.") else bare


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
        like = _phrases(preposition.group(1), earlier, is_time=_is_time(piece))
        if like:
            return f"{earlier[: like[-1].start()]}{piece}{earlier[like[-1].end() :]}?"
        return f"{earlier} {piece}?"
    own = names_in(piece)
    if own and _is_names_only(piece, own):
        is_date = all(name.lower() in _CALENDAR for name in own)
        replaced = _replace_name(piece, earlier, is_date=is_date)
        if replaced is not None:
            return replaced
    return f"{earlier}: {_without_pronoun(piece, earlier)}?"


def _phrases(preposition: str, text: str, *, is_time: bool) -> list[re.Match[str]]:
    """The phrases of a text that open with a preposition and are times or none, in order."""
    # "to sell" is no place.
    opening = r"to\s+(?=(?-i:[A-Z\d])|the\b)" if preposition.lower() == "to" else rf"{preposition}\s+"
    # No end before "of": "in the Sea of Japan" is one phrase.
    end = r"\s+(?:in|on|at|from|to|with|for|by|and\s+(?:why|how|who|what|when|where))\b|[,:]|$"
    phrases = re.finditer(rf"\b{opening}[^,:]*?(?={end})", text, re.IGNORECASE)
    return [phrase for phrase in phrases if _is_time(phrase.group()) == is_time]


def _is_time(text: str) -> bool:
    return _YEAR.search(text) is not None or any(word in _CALENDAR for word in re.findall(r"\w+", text.lower()))


def _is_names_only(piece: str, names: list[str]) -> bool:
    for name in names:
        piece = piece.replace(name, " ", 1)
    return all(word.lower() in {"the", "and", "or"} for word in re.findall(r"\w+", piece))


def _replace_name(piece: str, earlier: str, *, is_date: bool) -> str | None:
    """The question with a name in the place of its last like; None where it has none."""
    found = [place for place in _places(earlier) if (place[2].lower() in _CALENDAR) == is_date]
    if _ENDING.search(piece):
        found = [place for place in found if _ENDING.search(place[2])]
    if not found:
        return None
    start, end, name = found[-1]
    if _is_description(earlier, start, end):
        return None
    if article := _ARTICLE_BEFORE.search(earlier[:start]):
        start = article.start()
    ending = _ENDING.search(name)
    return f"{earlier[:start]}{_ENDING.sub('', piece)}{_ending_for(piece, ending)}{earlier[end:]}?"


def _ending_for(piece: str, ending: re.Match[str] | None) -> str:
    """The possessive ending for a piece: its own, or that of the name it replaces, or none."""
    if ending is None:
        return ""
    own = _ENDING.search(piece)
    return (own or ending).group()


def _places(text: str) -> list[tuple[int, int, str]]:
    """Where the names of a text begin and end, in order."""
    places, start = [], 0
    for name in names_in(text):
        at = text.find(name, start)
        if at >= 0:
            start = at + len(name)
            # `names_in` takes the last dot of "the U.S." for the end of a sentence.
            if _INITIALS_END.search(name) and text.startswith(".", start):
                start += 1
            places.append((at, start, name))
    return places


def _is_description(text: str, start: int, end: int) -> bool:
    """Whether the name that lies there only describes what is named: "the Russian economy"."""
    return (
        _ARTICLE_BEFORE.search(text[:start]) is not None
        and _ADJECTIVE.fullmatch(text, start, end) is not None
        and _NAME_ENDS.match(text, end) is None
    )


def _without_pronoun(text: str, earlier: str) -> str:
    """A text with the name that its first pronoun stands for in the question before; as it is where there is none."""
    if _OF_PRONOUN.search(text):
        return text
    empty = [match.span() for match in _EMPTY_IT.finditer(text)]
    for pronoun in _PRONOUN.finditer(text):
        if any(start <= pronoun.start() < end for start, end in empty):
            continue
        word = pronoun.group().lower()
        name = _antecedent(earlier, is_plural=word in _PLURAL)
        if name is None:
            return text
        if word in _POSSESSIVE and (word != "her" or _HER_OWN.match(text, pronoun.end())):
            name += "’s"
        return text[: pronoun.start()] + name + text[pronoun.end() :]
    return text


def _antecedent(earlier: str, *, is_plural: bool) -> str | None:
    """The name of a question that a pronoun in the next one stands for, without a possessive ending."""
    groups: list[list[tuple[int, int]]] = []
    for start, end, name in _places(earlier):
        if name.lower() in _CALENDAR:
            continue
        if groups and _JOINT.fullmatch(earlier, groups[-1][-1][1], start):
            groups[-1].append((start, end))
        else:
            groups.append([(start, end)])
    if not groups:
        return None
    if is_plural:
        groups = [group for group in groups if len(group) > 1] or groups
    group = next((group for group in groups if _AUXILIARY_BEFORE.search(earlier[: group[0][0]])), groups[-1])
    if (len(group) > 1 and not is_plural) or _is_description(earlier, *group[-1]):
        return None
    start, end = group[0][0], group[-1][1]
    if article := _ARTICLE_BEFORE.search(earlier[:start]):
        start = article.start()
    return _ENDING.sub("", earlier[start:end])
