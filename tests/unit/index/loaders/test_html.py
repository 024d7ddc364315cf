"""HTML: what a reader sees, in order, and nothing else."""

import pytest

from index.loaders.html import load
from index.records import Document


def made(body: str, head: str = "") -> Document:
    return load("page.html", f"<html><head>{head}</head><body>{body}</body></html>".encode())


def words(document: Document) -> list[str]:
    return [document.slice(span) for span in document.paragraphs]


def test_blocks_keep_their_order() -> None:
    """Headings, paragraphs, lists and tables come in the order of the page; words broken by marks stay whole."""
    document = made(
        "<h1>Rules</h1><p>One <b>bo</b>ld.<p>Two<br>lines.<h2>Leave</h2><ul><li>First<li>Second<ul><li>Inner</ul></ul>"
        "<table><tr><th>Who<th>Days<tr><td>All<td>30</table>Last &amp; least&#33;"
    )
    assert words(document) == [
        "One bold.",
        "Two\nlines.",
        "First",
        "Second",
        "Inner",
        "Who | Days",
        "All | 30",
        "Last & least!",
    ]
    assert [document.heading_text(h) for h in document.headings] == ["Rules", "Leave"]
    assert document.layout.rows == (5, 6)
    assert document.location(document.text.index("Inner")) == "Leave, paragraph 3"


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>secret()</script>",
        "<style>.secret{}</style>",
        "<nav>secret <p>secret</p></nav>",
        "<div role=navigation>secret</div>",
        "<noscript>secret</noscript>",
        "<template>secret</template>",
        "<!-- secret -->",
        "<p hidden>secret",
        "<p style='display: none'>secret",
        "<span aria-hidden=true>secret</span>",
        "<button>secret</button>",
        "<svg><text>secret</text></svg>",
        "<iframe srcdoc='secret'>secret</iframe>",
        "<select><option>secret</select>",
    ],
)
def test_what_is_no_text_of_the_page_is_left_out(hidden: str) -> None:
    """Scripts, styles, navigation, controls, comments and hidden parts are left out; what follows them is read."""
    document = made(f"<p>Before.</p>{hidden}<p>After.</p>tail")
    assert "secret" not in document.text
    assert words(document) == ["Before.", "After.", "tail"]


def test_a_table_that_only_arranges_a_page_is_read_as_its_text() -> None:
    """Where cells hold headings, lists or long text, they are paragraphs; no row of theirs is one sentence."""
    document = made(f"<table><tr><td><h2>Part</h2><p>One.</p><p>Two.</p><td>{'Long text. ' * 60}</table>")
    assert words(document)[:2] == ["One.", "Two."]
    assert document.layout.rows == ()
    assert [document.heading_text(h) for h in document.headings] == ["Part"]


@pytest.mark.parametrize(
    "inside", ["<div>Sick <b>pay</b></div>", "<div>Sick</div><div>pay</div>", "Sick<div>pay</div>"]
)
def test_a_heading_may_hold_blocks(inside: str) -> None:
    """What is marked as a heading is one, whatever boxes its words lie in."""
    document = made(f"<p>Before.</p><h2>{inside}</h2><p>Six weeks.</p>")
    assert [document.heading_text(h) for h in document.headings] == ["Sick pay"]
    assert words(document) == ["Before.", "Six weeks."]


@pytest.mark.parametrize("inside", ["word " * 100, "<ul><li>One.<li>Two.</ul>", "<table><tr><td>a<td>b</table>"])
def test_a_heading_that_is_never_closed_is_none(inside: str) -> None:
    """Where somebody forgot to end a heading, what stands in it is text."""
    document = made(f"<h2>Sick pay<div>{inside}</div></h2>")
    assert document.headings == ()
    assert len(words(document)) > 1


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title> The\nTitle </title>", "<h1>Heading</h1><p>x", "The Title"),
        ("<title>Page</title>", "<svg><title>Close</title></svg><p>x", "Page"),
        ("", "<h1>Heading</h1><p>x", "Heading"),
        ("", "<p>x", "page"),
    ],
)
def test_the_title(head: str, body: str, title: str) -> None:
    """The title is the page's, else its first heading, else the file's name."""
    assert made(body, head).title == title


def test_preformatted_text_keeps_its_lines() -> None:
    """Line ends and spaces within `pre` are text."""
    assert words(made("<pre>a\n  b\n\n c</pre>")) == ["a\n  b\n\n c"]


def test_a_page_nested_without_end_is_read() -> None:
    """Ten thousand levels neither crash nor hang."""
    assert "deep" in made("<div>" * 10_000 + "deep").text or made("<div>" * 10_000 + "deep").text == ""


def test_an_entity_bomb_is_text() -> None:
    """A page's own entities are not expanded."""
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><p>&b;</p>'
    assert len(load("page.html", bomb.encode()).text) < 100


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A DTD, a stylesheet, a picture or a frame elsewhere is not asked for."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr("socket.socket.connect", refuse)
    page = '<!DOCTYPE html SYSTEM "http://192.0.2.1/x.dtd"><link rel=stylesheet href="http://192.0.2.1/"><p>Text.'
    assert words(load("page.html", page.encode())) == ["Text."]
