"""Data sets -> training examples."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.reader.training.examples import APART, TOGETHER, Example, Recipe, read_examples
from bot.reader.training.windows import windows_of

RECIPE = replace(TOGETHER, dense=frozenset(), requests=0.0, misspelt=0.0)


@pytest.fixture(scope="module")
def examples(data: Path) -> list[Example]:
    """What the second stage would learn from, without neighbours by sense and slips of the keys."""
    return read_examples(data, 7, RECIPE)


@pytest.mark.parametrize("recipe", [APART, replace(TOGETHER, dense=frozenset())])
def test_the_seed_fixes_the_examples(data: Path, recipe: Recipe) -> None:
    """A run that is taken up again learns from the same ones."""
    assert read_examples(data, 3, recipe) == read_examples(data, 3, recipe)
    assert read_examples(data, 3, recipe) != read_examples(data, 4, recipe)


def test_at_most_one_window_answers(examples: list[Example]) -> None:
    """And it does unless the example is there to show that none does."""
    for example in examples:
        n = sum(window.answer is not None for window in example.windows)
        assert n == (example.kind in {"answer", "yes or no", "sentences", "sentence"})


def test_a_question_for_yes_or_no_has_the_sentence_that_decides_as_its_answer(examples: list[Example]) -> None:
    """Whole sentences of the window, which hold the answer or what denies it; such questions begin with a verb."""
    found = [example for example in examples if example.kind == "yes or no"]
    assert len(found) > 10
    for example in found:
        window = example.windows[0]
        assert window.answer is not None
        assert not example.is_exact
        assert example.question.split()[0] in {"Was", "Did", "Does"}
        text = window.text[window.answer.start : window.answer.end]
        assert text in {window.text[span.start : span.end].strip() for span in windows_of(window.text, 1)}


def test_no_question_is_both_answered_and_unanswered_by_a_window(examples: list[Example]) -> None:
    """What teaches both teaches nothing."""
    answered = {(example.question, window.text) for example in examples for window in example.windows if window.answer}
    unanswered = {
        (example.question, window.text) for example in examples for window in example.windows if not window.answer
    }
    assert answered
    assert unanswered
    assert answered.isdisjoint(unanswered)


def test_questions_for_yes_or_no_are_undecided_too(examples: list[Example]) -> None:
    """Else their form alone would say that there is an answer."""
    undecided = [one for one in examples if one.kind == "without" and one.question.startswith(("Was ", "Did "))]
    assert undecided


def test_people_type_as_people_type(data: Path) -> None:
    """Requests and slips change questions alone, and of most examples nothing."""
    plain = read_examples(data, 7, RECIPE)
    typed = read_examples(data, 7, replace(RECIPE, requests=0.1, misspelt=0.1))
    changed = [(one, other) for one, other in zip(plain, typed, strict=True) if one.question != other.question]
    assert 0.05 < len(changed) / len(plain) < 0.35
    assert all(replace(other, question=one.question) == one for one, other in zip(plain, typed, strict=True))
