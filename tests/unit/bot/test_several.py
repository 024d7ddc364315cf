"""One answer from several."""

from bot.answer import Answer, Quote, failed
from bot.several import merged
from index.loaders.text import load
from index.records import Span

DOCUMENT = load("a.txt", b"One. Two. Three. Four.")


def answer(*probabilities: float, notes: tuple[str, ...] = ()) -> Answer:
    """An answer with quotes of these probabilities, not found where the first is below one half."""
    quotes = tuple(Quote(DOCUMENT, Span(0, 4), probability) for probability in probabilities)
    found = bool(probabilities) and probabilities[0] >= 0.5
    return Answer(
        "Q?",
        "Q?",
        "answered" if found else "not_found",
        0.5,
        quotes=quotes if found else (),
        nearest=() if found else quotes,
        notes=notes,
        reason=None if found else "why",
    )


def test_one_answer_stays_as_it_is() -> None:
    """Where only one was asked, its answer is the answer."""
    one = answer(0.7)
    assert merged([one]) is one


def test_the_most_probable_quotes_of_those_that_answer_are_kept() -> None:
    """Quotes are ordered by probability; what merely came near in a collection that does not answer is left out."""
    both = merged([answer(0.6, 0.1, notes=("a",)), answer(0.9, 0.8, 0.2, notes=("b", "a")), answer(0.4)])
    assert [quote.probability for quote in both.quotes] == [0.9, 0.8, 0.6]
    assert (both.verdict, both.nearest, both.notes) == ("answered", (), ("a", "b"))


def test_where_none_answers_the_nearest_of_all_are_shown() -> None:
    """A refusal shows the closest passages of all collections, and the reason of the closest."""
    none = merged([answer(0.2), answer(0.4, 0.3)])
    assert [quote.probability for quote in none.nearest] == [0.4, 0.3, 0.2]
    assert (none.verdict, none.probability, none.reason) == ("not_found", 0.4, "why")


def test_an_error_is_an_error_for_all() -> None:
    """A question that cannot be asked of one cannot be asked."""
    assert merged([answer(0.9), failed("Q?", "no words", threshold=0.5)]).verdict == "error"
