"""Follow-ups: the rules that the module states, and none besides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.followup import expand, names_in

any_text = st.text(st.characters(codec=None), max_size=80)
follow_ups = st.sampled_from(
    ("Why?", "And Japan's?", "And the U.S.?", "and in March?", "What about 2006?", "did he go?", "and their ships?")
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
        ("And Japan?", "How far is the Sea of Okhotsk?", "How far is Japan?"),
        ("And the US?", "What does the European Union buy?", "What does the US buy?"),
        ("And the US?", "What does China buy?", "What does the US buy?"),
        ("And Japan and the US?", "What does China buy?", "What does Japan and the US buy?"),
        ("And China's?", "How big is Russia's population?", "How big is China's population?"),
        ("And China’s?", "What's Russia's population?", "What's China’s population?"),
        ("And Japan?", "Who went to Moscow in July?", "Who went to Japan in July?"),
        ("And March?", "Who went to Moscow in July?", "Who went to Moscow in March?"),
        ("In 2006?", "Who invested in Gazprom?", "Who invested in Gazprom in 2006?"),
        ("In 2006?", "Who invested in Gazprom in 2011 and why?", "Who invested in Gazprom in 2006 and why?"),
        ("And in Japan?", "Who invested in China in 2011?", "Who invested in Japan in 2011?"),
        ("And in the Bering Sea?", "Who fishes in the Sea of Japan?", "Who fishes in the Bering Sea?"),
        ("And between 2000 and 2006?", "Who led between 2006 and 2011?", "Who led between 2000 and 2006?"),
        ("And about China?", "What did Putin say about Japan?", "What did Putin say about China?"),
        ("And Japan?", "Is U.S. oil cheap?", "Is Japan oil cheap?"),
        ("And the U.S.?", "What does China buy?", "What does the U.S. buy?"),
        ("To Japan?", "Does Russia plan to sell gas?", "Does Russia plan to sell gas to Japan?"),
    ],
)
def test_a_piece_takes_the_place_of_its_like(question: str, previous: str, expected: str) -> None:
    """Rule 2: a year replaces a year, a phrase one with its preposition, a thing the last name; else it is added."""
    assert expand(question, previous) == expected


@pytest.mark.parametrize(
    ("question", "previous", "expected"),
    [
        ("And gas?", "How much oil does China import from Russia?", "How much oil does China import from Russia: gas?"),
        ("And Japanese ships?", "What does China buy?", "What does China buy: Japanese ships?"),
        ("And China's?", "How far is Russia?", "How far is Russia: China's?"),
        ("And China?", "How big is the Russian economy?", "How big is the Russian economy: China?"),
        ("And March?", "What does China buy?", "What does China buy: March?"),
        ("and its army?", "How big is Russia's economy?", "How big is Russia's economy: Russia’s army?"),
        (
            "What about its gas exports?",
            "How much oil does Russia export to China?",
            "How much oil does Russia export to China: Russia’s gas exports?",
        ),
        ("and its army?", "how big is the economy?", "how big is the economy: its army?"),
    ],
)
def test_a_piece_without_its_like_is_added(question: str, previous: str, expected: str) -> None:
    """Rule 2: a piece takes no other thing's place; it is added, its "its" read as the name it stands for."""
    assert expand(question, previous) == expected


@pytest.mark.parametrize(
    "question",
    ["And then?", "Then?", "And now?", "But so?", "And that?", "And it?", "And him?", "And for them?"],
)
def test_a_piece_that_says_nothing_changes_nothing(question: str) -> None:
    """Rule 2: "then", "now", "it" and the like are no pieces of a question."""
    assert expand(question, "What did Putin do in 2013?") == question


@pytest.mark.parametrize(
    ("question", "previous"),
    [
        ("Is it true?", "Did Russia sell oil?"),
        ("Is it really possible?", "Did Russia sell oil?"),
        ("is it known who bought?", "Did Russia sell oil?"),
        ("Why is it that prices fell?", "Did Russia sell oil?"),
        ("How long does it take?", "Did Russia sell oil?"),
        ("Perhaps it is likely?", "Did Russia sell oil?"),
        ("It’s true?", "Did Russia sell oil?"),
        ("Which of them is larger?", "Are China and Japan rich?"),
        ("Which of them has its own oil?", "Are China and Japan rich?"),
        ("What is the size of it?", "Did Russia sell oil?"),
        ("Is it rich?", "Are China and Japan rich?"),
        ("Is it cold?", "Who wrote in July?"),
        ("How large is it?", "Is the Kuril chain, like Sakhalin, large?"),
    ],
)
def test_a_pronoun_that_stands_for_no_name_stays(question: str, previous: str) -> None:
    """Rule 3: an "it" without a thing, a part "of them", and one of several are left as they are."""
    assert expand(question, previous) == question


@pytest.mark.parametrize(
    ("question", "previous", "expected"),
    [
        ("Is it true that they left?", "Did Russia sell oil?", "Is it true that Russia left?"),
        ("What do they export?", "Are China and Japan rich?", "What do China and Japan export?"),
        (
            "What are their exports?",
            "Are China, Korea, and Japan’s rich?",
            "What are China, Korea, and Japan’s exports?",
        ),
        ("Where did he go?", "Did Putin visit Japan?", "Where did Putin go?"),
        ("How deep is it?", "Where is the Sea of Japan?", "How deep is the Sea of Japan?"),
        ("What are its exports?", "Who leads the U.S.?", "What are the U.S.’s exports?"),
        ("When did they start?", "Why did the Russians drill?", "When did the Russians start?"),
        ("Is it big?", "Who went to Moscow in July?", "Is Moscow big?"),
        ("Who met her?", "Where is Park Geun-hye?", "Who met Park Geun-hye?"),
        ("Who met her aide?", "Where is Park Geun-hye?", "Who met Park Geun-hye’s aide?"),
        ("It was sold when?", "Who owns Yukos?", "Yukos was sold when?"),
        ("Where did he go?", "When was Shinzo Abe elected?", "Where did Shinzo Abe go?"),
        ("What are its exports?", "Where is Russia?", "What are Russia’s exports?"),
        ("What are its exports?", "What are Russia’s plans?", "What are Russia’s exports?"),
        ("Where did he meet Xi?", "When was Shinzo Abe elected?", "Where did he meet Xi?"),
        ("Where did he go?", "who was elected?", "Where did he go?"),
    ],
)
def test_a_pronoun_stands_for_the_subject_or_the_last_name(question: str, previous: str, expected: str) -> None:
    """Rule 3: a pronoun in a question without a name of its own is read as a name of the one before."""
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
    assert names_in("What’s Russia’s plan, and Isn't It good?") == ["Russia’s"]
    assert names_in("What Is The matter") == ["matter"] or names_in("what is it") == []
