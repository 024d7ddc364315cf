"""The simple reader: sentences by their likeness to the question, in meaning and in words.

It needs no weights but the encoder's. It marks no answer phrase.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from importlib.resources import files

import numpy as np

from bot.context import context_of
from bot.question import Query
from bot.reader import Reading
from index.encoder import Encoder, Vectors
from index.records import Hit
from index.snapshot import Contents, Snapshot
from index.terms import terms_of

NAME = "sentences"
_CACHED_SENTENCES = 20_000


class SentenceReader:
    """Scores every sentence of the hits by a weighted sum of its evidence."""

    name = NAME

    def __init__(self, encoder: Encoder, weights: Mapping[str, float] | None = None) -> None:
        """Takes the encoder that made the snapshot's vectors; without weights, those fitted by `make calibrate`."""
        self._encoder = encoder
        self._weights = weights if weights is not None else _fitted_weights()
        # Vectors of sentences read before, by their text: most questions to a corpus read the same few.
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, query: Query, vector: Vectors, hits: Sequence[Hit], snapshot: Snapshot) -> list[Reading]:
        """Query, its unit vector (dimension,), hits -> a reading per sentence of the hits, best first.

        The evidence: `cosine` with the question and `coverage` (share of the question's terms, weighted by idf), of
        the sentence, of the sentence in the context it leans on, and the highest of the passages that hold it.
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
        in_context = [self._in_context(number, contents) for number in numbers]
        cosines = self._encode([*texts, *in_context]) @ vector
        readings = []
        for i, number in enumerate(numbers):
            evidence = {
                "cosine": float(cosines[i]),
                "context_cosine": float(cosines[len(texts) + i]),
                "passage_cosine": passage_cosine[number],
                "coverage": coverage(texts[i]),
                "context_coverage": coverage(in_context[i]),
                "passage_coverage": passage_coverage[number],
            }
            score = sum(self._weights[name] * value for name, value in evidence.items())
            readings.append(Reading(number, score, evidence))
        return sorted(readings, key=lambda reading: (-reading.score, reading.sentence))

    @staticmethod
    def _in_context(number: int, contents: Contents) -> str:
        """A sentence -> its text after that of the context it leans on; the same text where it leans on none."""
        sentence = contents.sentences[number]
        document = contents.documents[sentence.document]
        context = context_of(document, contents.sentences, range(number, number + 1))
        text = document.slice(sentence.span)
        return f"{document.slice(context)} {text}" if context is not None else text

    def _encode(self, texts: Sequence[str]) -> Vectors:
        """(n) texts -> (n, dimension) float32 unit rows, from the cache where they are there."""
        with self._lock:
            known = {text: self._cache[text] for text in texts if text in self._cache}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(missing, self._encoder.encode(missing), strict=True))
        with self._lock:
            for text, vector in known.items():
                self._cache[text] = vector
                self._cache.move_to_end(text)
            while len(self._cache) > _CACHED_SENTENCES:
                self._cache.popitem(last=False)
        if not texts:
            return np.empty((0, self._encoder.dimension), np.float32)
        return np.stack([known[text] for text in texts])


def _fitted_weights() -> dict[str, float]:
    """Evidence -> weight. How they were fitted, and how well they do, stands beside them in the file."""
    fitted = json.loads(files("bot.reader").joinpath("sentences.json").read_text(encoding="utf-8"))
    return {str(name): float(weight) for name, weight in fitted["weights"].items()}
