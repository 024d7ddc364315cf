"""The terminal: what a document holds is shown, and commands nothing."""

import io
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from bot.answer import Answer, Occurrence, Quote, failed
from bot.question import WITH_PREVIOUS
from bot.terminal import printable, show_answer, show_report
from index.build import BuildReport
from index.records import LeftOut, Span
from tests.unit.fakes import document_of

EVIL = "\x1b[2J\x1b]0;title\x07\x9b31m\x7f\u202ereversed\u2066\u200f[bold]not markup[/bold]\r\b\b:smile:"


def shown(renderable: RenderableType, width: int = 200) -> str:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False, color_system=None).print(renderable)
    return out.getvalue()


@given(st.text(st.characters(codec=None)))
def test_printable_text_commands_nothing(text: str) -> None:
    """Whatever a text holds, what is printed is one line without control, surrogate or direction characters."""
    line = printable(text)
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in line)
    assert not any(
        unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"} for c in line
    )


@pytest.mark.parametrize(
    "text", ["“We’re not frightened.”", "été e\u0301", "שלום", "\U0001f469\U0001f3fd\u200d\U0001f680"]
)
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    """Quotation marks, accents, right-to-left script and emoji come out unchanged."""
    assert printable(text) == text


def test_a_control_character_leaves_a_mark() -> None:
    """What is taken out leaves a replacement character, so that nobody takes the line for the document's own."""
    assert printable("a\x1b[31mb") == "a\ufffd[31mb"


def evil_quote(probability: float = 0.9) -> Quote:
    document = document_of(f"A {EVIL} start.\n\nIt {EVIL} ends.")
    document = replace(document, title=EVIL, path=EVIL)
    first, second = document.paragraphs[0], document.paragraphs[-1]
    return Quote(document, second, probability, context=first, also_in=(Occurrence(document, first),))


@pytest.mark.parametrize("verdict", ["answered", "not_found", "error"])
def test_no_document_commands_the_terminal(verdict: str) -> None:
    """Text, titles, names, notes and questions full of escape sequences, directions and markup are shown as text."""
    answers = {
        "answered": Answer(EVIL, EVIL + "?", "answered", 0.5, quotes=(evil_quote(),), notes=(EVIL,)),
        "not_found": Answer(EVIL, EVIL + "?", "not_found", 0.5, nearest=(evil_quote(),), notes=(EVIL,), reason="No."),
        "error": failed(EVIL, "the question holds U+001B", threshold=0.5),
    }
    out = shown(show_answer(answers[verdict]))
    assert not set(out) & {"\x1b", "\x07", "\x9b", "\x7f", "\u202e", "\u2066", "\u200f", "\r", "\b"}
    if verdict != "error":
        assert "[bold]not markup[/bold]" in out
        assert ":smile:" in out


def test_a_report_commands_nothing_either() -> None:
    """Names of files and what is wrong with them are shown as text."""
    report = BuildReport("id", 1, 2, 3, 3, 4, "exact", 5.0, (LeftOut(EVIL, "is empty"),), ((EVIL, "is strange"),))
    out = shown(show_report(report))
    assert not set(out) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert "Indexed 1 document, 2 sentences, 3 passages, dimension 4, in 5.0 seconds." in out
    assert "Search by vectors: exact." in out
    assert "left out:" in out
    assert "warning:" in out
    assert "kept their vectors" not in out


def test_a_report_says_what_was_kept() -> None:
    """Where passages kept their vectors, the report says how many did not."""
    out = shown(show_report(BuildReport("id", 1, 2, 3, 1, 4, "exact", 5.0, (), ())))
    assert "1 of the passages were new; the others kept their vectors." in out


def test_a_quote_is_shown_with_its_context_and_citation() -> None:
    """The quote stands between quotation marks after its context, with title, place, offsets and probability."""
    document = document_of("The Harbour\n\nThe crane came. It lifts mud.")
    quote = Quote(document, Span(29, 42), 0.875, context=Span(13, 28))
    out = shown(show_answer(Answer("q", "q", "answered", 0.5, quotes=(quote,))))
    assert "The crane came. “It lifts mud.”" in out
    assert "The Harbour, paragraph 1 (notes.txt 29:42), 88%" in out


def test_a_gap_before_the_quote_is_shown() -> None:
    """Where the context does not touch the quote, an ellipsis says so."""
    document = document_of("Ada came. She dug. She left. She wrote.")
    out = shown(
        show_answer(Answer("q", "q", "answered", 0.5, quotes=(Quote(document, Span(29, 39), 0.9, context=Span(0, 9)),)))
    )
    assert "Ada came. … “She wrote.”" in out


def test_a_follow_up_is_told_once() -> None:
    """The question as it was read says all that the note about it says."""
    out = shown(show_answer(Answer("And it?", "What of it?", "not_found", 0.5, notes=(WITH_PREVIOUS, "Else."))))
    assert "Read as: What of it?" in out
    assert "Else." in out
    assert WITH_PREVIOUS not in out


def test_a_refusal_looks_like_none_of_this() -> None:
    """A refusal says so first, gives the reason, and shows the nearest passages without quotation marks."""
    document = document_of("The crane came.")
    nearest = (Quote(document, Span(0, 15), 0.2),)
    out = shown(
        show_answer(Answer("q", "q", "not_found", 0.5, nearest=nearest, reason="The closest passage scored 20%."))
    )
    assert (
        out.index("The documents don’t answer this.")
        < out.index("scored 20%")
        < out.index("Closest passages, not answers:")
    )
    assert "“" not in out


def test_what_was_read_is_shown_when_it_differs() -> None:
    """A corrected or expanded question is shown, an unchanged one is not repeated."""
    assert "Read as: r" in shown(show_answer(Answer("q", "r", "not_found", 0.5)))
    assert "Read as" not in shown(show_answer(Answer("q", "q", "not_found", 0.5)))
