"""The injection battery: hostile strings as question, text, title and file name, shown as they are, doing nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from bot.answer import Answer, Quote, Verdict
from bot.page.export import as_markdown
from index.records import Document, Heading, Span
from tests.browser.conftest import Seen, served
from tests.browser.fakes import FakeResponder
from tests.browser.hostile import STRINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.real]

_RUNS = "script, img, svg, math, iframe, object, embed, style, link, base, meta, video, audio, template, [onerror]"
_REFUSED: tuple[Verdict, ...] = ("not_found", "error")
# What an HTML parser cannot hold is shown by its symbol.
_SHOWN = str.maketrans({"\0": "␀"})


def document_of(text: str) -> Document:
    """A string -> a document whose text, title, heading and file name it is."""
    return Document(text, text, text, "0" * 64, (Heading(Span(0, len(text)), 2),), (Span(0, len(text)),))


def answer_of(text: str) -> Answer:
    """A string -> an answer in which everything is it."""
    document = document_of(text)
    whole = Span(0, len(text))
    quote = Quote(document, whole, 0.9, answer=Span(0, max(1, len(text) // 2)))
    return Answer(text, f"{text} ", "answered", 0.5, quotes=(quote, quote), notes=(text,), reader="fake")


@dataclass
class Hostile:
    """The page of hostile documents, opened once for all."""

    page: Any
    seen: Seen
    dialogs: list[str] = field(default_factory=list)

    def dismiss(self, dialog: Any) -> None:
        """Notes a dialog and closes it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@pytest.fixture(scope="module")
def hostile(browser: "Browser") -> Iterator[Hostile]:
    scripted = {text: answer_of(text) for text in STRINGS.values()}
    documents = tuple(document_of(text) for text in STRINGS.values())
    with served(FakeResponder(documents, scripted)) as where:
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        state = Hostile(page, Seen())
        page.on("request", lambda request: state.seen.urls.append(request.url))
        page.on("pageerror", lambda error: state.seen.complaints.append(str(error)))
        page.on("console", lambda m: state.seen.complaints.append(m.text) if m.type == "error" else None)
        page.on("dialog", state.dismiss)
        page.goto(where)
        page.locator("#first").wait_for(state="detached")
        yield state
        page.close()


def test_the_list_of_documents_shows_titles_and_names_as_they_are(hostile: Hostile) -> None:
    """Before anything is asked: every title and every file name stands there as text."""
    shown = hostile.page.locator(".documents li").evaluate_all(
        "all => all.map(li => [li.querySelector('a').textContent, li.querySelector('span').textContent])"
    )
    for (title, facts), text in zip(shown, STRINGS.values(), strict=True):
        assert title == text
        assert facts.startswith(text)


@pytest.mark.parametrize("name", STRINGS)
def test_a_hostile_string_does_nothing_and_is_shown_as_it_is(hostile: Hostile, name: str) -> None:
    """Asked, answered, cited, opened: the page holds the very characters, no element of theirs, and asks nobody."""
    text, page = STRINGS[name], hostile.page
    before = page.locator(".turn").count()
    # As a program would type it: the field itself drops line ends, which a question may hold.
    page.evaluate(
        """text => { const field = document.getElementById('question');
        const set = () => { delete field.value; };
        Object.defineProperty(field, 'value', { configurable: true, get: () => text, set });
        document.getElementById('ask').requestSubmit(); }""",
        text,
    )
    turn = page.locator(".turn").nth(before)
    turn.locator("article").first.wait_for()
    shown = turn.evaluate(
        """turn => ({
          asked: turn.querySelector('.asked .words').textContent,
          notes: [...turn.querySelectorAll('.note .words')].map(n => n.textContent),
          said: turn.querySelector('.said').textContent,
          cited: turn.querySelector('.cite a').textContent,
          href: turn.querySelector('.cite a').getAttribute('href'),
          copied: turn.querySelector('.copy').dataset.copy,
        })"""
    )
    expected = text.translate(_SHOWN)
    document = document_of(text)
    assert shown["asked"] == expected
    assert shown["notes"] == [f"{expected} ", expected]
    assert shown["said"] == expected
    assert shown["cited"] == answer_of(text).quotes[0].citation.translate(_SHOWN)
    assert shown["cited"].startswith(f"{expected}, ")
    assert shown["href"] == f"#cite:{document.sha256[:12]}:0:{len(text)}"
    assert " ".join(expected.split()) in shown["copied"]
    turn.locator(".cite a").first.evaluate("link => link.click()")
    page.wait_for_function(
        "sha => document.getElementById('source-facts').textContent.endsWith(sha)", arg=document.sha256[:12]
    )
    source = page.evaluate(
        """() => ({
          title: document.getElementById('source-title').textContent,
          facts: document.getElementById('source-facts').textContent,
          quote: [...document.querySelectorAll('#source-text p .inq')].map(n => n.textContent).join(''),
        })"""
    )
    assert source["title"] == text
    assert source["facts"].startswith(text)
    # A megabyte comes in windows; its first one is all of that character.
    assert source["quote"] == text[: len(source["quote"])]
    assert len(source["quote"]) >= min(len(text), 10_000)
    assert page.locator("#quoth").evaluate(f"root => root.querySelectorAll({_RUNS!r}).length") == 0
    assert page.evaluate("document.querySelectorAll('[href^=\"javascript\" i], base[href*=attack]').length") == 0
    assert page.evaluate("window.hit") is None
    assert hostile.dialogs == []
    assert hostile.seen.foreign == []
    assert hostile.seen.complaints == []


@pytest.mark.parametrize("name", STRINGS)
def test_a_saved_conversation_runs_nothing_either(name: str) -> None:
    """The Markdown file, rendered, holds no element but headings, paragraphs, quotes and code spans of ours."""
    text = STRINGS[name]
    answers = [
        answer_of(text),
        Answer(text, text, "not_found", 0.5, reason=text),
        Answer(text, text, "error", 0.5, reason=text),
    ]
    tokens = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table").parse(as_markdown(answers))
    kinds = {token.type for token in tokens}
    kinds |= {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {
        *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "blockquote_open", "blockquote_close"),
        *("inline", "text", "text_special", "code_inline"),
    }
    said = ["".join(c.content for c in token.children or ()) for token in tokens if token.type == "inline"]
    assert " ".join(text.translate(_SHOWN).split()) in said
