"""What is asked in each tab: kept by the server for a while, seen by nobody else."""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable

from bot.answer import Answer

# More than anybody asks; it only bounds the memory of a tab that a program drives.
MAX_TURNS = 500
MAX_CONVERSATIONS = 1_000
_IDLE_S = 12 * 3600
_NUMBER = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Conversation:
    """The answers so far, each under the number that the page gave its question.

    The page decides what belongs to it: a question that was stopped may be answered all the same, and late, so each
    time the page says which turns it shows. Changed in place, so that answers that come at the same time don't
    overwrite each other; every change is a single operation on a dict, so threads need no lock.
    """

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        """Nothing asked yet."""
        self._answers: dict[int, Answer] = {}

    def shown(self, numbers: Collection[int]) -> dict[int, Answer]:
        """The numbers of the turns that the page shows -> their answers, in the order they were asked.

        Fewer than the numbers where some are not remembered: the server was restarted, or they are too many.
        """
        answers = self._answers.copy()
        return {number: answers[number] for number in sorted(answers) if number in numbers}

    def add(self, number: int, answer: Answer) -> None:
        """Remembers an answer; beyond `MAX_TURNS`, the oldest go."""
        self._answers[number] = answer
        for old in list(self._answers)[:-MAX_TURNS]:
            self._answers.pop(old, None)


class Conversations:
    """Those of all tabs, each under a number that the tab draws by lot and only it knows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Has none yet; `clock` counts seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._of: OrderedDict[str, tuple[Conversation, float]] = OrderedDict()  # the longest idle one first

    def of(self, number: object) -> Conversation:
        """A conversation's number as a browser sent it -> the conversation; one that nobody keeps where it is none."""
        if not isinstance(number, str) or _NUMBER.fullmatch(number) is None:
            return Conversation()
        now = self._clock()
        with self._lock:
            while self._of and now - next(iter(self._of.values()))[1] > _IDLE_S:
                self._of.popitem(last=False)
            conversation, _ = self._of.pop(number, (Conversation(), now))
            self._of[number] = (conversation, now)
            while len(self._of) > MAX_CONVERSATIONS:
                self._of.popitem(last=False)
        return conversation

    def forget(self, number: object) -> None:
        """Forgets a conversation."""
        with self._lock:
            if isinstance(number, str):
                self._of.pop(number, None)


def previous(answers: Iterable[Answer]) -> str | None:
    """Answers, oldest first -> what a follow-up refers to: how the last question that could be asked was read."""
    readable = (answer.resolved_question for answer in reversed([*answers]) if answer.verdict != "error")
    return next(readable, None)
