"""Confidence: evidence becomes a probability."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.confidence import Confidence, load_confidence
from bot.reader import extractive
from bot.reader.sentences import NAME
from index.errors import SettingsError
from tests.unit.fakes import EVIDENCE

CONFIDENCE = Confidence("r", "e", {"cosine": 2.0}, -1.0, 0.5)


def test_it_is_the_logistic_of_the_weighted_evidence() -> None:
    """The probability is 1 / (1 + exp(-(intercept + sum of weight * evidence))); unnamed evidence does not count."""
    assert CONFIDENCE.probability({"cosine": 0.5, "bm25": 99.0}) == 0.5
    assert CONFIDENCE.probability({"cosine": 1.0}) == pytest.approx(1 / (1 + math.exp(-1)))


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_it_lies_between_nothing_and_one_and_grows(one: float, other: float) -> None:
    """Whatever the evidence, the probability lies in 0..1, and more evidence never makes it smaller."""
    low, high = sorted((one, other))
    assert 0.0 <= CONFIDENCE.probability({"cosine": low}) <= CONFIDENCE.probability({"cosine": high}) <= 1.0


def test_missing_evidence_is_a_defect() -> None:
    """Evidence of another reader is not quietly taken for none."""
    with pytest.raises(KeyError):
        CONFIDENCE.probability({})


def test_the_fitted_confidence_fits_its_reader() -> None:
    """What is shipped for the reader names evidence that the reader gives, and a threshold within 0..1."""
    fitted = load_confidence(NAME)
    assert set(fitted.weights) <= set(EVIDENCE)
    assert 0.0 < fitted.threshold < 1.0
    assert fitted.encoder == "all-MiniLM-L6-v2"


def test_an_unknown_reader_is_refused() -> None:
    """A reader for which nothing was fitted is named, with what to run."""
    with pytest.raises(SettingsError, match="reader oracle; run: make calibrate"):
        load_confidence("oracle")


@pytest.mark.parametrize("reader", [NAME, extractive.NAME])
def test_no_shipped_evidence_speaks_against_a_quote(reader: str) -> None:
    """A quote that is more like its question, or has more of its words, is never the less probable for it."""
    assert min(load_confidence(reader).weights.values()) > 0.0
