"""Answerable questions -> unanswerable ones."""

import random

import pytest

from bot.reader.training.swaps import names_of, swap

WINDOW = "In 1940 the German army defeated France. General Weygand gave the order at Vincennes."


@pytest.mark.parametrize("seed", range(20))
def test_a_swap_changes_the_question_and_nothing_else(seed: int) -> None:
    """The result is another question, or none."""
    question = "Which country did the German army defeat in 1940?"
    changed = swap(question, WINDOW, ["Norway", "Belgium"], random.Random(seed))
    assert changed is None or (changed != question and changed.endswith("?"))


def test_a_number_put_in_is_not_in_the_window() -> None:
    """Or the question would be answerable again."""
    for seed in range(50):
        changed = swap("Who was beaten in 1940?", WINDOW, [], random.Random(seed))
        if changed is not None and "wasn't" not in changed and not changed.startswith("When"):
            assert not any(word in WINDOW for word in changed.rstrip("?").split() if word.isdigit())


def test_nothing_to_swap_gives_none() -> None:
    """No name, number, antonym, kind or verb that could be negated."""
    assert all(swap("which treaty, please?", WINDOW, [], random.Random(seed)) is None for seed in range(20))


def test_names_are_found_by_their_capitals_inside_a_sentence() -> None:
    """A sentence's first word says nothing."""
    found = names_of("Yesterday, President Lyndon Johnson met the king of Spain.")
    assert found == ["President Lyndon Johnson", "Spain"]
