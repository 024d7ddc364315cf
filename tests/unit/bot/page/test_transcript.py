"""What a turn of the conversation is made of."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer import Answer, Occurrence, Quote, failed
from bot.page.transcript import broken_turn, turn
from bot.page.words import FORGOTTEN
from bot.percent import shortfall
from bot.question import WITH_PREVIOUS
from index.records import Document, Span

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</section><a href='javascript:alert(1)'>x</a>",
    "${alert(1)} {{constructor.constructor('alert(1)')()}}",
    "![x](https://example.com/x.png) $$\\href{javascript:alert(1)}{x}$$",
)


def make(text: str, title: str = "Title", path: str = "a.txt") -> Document:
    return Document(path, title, text, "0" * 64, (), (Span(0, len(text)),))


def answered(quote: Quote, question: str = "what?") -> Answer:
    return Answer(question, question, "answered", 0.5, quotes=(quote,), reader="fake")


class _Reader(HTMLParser):
    """Collects tags, attribute names and the text under the element of a class."""

    def __init__(self, under: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self._under = under
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if self._depth or self._under in (dict(attrs).get("class") or "").split():
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the base class's form
        self._depth -= bool(self._depth)

    def handle_data(self, data: str) -> None:
        self.text += data if self._depth else ""


def read(markup: str, under: str) -> _Reader:
    reader = _Reader(under)
    reader.feed(markup)
    reader.close()
    return reader


OURS = {
    "section",
    "h3",
    "span",
    "article",
    "blockquote",
    "div",
    "a",
    "button",
    "p",
    "details",
    "summary",
    "mark",
    "ul",
    "li",
}
OUR_ATTRIBUTES = {
    "class", "id", "dir", "type", "href", "role", "aria-label", "aria-labelledby", "aria-describedby",
    "data-copy", "data-answer", "data-context", "data-number", "data-path",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_text_never_becomes_markup(text: str) -> None:
    """As question, text, title and file name, hostile text adds no tag and no attribute of its own."""
    quote = Quote(make(text, text, text), Span(0, len(text)), 0.9)
    for markup in (
        turn(answered(quote, text), 1),
        turn(Answer(text, text, "not_found", 0.5, nearest=(quote,), reason=text, notes=(text,)), 1),
        turn(failed(text, text, threshold=0.5), 1),
        broken_turn(text, 1),
    ):
        reader = read(markup, "said")
        assert reader.tags <= OURS
        assert reader.attributes <= OUR_ATTRIBUTES


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=80), st.data())
def test_a_quote_is_shown_as_it_stands(text: str, data: st.DataObject) -> None:
    """The shown words are the document's, character by character, the answer marked inside them."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first = data.draw(st.integers(start, end - 1))
    last = data.draw(st.integers(first + 1, end))
    quote = Quote(make(text), Span(start, end), 0.9, answer=Span(first, last))
    markup = turn(answered(quote), 1)
    said = re.search(r'<span class="said" id="said-1-1">(.*?)</span>', markup, re.DOTALL)
    assert said is not None
    shown = said[1].replace("<mark>", "\0").replace("</mark>", "\0")
    assert [html.unescape(piece) for piece in shown.split("\0")] == [
        text[start:first],
        text[first:last],
        text[last:end],
    ]


def test_context_is_shown_before_the_quote_and_copied_with_it() -> None:
    """Context stands dimmed before the quote, a gap between them is marked, and copying takes all of it in one line."""
    text = "Putin spoke.\nMuch else.\nHe\npraised it."
    quote = Quote(make(text), Span(24, 38), 0.93, context=Span(0, 12))
    markup = turn(answered(quote), 1)
    assert '<span class="context">Putin spoke.</span><span class="gap"> […] </span>' in markup
    assert (
        'data-copy="“Putin spoke. […] He praised it.” (Title, paragraph 1; a.txt, characters 0–12 and 24–38)"' in markup
    )


def test_the_probability_stands_in_words_and_percent() -> None:
    """A person reads both what a number means and the number."""
    assert "Very likely, 93%" in turn(answered(Quote(make("Yes."), Span(0, 4), 0.93)), 1)


