"""Quotes: whole sentences, best first, apart from each other, said once."""

from collections.abc import Sequence

from bot.answer import Quote
from bot.confidence import Confidence
from bot.question import Kind
from bot.quotes import as_list, make_quotes
from bot.reader import Reading
from index.records import Span
from index.snapshot import Contents
from tests.unit.fakes import contents_of

CONFIDENCE = Confidence("sentences", "fake", {"cosine": 1.0}, 0.0, 0.5)
TEXT = (
    "Cranes lift mud. Herring swim east. Lamps burn oil. Ropes hold boats. Nets dry slowly.\n\n"
    "Gulls cry loudly. Bells ring often."
)


def readings(*numbers: int, answers: dict[int, Span] | None = None) -> list[Reading]:
    """Sentences, best first -> their readings, each less sure than the one before."""
    return [
        Reading(number, 10.0 - rank, {"cosine": 2.0 - rank}, (answers or {}).get(number))
        for rank, number in enumerate(numbers)
    ]


def texts(quotes: Sequence[Quote]) -> list[str]:
    return [quote.text for quote in quotes]


def made(contents: Contents, *numbers: int, kind: Kind = Kind.FACT) -> tuple[Quote, ...]:
    return make_quotes(readings(*numbers), kind, contents, CONFIDENCE)


def test_at_most_three_best_first() -> None:
    """The first three readings become quotes, in their order, each with its own probability."""
    quotes = made(contents_of({"a.txt": TEXT}), 4, 0, 2, 1, 3)
    assert texts(quotes) == ["Nets dry slowly.", "Cranes lift mud.", "Lamps burn oil."]
    assert [quote.probability for quote in quotes] == sorted((quote.probability for quote in quotes), reverse=True)


def test_no_readings_no_quotes() -> None:
    """Nothing read gives nothing to quote, of any kind of question."""
    contents = contents_of({"a.txt": TEXT})
    for kind in Kind:
        assert make_quotes([], kind, contents, CONFIDENCE) == ()
    assert as_list((), 0.5) == ()


def test_near_duplicates_are_folded() -> None:
    """A sentence that says the same elsewhere is named under the better quote, and takes no place of its own."""
    contents = contents_of(
        {"a.txt": "The lamp is red, says Ada. Cranes lift.", "b.txt": "The lamp is red, says Ada! Gulls cry."}
    )
    quotes = made(contents, 2, 0, 1, 3)
    assert texts(quotes) == ["The lamp is red, says Ada!", "Cranes lift.", "Gulls cry."]
    assert [(other.document.path, other.span) for other in quotes[0].also_in] == [("a.txt", Span(0, 26))]
    assert all(quote.also_in == () for quote in quotes[1:])


def test_duplicates_beyond_the_third_quote_are_named_too() -> None:
    """Also when three quotes are there already, a further place of one of them is still named."""
    contents = contents_of({"a.txt": TEXT, "b.txt": "Cranes lift mud."})
    assert [len(quote.also_in) for quote in made(contents, 0, 1, 2, 7)] == [1, 0, 0]


def test_sentences_that_differ_are_not_folded() -> None:
    """A difference of one word in a short sentence is a difference."""
    contents = contents_of({"a.txt": "The lamp is red. The lamp is green."})
    assert len(made(contents, 0, 1)) == 2


def test_why_and_how_join_neighbours() -> None:
    """For why and how, neighbouring sentences that are among the best are one quote, of three at most."""
    contents = contents_of({"a.txt": TEXT})
    assert texts(made(contents, 2, 1, 3, 5, kind=Kind.WHY_HOW)) == [
        "Herring swim east. Lamps burn oil. Ropes hold boats.",
        "Gulls cry loudly.",
    ]
    assert texts(made(contents, 2, 1, 3)) == ["Lamps burn oil.", "Herring swim east.", "Ropes hold boats."]


def test_joining_stops_at_gaps_and_paragraphs() -> None:
    """Sentences with another between them, or in two paragraphs, are not joined."""
    contents = contents_of({"a.txt": TEXT})
    assert texts(made(contents, 0, 2, kind=Kind.WHY_HOW)) == ["Cranes lift mud.", "Lamps burn oil."]
    assert texts(made(contents, 4, 5, kind=Kind.WHY_HOW)) == ["Nets dry slowly.", "Gulls cry loudly."]


def test_joining_stops_at_the_document() -> None:
    """The last sentence of one document is not joined with the first of the next."""
    contents = contents_of({"a.txt": "Cranes lift mud.", "b.txt": "Herring swim east."})
    assert texts(made(contents, 0, 1, kind=Kind.WHY_HOW)) == ["Cranes lift mud.", "Herring swim east."]


def test_reported_speech_is_one_quote() -> None:
    """Two sentences of one quotation do not become two quotes that overlap."""
    contents = contents_of({"a.txt": "He said, “Cranes lift mud. Herring swim east.” Lamps burn oil."})
    assert texts(made(contents, 1, 0, 2)) == ["He said, “Cranes lift mud. Herring swim east.”", "Lamps burn oil."]


def test_the_readers_answer_is_marked() -> None:
    """The phrase that the reader marks is the quote's answer."""
    contents = contents_of({"a.txt": TEXT})
    quotes = make_quotes(readings(0, 1, answers={0: Span(0, 6)}), Kind.FACT, contents, CONFIDENCE)
    assert [quote.answer for quote in quotes] == [Span(0, 6), None]


def test_a_list_comes_in_document_order() -> None:
    """The pieces of a list are those probable enough, by document and place."""
    contents = contents_of({"a.txt": TEXT, "b.txt": "Stars shine brightly."})
    quotes = made(contents, 7, 4, 0)
    assert texts(as_list(quotes, 0.0)) == ["Cranes lift mud.", "Nets dry slowly.", "Stars shine brightly."]
    assert texts(as_list(quotes, quotes[1].probability)) == ["Nets dry slowly.", "Stars shine brightly."]
    assert texts(as_list(quotes, 1.0)) == ["Stars shine brightly."]
