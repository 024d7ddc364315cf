"""Texts -> stemmed terms -> BM25, best rows.

BM25 as Lucene scores it, by bm25s; Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and
Beyond" (2009), doi:10.1561/1500000019.
"""

import math
import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS

# bm25s's defaults are k1 = 1.5, b = 0.75; the same here.
K1, B = 1.5, 0.75
# Words that frame a question and say nothing of what is asked.
STOP_WORDS = frozenset(STOPWORDS_EN_PLUS) | frozenset(
    "also can could does did doing done happen happened say says said tell much many let please".split()
)
_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|\w+(?:['’]\w+)*")
_POSSESSIVE = re.compile(r"['’]s?$")

_stemmer = Stemmer.Stemmer("english")
# A stemmer keeps state while it works.
_stemmer_lock = threading.Lock()


def words_of(text: str) -> list[str]:
    """Text -> its words in order, in lower case (NFKC), possessive endings and dots of initials removed."""
    words = (match.group().replace(".", "") for match in _WORD.finditer(unicodedata.normalize("NFKC", text)))
    return [_POSSESSIVE.sub("", word).lower() for word in words]


def stem(words: Sequence[str]) -> list[str]:
    """Words in lower case -> their stems (Snowball English), one for one."""
    with _stemmer_lock:
        return list(_stemmer.stemWords(list(words)))


def terms_of(text: str) -> list[str]:
    """Text -> the stems of its content words, in order; empty where there are none."""
    return stem([word for word in words_of(text) if word and word not in STOP_WORDS])


class TermIndex:
    """BM25 over rows of terms."""

    def __init__(self, bm25: "bm25s.BM25", n_rows: int) -> None:
        """Wraps a bm25s index of `n_rows` rows."""
        self._bm25 = bm25
        self._n_rows = n_rows

    def __len__(self) -> int:
        return self._n_rows

    def __contains__(self, term: str) -> bool:
        return bool(term) and term in self._bm25.vocab_dict

    def save(self, folder: Path) -> None:
        """Writes the index into `folder`: arrays as .npy, vocabulary and parameters as JSON."""
        self._bm25.save(folder, show_progress=False, allow_pickle=False)

    def scores(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """Terms of a query -> (n_rows,) float32, 0 where no term occurs."""
        ids = self._bm25.get_tokens_ids([term for term in terms if term in self])
        if not ids or not self._n_rows:
            return np.zeros(self._n_rows, np.float32)
        return np.asarray(self._bm25.get_scores_from_ids(ids), dtype=np.float32)

    def best(self, scores: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.int64]:
        """(n_rows,) scores -> rows of the k best above zero, best first, equal ones in row order."""
        rows = np.flatnonzero(scores > 0)
        if len(rows) > k:
            kth = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
            rows = rows[scores[rows] >= kth]
        return rows[np.lexsort((rows, -scores[rows]))][:k].astype(np.int64)

    def idf(self, term: str) -> float:
        """A term -> its inverse document frequency as Lucene's BM25 has it: log(1 + (n - df + 0.5) / (df + 0.5))."""
        number = self._bm25.vocab_dict.get(term) if term else None
        indptr = self._bm25.scores["indptr"]
        df = 0 if number is None or number + 1 >= len(indptr) else int(indptr[number + 1] - indptr[number])
        return math.log1p((self._n_rows - df + 0.5) / (df + 0.5))


def build_terms(rows: Iterable[Sequence[str]]) -> TermIndex:
    """Terms of each row -> index. Term numbers follow the alphabet, so equal input gives equal files."""
    rows = list(rows)
    vocabulary = {term: number for number, term in enumerate(sorted({term for row in rows for term in row}))}
    # bm25s needs at least one term; the empty one is never looked up.
    vocabulary = vocabulary or {"": 0}
    bm25 = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy")
    # It needs at least one row, too; one too many is never asked for.
    ids = [[vocabulary[term] for term in row] for row in rows] or [[]]
    # Where no row holds a term, it divides by their mean length of 0, and has no score to spoil by it.
    with np.errstate(invalid="ignore"):
        bm25.index((ids, vocabulary), show_progress=False)
    return TermIndex(bm25, len(rows))


def load_terms(folder: Path, n_rows: int) -> TermIndex:
    """A folder whose checksums have been verified -> index of `n_rows` rows."""
    return TermIndex(bm25s.BM25.load(folder, load_corpus=False, allow_pickle=False, show_progress=False), n_rows)
