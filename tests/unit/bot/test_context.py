"""Context: what a sentence needs before it, from the essay that Quoth comes with and over any text."""

from itertools import pairwise

import pytest
from hypothesis import given

from bot.context import MAX_CONTEXT_SENTENCES, MAX_QUOTATION_SENTENCES, Lean, attributed, context_of, leaning
from index.passages import sentences_of
from index.records import Document, Sentence
from tests.unit.conftest import CORPUS
from tests.unit.fakes import awkward_texts, document_of


def essay() -> tuple[Document, list[Sentence]]:
    document = document_of((CORPUS / "putins-pivot.txt").read_text("utf-8"), "putins-pivot.txt")
    return document, sentences_of(document, 0)


def of(start: str) -> tuple[str, str | None]:
    """The beginning of a sentence of the essay -> its quote, and the context it is shown with."""
    document, sentences = essay()
    number = next(i for i, sentence in enumerate(sentences) if document.slice(sentence.span).startswith(start))
    numbers = attributed(document, sentences, number)
    quote = sentences[numbers.start].span.cover(sentences[numbers.stop - 1].span)
    context = context_of(document, sentences, numbers)
    return document.slice(quote), document.slice(context) if context is not None else None


@pytest.mark.parametrize(
    ("start", "context"),
    [
        ("It accounts for only one percent", "Overall, Russia’s economic footprint in the Asia-Pacific is"),
        ("It has completed the construction", "Take energy, for example: Over the past two decades, Russia"),
        ("Most recently, it agreed", "Take energy, for example: Over the past two decades, Russia"),
        ("That remains largely the purview", "Region-wide, moreover, Russia has no discernible influence"),
        ("They believe Russia is still rooted", "The country has been slow to diversify relations"),
        ("His goal for the time being", "As one of Russia’s leading commentators"),
        ("He announced ambitious plans", "In June of this year, Russian President Vladimir Putin"),
        ("And he praised the state oil company", "In June of this year, Russian President Vladimir Putin"),
        ("But Russia’s 20 million tons", "Most recently, it agreed"),
    ],
)
def test_a_leaning_sentence_brings_what_it_leans_on(start: str, context: str) -> None:
    """A pronoun's sentence comes with the one that names what it stands for, a connective's with the one before."""
    found = of(start)[1]
    assert found is not None
    assert context[:25] in found


@pytest.mark.parametrize(
    "start",
    [
        "Russia’s motivations are relatively transparent",
        "Chinese President Xi Jinping chose",
        "Hosting the APEC summit",
        "(There have been no major arms contracts",
        "Gas exports to China",
        "Moscow and Tokyo have still not signed",
    ],
)
def test_a_sentence_that_stands_alone_has_no_context(start: str) -> None:
    """A sentence that names its own subject, or whose pronoun stands for nothing, is quoted alone."""
    quote, context = of(start)
    assert quote.startswith(start)
    assert context is None


def test_reported_speech_keeps_its_speaker() -> None:
    """A sentence inside a quotation is quoted from the one that opens it, and shown with who speaks."""
    quote, context = of("China and Russia will cooperate")
    assert quote.startswith("He retorted, “We’re not frightened.")
    assert quote.endswith("China and Russia will cooperate on many questions.”")
    assert context is not None
    assert "Putin accused “foreign experts”" in context


def test_a_sentence_that_opens_its_quotation_is_quoted_alone() -> None:
    """The sentence that names the speaker itself needs no more of the quotation, only the name behind its pronoun."""
    quote, context = of("He retorted")
    assert quote == "He retorted, “We’re not frightened."
    assert context is not None
    assert "Putin accused" in context


def test_the_first_sentence_leans_on_nothing() -> None:
    """A pronoun at the beginning of a document has nothing before it to be shown."""
    document = document_of("It accounts for one percent. It grows.")
    assert context_of(document, sentences_of(document, 0), range(1)) is None


def test_context_never_crosses_a_heading() -> None:
    """A pronoun under a heading is not explained by what stands above the heading."""
    document = document_of("# A\n\nThe crane came.\n\n## B\n\nIt lifts mud.\n\nIt is red.\n", "a.md")
    sentences = sentences_of(document, 0)
    assert context_of(document, sentences, range(1, 2)) is None
    found = context_of(document, sentences, range(2, 3))
    assert found is not None
    assert document.slice(found) == "It lifts mud."


