"""Misspelt words -> the corpus's words.

A word is taken for misspelt only when neither the corpus nor an English dictionary knows it, in American spelling or
in British, and only a word of the corpus ever takes its place: the aim is to find what the documents say, not to teach
spelling. A name that the corpus lacks looks just like a misspelt one, so a capitalised word must be nearer than another
to be corrected, and one with capitals inside never is.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from index.terms import STOP_WORDS, stem
from index.words import Words

# "wouldn't" is one word, and none to correct.
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
# Shorter words have too many neighbours one letter away.
_SHORTEST = 5
_SHORTEST_RIGHT = 4
# Below this length, one letter for another makes another word rather than a slip: Asean, Asian.
_LONG_ENOUGH_TO_SUBSTITUTE = 6
# From this length on two slips are forgiven instead of one.
_LONG = 7
_LONG_NAME = 9
# What is British -> what an American corpus or dictionary has.
_BRITISH = tuple(
    (re.compile(pattern), american)
    for pattern, american in (
        (r"our(?=$|s$|ed$|ing|ab|it|ful|less|hood|ly$|er|al)", "or"),
        (r"is(?=e$|ed$|es$|er$|ers$|ing$|ings$|able$|ation)", "iz"),
        (r"ys(?=e$|ed$|es$|er$|ers$|ing$)", "yz"),
        (r"tre(?=$|s$|d$)", "ter"),
        (r"ence(?=$|s$|less)", "ense"),
        (r"ll(?=ed$|ing$|er$|ers$|ery$)", "l"),
        (r"ogue(?=s?$)", "og"),
        (r"[ao]e", "e"),
        (r"sulph", "sulf"),
    )
)
# Those that follow no rule, by how they begin.
_BRITISH_WORDS = (
    "aeroplane", "aluminium", "cheque", "connexion", "draught", "gaol", "jewellery", "kerb", "kilogramme", "manoeuvr",
    "mould", "programme", "sceptic",
)  # fmt: skip


class Speller:
    """Knows the words of one corpus."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """Words of the corpus in lower case -> their number of occurrences."""
        self._words = Words.of(words)

    def corrections(self, question: str) -> dict[str, str]:
        """A question -> its misspelt words, each with the word of the corpus to read in its place.

        A possessive is given without its ending. A first capital is kept. Words that no word of the corpus is close to
        are left as they are.
        """
        found = {}
        for match in _WORD.finditer(question):
            word = _POSSESSIVE.sub("", match.group())
            lower = word.lower()
            # A few letters of other alphabets change their number with their case.
            if not word.isalpha() or lower[1:] != word[1:] or len(lower) != len(word):
                continue
            right = self._correct(lower, capitalised=word != lower)
            if right is not None:
                found[word] = word[0] + right[1:]
        return found

    def _correct(self, word: str, *, capitalised: bool) -> str | None:
        if len(word) < _SHORTEST or self._knows(word) or _is_british(word, self._knows):
            return None
        slips = 2 if len(word) >= (_LONG_NAME if capitalised else _LONG) else 1
        near = process.extract(
            word,
            [right for right in self._words.words.beginning_with(word[0]) if _may_replace(right)],
            scorer=OSA.distance,
            score_cutoff=slips,
            limit=None,
        )
        # The nearest; among equals the commonest; among those the first in the alphabet.
        ranked = sorted(
            (distance, -self._words[right], right)
            for right, distance, _ in near
            if _is_likely(word, right, int(distance), capitalised=capitalised)
        )
        if not ranked:
            return None
        distance, _, right = ranked[0]
        # "Wich" is no "with"; but "Bejing" is no "being" either.
        is_unsure = distance > 1 or len(word) < _LONG_ENOUGH_TO_SUBSTITUTE
        if is_unsure and any(OSA.distance(word, other, score_cutoff=1) <= 1 for other in STOP_WORDS):
            return None
        # Two slips from the corpus and one from English: it is the English word that was meant.
        if distance > 1 and _dictionary().known(_dictionary().edit_distance_1(word)):
            return None
        return right

    def _knows(self, word: str) -> bool:
        return word in self._words.words or word in _dictionary() or stem([word])[0] in self._words.stems


def _may_replace(word: str) -> bool:
    """Whether a word of the corpus may be read in the place of another."""
    return word.isalpha() and len(word) >= _SHORTEST_RIGHT and word not in STOP_WORDS


def _is_likely(word: str, right: str, distance: int, *, capitalised: bool) -> bool:
    """Whether one who meant `right`, which begins alike, may have typed `word`, `distance` slips away."""
    # Endings make other words: Navalny, naval; Sakhalinsk, Sakhalin; Putina, Putin.
    if (distance > 1 or capitalised) and word[-1] != right[-1] and sorted(word) != sorted(right):
        return False
    is_substitution = len(word) == len(right) and sorted(word) != sorted(right)
    return len(word) >= _LONG_ENOUGH_TO_SUBSTITUTE or (
        not is_substitution and (len(right) >= _LONG_ENOUGH_TO_SUBSTITUTE or not capitalised)
    )


def _is_british(word: str, knows: Callable[[str], bool]) -> bool:
    """Whether the word is British for one that `knows` knows."""
    return word.startswith(_BRITISH_WORDS) or any(
        pattern.search(word) and knows(pattern.sub(american, word)) for pattern, american in _BRITISH
    )


@cache
def _dictionary() -> SpellChecker:
    """English words by frequency in subtitles, as pyspellchecker carries them; it answers `in`."""
    return SpellChecker(language="en")
