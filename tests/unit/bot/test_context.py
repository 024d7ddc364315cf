"""Context: what a sentence needs before it, from the essay that Quoth comes with and over any text."""

from itertools import pairwise

import pytest
from hypothesis import given

from bot.context import MAX_CONTEXT_SENTENCES, MAX_QUOTATION_SENTENCES, Lean, attributed, context_of, leaning
from index.passages import sentences_of
from index.records import Document, Sentence, Span
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


def shown(text: str, number: int, path: str = "notes.txt") -> tuple[range, str | None]:
    """A text and a sentence's ordinal -> the sentences quoted, and the context they are shown with."""
    document = document_of(text, path)
    sentences = sentences_of(document, 0)
    numbers = attributed(document, sentences, number)
    context = context_of(document, sentences, numbers)
    return numbers, document.slice(context) if context is not None else None


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_quotation_extends_to_the_attribution_that_follows_it(number: int) -> None:
    """Where only the sentence that closes a quotation names the speaker, the quotation is quoted whole."""
    text = "“My fellow citizens, we are strong. We will rebuild. We will never yield,” he said. She left."
    assert shown(text, number) == (range(3), None)


@pytest.mark.parametrize(
    ("number", "numbers", "context"),
    [
        (1, range(1, 2), "The mayor came."),
        (2, range(2, 5), None),
        (3, range(3, 5), None),
        (4, range(4, 5), None),
    ],
)
def test_a_long_quotation_keeps_its_speaker(number: int, numbers: range, context: str | None) -> None:
    """Too long to be quoted whole, it reaches to its attribution, or is shown with the sentence before it."""
    text = "The mayor came. “We are strong. We will rebuild. We will prosper. We will never yield,” he said."
    assert shown(text, number) == (numbers, context)


@pytest.mark.parametrize(
    ("before", "context"),
    [("", "He said, “One is here."), ("Ada Hart came. ", "Ada Hart came. He said, “One is here.")],
)
def test_a_long_quotation_is_shown_with_the_sentence_that_opens_it(before: str, context: str) -> None:
    """Where that sentence names the speaker it is the context, with what it leans on itself."""
    text = f"{before}He said, “One is here. Two is here. Three is here. Four is here. Five is here.”"
    number = 4 if before else 3
    assert shown(text, number) == (range(number, number + 1), context)


def test_a_very_long_quotation_keeps_its_speaker() -> None:
    """However far back the sentence that opens the quotation lies, it is shown."""
    text = "Ada said, “Boats leave. " + "Cranes lift. " * 20 + "Nets dry.” Bo came."
    assert shown(text, 21) == (range(21, 22), "Ada said, “Boats leave.")
    assert shown(text, 22) == (range(22, 23), None)


def test_words_after_a_quotation_are_not_always_its_attribution() -> None:
    """Without a verb of saying after it, a quotation is quoted back to its opening and no further on."""
    text = "Bo came. “Boats leave. Cranes lift. Nets dry” hangs in the United States."
    assert shown(text, 2) == (range(1, 3), "Bo came.")


@pytest.mark.parametrize(
    ("number", "numbers", "context"),
    [
        (0, range(1), None),
        (1, range(1, 2), '"We waited ten years," she said.'),
        (2, range(1, 3), '"We waited ten years," she said.'),
        (3, range(3, 4), '"We waited ten years," she said.'),
    ],
)
def test_a_second_quotation_leans_on_the_first(number: int, numbers: range, context: str | None) -> None:
    """A quotation in a sentence of its own comes with the sentence that says who speaks, also further back."""
    text = '"We waited ten years," she said. "Cranes are dangerous. It leaked." "Mud stayed."'
    assert shown(text, number) == (numbers, context)


@pytest.mark.parametrize(
    "text",
    [
        "The crane came. “Mud and Cranes.”",
        "She said “no”. “Mud and Cranes” is a novel.",
        "She said “no”. “Cranes lift,” the mayor added.",
    ],
)
def test_not_every_quotation_mark_leans(text: str) -> None:
    """A title, or a quotation with an attribution of its own, needs no speaker from before it."""
    assert shown(text, 1) == (range(1, 2), None)


@pytest.mark.parametrize(
    "text",
    [
        'The town had 6" of rain. Cranes came. Boats left.',
        'The town had 6" of rain by 4" of snow by 3". Cranes came. Boats left.',
        'She said "it opened in 1999" and left. Cranes came. Boats left.',
        'She said "we had 6" of rain." Cranes came. Boats left.',
        "„Kräne“ are cranes. Cranes came. Boats left.",
    ],
)
def test_marks_that_open_no_quotation(text: str) -> None:
    """A straight mark directly after a digit means inches; after it no sentence lies inside a quotation."""
    assert shown(text, 1) == (range(1, 2), None)
    assert shown(text, 2) == (range(2, 3), None)


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("Ada came. She built. Nor did she know. She left. That same year, the king died.", "Ada came."),
        ("Ada came. Nor did she know. That same year, the king died.", "Ada came. Nor did she know."),
        ("Ada came. But Bo knew her. He built. He left. He wrote.", "But Bo knew her."),
        ("Ada came. " + "She built. " * 9 + "She left.", "She built. She built."),
        ("She came. She built. She left. She wrote.", "She built. She left."),
    ],
)
def test_what_is_shown_from_far_back_stands_alone(text: str, context: str) -> None:
    """A sentence that leans is not shown alone; where none nearby stands alone, the two next to the quote are."""
    document = document_of(text)
    assert shown(text, len(sentences_of(document, 0)) - 1)[1] == context


@pytest.mark.parametrize(
    "text",
    [
        "-" * 200_000,
        "a" * 200_000,
        "a " * 100_000,
        "Nor did " + "x-" * 100_000,
        "'" * 200_000,
        "“" * 200_000,
        '1"' * 100_000,
        '" ' * 100_000,
    ],
)
def test_an_endless_sentence_costs_little(text: str) -> None:
    """No wording makes the rules backtrack without end: this would not come back within the test run."""
    document = document_of(f"A b. {text}")
    sentences = [Sentence(0, Span(0, 4), 0), Sentence(0, Span(5, len(document.text)), 0)]
    assert leaning(text) in Lean
    assert 1 in attributed(document, sentences, 1)
    context_of(document, sentences, attributed(document, sentences, 1))


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
            assert number in numbers
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
        ("Despite this, nothing changes.", Lean.NAME),
        ("Because of its size, the crane stayed.", Lean.NAME),
        ("Among them, two were red.", Lean.NAME),
        ("With this in mind, Ada left.", Lean.NAME),
        ("To him, cranes were tools.", Lean.NAME),
        ("And to them cranes were tools.", Lean.NAME),
        ("That same year, the king died.", Lean.NAME),
        ("That Monday was wet.", Lean.NAME),
        ("That Russian ship was red.", Lean.NAME),
        ("That was clear.", Lean.NAME),
        ("Since then, cranes have lifted.", Lean.NAME),
        ("In this essay, cranes lift.", Lean.NOTHING),
        ("Given that cranes lift, mud moves.", Lean.NOTHING),
        ("Thus the crane came.", Lean.SENTENCE),
        ("Unlike those of Spain, cranes lift.", Lean.NOTHING),
        ("In his speech, Putin was blunt.", Lean.NOTHING),
        ("That Russia lost is clear.", Lean.NOTHING),
        ("It rained on Monday.", Lean.NOTHING),
        ("It has been snowing.", Lean.NOTHING),
        ("To Himalayan cranes, mud is food.", Lean.NOTHING),
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
