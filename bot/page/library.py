"""All that one visit sees: the documents of the index, and those it brought itself."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from bot.answer import Answer, failed
from bot.page.pictures import Pictures
from bot.page.places import document_at
from bot.page.shelf import listing, ticked
from bot.page.uploads import Uploads
from bot.several import merged
from index.build import Progress
from index.documents import read_source
from index.records import Document
from index.snapshot import Snapshot

_NOTHING_TICKED = "no document is ticked; tick at least one of those in the list"
# Asked without them, it would look as if they held no answer.
_FILES_GONE = "the files that you added are no longer held; add them again"


class Answering(Protocol):
    """What the page needs of a responder; a test gives it a small one."""

    @property
    def snapshot(self) -> Snapshot:
        """What is quoted."""

    def answer(self, question: str, previous: str | None = None, *, documents: frozenset[str] | None = None) -> Answer:
        """A question, how the one before it was read, and which documents to ask (None: all) -> its answer."""

    def over(
        self, documents: Sequence[Document], progress: Progress = lambda *_: None, previous: Any = None
    ) -> "Answering":
        """Documents -> what answers from those alone, made sooner where there is one over some of them already."""

    def now(self) -> "Answering":
        """What answers from the index as it is now, though it be rebuilt meanwhile."""


class Library:
    """The documents of an index, their pictures, and the uploads where they are allowed."""

    def __init__(self, responder: Answering, *, allow_upload: bool = False) -> None:
        """Takes a responder; `allow_upload` lets visits bring files of their own."""
        self.responder = responder
        self.uploads = Uploads(responder) if allow_upload else None
        self._pictures = Pictures(self._file_of)

    @property
    def documents(self) -> Sequence[Document]:
        """Those of the index as it is now."""
        return self.responder.snapshot.contents.documents

    def shelf(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """What a browser sent -> a part of the list of the index as it is now, and which generation that is."""
        snapshot = self.responder.snapshot
        return {"generation": snapshot.id, **listing(snapshot.contents.documents, snapshot.built_at, sent)}

    def seen_by(self, sent: Mapping[str, Any]) -> Sequence[Document]:
        """What a browser sent (its `visit`) -> all documents that it sees."""
        brought = self.uploads.of(sent.get("visit")).documents if self.uploads is not None else ()
        return (*self.documents, *brought)

    def draw(self, sent: Mapping[str, Any]) -> Callable[..., list[dict[str, Any]]]:
        """What a browser sent (its `visit`) -> what draws the pages of a place in a document that it sees."""
        return lambda document, highlights: self._drawn_by(document, sent.get("visit")).of_place(document, highlights)

    def png(self, sha: str, number: int, visit: str, path: str) -> bytes | None:
        """The beginning of a document's hash, a page, a visit, and the file meant -> the page's picture, or None."""
        document = document_at(self.seen_by({"visit": visit}), sha, path)
        return self._drawn_by(document, visit).png(document, number) if document is not None else None

    def answer(self, question: str, previous: str | None, sent: Mapping[str, Any]) -> Answer:
        """A question, and what a browser sent (`visit`, `ticks`, how many files it `brought`) -> the answer."""
        brought = self.uploads.heard_of(sent.get("visit")) if self.uploads is not None else None
        if sent.get("brought") and not (brought and brought.files):
            return failed(question, _FILES_GONE, threshold=0.0)
        answers = []
        now = self.responder.now()  # so that what is ticked and what is asked are of one generation
        chosen = ticked(now.snapshot.contents.documents, sent)
        if chosen is None or chosen:
            answers.append(now.answer(question, previous, documents=chosen))
        if brought is not None and brought.asked is not None:
            chosen = ticked(brought.documents, sent, mine=True)
            if chosen is None or chosen:
                answers.append(brought.asked.answer(question, previous, documents=chosen))
        return merged(answers) if answers else failed(question, _NOTHING_TICKED, threshold=0.0)

    def _file_of(self, document: Document) -> tuple[str, bytes]:
        return read_source(Path(self.responder.snapshot.contents.corpus_root), document.path)

    def _drawn_by(self, document: Document, visit: object) -> Pictures:
        if self.uploads is not None and any(document is own for own in self.uploads.of(visit).documents):
            return Pictures(partial(self.uploads.file_of, visit))
        return self._pictures
