"""Passages: within the budget, read whole by the encoder, and no sentence forgotten."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.passages import Budget, count_tokens, passages_of, prefix_of, sentences_of
from index.records import Document, Passage, Sentence
from tests.unit.fakes import FakeEncoder, awkward_texts, document_of


def budget_of(encoder: FakeEncoder, tokens: int = 24, overlap: int = 1) -> Budget:
    return Budget(tokens, overlap, count_tokens, encoder.max_tokens, encoder.count_tokens)


def passages(
    document: Document, budget: Budget, *, first: int = 0, prefix: bool = True
) -> tuple[list[Sentence], list[tuple[Passage, str]]]:
    sentences = sentences_of(document, 0)
    return sentences, passages_of(document, sentences, first, budget, prefix=prefix)


def words(document: Document, found: list[tuple[Passage, str]]) -> list[str]:
    return [document.slice(passage.span) for passage, _ in found]


def readable(text: str) -> bool:
    return not text.startswith("\ufeff") and text.count("\0") * 10 <= len(text)


long_texts = st.lists(
    st.sampled_from(("The crane lifts. ", "Herring. ", "a " * 30 + "end. ", "unbroken" * 40 + ". ", "!" * 70, "\n\n"))
    | awkward_texts(4),
    min_size=1,
    max_size=12,
).map("".join)


@given(
    text=long_texts.filter(readable),
    path=st.sampled_from(("a.txt", "a.md")),
    tokens=st.integers(16, 60),
    overlap=st.integers(0, 4),
    max_tokens=st.integers(8, 60),
    prefix=st.booleans(),
)
def test_passages_of_any_text(
    text: str, path: str, tokens: int, overlap: int, max_tokens: int, *, prefix: bool
) -> None:
    """In any text every rule of passages holds at once.

    The encoder reads each whole, prefix included; each covers its sentences, or is a piece of its one; every
    sentence is in some passage, its pieces cover it; none crosses a heading, exceeds the budget with more than one
    sentence, or says only what another says.
    """
    document = document_of(text, path)
    encoder = FakeEncoder(max_tokens=max_tokens)
    sentences, found = passages(document, budget_of(encoder, tokens, overlap), prefix=prefix)
    pieces: dict[int, list[Passage]] = {}
    for passage, head in found:
        assert encoder.count_tokens(head + document.readable(passage.span)) <= max_tokens
        own = [sentences[number] for number in passage.sentences]
        assert own
        assert len({document.section(sentence.span.start) for sentence in own}) == 1
        if len(own) == 1:
            assert own[0].span.contains(passage.span)
            pieces.setdefault(passage.sentences.start, []).append(passage)
        else:
            assert passage.span == own[0].span.cover(own[-1].span)
            assert sum(count_tokens(document.slice(sentence.span)) for sentence in own) <= tokens
    covered = {number for passage, _ in found for number in passage.sentences}
    assert covered == set(range(len(sentences)))
    for number, parts in pieces.items():
        if not any(number in passage.sentences for passage, _ in found if len(passage.sentences) > 1):
            joined = "".join(document.slice(part.span) for part in parts)
            assert joined == document.slice(sentences[number].span)
    ranges = list(dict.fromkeys(passage.sentences for passage, _ in found))
    assert not any(
        one != other and one.start >= other.start and one.stop <= other.stop for one in ranges for other in ranges
    )


def test_passages_fill_the_budget() -> None:
    """A passage takes as many sentences as the budget holds, not fewer."""
    document = document_of("One two. Three four. Five six. Seven eight.")
    budget = replace(budget_of(FakeEncoder(), overlap=0), tokens=6)
    assert words(document, passages(document, budget)[1]) == ["One two. Three four.", "Five six. Seven eight."]


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        (0, [range(3), range(3, 5)]),
        (1, [range(3), range(2, 5)]),
        (2, [range(3), range(1, 4), range(2, 5)]),
    ],
)
def test_neighbours_share_as_many_sentences_as_asked(overlap: int, expected: list[range]) -> None:
    """The overlap is counted in sentences, and each passage brings a new one."""
    document = document_of("One two. Three four. Five six. Seven eight. Nine ten.")
    budget = replace(budget_of(FakeEncoder(), overlap=overlap), tokens=9)
    assert [passage.sentences for passage, _ in passages(document, budget)[1]] == expected


def test_overlap_gives_way_to_a_new_sentence() -> None:
    """Where the shared sentence would leave no room for a new one it is not shared."""
    long = "The crane from Leeds lifted mud and stones for eleven months."
    document = document_of(f"{long} {long}")
    assert words(document, passages(document, replace(budget_of(FakeEncoder()), tokens=16))[1]) == [long, long]


def test_overlap_gives_way_to_what_the_encoder_reads() -> None:
    """The same where it is the encoder that could not read both: no passage repeats a sentence and adds none."""
    document = document_of("Herring came. The crane lifted. The engineer was Ada Hart.")
    budget = replace(budget_of(FakeEncoder(max_tokens=11)), tokens=60)
    found = passages(document, budget, prefix=False)[1]
    assert words(document, found) == ["Herring came.", "The crane lifted.", "The engineer was Ada Hart."]
    found = passages(document, replace(budget, encoder_tokens=14), prefix=False)[1]
    assert words(document, found) == ["Herring came. The crane lifted.", "The engineer was Ada Hart."]


def test_what_stands_between_sentences_is_counted() -> None:
    """An address between two paragraphs is read too: it parts the passage, and no sentence is cut for it."""
    text = "One herring.\n\n[x]: http://example.org/a/very/long/address/indeed\n\nTwo herrings.\n"
    document = document_of(text, "a.md")
    found = passages(document, replace(budget_of(FakeEncoder(max_tokens=18), overlap=0), tokens=90))[1]
    assert words(document, found) == ["One herring.", "Two herrings."]


def test_no_passage_crosses_a_heading() -> None:
    """A heading ends a passage, however much room is left, and nothing is shared across it."""
    document = document_of("# A\n\nOne.\n\n## B\n\nTwo.\n\n## C\n\nThree.\n", "a.md")
    found = passages(document, budget_of(FakeEncoder(), tokens=4000, overlap=4))[1]
    assert words(document, found) == ["One.", "Two.", "Three."]


def test_the_prefix_is_title_and_headings() -> None:
    """The encoder reads title and headings before each passage, each on a line; spans leave them out."""
    document = document_of("# Rules\n\nOne.\n\n## Leave\n\n### Sick pay\n\nTwo.\n", "a.md")
    found = passages(document, budget_of(FakeEncoder()))[1]
    assert [head for _, head in found] == ["Rules\n", "Rules\nLeave\nSick pay\n"]
    assert prefix_of(document, document.text.index("Two")) == "Rules\nLeave\nSick pay\n"
    assert words(document, found) == ["One.", "Two."]


def test_a_prefix_that_leaves_no_room_is_dropped() -> None:
    """A title that takes more than half of what the encoder reads is left out rather than the passage cut."""
    document = document_of("Word " * 30 + "title\n\nThe crane lifts.")
    found = passages(document, budget_of(FakeEncoder(max_tokens=20)))[1]
    assert [head for _, head in found] == [""]


def test_no_prefix_unless_asked() -> None:
    """With prefix off nothing is read before a passage."""
    document = document_of("Title\n\nThe crane lifts.")
    assert passages(document, budget_of(FakeEncoder()), prefix=False)[1][0][1] == ""


def test_a_long_sentence_is_cut_between_words() -> None:
    """A sentence longer than the encoder reads becomes pieces that break at spaces and point at it."""
    sentence = "herring " * 60 + "end."
    document = document_of(sentence)
    found = passages(document, budget_of(FakeEncoder()))[1]
    assert len(found) > 2
    assert {passage.sentences for passage, _ in found} == {range(1)}
    assert "".join(words(document, found)) == sentence
    assert all(piece.endswith((" ", "end.")) for piece in words(document, found))


def test_an_unbroken_string_is_cut_anywhere() -> None:
    """Without a space to break at, a run of characters is still read whole, in pieces."""
    document = document_of("x" * 5000)
    found = passages(document, budget_of(FakeEncoder()))[1]
    assert "".join(words(document, found)) == "x" * 5000


def test_ordinals_count_in_the_snapshot() -> None:
    """A passage's sentences are numbered from where its document's sentences begin in the snapshot."""
    document = document_of("One. Two.")
    assert passages(document, budget_of(FakeEncoder()), first=7)[1][0][0].sentences == range(7, 9)


def test_sentences_know_their_paragraph() -> None:
    """Each sentence carries its document's and its paragraph's ordinal."""
    found = sentences_of(document_of("One. Two.\n\nThree."), 4)
    assert [(sentence.document, sentence.paragraph) for sentence in found] == [(4, 0), (4, 0), (4, 1)]


def test_an_empty_document_has_no_passages() -> None:
    """No sentences, no passages."""
    assert passages(document_of(" \n"), budget_of(FakeEncoder())) == ([], [])


def test_special_tokens_are_counted_as_text() -> None:
    """Text that spells a special token of the tokenizer is text, and no error."""
    assert count_tokens("<|endoftext|>") > 1


def test_counting_grows_with_the_text_alone() -> None:
    """A very long run without spaces is counted in time that grows with its length."""
    assert count_tokens("a" * 200_000) > 10_000
    assert count_tokens("") == 0
