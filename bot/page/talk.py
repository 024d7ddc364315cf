"""What the page asks of the server in a conversation: an answer, the whole of it to keep, or to forget it.

Each is one request with one reply, so that an answer can't be taken for another question's, nor a failure.
"""

import logging
from dataclasses import dataclass
from typing import Any, TypeGuard

import anyio

from bot.page.conversation import Conversation, Conversations, previous
from bot.page.export import FILE_NAME, as_markdown
from bot.page.library import Library
from bot.page.transcript import broken_turn, turn

# Answering is one forward pass of the encoder, which takes one at a time; more threads than this only wait.
_AT_ONCE = 8
# Questions that may wait; beyond this a person is told that the page is busy.
_MAX_WAITING = 512
_log = logging.getLogger(__name__)


class Talk:
    """The conversations with one library. Whatever a browser sends is read as far as it makes sense."""

    def __init__(self, library: Library) -> None:
        """Nothing asked yet."""
        self._library = library
        self._conversations = Conversations()
        self._turns = anyio.CapacityLimiter(_AT_ONCE)

    async def ask(self, sent: Any) -> dict[str, Any]:
        """A question -> `html`, its turn, and `lost`: the numbers of the turns shown that are not remembered.

        Where too many wait already: the `failure` "busy".
        """
        asked = _asked(sent)
        if self._turns.statistics().tasks_waiting >= _MAX_WAITING:
            return {"failure": "busy"}
        conversation = self._conversations.of(asked.conversation)
        return await anyio.to_thread.run_sync(self._answered, conversation, asked, limiter=self._turns)

    def save(self, sent: Any) -> dict[str, str]:
        """The numbers of the turns shown -> a file's `name` and `text`."""
        asked = _asked(sent)
        answers = self._conversations.of(asked.conversation).shown(asked.shown)
        text = as_markdown(answers.values(), forgotten=len(answers) < len(asked.shown))
        return {"name": FILE_NAME, "text": text}

    def forget(self, sent: Any) -> dict[str, Any]:
        """Forgets a conversation."""
        self._conversations.forget(_asked(sent).conversation)
        return {}

    def _answered(self, conversation: Conversation, asked: "_Asked") -> dict[str, Any]:
        before = conversation.shown(asked.shown)
        lost = sorted(asked.shown - before.keys())
        try:
            answer = self._library.answer(asked.question, previous(before.values()), asked.sent)
            html = turn(answer, asked.number, forgotten=bool(lost))
        except Exception:  # noqa: BLE001 - whatever it is, the person must not be left waiting
            # A person sees a sentence, whoever runs the server the traceback.
            _log.exception("a question could not be answered")
            return {"html": broken_turn(asked.question, asked.number), "lost": []}
        conversation.add(asked.number, answer)
        return {"html": html, "lost": lost}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a browser sends along.

    Attributes:
        conversation: the number that its tab drew for it.
        question: as it was typed.
        number: of its turn.
        shown: the numbers of the turns that are shown, and remembered as far as the page knows.
        sent: all of it: the visit, and what is not ticked.
    """

    conversation: object
    question: str
    number: int
    shown: frozenset[int]
    sent: dict[str, Any]


def _asked(sent: Any) -> _Asked:
    """What a browser sent, whatever it is -> what of it makes sense."""
    sent = sent if isinstance(sent, dict) else {}
    question, number, shown = sent.get("question"), sent.get("number"), sent.get("shown")
    return _Asked(
        sent.get("conversation"),
        question if isinstance(question, str) else "",
        number if _is_number(number) else 0,
        frozenset(number for number in shown if _is_number(number)) if isinstance(shown, list) else frozenset(),
        sent,
    )


def _is_number(sent: object) -> TypeGuard[int]:
    """Whether a page counts so: JavaScript's whole numbers from 1."""
    return type(sent) is int and 0 < sent < 2**53
