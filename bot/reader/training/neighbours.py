"""Question -> texts like it: the passages that retrieval would put beside the right one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.encoder import load_encoder
from index.search import fuse
from index.terms import build_terms, terms_of
from index.vectors import VectorIndex


class Neighbours:
    """Texts searchable by BM25 and, where asked for, by sense."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Indexes the texts by their words, equal ones once."""
        self._texts = list(dict.fromkeys(texts))
        self._terms = build_terms(terms_of(text) for text in self._texts)
        self._by_sense: dict[str, npt.NDArray[np.int64]] = {}

    def add_sense(self, questions: Sequence[str], depth: int = 16) -> None:
        """From now on `nearest` fuses in, for these questions, the `depth` nearest texts by vector."""
        encoder = load_encoder()
        vectors = VectorIndex.of(encoder.encode(self._texts))
        distinct = list(dict.fromkeys(questions))
        for question, vector in zip(distinct, encoder.encode(distinct), strict=True):
            self._by_sense[question], _ = vectors.nearest(vector, depth)

    def nearest(self, question: str, k: int) -> list[str]:
        """Question -> at most k texts, best first; fewer where fewer are like it."""
        by_words = self._terms.best(self._terms.scores(terms_of(question)), k)
        by_sense = self._by_sense.get(question)
        rows = by_words.tolist() if by_sense is None else [row for row, _ in fuse(by_words, by_sense)[:k]]
        return [self._texts[row] for row in rows]
