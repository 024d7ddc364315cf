"""Misspelt words -> the corpus's words.

A word is taken for misspelt only when neither the corpus nor an English dictionary knows it, and only a word
of the corpus ever takes its place: the aim is to find what the documents say, not to teach spelling.
"""

import re
from collections.abc import Mapping
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from index.terms import stem

# "wouldn't" is one word, and none to correct.
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Shorter words have too many neighbours one letter away.
_SHORTEST = 4
# From this length on two slips are forgiven instead of one.
_LONG = 7


class Speller:
    """Knows the words of one corpus."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """Words of the corpus in lower case -> their number of occurrences."""
        self._words = {word: count for word, count in words.items() if word.isalpha() and len(word) >= _SHORTEST}
        self._known = frozenset(words)
        self._stems = frozenset(stem(list(words)))
        by_initial: dict[str, list[str]] = {}
        for word in self._words:
            by_initial.setdefault(word[0], []).append(word)
        self._by_initial = by_initial

    def corrections(self, question: str) -> dict[str, str]:
        """A question -> its misspelt words, each with the word of the corpus to read in its place.

        Capitals are kept. Words that no word of the corpus is close to are left as they are.
        """
        found = {}
        for match in _WORD.finditer(question):
            word = match.group()
            right = self._correct(word.lower()) if word.isalpha() else None
            if right is not None:
                found[word] = right.upper() if word.isupper() else right.title() if word[0].isupper() else right
        return found

    def _correct(self, word: str) -> str | None:
        if len(word) < _SHORTEST or word in self._known or word in _dictionary():
            return None
        if stem([word])[0] in self._stems:
            return None
        slips = 2 if len(word) >= _LONG else 1
        near = process.extract(
            word,
            self._by_initial.get(word[0], []),
            scorer=OSA.distance,
            score_cutoff=slips,
            limit=20,
        )
        # The nearest; among equals the commonest; among those the first in the alphabet.
        ranked = sorted(near, key=lambda item: (item[1], -self._words[item[0]], item[0]))
        return ranked[0][0] if ranked else None


@cache
def _dictionary() -> SpellChecker:
    """English words by frequency in subtitles, as pyspellchecker carries them; it answers `in`."""
    return SpellChecker(language="en")
