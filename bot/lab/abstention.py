"""Probabilities and whether the first quote was right -> how well Quoth knows when to be silent.

Coverage is the share of all questions that are answered, risk the share of the answers that are wrong: an answer to a
question that nothing answers is. All arrays are (n,), a value a question.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.risk import upper_bound

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
RISKS = (0.01, 0.02, 0.05, 0.1)
ECE_BINS, DIAGRAM_BINS = 15, 10


@dataclass(frozen=True, slots=True)
class Point:
    """A threshold, the share of the questions at or above it, and the share of those that are wrong.

    `bound` is the risk that is not exceeded with 95% certainty.
    """

    threshold: float
    coverage: float
    risk: float
    bound: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The questions with probabilities from `low` on, below `high`: how many, mean probability, share right."""

    low: float
    high: float
    n: int
    probability: float
    right: float


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Scores of both classes -> probability that a positive one is the higher, ties half; NaN without a class.

    Mann & Whitney's U over the number of pairs (Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747).
    """
    if not positive or not negative:
        return float("nan")
    ours, theirs = np.asarray(positive), np.sort(negative)
    below, up_to = np.searchsorted(theirs, ours, "left"), np.searchsorted(theirs, ours, "right")
    return float((below + up_to).sum() / (2 * len(ours) * len(theirs)))


def risk_coverage(probability: Floats, right: Flags) -> list[Point]:
    """Every threshold that tells the questions apart, falling -> what is answered from there on, and how wrongly.

    El-Yaniv & Wiener, "On the Foundations of Noise-free Selective Classification" (2010).
    """
    if not len(probability):
        return []
    order = np.argsort(-probability, kind="stable")
    last = np.flatnonzero(np.append(np.diff(probability[order]) != 0, True))
    wrong = np.cumsum(~right[order])[last]
    n = last + 1
    return [
        Point(float(probability[order[at]]), m / len(probability), k / m, upper_bound(int(k), int(m)))
        for at, k, m in zip(last.tolist(), wrong.tolist(), n.tolist(), strict=True)
    ]


def area_under(curve: Sequence[Point]) -> float:
    """A risk-coverage curve -> the mean risk over all coverages, 0..1; NaN for none.

    Geifman, Uziel & El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers" (2019),
    arXiv:1805.08206, equation 1; questions of one probability count with the risk of all of them.
    """
    if not curve:
        return float("nan")
    coverages = np.diff([0.0, *(point.coverage for point in curve)])
    return float(coverages @ [point.risk for point in curve])


def answered_at(risk: float, curve: Sequence[Point], *, certain: bool = False) -> Point | None:
    """A risk -> the point that answers most and keeps it, or with `certain` whose bound does; None where none does."""
    kept = [point for point in curve if (point.bound if certain else point.risk) <= risk]
    return max(kept, key=lambda point: point.coverage) if kept else None


def reliability(probability: Floats, right: Flags, bins: int = DIAGRAM_BINS) -> list[Bin]:
    """Probabilities -> bins of equal width that hold a question, rising."""
    bin_of = _bins(probability, bins)
    return [
        Bin(
            number / bins,
            (number + 1) / bins,
            int(inside.sum()),
            float(probability[inside].mean()),
            float(right[inside].mean()),
        )
        for number in range(bins)
        if (inside := bin_of == number).any()
    ]


def calibration_error(probability: Floats, right: Flags, bins: int = ECE_BINS) -> float:
    """Probabilities -> expected calibration error over bins of equal width, 0..1; NaN for none.

    Guo et al., "On Calibration of Modern Neural Networks" (2017), arXiv:1706.04599, equation 3.
    """
    if not len(probability):
        return float("nan")
    return float(
        sum(abs(own.probability - own.right) * own.n for own in reliability(probability, right, bins))
        / len(probability)
    )


def wrong_at(coverage: float, probability: Floats, right: Flags, answerable: Flags) -> float:
    """Share of wrong answers among the most probable questions that hold the share `coverage` of the answerable ones.

    NaN where no question is answerable.
    """
    order = np.argsort(-probability, kind="stable")
    reached = answerable[order].cumsum() >= coverage * answerable.sum()
    if not answerable.any():
        return float("nan")
    n = int(np.argmax(reached)) + 1
    return float(1.0 - right[order][:n].mean())


def _bins(probability: Floats, bins: int) -> npt.NDArray[np.int64]:
    return np.minimum((probability * bins).astype(np.int64), bins - 1)
