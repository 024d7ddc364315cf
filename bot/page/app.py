"""The Gradio page: one component that is the whole page, its events, and the person's conversation.

Gradio brings the queue, the sessions and the transport. The look is ours (`assets/`); it is not in Gradio's hands,
because its chat component reads its raw HTML out to screen readers and its templates evaluate what they show.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from itertools import count
from typing import Any, TypeGuard

import gradio as gr

from bot.page.conversation import Conversation, previous
from bot.page.examples import Examples
from bot.page.export import FILE_NAME, as_markdown
from bot.page.library import Library
from bot.page.source import open_more, open_place
from bot.page.transcript import broken_turn, turn
from bot.page.uploads import MAX_FILE_BYTES, MAX_FILES
from bot.page.words import FAILURES, FORGOTTEN
from index.errors import SnapshotDamaged

# Answering is one forward pass of the encoder, which takes one at a time; more threads than this only wait.
_AT_ONCE = 8
# Questions that may wait; beyond this a person is told that the page is busy.
_MAX_WAITING = 512
# The names of the page's own events are looked up in this string by Gradio: they must stand in it in quotes.
_ON_LOAD = """
window.quoth({element, trigger, props, server, watch});
// events: "ask" "halt" "forget" "save"
"""
_log = logging.getLogger(__name__)


def build_page(library: Library, *, signed_in: bool = False) -> gr.Blocks:
    """A library -> the page, ready to be mounted; `signed_in` offers to sign out."""
    examples = Examples(library.responder)
    nonces = count()  # the page watches its value: the same one twice would be no news

    def open_source(asked: Any) -> dict[str, Any]:
        return _opened(lambda sent: open_place(library.seen_by(sent), sent, library.draw(sent)), asked)

    def more_source(asked: Any) -> dict[str, Any]:
        return _opened(lambda sent: open_more(library.seen_by(sent), sent), asked)

    def list_documents(asked: Any) -> dict[str, Any] | None:
        shelf = library.shelf()
        known = asked.get("generation") if isinstance(asked, dict) else None
        return shelf if shelf["generation"] != known else None  # nothing, where there is nothing new

    async def list_examples(_: Any) -> list[str]:
        return await examples.chosen()

    def ask(conversation: Conversation, event: gr.EventData) -> tuple[dict[str, Any], Conversation]:
        asked = _asked(event)
        question, number = asked.question, asked.number
        before = conversation.shown(asked.shown)
        try:
            answer = library.answer(question, previous(before), asked.sent)
            html = turn(answer, number, forgotten=len(before) < len(asked.shown))
        except Exception:  # noqa: BLE001 - whatever it is, the person must not be left waiting
            # A person sees a sentence, whoever runs the server the traceback.
            _log.exception("a question could not be answered")
            return {"kind": "turn", "number": number, "html": broken_turn(question, number)}, conversation
        conversation.add(number, answer)
        return {"kind": "turn", "number": number, "html": html}, conversation

    def forget(conversation: Conversation) -> tuple[dict[str, Any], Conversation]:
        conversation.shown(())
        return {"kind": "cleared", "nonce": next(nonces)}, conversation

    def save(conversation: Conversation, event: gr.EventData) -> tuple[dict[str, Any], Conversation]:
        shown = _asked(event).shown
        answers = conversation.shown(shown)
        text = as_markdown(answers, forgotten=len(answers) < len(shown))
        return {"kind": "file", "name": FILE_NAME, "text": text, "nonce": next(nonces)}, conversation

    blocks = gr.Blocks(title="Quoth", analytics_enabled=False, fill_width=True)
    with blocks:
        state = gr.State(Conversation())
        # Nothing of a document ever stands in the template, which Gradio evaluates; `props` are data.
        page: Any = gr.HTML(
            value=None,
            html_template=files("bot.page").joinpath("assets/page.html").read_text(encoding="utf-8"),
            js_on_load=_ON_LOAD,
            apply_default_css=False,
            server_functions=[open_source, more_source, list_documents, list_examples],
            shelf=library.shelf(),
            signed_in=signed_in,
            failures=FAILURES,
            forgotten=FORGOTTEN,
            uploads={"files": MAX_FILES, "bytes": MAX_FILE_BYTES} if library.uploads is not None else None,
        )
        asking = page.ask(
            ask,
            inputs=[state],
            outputs=[page, state],
            show_progress="hidden",
            concurrency_limit=_AT_ONCE,
            # A question that was stopped may still be under way; "once" would swallow the next one.
            trigger_mode="multiple",
            api_visibility="private",
        )
        # Gradio's own word for it, a toast, is hidden (page.css): the page finds out why and says it itself.
        asking.failure(None, js="() => window.quoth.failed()", api_visibility="private")
        page.halt(None, cancels=[asking], api_visibility="private")
        for listen, change in ((page.forget, forget), (page.save, save)):
            changing = listen(
                change, inputs=[state], outputs=[page, state], show_progress="hidden", api_visibility="private"
            )
            changing.failure(None, js="() => window.quoth.failed()", api_visibility="private")
    blocks.queue(max_size=_MAX_WAITING)
    return blocks


def _opened(open_it: Callable[[dict[str, Any]], dict[str, Any]], asked: Any) -> dict[str, Any]:
    """What a browser asks to see, whatever it is -> what the panel shows of the index as it is now.

    The index may have been rebuilt since the page was made.
    """
    try:
        return open_it(asked if isinstance(asked, dict) else {})
    except SnapshotDamaged as error:
        return {"found": False, "message": str(error)}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a browser sends along.

    Attributes:
        question: as it was typed.
        number: of its turn.
        shown: the numbers of the turns that are shown, and remembered as far as the page knows.
        sent: all of it: the visit, and what is not ticked.
    """

    question: str
    number: int
    shown: frozenset[int]
    sent: dict[str, Any]


def _asked(event: gr.EventData) -> _Asked:
    """What a browser sent, whatever it is -> what of it makes sense."""
    sent = event._data if isinstance(event._data, dict) else {}  # noqa: SLF001 - its only way in that takes any name
    question, number, shown = sent.get("question"), sent.get("number"), sent.get("shown")
    return _Asked(
        question if isinstance(question, str) else "",
        number if _is_number(number) else 0,
        frozenset(number for number in shown if _is_number(number)) if isinstance(shown, list) else frozenset(),
        sent,
    )


def _is_number(sent: object) -> TypeGuard[int]:
    """Whether a page counts so: JavaScript's whole numbers from 1."""
    return type(sent) is int and 0 < sent < 2**53
