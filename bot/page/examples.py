"""Documents -> questions to begin with, by a fixed rule."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from bot.answer import Answer
from index.records import Document
from index.snapshot import Snapshot

N_EXAMPLES = 3
# How many candidates are tried; each costs one answer when the page starts.
_TRIED = 9
# How much of a document is looked at, in characters: names that matter come early.
_LOOKED_AT = 200_000
# Two to four capitalised words in a row, not at the beginning of a sentence: a name, more likely than not.
_WORD = r"[A-Z][a-zà-öø-ÿ]{2,}(?:-[A-Z][a-zà-öø-ÿ]+)?"
_NAME = re.compile(rf"(?<=[a-z,;] ){_WORD}(?: {_WORD}){{1,3}}\b")


class _Answering(Protocol):
    @property
    def snapshot(self) -> Snapshot:
        """What is quoted."""

    def answer(self, question: str, previous: str | None = None) -> Answer:
        """A question -> its answer."""


def choose_examples(responder: _Answering) -> Iterator[str]:
    """A responder -> up to `N_EXAMPLES` questions that it answers with different quotes.

    Each asks about a name, the most frequent first; equally frequent ones in the order of the text. The same
    corpus gives the same examples.
    """
    given = 0
    seen = set()
    for name in names_of(responder.snapshot.contents.documents)[:_TRIED]:
        question = f"What is said about {name}?"
        answer = responder.answer(question)
        if answer.verdict != "answered" or (place := (answer.quotes[0].document.path, answer.quotes[0].span)) in seen:
            continue
        seen.add(place)
        yield question
        given += 1
        if given == N_EXAMPLES:
            return


def names_of(documents: tuple[Document, ...]) -> list[str]:
    """Documents -> names in them, most frequent first."""
    counts: Counter[str] = Counter()
    for document in documents:
        counts.update(_NAME.findall(document.text[:_LOOKED_AT]))
    # Counter keeps the order of first sight, and sorted is stable.
    return [name for name, _ in sorted(counts.items(), key=lambda item: -item[1])]
