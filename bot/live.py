"""A responder that follows its index: once a rebuild is current, the next question is asked of it.

A question in flight keeps the generation that it began with, to its end; others are answered from the old one while the
new one is opened. A new one that cannot be opened is passed over with a line in the log: the old one goes on.
"""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

from bot import respond
from bot.answer import Answer
from bot.respond import Responder, open_responder
from index.build import Progress
from index.errors import QuothError, SnapshotError
from index.records import Document
from index.snapshot import Snapshot, current_id
from index.snapshot.layout import generation_of

_log = logging.getLogger(__name__)


class LiveResponder:
    """Answers from whatever generation of an index is current when a question comes."""

    def __init__(self, folder: Path) -> None:
        """Opens the index; errors as `open_responder`."""
        self._folder = folder
        self._responder = open_responder(folder)
        self._opening = threading.Lock()
        # A generation that could not be opened, and its folder's inode: it is not tried again. Repaired, it has the
        # same name and another folder.
        self._refused = (self._responder.snapshot.id, 0)

    @property
    def snapshot(self) -> Snapshot:
        """The generation that is current now."""
        return self.now().snapshot

    def answer(
        self,
        question: str,
        previous: str | None = None,
        id: str | None = None,
        documents: frozenset[str] | None = None,
    ) -> Answer:
        """A question -> its answer, wholly from one generation; see `Responder.answer`."""
        return self.now().answer(question, previous, id, documents)

    def over(
        self,
        documents: Sequence[Document],
        progress: Progress = lambda *_: None,
        previous: Responder | None = None,
    ) -> Responder:
        """Documents -> a responder that asks those alone, and follows no index; see `Responder.over`."""
        return self.now().over(documents, progress, previous)

    def now(self) -> Responder:
        """The responder of the current generation."""
        try:
            living = current_id(self._folder)
        except SnapshotError:  # it is being repaired, or was lost: what is open still answers
            return self._responder
        if (
            living != self._responder.snapshot.id
            and (seen := (living, _inode(generation_of(self._folder, living)))) != self._refused
            and self._opening.acquire(blocking=False)
        ):
            try:
                self._responder = respond.reopened(self._responder, self._folder)
            except (QuothError, OSError) as error:
                _log.warning("generation %s is passed over: %s", living, error)
                self._refused = seen
            finally:
                self._opening.release()
        return self._responder


def _inode(folder: Path) -> int:
    try:
        return folder.stat().st_ino
    except OSError:
        return 0
