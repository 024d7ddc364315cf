"""Questions with known answers -> a confidence fitted on them, and which risks so many questions can support."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.confidence import Confidence
from bot.fitted import Fitted
from bot.lab.abstention import calibration_error
from bot.lab.questions import LabelledQuestion
from bot.lab.run import in_parallel
from bot.quotes import make_quotes
from bot.respond import Responder
from bot.risk import CERTAINTY, Calibration
from index.build import Progress
from index.errors import AnswersError, SettingsError

Matrix = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
FOLDS = 10
# With fewer of either, the folds have one or none of them, and the fit follows single questions.
FEWEST = 10
RISKS = (0.01, 0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Fit:
    """Logistic regression: does the first quote answer?

    Attributes:
        weights: of the named evidence.
        intercept: the log-odds where all evidence is zero.
        threshold: it makes the fewest mistakes on held-out folds. A mistake is a question answered with a wrong first
            quote, or refused though its first quote was right.
        held_out: (n,) the probability of each question from the folds that it was not in.
    """

    weights: Mapping[str, float]
    intercept: float
    threshold: float
    held_out: Matrix


@dataclass(frozen=True, slots=True)
class Supported:
    """What so many questions say of a risk.

    Attributes:
        risk: the share of answers that may be wrong.
        needed: how many answers without an error support it, with 95% certainty.
        threshold: the lowest probability that keeps it with that certainty, or None where none does.
        answered: the share of these questions that is answered from there on; 0 where none is.
    """

    risk: float
    needed: int
    threshold: float | None
    answered: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A fitted confidence beside the one that was used before, on the same questions.

    `before` and `after` are Brier score and ECE, lower is better; `after` is measured on held-out folds.
    """

    fitted: Fitted
    n_right: int
    n_wrong: int
    before: Mapping[str, float]
    after: Mapping[str, float]
    supported: tuple[Supported, ...]

    @property
    def is_better(self) -> bool:
        """Whether the fitted one does better on questions that it was not fitted on."""
        return self.after["brier"] < self.before["brier"]


def calibrate(
    questions: Sequence[LabelledQuestion],
    responder: Responder,
    fitted_on: str,
    source: str,
    progress: Progress = lambda *_: None,
    *,
    workers: int = 1,
) -> Calibrated:
    """Questions -> the confidence fitted on them, and how it does.

    Args:
        questions: gold in the documents of the responder.
        responder: is asked; its own confidence is the one to compare with.
        fitted_on: which questions these are, in words.
        source: which these are, so that a report on the same ones can say so.
        progress: called with ("asking", done, total).
        workers: how many questions are asked at a time.

    Raises:
        AnswersError: they are too few to fit on.
    """
    names = tuple(responder.confidence.weights)

    def ask(labelled: LabelledQuestion) -> tuple[list[float], bool] | None:
        traced = responder.trace(labelled.question)
        if traced.query is None or traced.read is None or not traced.read.readings:
            return None
        readings = traced.read.readings
        quotes = make_quotes(readings, traced.query.kind, responder.snapshot.contents, responder.confidence)
        right = labelled.is_right(quotes[0].document, quotes[0].span)
        return [readings[0].evidence[name] for name in names], right

    found = [item for item in in_parallel(ask, questions, progress, workers) if item is not None]
    right = np.array([is_right for _, is_right in found], np.bool_)
    values = np.array([evidence for evidence, _ in found], np.float64).reshape(len(found), len(names))
    check_enough(right)
    fit = fit_confidence(names, values, right)
    shipped = np.array(
        [responder.confidence.probability(dict(zip(names, evidence, strict=True))) for evidence, _ in found]
    )
    confidence = Confidence(
        reader=responder.reader.name,
        encoder=responder.encoder.name,
        weights=fit.weights,
        intercept=fit.intercept,
        threshold=fit.threshold,
        fitted_on=fitted_on,
        source=source,
    )
    calibration = calibration_of(fit, right)
    return Calibrated(
        Fitted(confidence, responder.encoder.fingerprint, responder.reader.fingerprint, calibration),
        int(right.sum()),
        int((~right).sum()),
        _scores(shipped, right),
        _scores(fit.held_out, right),
        tuple(supported(calibration)),
    )


def check_enough(right: Flags) -> None:
    """Raises AnswersError where there are too few questions of which the first quote is right, or too few others."""
    n_right, n_wrong = int(right.sum()), int((~right).sum())
    if min(n_right, n_wrong) < FEWEST:
        raise AnswersError(
            f"the first quote is right for {n_right:,} of {len(right):,} questions and wrong for {n_wrong:,}; to fit a "
            f"confidence takes at least {FEWEST} of each: add questions, also such as nothing answers"
        )


def fit_confidence(names: Sequence[str], values: Matrix, right: Flags, counts: Matrix | None = None) -> Fit:
    """Evidence of the first quotes and whether they are right -> a fit.

    Args:
        names: m names of evidence.
        values: (n, m).
        right: (n,).
        counts: (n,), how many times each question counts; once by default.
    """
    counts = np.ones(len(right)) if counts is None else counts
    model = LogisticRegression(C=100.0, max_iter=10_000)
    held_out = np.zeros(len(right))
    folds = min(FOLDS, int(right.sum()), int((~right).sum()))
    for train, rest in StratifiedKFold(folds, shuffle=True, random_state=0).split(values, right):
        model.fit(values[train], right[train], sample_weight=counts[train])
        held_out[rest] = model.predict_proba(values[rest])[:, 1]
    candidates = np.arange(0.05, 0.951, 0.01)
    mistakes = np.array([counts[(held_out >= t) != right].sum() for t in candidates])
    # Between the optima, not on the edge of one.
    threshold = round(float(np.median(candidates[mistakes == mistakes.min()])), 2)
    model.fit(values, right, sample_weight=counts)
    weights = dict(zip(names, (round(float(weight), 4) for weight in model.coef_[0]), strict=True))
    return Fit(weights, round(float(model.intercept_[0]), 4), threshold, held_out)


def calibration_of(fit: Fit, right: Flags) -> Calibration:
    """A fit -> what a promised risk is measured on: the held-out probabilities, rising."""
    return Calibration(
        tuple(np.round(np.sort(fit.held_out[right]), 4).tolist()),
        tuple(np.round(np.sort(fit.held_out[~right]), 4).tolist()),
    )


def needed(risk: float) -> int:
    """A risk, 0..1 -> how many answers without one error support it with 95% certainty: 59 for 5%, 149 for 2%."""
    return math.ceil(math.log(1 - CERTAINTY) / math.log1p(-risk))


def supported(calibration: Calibration) -> list[Supported]:
    """Held-out probabilities -> what they say of each of `RISKS`."""
    every = np.array([*calibration.right, *calibration.wrong])
    found = []
    for risk in RISKS:
        try:
            threshold = calibration.threshold_for(risk)
        except SettingsError:
            found.append(Supported(risk, needed(risk), None, 0.0))
        else:
            found.append(Supported(risk, needed(risk), threshold, float((every >= threshold).mean())))
    return found


def _scores(probability: Matrix, right: Flags) -> dict[str, Any]:
    """Brier's score, the mean squared error of the probabilities (Brier 1950), and their ECE."""
    return {
        "brier": float(((probability - right) ** 2).mean()),
        "ece": calibration_error(probability, right),
    }
