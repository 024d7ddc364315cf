"""Every word of the documents with its number of occurrences: what a misspelt word of a question is compared with."""

from collections.abc import ItemsView, Iterator, Mapping
from typing import Any

import numpy as np

from index.stored import Stored, Strings
from index.terms import stem


class Words(Mapping[str, int]):
    """Words in lower case, in the order of their code points -> their number of occurrences.

    Attributes:
        words: the words.
        counts: (n_words,) integers.
        stems: of all of them.
    """

    def __init__(self, words: Strings, counts: Stored[Any], stems: Strings) -> None:
        """Takes them."""
        self.words, self.counts, self.stems = words, counts, stems

    @classmethod
    def of(cls, words: Mapping[str, int]) -> "Words":
        """Words with their counts -> the same; what is of this kind already is itself."""
        if isinstance(words, cls):
            return words
        ordered = sorted(words)
        counts = np.array([words[word] for word in ordered], np.int64)
        return cls(Strings.of(ordered), Stored(counts), Strings.of(sorted(set(stem(ordered)))))

    def __getitem__(self, word: str) -> int:
        number = self.words.find(word)
        if number is None:
            raise KeyError(word)
        return int(self.counts.part(number, number + 1)[0])

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def items(self) -> ItemsView[str, int]:
        """Each word with its count."""
        return _Items(self)


class _Items(ItemsView[str, int]):
    """Read in one go, and not looked up one by one."""

    _mapping: Words

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return zip(self._mapping.words, self._mapping.counts.whole.tolist(), strict=True)
