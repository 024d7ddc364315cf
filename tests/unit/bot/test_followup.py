"""Follow-ups: the rules that the module states, and none besides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.followup import expand, names_in

any_text = st.text(st.characters(codec=None), max_size=80)
follow_ups = st.sampled_from(
    ("Why?", "And Japan?", "and in March?", "What about 2006?", "did he go?", "and their ships?")
)


@given(any_text | follow_ups, any_text | st.text("A bc.’s\n\u00a0I of the 2006 in,?", max_size=60))
def test_no_string_breaks_a_rule(question: str, previous: str) -> None:
    """Whatever both questions are, expanding gives a text."""
    assert isinstance(expand(question, previous), str)


@pytest.mark.parametrize(
    ("question", "previous", "expected"),
    [
        ("Why?", "Does Moscow sell gas?", "Why: Does Moscow sell gas?"),
        ("and why not?", "Does Moscow sell gas?", "Why not: Does Moscow sell gas?"),
        ("since when", "Does Moscow sell gas", "Since when: Does Moscow sell gas?"),
    ],
)
def test_a_bare_word_goes_before_the_question(question: str, previous: str, expected: str) -> None:
    """Rule 1: "Why?" and the like ask the question before once more, with that word in front."""
    assert expand(question, previous) == expected


@pytest.mark.parametrize(
    ("question", "previous", "expected"),
    [
        ("What about 2006?", "How much oil was sold in 2011?", "How much oil was sold in 2006?"),
        ("And Japan?", "What does China buy?", "What does Japan buy?"),
        ("and what about Japan", "What are China’s plans?", "What are Japan’s plans?"),
        ("And Japan?", "What are South  Korea’s plans?", "What are Japan’s plans?"),
        ("and in March?", "Who went to Moscow in July?", "Who went to Moscow in March?"),
        ("In March?", "Who went to Moscow in July?", "Who went to Moscow in March?"),
        ("and in March?", "Who went to Moscow?", "Who went to Moscow in March?"),
        ("And gas?", "how much oil is sold?", "how much oil is sold: gas?"),
        ("And Japan?", "How far is the Sea of Okhotsk?", "How far is the Japan?"),
    ],
)
def test_a_piece_takes_the_place_of_its_like(question: str, previous: str, expected: str) -> None:
    """Rule 2: a year replaces a year, a phrase one with its preposition, a thing the last name; else it is added."""
    assert expand(question, previous) == expected


@pytest.mark.parametrize(
    ("question", "previous", "expected"),
    [
        ("Where did he go?", "When was Shinzo Abe elected?", "Where did Shinzo Abe go?"),
        ("What are its exports?", "Where is Russia?", "What are Russia’s exports?"),
        ("What are its exports?", "What are Russia’s plans?", "What are Russia’s exports?"),
        ("Where did he meet Xi?", "When was Shinzo Abe elected?", "Where did he meet Xi?"),
        ("Where did he go?", "who was elected?", "Where did he go?"),
    ],
)
def test_a_pronoun_stands_for_the_last_name(question: str, previous: str, expected: str) -> None:
    """Rule 3: a pronoun in a question without a name of its own is read as the last name of the one before."""
    assert expand(question, previous) == expected


@pytest.mark.parametrize(
    "question",
    ["Where is Moscow?", "And what did Japan do about the peace treaty?", "Japan", "Who leads the six-party talks?"],
)
def test_anything_else_stands_as_it_is(question: str) -> None:
    """A question to which no rule applies is not changed by the one before."""
    assert expand(question, "What does China buy?") == question


def test_names_are_runs_of_capitals() -> None:
    """Names are capitalised words in a row, joined by "of" and "the", without the question's own first word."""
    assert names_in("Did President Putin of the Sea of Japan meet Xi.") == ["President Putin of the Sea of Japan", "Xi"]
    assert names_in("What Is The matter") == ["matter"] or names_in("what is it") == []
