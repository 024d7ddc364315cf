"""RST: headings by their lines, paragraphs as they stand, nothing of the machinery."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from index.loaders import rst
from index.loaders.rst import load
from index.records import Document
from tests.unit.fakes import awkward_texts

TEXT = """\
=====
Rules
=====

.. image:: crane.png
   :alt: secret

Everybody *works*
eight hours.

Leave
-----

- thirty days
- and more

.. note:: Ask first.

.. secret comment
   over two lines

   and two paragraphs

.. code-block:: python

   print(1)

Sick pay
~~~~~~~~

Six weeks.

Work
----

====  ====
Who   Days
====  ====
All   30
====  ====
"""


def words(document: Document) -> list[str]:
    return [document.slice(span) for span in document.paragraphs]


def test_headings_and_paragraphs_are_found() -> None:
    """Levels follow the order in which styles appear; directives with words are read, pictures and comments are not."""
    document = load("r.rst", TEXT.encode())
    assert document.text == TEXT
    assert document.title == "Rules"
    assert [(document.heading_text(h), h.level) for h in document.headings] == [
        *(("Rules", 1), ("Leave", 2), ("Sick pay", 3), ("Work", 2)),
    ]
    assert words(document)[:4] == [
        "Everybody *works*\neight hours.",
        "- thirty days\n- and more",
        "Ask first.",
        "print(1)",
    ]
    assert document.location(TEXT.index("Six")) == "Leave > Sick pay, paragraph 1"
    assert not any("secret" in text for text in words(document))
    assert "Who   Days\n====  ====\nAll   30" in words(document)


class Watched(str):
    """A text that counts how many of its characters are looked through backwards."""

    __slots__ = ("looked",)
    looked: int

    def rfind(self, *arguments: Any) -> int:
        """As ever, and notes how far it went."""
        found = super().rfind(*arguments)
        self.looked += arguments[2] - found
        return found


def test_a_lines_indent_is_looked_for_near_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """How far a line is indented costs no search through all that stands before it."""
    text = Watched("Words.\n\n" * 1000)
    text.looked = 0
    monkeypatch.setattr(rst, "decode", lambda _: text)
    assert len(rst.load("a.rst", b"").paragraphs) == 1000
    assert text.looked < 2 * len(text)


@given(awkward_texts())
def test_any_text_is_read_without_moving_an_offset(text: str) -> None:
    """Whatever the text, it is canonical as it is, and paragraphs lie in it in order, apart from headings."""
    if text.startswith("\ufeff") or text.count("\0") * 10 > len(text):
        return
    document = load("a.rst", text.encode())
    assert document.text == text
    spans = sorted([*document.paragraphs, *(h.span for h in document.headings)])
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert list(document.paragraphs) == sorted(document.paragraphs)
