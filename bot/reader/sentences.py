"""The simple reader: sentences by their likeness to the question, in meaning and in words.

It needs no weights but the encoder's. It marks no answer phrase.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from bot.question import Query
from bot.reader import Reading
from index.encoder import Encoder, Vectors
from index.records import Hit
from index.snapshot import Snapshot
from index.terms import terms_of

NAME = "sentences"
# Weights of the evidence, fitted on the dev questions by `make calibrate`: maximum likelihood of the right
# sentence under a softmax over the sentences of a question (ListNet's top-one probability, Cao et al. 2007,
# doi:10.1145/1273496.1273513). Right sentence first on dev, five-fold: 0.73; by the cosine alone: 0.67.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"cosine": 20.0, "passage_cosine": 15.0, "coverage": 2.5, "passage_coverage": 0.8}
)
_CACHED_SENTENCES = 20_000


class SentenceReader:
    """Scores every sentence of the hits; see `WEIGHTS` for the evidence."""

    name = NAME

    def __init__(self, encoder: Encoder, weights: Mapping[str, float] = WEIGHTS) -> None:
        """Takes the encoder that made the snapshot's vectors."""
        self._encoder = encoder
        self._weights = weights
        # Vectors of sentences read before, by their text: most questions to a corpus read the same few.
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, query: Query, vector: Vectors, hits: Sequence[Hit], snapshot: Snapshot) -> list[Reading]:
        """Query, its unit vector (dimension,), hits -> a reading per sentence of the hits, best first.

        The evidence of a sentence: `cosine` with the question, `coverage` (share of the question's terms in it,
        weighted by idf), and the highest of both over the passages that hold it.
        """
        contents = snapshot.contents
        idf = {term: contents.terms.idf(term) for term in dict.fromkeys(query.terms)}
        whole = sum(idf.values()) or 1.0

        def coverage(text: str) -> float:
            return float(sum(idf[term] for term in idf.keys() & set(terms_of(text))) / whole)

        passage_cosine: dict[int, float] = {}
        passage_coverage: dict[int, float] = {}
        for hit in hits:
            passage = contents.passages[hit.passage]
            covered = coverage(contents.documents[passage.document].slice(passage.span))
            for number in passage.sentences:
                passage_cosine[number] = max(hit.cosine, passage_cosine.get(number, -1.0))
                passage_coverage[number] = max(covered, passage_coverage.get(number, 0.0))
        numbers = list(passage_cosine)
        sentences = [contents.sentences[number] for number in numbers]
        texts = [contents.documents[sentence.document].slice(sentence.span) for sentence in sentences]
        cosines = self._encode(texts) @ vector
        readings = []
        for number, text, cosine in zip(numbers, texts, cosines, strict=True):
            evidence = {
                "cosine": float(cosine),
                "passage_cosine": passage_cosine[number],
                "coverage": coverage(text),
                "passage_coverage": passage_coverage[number],
            }
            score = sum(self._weights[name] * value for name, value in evidence.items())
            readings.append(Reading(number, score, evidence))
        return sorted(readings, key=lambda reading: (-reading.score, reading.sentence))

    def _encode(self, texts: Sequence[str]) -> Vectors:
        """(n) texts -> (n, dimension) float32 unit rows, from the cache where they are there."""
        with self._lock:
            known = {text: self._cache[text] for text in texts if text in self._cache}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(missing, self._encoder.encode(missing), strict=True))
        with self._lock:
            for text in known:
                self._cache[text] = known[text]
                self._cache.move_to_end(text)
            while len(self._cache) > _CACHED_SENTENCES:
                self._cache.popitem(last=False)
        if not texts:
            return np.empty((0, self._encoder.dimension), np.float32)
        return np.stack([known[text] for text in texts])
