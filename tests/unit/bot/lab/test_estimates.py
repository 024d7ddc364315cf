"""Means and their intervals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lab.estimates import estimate


def test_the_interval_of_a_share_is_about_the_textbooks() -> None:
    """For 50 of 100 the normal approximation says 0.5 plus or minus 1.96 times 0.05."""
    found = estimate(np.repeat([0.0, 1.0], 50))
    assert (found.value, found.n) == (0.5, 100)
    assert (found.low, found.high) == pytest.approx((0.402, 0.598), abs=0.015)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_interval_holds_the_mean_of_what_could_be_drawn(values: list[float]) -> None:
    """It lies within the values, and equal values leave no doubt."""
    found = estimate(np.array(values))
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert estimate(np.full(len(values), 0.25)).high == pytest.approx(0.25)


def test_the_same_questions_give_the_same_interval() -> None:
    """Two runs over the same outcomes print the same figures."""
    values = np.linspace(0, 1, 37)
    assert estimate(values) == estimate(values.copy())


def test_of_nothing_nothing_is_known() -> None:
    """NaN, rather than a good figure."""
    assert math.isnan(estimate(np.zeros(0)).value)
