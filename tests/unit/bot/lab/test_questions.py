"""Gold as it was written -> its place in the documents."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lab.questions import Entry, Gold, LabelledQuestion, QuestionFile, Wanted, locate
from index.errors import QuestionsError
from index.records import Span
from tests.unit.fakes import document_of

NOTES = document_of("Cranes lift. Herring swim. Lamps burn. Ropes hold. Lamps burn.")
OTHER = document_of("Cranes lift.\nTugs\n  pull barges.", "other.txt")
REMEDY = "copy it character by character, or leave gold empty where nothing answers"


def file_of(*wanted: Wanted, split: str = "") -> QuestionFile:
    return QuestionFile(Path("q.csv"), "CSV", "", (Entry(7, "a", "What?", wanted, split=split),))


def problems_of(*wanted: Wanted) -> str:
    with pytest.raises(QuestionsError) as caught:
        locate(file_of(*wanted), [NOTES, OTHER])
    return "\n".join(caught.value.problems)


def test_a_text_is_found_where_it_stands() -> None:
    """An exact string that stands in one place becomes that place."""
    (found,) = locate(file_of(Wanted("Herring swim.")), [NOTES, OTHER])
    assert found == LabelledQuestion("a", "What?", (Gold("notes.txt", Span(13, 26)),))


def test_white_space_matches_white_space() -> None:
    """A line break in the document, as PDFs have them, does not hide a sentence that was copied without it."""
    (found,) = locate(file_of(Wanted("Tugs pull barges.")), [NOTES, OTHER])
    assert OTHER.slice(found.gold[0].span) == "Tugs\n  pull barges."


def test_a_text_in_two_places_is_told_with_the_remedy() -> None:
    """Which of two places was meant is never guessed; the document's name can decide."""
    assert problems_of(Wanted("Lamps burn.")) == (
        "q.csv, line 7: the gold “Lamps burn.” stands in 2 places (notes.txt); give more of the sentence, or document, "
        "start and end"
    )
    (found,) = locate(file_of(Wanted("Cranes lift.", "other.txt")), [NOTES, OTHER])
    assert found.gold == (Gold("other.txt", Span(0, 12)),)


def test_gold_that_is_nowhere_is_told_by_line() -> None:
    """All that is wrong is told at once, a line each."""
    told = problems_of(
        Wanted("Whales sing."),
        Wanted(document="gone.txt", span=Span(0, 1)),
        Wanted(document="notes.txt", span=Span(60, 6000)),
    ).splitlines()
    assert told == [
        f"q.csv, line 7: the gold “Whales sing.” does not stand in 2 documents; {REMEDY}",
        "q.csv, line 7: the corpus has no document gone.txt; it has notes.txt, other.txt",
        "q.csv, line 7: the gold 60:6000 lies outside notes.txt, which has 62 characters",
    ]


def test_many_problems_are_told_in_part() -> None:
    """A file for another corpus has a problem in every line; twenty of them suffice."""
    told = problems_of(*[Wanted(f"Whale {number}.") for number in range(25)]).splitlines()
    assert len(told) == 21
    assert told[-1] == "and 5 more like these"


def test_a_split_is_chosen_by_name() -> None:
    """Questions of other splits are left out, their gold unread; a split that no question has is an error."""
    assert locate(file_of(Wanted("Herring swim."), split="dev"), [NOTES], "dev")[0].id == "a"
    with pytest.raises(QuestionsError, match=r"no question has the split test; it has dev"):
        locate(file_of(Wanted("Whales sing."), split="dev"), [NOTES], "test")


def test_gold_given_twice_counts_once() -> None:
    """Equal places are one."""
    (found,) = locate(file_of(Wanted("Herring swim."), Wanted(document="notes.txt", span=Span(13, 26))), [NOTES])
    assert len(found.gold) == 1


def test_right_means_overlapping_gold_in_the_same_document() -> None:
    """One shared character suffices, of the best grade that it touches; a neighbour does not."""
    question = LabelledQuestion("a", "?", (Gold("notes.txt", Span(13, 26)), Gold("notes.txt", Span(20, 30), 2)))
    assert question.relevance_of(NOTES, Span(12, 14)) == 1
    assert question.relevance_of(NOTES, Span(12, 21)) == 2
    assert not question.is_right(NOTES, Span(0, 13))
    assert not question.is_right(OTHER, Span(13, 26))


@given(st.integers(0, 61), st.integers(1, 62))
def test_every_span_of_a_document_can_be_gold(start: int, length: int) -> None:
    """Offsets are taken as they are, and nothing beyond the text is."""
    wanted = Wanted(document="notes.txt", span=Span(start, start + length))
    if start + length > len(NOTES.text):
        with pytest.raises(QuestionsError):
            locate(file_of(wanted), [NOTES])
    else:
        assert locate(file_of(wanted), [NOTES])[0].gold == (Gold("notes.txt", Span(start, start + length)),)
