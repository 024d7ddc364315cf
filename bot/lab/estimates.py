"""Values of single questions -> their mean, and how far it could be off had other questions been asked."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
RESAMPLES, SEED = 1_000, 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` questions, with its 95% interval; NaN over none."""

    value: float
    low: float
    high: float
    n: int


def estimate(values: Floats) -> Estimate:
    """(n,) values, one a question -> mean and 95% interval.

    The interval is the percentile bootstrap's: Efron & Tibshirani, "An Introduction to the Bootstrap" (1993), chapter
    13, over `RESAMPLES` resamples of the questions, drawn alike in every run.
    """
    n = len(values)
    if n == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    means = _draws(n) @ values / n
    low, high = np.quantile(means, (0.025, 0.975)).tolist()
    return Estimate(float(values.mean()), low, high, n)


@lru_cache(maxsize=4)
def _draws(n: int) -> Floats:
    """How often each of n questions is in each resample: (RESAMPLES, n)."""
    return np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), RESAMPLES).astype(np.float64)
