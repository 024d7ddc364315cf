"""A responder that follows its index: once a rebuild is current, the next question is asked of it.

So is what `quoth calibrate` and `quoth tune --keep` keep with the index, or forget.

A question in flight keeps the generation that it began with, to its end; others are answered from the old one while the
new one is opened. A new one that cannot be opened is passed over with a line in the log: the old one goes on, and after
a while the new one is tried again.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot import respond
from bot.answer import Answer
from bot.kept import file_state
from bot.respond import Responder, open_responder
from index.build import Progress
from index.errors import QuothError, SnapshotError
from index.records import Document
from index.snapshot import Snapshot, current_id
from index.snapshot.layout import FITTED, TUNED, generation_of

_log = logging.getLogger(__name__)
# Between two attempts to open a generation: doubled each time, up to the longest.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 60.0


class LiveResponder:
    """Answers from whatever generation of an index is current when a question comes."""

    def __init__(self, folder: Path, max_wrong: float | None = None) -> None:
        """Opens the index; arguments and errors as `open_responder`."""
        self._folder = folder
        self._max_wrong = max_wrong
        # Before opening: what changes meanwhile is noticed.
        self._opened = _state_of(folder)
        self._responder = open_responder(folder, max_wrong)
        self._opening = threading.Lock()
        self._refused = _Refusal()

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
            living = _state_of(self._folder)
        except SnapshotError:  # it is being repaired, or was lost: what is open still answers
            return self._responder
        if living != self._opened and self._opening.acquire(blocking=False):
            try:
                self._open(living)
            finally:
                self._opening.release()
        return self._responder

    def _open(self, living: "_State") -> None:
        """Opens a generation with what is kept for it, unless that failed just now."""
        # Repaired, a generation has the same name and another folder.
        tried = (living, _inode(generation_of(self._folder, living.id)))
        refused = self._refused if self._refused.tried == tried else _Refusal(tried)
        if time.monotonic() < refused.again_at:
            return
        try:
            self._responder = respond.reopened(self._responder, self._folder, self._max_wrong)
            self._opened = living
        except (QuothError, OSError, MemoryError) as error:
            reason = str(error) or type(error).__name__  # MemoryError says nothing
            if reason != refused.reason:
                what = f"generation {living.id}" if living.id != self._opened.id else "what was fitted or tuned"
                _log.warning("%s is passed over: %s", what, reason)
            pause = min(2 * refused.pause, _LONGEST_PAUSE_S)
            self._refused = _Refusal(tried, reason, pause, time.monotonic() + pause)


@dataclass(frozen=True, slots=True)
class _State:
    """What an index is asked with: its living generation, and the files kept beside it (inode, time, size, or None)."""

    id: str
    kept: tuple[tuple[int, int, int] | None, ...] = ()


def _state_of(folder: Path) -> _State:
    """Index folder -> its state now; errors as `current_id`."""
    return _State(current_id(folder), tuple(file_state(folder / name) for name in (FITTED, TUNED)))


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A generation that could not be opened: its name and its folder's inode, why, and when that is tried again.

    It may have been for want of memory or of files that may be open, which passes; what is damaged stays so, and trying
    costs whoever asks.
    """

    tried: tuple[_State, int] = (_State(""), 0)
    reason: str = ""
    pause: float = _FIRST_PAUSE_S / 2
    again_at: float = 0.0


def _inode(folder: Path) -> int:
    try:
        return folder.stat().st_ino
    except OSError:
        return 0
