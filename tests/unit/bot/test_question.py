"""A question: what may be asked, how it is read, what kind it is."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.question import MAX_CHARACTERS, Kind, kind_of, read_question, validate
from bot.spelling import Speller
from index.errors import QuestionError

SPELLER = Speller({"moscow": 5, "pipeline": 2, "railway": 1})
any_text = st.text(st.characters(codec=None), max_size=120)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("", "has no words"),
        (" \t\r\n\u2028", "has no words"),
        ("?!…", "has no words"),
        ("\U0001f680", "has no words"),
        ("x" * 10_000, "has 10,000 characters; ask in at most 1,000"),
        ("x" * (MAX_CHARACTERS + 1), "has 1,001 characters"),
        ("why\x00?", r"holds U\+0000"),
        ("why\x1b[2J?", r"holds U\+001B"),
        ("why\x7f?", r"holds U\+007F"),
        ("why\x9b?", r"holds U\+009B"),
        ("why\ud800?", r"holds U\+D800"),
        ("why\udcff?", r"holds U\+DCFF"),
        ("why\uffff?", r"holds U\+FFFF"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(question: str, said: str) -> None:
    """Empty, too long, and holding what is no text: each is refused with what is wrong, in one line."""
    with pytest.raises(QuestionError, match=said) as raised:
        validate(question)
    assert "\n" not in str(raised.value)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    "question", ["x" * MAX_CHARACTERS, "a", "  why?  ", "why\n\tnow?", "été \U0001f680?", "\ue000 a"]
)
def test_what_can_be_asked_is_only_stripped(question: str) -> None:
    """Any text within the limit is asked as it stands, without the white space around it."""
    assert validate(question) == question.strip()


@given(any_text, st.none() | any_text)
def test_any_string_is_read_or_refused(question: str, previous: str | None) -> None:
    """Whatever is typed, now and before, gives a query or a QuestionError; a query's words can be asked again."""
    with suppress(QuestionError):
        query = read_question(question, SPELLER, previous)
        assert query.question == question
        assert validate(query.resolved) == query.resolved
        assert all(query.terms)


def test_white_space_is_folded() -> None:
    """A question over several lines is read in one."""
    assert read_question(" who\n leads\u00a0 it? ", SPELLER).resolved == "who leads it?"


def test_an_unchanged_question_has_no_notes() -> None:
    """Nothing is noted where nothing was changed."""
    assert read_question("Where is Moscow?", SPELLER).notes == ()


def test_a_correction_is_visible() -> None:
    """A corrected word stands in the resolved question, is searched for, and is noted."""
    query = read_question("Where is Moskow?", SPELLER)
    assert query.question == "Where is Moskow?"
    assert query.resolved == "Where is Moscow?"
    assert query.notes == ("Read “Moskow” as “Moscow”.",)
    assert query.terms == ("moscow",)


def test_a_corrected_possessive_keeps_its_ending() -> None:
    """The ending of a misspelt possessive stays as it was typed."""
    query = read_question("What is Moskow’s view?", SPELLER)
    assert query.resolved == "What is Moscow’s view?"
    assert query.notes == ("Read “Moskow” as “Moscow”.",)


def test_only_whole_words_are_corrected() -> None:
    """A misspelt word is not replaced inside a longer one."""
    assert read_question("pipelnie and pipelnies_x", SPELLER).resolved == "pipeline and pipelnies_x"


def test_a_follow_up_is_visible() -> None:
    """A follow-up's resolved question carries the one before it, and a note says so first."""
    query = read_question("And the railwya?", SPELLER, "How long is the pipeline of Moscow?")
    assert "railway" in query.resolved
    assert query.notes == ("Read with the question before it.", "Read “railwya” as “railway”.")


@pytest.mark.parametrize(
    "previous", ["What of \udcff China?", "Why\x1b[2J China?", "What of China " + "and so on " * 100]
)
def test_a_previous_question_that_spoils_this_one_is_passed_over(previous: str) -> None:
    """A previous question that could not be asked with this one does no harm: this one stands as it is."""
    assert read_question("And Japan?", SPELLER, previous).resolved == "And Japan?"


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Why did Moscow look east?", Kind.WHY_HOW),
        ("how does it work", Kind.WHY_HOW),
        ("How come?", Kind.WHY_HOW),
        ("What is the reason for it?", Kind.WHY_HOW),
        ("Explain the pivot", Kind.WHY_HOW),
        ("How many tons?", Kind.FACT),
        ("how long is it", Kind.FACT),
        ("Is it true?", Kind.YES_NO),
        ("so, did he go?", Kind.YES_NO),
        ("Isn’t it?", Kind.YES_NO),
        ("Can you say why?", Kind.WHY_HOW),
        ("Can you tell me why Moscow looks east?", Kind.WHY_HOW),
        ("Could you please explain the pivot?", Kind.WHY_HOW),
        ("Do you know how it works?", Kind.WHY_HOW),
        ("So, would you mind telling me why?", Kind.WHY_HOW),
        ("Does anyone know why?", Kind.WHY_HOW),
        ("May I ask why he went?", Kind.WHY_HOW),
        ("Could you list the islands?", Kind.LIST),
        ("Can you please name three rivers?", Kind.LIST),
        ("Can you give me a list of the islands?", Kind.LIST),
        ("Do you know which countries take part?", Kind.LIST),
        ("Can you tell me who leads it?", Kind.FACT),
        ("Do you know how many tons it is?", Kind.FACT),
        ("Can you tell me whether it works?", Kind.YES_NO),
        ("Could you tell me if that is why he went?", Kind.YES_NO),
        ("Do you know Moscow?", Kind.YES_NO),
        ("Can you swim?", Kind.YES_NO),
        ("Could Moscow list the islands?", Kind.YES_NO),
        ("Does Moscow know how it works?", Kind.YES_NO),
        ("Which countries take part?", Kind.LIST),
        ("List the islands", Kind.LIST),
        ("Name three rivers", Kind.LIST),
        ("What are the members?", Kind.LIST),
        ("What is this?", Kind.FACT),
        ("Who leads it?", Kind.FACT),
        ("When was that?", Kind.FACT),
        ("", Kind.FACT),
    ],
)
def test_the_kind_goes_by_the_wording(question: str, kind: Kind) -> None:
    """Why and how, yes or no, lists, and the rest are told apart by how a question opens."""
    assert kind_of(question) is kind


@given(any_text)
def test_every_string_has_a_kind(question: str) -> None:
    """Telling the kind never fails."""
    assert kind_of(question) in Kind
