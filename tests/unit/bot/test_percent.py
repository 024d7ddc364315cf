"""Probabilities as a person reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.percent import below, percent, shortfall


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.0, "under 1%"), (0.009, "under 1%"), (0.01, "1%"), (0.526, "53%"), (0.99, "99%"), (1.0, "over 99%")],
)
def test_whole_percents(probability: float, words: str) -> None:
    """Never nought and never a hundred percent: nothing said here is that sure."""
    assert percent(probability) == words


@pytest.mark.parametrize(
    ("score", "needed", "reason"),
    [
        (0.12, 0.58, "The closest passage scored 12%; an answer needs 58%."),
        (0.0, 0.58, "The closest passage scored under 1%; an answer needs 58%."),
        (0.526, 0.534, "The closest passage scored 52.6%; an answer needs 53.4%."),
        (0.53001, 0.53002, "The closest passage scored just under 53%; an answer needs 53%."),
        (0.995, 0.999, "The closest passage scored 99.5%; an answer needs 99.9%."),
    ],
)
def test_a_refusal_says_by_how_much(score: float, needed: float, reason: str) -> None:
    """As few digits as part the two."""
    assert shortfall(score, needed) == reason


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_is_lower_never_reads_like_what_is_needed(one: float, other: float) -> None:
    """Whatever the numbers, a refusal never says that the needed percent was reached, nor 0%."""
    score, needed = sorted((one, other))
    scored, threshold = below(score, needed)
    assert scored != threshold
    assert scored not in {"0%", "0.0%"}
