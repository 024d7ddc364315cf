"""When to be silent: measures worked out by hand, so that a figure means what it says."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lab.abstention import (
    Bin,
    Point,
    answered_at,
    area_under,
    auroc,
    calibration_error,
    reliability,
    risk_coverage,
    wrong_at,
)
from bot.risk import upper_bound

# Five questions, by falling probability: right, wrong, right, two of one probability of which one is wrong.
PROBABILITY = np.array([0.5, 0.9, 0.6, 0.5, 0.8])
RIGHT = np.array([False, True, True, True, False])


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1], [0.9], 0.0),
        ([0.5], [0.5], 0.5),
        ([0.9, 0.4], [0.5, 0.4], 0.625),  # 3 pairs: 1 + 1 + 0, and a tie for a half, of 4
    ],
)
def test_auroc_by_hand(positive: list[float], negative: list[float], expected: float) -> None:
    """AUROC is the share of pairs in which the positive is higher, a tie counting half."""
    assert auroc(positive, negative) == expected


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_auroc_of_exchanged_classes_is_the_rest(one: list[float], other: list[float]) -> None:
    """Exchanging the classes gives one minus the AUROC."""
    assert auroc(one, other) + auroc(other, one) == pytest.approx(1.0)


def test_auroc_without_a_class_is_no_number() -> None:
    """Without positives or without negatives there is nothing to tell apart."""
    assert math.isnan(auroc([], [0.5]))
    assert math.isnan(auroc([0.5], []))


def test_calibration_error_by_hand() -> None:
    """Two bins: three answers at 0.9 of which two are right, one at 0.1 that is wrong."""
    probability, right = np.array([0.9, 0.9, 0.9, 0.1]), np.array([True, True, False, False])
    assert calibration_error(probability, right, bins=2) == pytest.approx(0.75 * (0.9 - 2 / 3) + 0.25 * 0.1)
    assert calibration_error(np.array([1.0, 0.0]), np.array([True, False])) == 0.0


def test_wrong_at_a_coverage_by_hand() -> None:
    """Four answerable questions; the two most probable of them come after one that nothing answers."""
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    answerable = np.array([False, True, True, True, True])
    right = np.array([False, True, True, False, True])
    assert wrong_at(0.5, probability, right, answerable) == pytest.approx(1 / 3)
    assert wrong_at(1.0, probability, right, answerable) == pytest.approx(2 / 5)
    assert math.isnan(wrong_at(0.5, probability, right, np.zeros(5, np.bool_)))


def test_the_curve_by_hand() -> None:
    """A point for each threshold that tells questions apart: how many are answered, and how many of those wrongly."""
    assert risk_coverage(PROBABILITY, RIGHT) == [
        Point(0.9, 0.2, 0.0, upper_bound(0, 1)),
        Point(0.8, 0.4, 0.5, upper_bound(1, 2)),
        Point(0.6, 0.6, 1 / 3, upper_bound(1, 3)),
        Point(0.5, 1.0, 0.4, upper_bound(2, 5)),
    ]
    assert risk_coverage(np.zeros(0), np.zeros(0, np.bool_)) == []


def test_the_area_by_hand() -> None:
    """The mean risk over the coverages: 0, 1/2, 1/3, and 2/5 twice, of five."""
    assert area_under(risk_coverage(PROBABILITY, RIGHT)) == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 5 * 2) / 5)
    assert math.isnan(area_under([]))


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=1, max_size=12))
def test_the_area_does_not_depend_on_the_order_of_the_questions(found: list[tuple[float, bool]]) -> None:
    """Questions of one probability count alike, in whatever order they were asked."""
    probability, right = np.array([p for p, _ in found]), np.array([r for _, r in found])
    whole = area_under(risk_coverage(probability, right))
    assert whole == pytest.approx(area_under(risk_coverage(probability[::-1], right[::-1])))
    assert 0.0 <= whole <= 1.0


def test_answered_at_a_risk_by_hand() -> None:
    """The most that can be answered with at most that share wrong; nothing where even the best one is wrong."""
    curve = risk_coverage(PROBABILITY, RIGHT)
    assert [point.coverage if (point := answered_at(risk, curve)) else 0.0 for risk in (0.01, 0.35, 0.4)] == [
        0.2,
        0.6,
        1.0,
    ]
    assert answered_at(0.5, risk_coverage(np.array([0.9]), np.array([False]))) is None


def test_with_certainty_so_few_questions_support_nothing() -> None:
    """59 right answers keep 5% with certainty, 58 do not."""
    for n, kept in ((58, False), (59, True)):
        curve = risk_coverage(np.full(n, 0.9), np.ones(n, np.bool_))
        assert (answered_at(0.05, curve, certain=True) is not None) is kept


def test_the_reliability_diagram_by_hand() -> None:
    """Bins that hold no question are left out; 1 falls into the last."""
    found = reliability(np.array([0.1, 0.2, 1.0, 0.9]), np.array([False, True, True, True]), bins=2)
    assert found == [Bin(0.0, 0.5, 2, (0.1 + 0.2) / 2, 0.5), Bin(0.5, 1.0, 2, 0.95, 1.0)]
