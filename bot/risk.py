"""How often a first quote was wrong on questions with known answers -> the threshold that keeps a promised risk.

A promise holds for questions and documents like those it was measured on, and with 95% certainty.
"""

import json
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from index.errors import SettingsError

CERTAINTY = 0.95


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probabilities given to questions that were not fitted on, by whether the first quote answered.

    Attributes:
        right: where it overlapped gold.
        wrong: where it did not, or nothing answers the question.
    """

    right: tuple[float, ...]
    wrong: tuple[float, ...]

    def threshold_for(self, max_wrong: float) -> float:
        """A risk, 0..1 -> the lowest probability from which at most that share of the answers is wrong.

        Raises:
            SettingsError: no threshold keeps it; names the lowest risk that one keeps.
        """
        bounds = self.bounds()
        kept = [threshold for threshold, bound in bounds if bound <= max_wrong]
        if not kept:
            lowest = min((bound for _, bound in bounds), default=1.0)
            raise SettingsError(
                f"a risk of {max_wrong:.1%} is lower than {len(self.right) + len(self.wrong):,} questions with known"
                f" answers can support; expected at least {np.ceil(lowest * 1000) / 1000:.1%}"
            )
        return min(kept)

    def bounds(self) -> list[tuple[float, float]]:
        """Every threshold that tells the questions apart, rising -> the upper bound of the risk from there on."""
        wrong = np.sort(self.wrong)
        every = np.sort((*self.right, *self.wrong))
        thresholds = np.unique(every)
        n_wrong = len(wrong) - np.searchsorted(wrong, thresholds)
        n = len(every) - np.searchsorted(every, thresholds)
        return [
            (float(threshold), upper_bound(int(k), int(total)))
            for threshold, k, total in zip(thresholds, n_wrong, n, strict=True)
        ]


def load_calibration(reader: str) -> Calibration:
    """A reader's name -> what was measured for it by `make calibrate`.

    Raises:
        SettingsError: nothing was.
    """
    measured = json.loads(files("bot").joinpath("calibration.json").read_text(encoding="utf-8"))
    if reader not in measured:
        raise SettingsError(f"no risk was measured for reader {reader}; run: make calibrate")
    return Calibration(tuple(measured[reader]["right"]), tuple(measured[reader]["wrong"]))


def upper_bound(n_wrong: int, n: int, certainty: float = CERTAINTY) -> float:
    """Wrong answers among n > 0 -> the share that the true one does not exceed, with this certainty.

    The one-sided bound of Clopper & Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    binomial" (1934), doi:10.1093/biomet/26.4.404. No error needs 59 answers for 5%.
    """
    # Takes longer to import than most questions take to answer.
    from scipy.special import betaincinv

    return 1.0 if n_wrong == n else float(betaincinv(n_wrong + 1, n - n_wrong, certainty))


def parse_risk(text: str) -> float:
    """`5%` or `0.05` -> 0.05.

    Raises:
        SettingsError: it is no share between 0 and 1, both excluded.
    """
    try:
        number = text.strip()
        risk = float(number.removesuffix("%")) / 100 if number.endswith("%") else float(number)
    except ValueError:
        risk = -1.0
    if not 0.0 < risk < 1.0:
        raise SettingsError(f"--max-wrong {text}; expected a share such as 5% or 0.05")
    return risk
