"""The simple reader: sentences by their likeness to the question, in meaning and in words.

It needs no weights but the encoder's. It marks no answer phrase.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from importlib.resources import files

import numpy as np

from bot.question import Query
from bot.reader import Reading
from bot.reader.evidence import fingerprint_of, retrieval_evidence, text_in_context, text_of
from index.encoder import Encoder, Vectors
from index.records import Hit
from index.snapshot import Snapshot

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
        self.fingerprint = fingerprint_of(NAME, encoder.fingerprint, self._weights)

    def limit(self, question: str) -> str | None:
        """None: it reads what the encoder reads."""

    def read(self, query: Query, vector: Vectors, hits: Sequence[Hit], snapshot: Snapshot) -> list[Reading]:
        """Query, its unit vector (dimension,), hits -> a reading per sentence of the hits, best first.

        To the evidence of `retrieval_evidence` it adds the cosine with the question of the sentence (`cosine`) and
        of the sentence in the context it leans on (`context_cosine`).
        """
        contents = snapshot.contents
        beside = retrieval_evidence(query, hits, contents)
        numbers = list(beside)
        texts = [text_of(number, contents) for number in numbers]
        in_context = [text_in_context(number, contents) for number in numbers]
        cosines = self._encode([*texts, *in_context]) @ vector
        readings = []
        for i, number in enumerate(numbers):
            evidence = {
                "cosine": float(cosines[i]),
                "context_cosine": float(cosines[len(texts) + i]),
                **beside[number],
            }
            score = sum(weight * evidence[name] for name, weight in self._weights.items())
            readings.append(Reading(number, score, evidence))
        return sorted(readings, key=lambda reading: (-reading.score, reading.sentence))

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