def test_context_never_comes_from_another_document() -> None:
    """Nor is it explained by the last sentence of the document before."""
    one, other = document_of("The crane came."), document_of("It lifts mud.", "b.txt")
    sentences = [*sentences_of(one, 0), *sentences_of(other, 1)]
    assert context_of(other, sentences, range(1, 2)) is None


def test_a_connective_stays_in_its_paragraph() -> None:
    """A connective at the head of a paragraph needs nothing of the one before."""
    document = document_of("The crane came.\n\nBut the mud stayed. But the pier fell.")
    sentences = sentences_of(document, 0)
    assert context_of(document, sentences, range(1, 2)) is None
    found = context_of(document, sentences, range(2, 3))
    assert found is not None
    assert document.slice(found) == "But the mud stayed."


def test_a_name_far_back_is_shown_alone() -> None:
    """Where the name lies more than two sentences back, its sentence alone is shown and not all between."""
    document = document_of("Ada Hart came. She dredged. She built. She left. She wrote.")
    sentences = sentences_of(document, 0)
    found = context_of(document, sentences, range(4, 5))
    assert found is not None
    assert document.slice(found) == "Ada Hart came."


def test_a_long_quotation_is_not_quoted_whole() -> None:
    """Where a quotation opens more sentences back than may be joined, the sentence is quoted alone."""
    document = document_of("He said, “One is here. Two is here. Three is here. Four is here.” She left.")
    sentences = sentences_of(document, 0)
    assert attributed(document, sentences, 2) == range(3)
    assert attributed(document, sentences, 3) == range(3, 4)
    assert attributed(document, sentences, 4) == range(4, 5)


@given(awkward_texts(20))
def test_context_of_any_text_keeps_the_rules(text: str) -> None:
    """Over any text the context is whole sentences of the same section, before the quote, at most two of them."""
    if text.startswith("\ufeff") or text.count("\0") * 10 > len(text):
        return
    for path in ("a.txt", "a.md"):
        document = document_of(text, path)
        sentences = sentences_of(document, 0)
        for number in range(len(sentences)):
            numbers = attributed(document, sentences, number)
            assert numbers.stop == number + 1
            assert 1 <= len(numbers) <= MAX_QUOTATION_SENTENCES
            assert len({sentences[i].paragraph for i in numbers}) == 1
            context = context_of(document, sentences, numbers)
            if context is None:
                continue
            assert context.end <= sentences[numbers.start].span.start
            assert document.section(context.start) == document.section(sentences[number].span.start)
            inside = [sentence.span for sentence in sentences if context.contains(sentence.span)]
            assert 1 <= len(inside) <= MAX_CONTEXT_SENTENCES
            assert context == inside[0].cover(inside[-1])


def test_context_of_the_essay_keeps_the_rules() -> None:
    """In the essay, no sentence leans on a heading or on more than two sentences, and every quotation has a speaker."""
    document, sentences = essay()
    for number, (_, sentence) in enumerate(pairwise(sentences), start=1):
        numbers = attributed(document, sentences, number)
        context = context_of(document, sentences, numbers)
        if context is not None:
            assert context.end <= sentence.span.start
            assert context.start >= document.paragraphs[0].start


@pytest.mark.parametrize(
    ("sentence", "lean"),
    [
        ("It accounts for one percent.", Lean.NAME),
        ("And he praised it.", Lean.NAME),
        ("In July, they met.", Lean.NAME),
        ("“It accounts for one percent.”", Lean.NAME),
        ("Even if the deal goes through, nothing changes.", Lean.SENTENCE),
        ("However, nothing changes.", Lean.SENTENCE),
        ("It is difficult to see how.", Lean.NOTHING),
        ("There have been no contracts.", Lean.NOTHING),
        ("Russia sells oil.", Lean.NOTHING),
        ("Italy buys oil.", Lean.NOTHING),
        ("Butter is sold.", Lean.NOTHING),
        ("", Lean.NOTHING),
    ],
)
def test_how_a_sentence_leans(sentence: str, lean: Lean) -> None:
    """By its opening words a sentence leans on a name, on the sentence before, or on nothing."""
    assert leaning(sentence) is lean
