"""Texts -> stemmed terms -> BM25, best rows.

BM25 as Lucene scores it; Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
doi:10.1561/1500000019. What is kept is how often each term stands in each row, not the scores, which all change with
every row that comes or goes: so an index can be made from an older one. docs/snapshot.md has the measurements against
bm25s and tantivy.
"""

import math
import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import Stemmer

from index.postings import Postings, merge
from index.room import Room

# As bm25s has them by default.
K1, B = 1.5, 0.75
# The usual English ones; bm25s has the same.
_FUNCTION_WORDS = (
    "a about above after again against ain all am an and any are aren aren't as at be because been before being "
    "below between both but by can couldn couldn't d did didn didn't do does doesn doesn't doing don don't down "
    "during each few for from further had hadn hadn't has hasn hasn't have haven haven't having he her here hers "
    "herself him himself his how i if in into is isn isn't it it's its itself just ll m ma me mightn mightn't "
    "more most mustn mustn't my myself needn needn't no nor not now o of off on once only or other our ours "
    "ourselves out over own re s same shan shan't she she's should should've shouldn shouldn't so some such t "
    "than that that'll the their theirs them themselves then there these they this those through to too under "
    "until up ve very was wasn wasn't we were weren weren't what when where which while who whom why will with "
    "won won't wouldn wouldn't y you you'd you'll you're you've your yours yourself yourselves"
)
# Words that frame a question and say nothing of what is asked.
STOP_WORDS = frozenset(_FUNCTION_WORDS.split()) | frozenset(
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

    def __init__(self, postings: Postings) -> None:
        """Takes which row holds which term."""
        self.postings = postings

    def __len__(self) -> int:
        return len(self.postings.lengths)

    def __contains__(self, term: str) -> bool:
        return term in self.postings.terms

    @cached_property
    def _norms(self) -> npt.NDArray[np.float32]:
        """(n_rows,) float32: k1 * (1 - b + b * length / mean length)."""
        lengths = self.postings.lengths.whole
        mean = lengths.mean(dtype=np.float64) if len(lengths) else 0.0
        return np.asarray(K1 * (1 - B + B * lengths / mean) if mean else np.full(len(lengths), K1), np.float32)

    def scores(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """Terms of a query -> (n_rows,) float32, 0 where no term occurs; a term that stands twice counts twice."""
        scores = np.zeros(len(self), np.float32)
        for term in terms:
            if (number := self.postings.terms.find(term)) is None:
                continue
            found = self.postings.between(number, number + 1)
            rows, counts = found.rows, found.counts.astype(np.float32)
            scores[rows] += np.float32(self.idf(term)) * counts / (counts + self._norms[rows])
        return scores

    def best(self, scores: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.int64]:
        """(n_rows,) scores -> rows of the k best above zero, best first, equal ones in row order."""
        rows = np.flatnonzero(scores > 0)
        if len(rows) > k:
            kth = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
            rows = rows[scores[rows] >= kth]
        return rows[np.lexsort((rows, -scores[rows]))][:k].astype(np.int64)

    def idf(self, term: str) -> float:
        """A term -> its inverse document frequency as Lucene's BM25 has it: log(1 + (n - df + 0.5) / (df + 0.5))."""
        number = self.postings.terms.find(term)
        df = self.postings.frequency(number) if number is not None else 0
        return math.log1p((len(self) - df + 0.5) / (df + 0.5))


def build_terms(rows: Iterable[Sequence[str]]) -> TermIndex:
    """Terms of each row -> index. Term numbers follow the alphabet, so equal input gives equal arrays."""
    rows = list(rows)
    return merge_terms(None, np.full(len(rows), -1, np.int64), rows)


def merge_terms(
    old: TermIndex | None, origin: npt.NDArray[np.int64], fresh: Iterable[Sequence[str]], room: Room | None = None
) -> TermIndex:
    """An older index and what is new -> the index of the new rows: as `index.postings.merge`, which see."""
    return TermIndex(merge(old.postings if old is not None else None, origin, fresh, room))
