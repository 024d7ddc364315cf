"""Evidence -> the probability that a quote answers, and the threshold from which we answer.

Logistic regression on the reader's evidence; parameters and their provenance lie in `confidence.json`, written by
`make calibrate` from the dev questions.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from index.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Confidence:
    """What turns evidence into a probability.

    Attributes:
        reader: whose evidence this was fitted on.
        encoder: with which embedding model.
        weights: of the named evidence; what is not named does not count.
        intercept: the log-odds where all evidence is zero.
        threshold: we answer from this probability on.
        fitted_on: which questions it was fitted on, in words.
        source: sha256 and split of the user's questions that it was fitted on; empty for the one that ships.
    """

    reader: str
    encoder: str
    weights: Mapping[str, float]
    intercept: float
    threshold: float
    fitted_on: str = ""
    source: str = ""

    def probability(self, evidence: Mapping[str, float]) -> float:
        """Evidence -> probability that the quote answers, 0..1.

        Raises:
            KeyError: evidence that was fitted is missing: the reader is another one.
        """
        odds = self.intercept + sum(weight * evidence[name] for name, weight in self.weights.items())
        # Beyond this exp() overflows; the probability is 0 or 1 to the last digit by then.
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, odds))))


def load_confidence(reader: str) -> Confidence:
    """A reader's name -> the confidence fitted for it.

    Raises:
        SettingsError: none was fitted.
    """
    fitted = json.loads(files("bot").joinpath("confidence.json").read_text(encoding="utf-8"))
    if reader not in fitted:
        raise SettingsError(f"no confidence was fitted for reader {reader}; run: make calibrate")
    entry = fitted[reader]
    return Confidence(
        reader=reader,
        encoder=entry["encoder"],
        weights=entry["weights"],
        intercept=entry["intercept"],
        threshold=entry["threshold"],
        fitted_on=entry["fitted_on"],
    )
