"""Risk: what was measured becomes a threshold that keeps a promise."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from bot.reader import extractive, sentences
from bot.risk import Calibration, load_calibration, parse_risk, upper_bound
from index.errors import SettingsError

PROBABILITIES = st.lists(st.floats(0.0, 1.0), max_size=60).map(tuple)


@pytest.mark.parametrize(("n", "risk"), [(59, 0.05), (149, 0.02)])
def test_no_error_needs_enough_answers(n: int, risk: float) -> None:
    """Without an error, 59 answers support 5% and 149 support 2%; one fewer does not."""
    assert upper_bound(0, n) <= risk < upper_bound(0, n - 1)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_the_bound_is_where_so_few_errors_become_unlikely(counts: tuple[int, int]) -> None:
    """Clopper and Pearson: were the true share the bound, so few errors would come up in 5% of the cases."""
    n_wrong, n = counts
    assert binom.cdf(n_wrong, n, upper_bound(n_wrong, n)) == pytest.approx(0.05, abs=1e-6)


def test_nothing_right_supports_no_promise() -> None:
    """All wrong: the bound is 1."""
    assert upper_bound(7, 7) == 1.0


@given(PROBABILITIES, PROBABILITIES, st.floats(0.001, 0.999))
def test_the_threshold_is_the_lowest_that_keeps_the_risk(
    right: tuple[float, ...], wrong: tuple[float, ...], risk: float
) -> None:
    """From it on the bound is kept; from every lower threshold it is not; or the risk is refused."""

    def bound(threshold: float) -> float:
        n_wrong = sum(value >= threshold for value in wrong)
        return upper_bound(n_wrong, n_wrong + sum(value >= threshold for value in right))

    kept = [threshold for threshold in (*right, *wrong) if bound(threshold) <= risk]
    if kept:
        assert Calibration(right, wrong).threshold_for(risk) == min(kept)
    else:
        with pytest.raises(SettingsError, match="expected at least"):
            Calibration(right, wrong).threshold_for(risk)


def test_a_refused_risk_names_the_lowest_that_is_supported() -> None:
    """What the message names is then accepted."""
    calibration = Calibration(right=(0.9,) * 30, wrong=(0.2,) * 10)
    with pytest.raises(SettingsError) as error:
        calibration.threshold_for(0.05)
    assert str(error.value) == (
        "a risk of 5.0% is lower than 40 questions with known answers can support; expected at least 9.6%"
    )
    assert calibration.threshold_for(0.096) == 0.9


@pytest.mark.parametrize(("text", "risk"), [("5%", 0.05), ("0.05", 0.05), (" 12.5 % ", 0.125)])
def test_a_risk_is_a_percentage_or_a_share(text: str, risk: float) -> None:
    """Both ways of writing it are read."""
    assert math.isclose(parse_risk(text), risk)


@pytest.mark.parametrize("text", ["0", "0%", "100%", "1", "5", "-3%", "nan", "inf", "five", "", "%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    """A bare 5 is not taken for 5%, nor anything else for something it may not mean."""
    with pytest.raises(SettingsError, match=r"expected a share such as 5% or 0\.05"):
        parse_risk(text)


@pytest.mark.parametrize("reader", [extractive.NAME, sentences.NAME])
def test_the_shipped_readers_were_measured(reader: str) -> None:
    """Each can promise one wrong answer in two, at the least."""
    assert 0.0 < load_calibration(reader).threshold_for(0.5) < 1.0


def test_an_unknown_reader_is_refused() -> None:
    """A reader for which nothing was measured is named, with what to run."""
    with pytest.raises(SettingsError, match="reader oracle; run: make calibrate"):
        load_calibration("oracle")