def test_more_quotes_are_folded_and_those_of_a_list_are_not() -> None:
    """One quote is the answer, the others lie folded under it; the pieces of a list are all the answer."""
    document = make("One. Two. Three.")
    quotes = tuple(Quote(document, span, 0.9) for span in (Span(0, 4), Span(5, 9), Span(10, 16)))
    fact = turn(Answer("How many?", "How many?", "answered", 0.5, quotes=quotes), 1)
    assert "<summary>2 more quotes</summary>" in fact
    several = turn(
        Answer("Which islands are disputed?", "Which islands are disputed?", "answered", 0.5, quotes=quotes), 1
    )
    assert "more quotes" not in several


def test_other_places_are_named() -> None:
    """A sentence that stands elsewhere too links there."""
    other = make("Yes.", "Other", "b.txt")
    quote = Quote(make("Yes."), Span(0, 4), 0.9, also_in=(Occurrence(other, Span(0, 4)),))
    assert "Other, paragraph 1</a>" in turn(answered(quote), 1)


def test_copies_of_a_text_are_told_apart() -> None:
    """Where title and place are the same, the file's name stands beside them."""
    one, other, third = make("Yes.", "Title", "a.txt"), make("Yes.", "Title", "b.txt"), make("Yes.", "Other", "c.txt")
    also = tuple(Occurrence(document, Span(0, 4)) for document in (other, third))
    markup = turn(answered(Quote(one, Span(0, 4), 0.9, also_in=also)), 1)
    assert "Title, paragraph 1 (b.txt)</a>" in markup
    assert "Other, paragraph 1</a>" in markup
    assert [f'data-path="{name}.txt"' in markup for name in "abc"] == [True] * 3


def test_a_refusal_gives_its_reason_and_labels_passages() -> None:
    """The reason comes from the answer; nearest passages are called no answers and carry no sureness."""
    nearest = (Quote(make("Near."), Span(0, 5), 0.12),)
    reason = "The closest passage scored 12%; an answer needs 58%."
    markup = turn(Answer("why?", "why?", "not_found", 0.58, nearest=nearest, reason=reason), 1)
    assert "The documents don’t answer this." in markup
    assert reason in markup
    assert "Closest passages, not answers" in markup
    assert "scored 12%" in markup
    assert "likely" not in markup.lower()


def test_a_near_miss_never_reads_like_an_answer() -> None:
    """The passages carry their scores in the words of the reason: never the percent that an answer needs, never 0%."""
    nearest = (Quote(make("Near."), Span(0, 5), 0.526), Quote(make("Far."), Span(0, 4), 0.001))
    markup = turn(Answer("why?", "why?", "not_found", 0.534, nearest=nearest, reason=shortfall(0.526, 0.534)), 1)
    assert "scored 52.6%; an answer needs 53.4%" in markup
    assert 'class="sure">scored 52.6%<' in markup
    assert 'class="sure">scored under 1%<' in markup


def test_a_follow_up_is_told_once() -> None:
    """Where the question is shown as it was read, the note that says so in general is left out."""
    markup = turn(Answer("And Japan?", "What of Japan?", "not_found", 0.5, notes=(WITH_PREVIOUS,)), 1)
    assert "Read as: " in markup
    assert WITH_PREVIOUS not in markup


def test_a_turn_is_numbered_where_it_is_remembered() -> None:
    """The page names the turns that it shows; one that met a defect is remembered nowhere."""
    asked = Answer("why?", "why?", "not_found", 0.5)
    assert 'data-number="7"' in turn(asked, 7)
    assert "data-number" not in broken_turn("why?", 7)
    assert FORGOTTEN in turn(asked, 7, forgotten=True)
    assert FORGOTTEN not in turn(asked, 7)


def test_an_error_says_its_reason_in_a_sentence() -> None:
    """With a capital and one full stop."""
    assert '<p class="why">The question has no words.</p>' in turn(
        failed("?", "the question has no words", threshold=0.5), 1
    )


def test_a_changed_question_is_told() -> None:
    """What was corrected or expanded stands under the question."""
    markup = turn(Answer("And Japn?", "What of Japan?", "not_found", 0.5, notes=("Read “Japn” as “Japan”.",)), 1)
    assert "Read as: " in markup
    assert "What of Japan?" in markup
    assert "Read “Japn” as “Japan”." in markup
