"""Question -> texts that share its words: the passages that retrieval would put beside the right one."""

from collections.abc import Sequence

from index.terms import build_terms, terms_of


class Neighbours:
    """Texts searchable by BM25."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Indexes the texts, equal ones once."""
        self._texts = list(dict.fromkeys(texts))
        self._terms = build_terms(terms_of(text) for text in self._texts)

    def nearest(self, question: str, k: int) -> list[str]:
        """Question -> at most k texts, best first; fewer where fewer share a word."""
        rows = self._terms.best(self._terms.scores(terms_of(question)), k)
        return [self._texts[row] for row in rows.tolist()]
