"""Questions as people also ask them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reader.training.rephrase import misspell, other_number, request, yes_no

SEEDS = range(20)


@pytest.mark.parametrize(
    ("question", "answer", "before", "expected"),
    [
        ("When was the treaty signed?", "1905", "in", "Was the treaty signed in 1905?"),
        ("When was the treaty signed?", "1905", "(", "Was the treaty signed in 1905?"),
        ("When did they arrive?", "July 4", "On", "Did they arrive on July 4?"),
        ("When did they arrive?", "4 July 1905", "", "Did they arrive on 4 July 1905?"),
        ("When did they arrive?", "May 1905", "", "Did they arrive in May 1905?"),
        ("In what year did it begin?", "1776", "was", "Did it begin in 1776?"),
        ("Where do they live?", "in Paris", "", "Do they live in Paris?"),
        ("What country was she from?", "Spain", "from", "Was she from Spain?"),
        ("What is the capital of France?", "Paris", "is", "Is Paris the capital of France?"),
        ("What was the town called?", "Ys", "called", "Was the town called Ys?"),
        ("What are lenses used for?", "sight", "", "Are lenses used for sight?"),
        ("Who was killed?", "Ann", "", "Was Ann killed?"),
        ("Which team was beaten in the final?", "Denver", "", "Was Denver beaten in the final?"),
        ("What has she written?", "a novel", "", "Has she written a novel?"),
        ("Who can vote?", "citizens", "", "Can citizens vote?"),
        ("What did she invent?", "the loom", "invented", "Did she invent the loom?"),
        ("How many wars did he win?", "four", "won", "Did he win four wars?"),
        ("How many people were killed there?", "four", "", "Were four people killed there?"),
        ("How many people live there?", "500", "The", "Is it true that 500 people live there?"),
        ("Why did he leave?", "he was ill", "", "Did he leave because he was ill?"),
        ("Why did he leave?", "to escape", "", "Did he leave to escape?"),
    ],
)
def test_the_answer_is_put_into_the_question(question: str, answer: str, before: str, expected: str) -> None:
    """Where it belongs, with the preposition that stands before it in the text, or a fitting one."""
    assert {yes_no(question, answer, before, random.Random(seed)) for seed in SEEDS} == {expected}


@pytest.mark.parametrize(
    ("past", "base"),
    [
        ("wrote", "write"),
        ("created", "create"),
        ("carried", "carry"),
        ("planned", "plan"),
        ("founded", "found"),
        ("provided", "provide"),
        ("described", "describe"),
        ("included", "include"),
        ("passed", "pass"),
        ("added", "add"),
        ("opened", "open"),
        ("killed", "kill"),
        ("watches", "watch"),
        ("likes", "like"),
    ],
)
def test_a_verb_finds_its_base_form(past: str, base: str) -> None:
    """Who wrote it? -> Did she write it?, or: Was it she who wrote it?"""
    asked = {yes_no(f"Who {past} the book?", "Ann", "", random.Random(seed)) for seed in SEEDS}
    assert asked == {f"{'Does' if past[-1] == 's' else 'Did'} Ann {base} the book?", f"Was it Ann who {past} the book?"}


def test_a_verb_of_which_no_rule_is_sure_keeps_its_form() -> None:
    """Visited or completed: whether the base form ends with e, its letters do not tell."""
    asked = {yes_no("Who visited the town?", "Ann", "", random.Random(seed)) for seed in SEEDS}
    assert asked == {"Was it Ann who visited the town?"}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Name the town.", "Ys"),
        ("What did he do?", "sail"),
        ("What team won the cup?", "Denver"),
        ("How many people live there?", "500 people"),
        ("Is it far?", "no"),
        ("Who was it?", ""),
        ("Who was it?", "x" * 81),
    ],
)
def test_what_cannot_be_asked_for_yes_or_no_gives_none(question: str, answer: str) -> None:
    """Rather no example than one that nobody would ask."""
    assert {yes_no(question, answer, "", random.Random(seed)) for seed in SEEDS} == {None}


def test_another_number_is_of_the_same_kind_and_says_something_else() -> None:
    """A year for a year; never one that holds the other; none for a name, which another does not deny."""
    others = ["1906", "Rome", "in 1905", "1905", "a dog", "ten men"]
    assert {other_number("1905", others, random.Random(seed)) for seed in SEEDS} == {"1906"}
    assert {other_number("four", others, random.Random(seed)) for seed in SEEDS} == {"in 1905", "ten men"}
    assert other_number("Paris", others, random.Random(0)) is None
    assert other_number("12", ["12 men", "Rome"], random.Random(0)) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_question_becomes_a_request(seed: int) -> None:
    """A subject that is asked for is named; else a phrase stands before the question."""
    chance = random.Random(seed)
    assert request("Which city hosted the games?", chance).endswith(" the city that hosted the games")
    for question in ("Which city did she visit?", "What is needed for growth?", "What does his wife do?"):
        asked = request(question, chance)
        assert asked.endswith(question[1:])
        assert asked != question
    assert "NASA began when?" in request("NASA began when?", chance)


@given(st.text(alphabet="abcdefgh xyz?'", max_size=60), st.integers(0, 99))
def test_a_slip_touches_one_word(question: str, seed: int) -> None:
    """All other words, and how many there are, stay; a word shorter than five letters stays, too."""
    typed = misspell(question, random.Random(seed))
    before, after = question.split(" "), typed.split(" ")
    assert len(before) == len(after)
    changed = [one for one, other in zip(before, after, strict=True) if one != other]
    assert len(changed) <= 1
    assert all(len(one) >= 5 for one in changed)


def test_most_slips_show() -> None:
    """One vowel for another may be the same one, and two equal letters change places unseen; the rest differs."""
    question = "Which treaty ended the struggle?"
    assert sum(misspell(question, random.Random(seed)) != question for seed in range(100)) > 85
    assert misspell("Who is he?", random.Random(0)) == "Who is he?"
