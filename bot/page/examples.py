"""Documents -> questions to begin with, by a fixed rule."""

import logging
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

import anyio
from anyio import to_thread

from bot.answer import Answer
from index.errors import SnapshotDamaged
from index.records import Document
from index.snapshot import Snapshot

N_EXAMPLES = 3
_log = logging.getLogger(__name__)
# How many candidates are tried; each costs one answer when the page starts.
_TRIED = 12
# How much of a document is looked at, in characters: names that matter come early.
_LOOKED_AT = 200_000
_WORD = r"[A-Z][a-zà-öø-ÿ]{2,}(?:-[A-Z][a-zà-öø-ÿ]+)?"
# Capitalised words in the middle of a sentence, with their article; what follows must not make an adjective of them.
_FOLLOWED = r"(?=[,.;:)]|[’']s\b|\s(?:and|or|in|of|to|is|was|has|had|as|for|on|with|by|who|at)\b)"
_NAME = re.compile(rf"(?<=[a-z,;] )(?:the )?{_WORD}(?: {_WORD}){{0,3}}{_FOLLOWED}")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_NO_NAME = re.compile(
    r"January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
)


class _Answering(Protocol):
    @property
    def snapshot(self) -> Snapshot:
        """What is quoted."""

    def answer(self, question: str, previous: str | None = None) -> Answer:
        """A question -> its answer."""

    def now(self) -> "_Answering":
        """What answers from the index as it is now, though it be rebuilt meanwhile."""


def choose_examples(responder: _Answering) -> Iterator[str]:
    """A responder -> up to `N_EXAMPLES` questions that it answers with different quotes.

    They ask about the most frequent names and years. The same corpus gives the same examples.
    """
    seen = set()
    for question in candidates(responder.snapshot.contents.documents)[:_TRIED]:
        answer = responder.answer(question)
        if answer.verdict != "answered" or (place := (answer.quotes[0].document.path, answer.quotes[0].span)) in seen:
            continue
        seen.add(place)
        yield question
        if len(seen) == N_EXAMPLES:
            return


def candidates(documents: Sequence[Document]) -> list[str]:
    """Documents -> questions about what they name most, two about names to one about a year.

    What a title names already is the topic of the whole; asking about that would say little.
    """
    names: Counter[str] = Counter()
    years: Counter[str] = Counter()
    for document in documents:
        try:
            text = document.text
        except SnapshotDamaged as error:
            _log.warning("no example asks about %s: %s", document.path, error)
            continue
        topic = set(document.title.split())
        for paragraph in document.paragraphs:
            if paragraph.start >= _LOOKED_AT:
                break
            said = text[paragraph.start : paragraph.end]
            found = (name for name in _NAME.findall(said) if _NO_NAME.fullmatch(name) is None)
            names.update(name for name in found if not topic.issuperset(name.removeprefix("the ").split()))
            years.update(_YEAR.findall(said))
    about = [f"What is said about {name}?" for name in _ranked(names)]
    when = [f"What happened in {year}?" for year in _ranked(years)]
    mixed = []
    while about or when:
        mixed += [*about[:2], *when[:1]]
        del about[:2], when[:1]
    return mixed


class Examples:
    """Examples that are being chosen while the page is already served; after a rebuild others are."""

    def __init__(self, responder: _Answering) -> None:
        """Begins to choose."""
        self._responder = responder
        self._latest = _Choice(responder.now())

    async def chosen(self) -> list[str]:
        """The examples of the documents as they are now, once they are known; none where choosing failed."""
        now = await to_thread.run_sync(self._responder.now)  # it may have to be opened first
        if now.snapshot.id != self._latest.generation:
            self._latest = _Choice(now)
        return await self._latest.made()


class _Choice:
    """The examples of one generation, while they are being chosen and after."""

    def __init__(self, responder: _Answering) -> None:
        self.generation = responder.snapshot.id
        self._chosen: list[str] | None = None
        # No daemon: one that is inside the model when the interpreter ends takes the whole process down with it.
        threading.Thread(target=self._choose, args=(responder,), name="examples").start()

    async def made(self) -> list[str]:
        """The examples, once they are known."""
        while self._chosen is None:  # noqa: ASYNC110 - set by a thread, which has no loop to tell
            await anyio.sleep(0.1)
        return self._chosen

    def _choose(self, responder: _Answering) -> None:
        chosen: list[str] = []
        try:
            for question in choose_examples(responder):
                chosen.append(question)
                if not threading.main_thread().is_alive():  # the page has been closed, and waits for this
                    break
        except Exception:  # noqa: BLE001 - a page without examples is better than none
            _log.exception("no examples could be chosen")
        self._chosen = chosen


def _ranked(counts: Counter[str]) -> list[str]:
    """Those that are named often and in several words first; ties in the order of the text."""
    return [name for name, _ in sorted(counts.items(), key=lambda item: -item[1] * len(item[0].split()))]
