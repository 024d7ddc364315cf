"""One answer from several."""

from dataclasses import replace
from itertools import count

from bot.answer import Answer, Occurrence, Quote, failed
from bot.several import merged
from index.loaders.text import load
from index.records import Span

WORDS = count()


def quote(probability: float, words: str | None = None) -> Quote:
    """A quote of such words, or of some that no other has."""
    words = words or f"Word{next(WORDS)}."
    return Quote(load(f"{words}.txt", words.encode()), Span(0, len(words)), probability)


def answer(*probabilities: float | Quote, notes: tuple[str, ...] = ()) -> Answer:
    """An answer with quotes of these probabilities, not found where the first is below one half."""
    quotes = tuple(quote(given) if isinstance(given, float) else given for given in probabilities)
    found = bool(quotes) and quotes[0].probability >= 0.5
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
    both = merged([answer(0.6, 0.1, notes=("a",)), answer(0.9, 0.8, 0.2, notes=("b", "a")), answer(0.4, notes=("c",))])
    assert [quote.probability for quote in both.quotes] == [0.9, 0.8, 0.6]
    assert (both.verdict, both.nearest, both.notes) == ("answered", (), ("a", "b"))


def test_what_stands_in_several_collections_is_quoted_once() -> None:
    """Nearly the same words are one quote, the most probable, which names the other places, and those of its own."""
    long = "The rent is due on the first day of each month, and is paid to the landlord in advance."
    other = long.replace("first", "1st").replace("in advance", "beforehand")
    mine, theirs, alone = quote(0.9, long), quote(0.7, f"{long} "), quote(0.8)
    theirs = replace(theirs, also_in=(Occurrence(alone.document, alone.span),))
    both = merged([answer(mine, quote(0.6)), answer(alone, theirs, quote(0.65, other))])
    assert [q.probability for q in both.quotes] == [0.9, 0.8, 0.65]
    assert [place.document.path for place in both.quotes[0].also_in] == [theirs.document.path, alone.document.path]


def test_only_what_was_used_is_noted() -> None:
    """How a word was read by a collection that gives no quote is not told; without quotes, the nearest one's notes."""
    assert merged([answer(0.9, 0.8, 0.7, notes=("a",)), answer(0.6, notes=("b",))]).notes == ("a",)
    assert merged([answer(0.4, notes=("a",)), answer(notes=("b",))]).notes == ("a",)
    assert merged([answer(notes=("a",)), answer(notes=("b",))]).notes == ("a",)


def test_where_none_answers_the_nearest_of_all_are_shown() -> None:
    """A refusal shows the closest passages of all collections, and the reason of the closest."""
    none = merged([answer(0.2), answer(0.4, 0.3)])
    assert [quote.probability for quote in none.nearest] == [0.4, 0.3, 0.2]
    assert (none.verdict, none.probability, none.reason) == ("not_found", 0.4, "why")


def test_an_error_is_an_error_for_all() -> None:
    """A question that cannot be asked of one cannot be asked."""
    assert merged([answer(0.9), failed("Q?", "no words", threshold=0.5)]).verdict == "error"
