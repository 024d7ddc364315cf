"""The Gradio page: one component that is the whole page, its events, and the person's conversation.

Gradio brings the queue, the sessions and the transport. The look is ours (`assets/`); it is not in Gradio's hands,
because its chat component reads its raw HTML out to screen readers and its templates evaluate what they show.
"""

import logging
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Protocol

import gradio as gr

from bot.answer import Answer
from bot.page.conversation import Conversation
from bot.page.examples import Examples
from bot.page.export import FILE_NAME, as_markdown
from bot.page.source import list_documents, open_more, open_place
from bot.page.transcript import broken_turn, turn
from index.errors import SnapshotDamaged
from index.snapshot import Snapshot

# Answering is one forward pass of the encoder, which takes one at a time; more threads than this only wait.
_AT_ONCE = 8
# Questions that may wait; beyond this a person is told that the page is busy.
_MAX_WAITING = 512
_DOCUMENTS_LISTED = 200
# The names of the page's own events are looked up in this string by Gradio: they must stand in it in quotes.
_ON_LOAD = """
window.quoth({element, trigger, props, server, watch});
// events: "ask" "halt" "forget" "save"
"""
_log = logging.getLogger(__name__)


class Answering(Protocol):
    """What the page needs of a responder; a test gives it a small one."""

    @property
    def snapshot(self) -> Snapshot:
        """What is quoted."""

    def answer(self, question: str, previous: str | None = None) -> Answer:
        """A question, and how the one before it was read -> its answer."""


def build_page(responder: Answering, *, signed_in: bool = False) -> gr.Blocks:
    """A responder -> the page, ready to be mounted; `signed_in` offers to sign out."""
    documents = responder.snapshot.contents.documents
    examples = Examples(responder)

    def source(open_it: Callable[..., dict[str, Any]], asked: Any) -> dict[str, Any]:
        # Of the index as it is now: it may have been rebuilt since the page was made.
        try:
            return open_it(responder.snapshot.contents.documents, asked if isinstance(asked, dict) else {})
        except SnapshotDamaged as error:
            return {"found": False, "message": str(error)}

    def open_source(asked: Any) -> dict[str, Any]:
        return source(open_place, asked)

    def more_source(asked: Any) -> dict[str, Any]:
        return source(open_more, asked)

    async def list_examples(_: Any) -> list[str]:
        return await examples.chosen()

    def ask(conversation: Conversation, event: gr.EventData) -> tuple[dict[str, Any], Conversation]:
        question, number = _asked(event)
        try:
            answer = responder.answer(question, conversation.previous)
            html = turn(answer, number)
        except Exception:  # noqa: BLE001 - whatever it is, the person must not be left waiting
            # A person sees a sentence, whoever runs the server the traceback.
            _log.exception("a question could not be answered")
            return {"kind": "turn", "number": number, "html": broken_turn(question, number)}, conversation
        return {"kind": "turn", "number": number, "html": html}, conversation.with_answer(answer)

    def forget() -> tuple[dict[str, Any], Conversation]:
        conversation = Conversation()
        return {"kind": "cleared", "nonce": id(conversation)}, conversation

    def save(conversation: Conversation) -> dict[str, Any]:
        text = as_markdown(conversation.answers)
        return {"kind": "file", "name": FILE_NAME, "text": text, "nonce": id(text)}

    blocks = gr.Blocks(title="Quoth", analytics_enabled=False, fill_width=True)
    with blocks:
        state = gr.State(Conversation())
        # Nothing of a document ever stands in the template, which Gradio evaluates; `props` are data.
        page: Any = gr.HTML(
            value=None,
            html_template=files("bot.page").joinpath("assets/page.html").read_text(encoding="utf-8"),
            js_on_load=_ON_LOAD,
            apply_default_css=False,
            server_functions=[open_source, more_source, list_examples],
            documents=list_documents(documents, _DOCUMENTS_LISTED),
            documents_facts=_documents_facts(len(documents)),
            signed_in=signed_in,
        )
        asking = page.ask(
            ask,
            inputs=[state],
            outputs=[page, state],
            show_progress="hidden",
            concurrency_limit=_AT_ONCE,
            api_visibility="private",
        )
        # Gradio's own word for it is a toast; the page says in the turn itself that no answer came.
        asking.failure(None, js="() => window.quoth.failed()", api_visibility="private")
        page.halt(None, cancels=[asking], api_visibility="private")
        page.forget(forget, outputs=[page, state], show_progress="hidden", api_visibility="private")
        page.save(save, inputs=[state], outputs=[page], show_progress="hidden", api_visibility="private")
    blocks.queue(max_size=_MAX_WAITING)
    return blocks


def _asked(event: gr.EventData) -> tuple[str, int]:
    """What a browser sent -> question and its number there, whatever it sent."""
    sent = event._data if isinstance(event._data, dict) else {}  # noqa: SLF001 - its only way in that takes any name
    question, number = sent.get("question"), sent.get("number")
    return question if isinstance(question, str) else "", number if type(number) is int else 0


def _documents_facts(count: int) -> str:
    counted = "1 document" if count == 1 else f"{count:,} documents"
    return counted if count <= _DOCUMENTS_LISTED else f"{counted}, the first {_DOCUMENTS_LISTED} of them here"
