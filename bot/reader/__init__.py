"""The seam between retrieval and quotes: which sentences answer, and how well.

A reader gets a query and the passages that search returned, and says of every sentence in them how well it
answers. `extractive` is the trained one: `tokens` (text -> model input) -> the network in `weights/` -> `spans`
(logits -> best span of each sentence). `sentences` is the simple one that needs no weights of its own; `evidence` is
what both look at beside.

`training` makes the weights: `python -m bot.reader.train`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.question import Query
from index.encoder import Vectors
from index.records import Hit, Span
from index.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in one sentence.

    Attributes:
        sentence: its ordinal in the snapshot.
        score: ranks the sentences of one question; higher is better, the scale is the reader's own.
        evidence: named figures from which `confidence` makes a probability.
        answer: the phrase that answers, where the reader marks one; within the sentence.
    """

    sentence: int
    score: float
    evidence: Mapping[str, float]
    answer: Span | None = None


class Reader(Protocol):
    """Chooses among the sentences of the retrieved passages."""

    @property
    def name(self) -> str:
        """What an answer's `reader` says."""

    @property
    def fingerprint(self) -> str:
        """Changes when its evidence may: a confidence fitted with it is used for no other."""

    def limit(self, question: str) -> str | None:
        """A question -> what of it is too long for this reader, as a note for the user, or None."""

    def read(self, query: Query, vector: Vectors, hits: Sequence[Hit], snapshot: Snapshot) -> list[Reading]:
        """Query, its unit vector (dimension,), hits -> a reading per sentence of the hits, best first."""
