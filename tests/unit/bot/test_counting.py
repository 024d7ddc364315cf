"""Numbers of things are said as a person would."""

import pytest

from bot.counting import counted


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 passages"), (1, "1 passage"), (2, "2 passages"), (1200, "1,200 passages")]
)
def test_one_thing_is_no_plural(n: int, said: str) -> None:
    """Only one is singular; thousands are told apart."""
    assert counted(n, "passage") == said
