"""The Gradio page: one component that is the whole page, its events, and the person's conversation.

Gradio brings the queue, the sessions and the transport. The look is ours (`assets/`); it is not in Gradio's hands,
because its chat component reads its raw HTML out to screen readers and its templates evaluate what they show.
"""

import logging
from importlib.resources import files
from typing import Any

import gradio as gr

from bot.page.conversation import Conversation
from bot.page.examples import Examples
from bot.page.export import FILE_NAME, as_markdown
from bot.page.library import Library
from bot.page.shelf import count_of, shelve
from bot.page.source import open_more, open_place
from bot.page.transcript import broken_turn, turn
from bot.page.uploads import MAX_FILE_BYTES, MAX_FILES

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

    def open_source(asked: Any) -> dict[str, Any]:
        sent = asked if isinstance(asked, dict) else {}
        return open_place(library.seen_by(sent), sent, library.draw(sent))

    def more_source(asked: Any) -> dict[str, Any]:
        sent = asked if isinstance(asked, dict) else {}
        return open_more(library.seen_by(sent), sent)

    async def list_examples(_: Any) -> list[str]:
        return await examples.chosen()

    def ask(conversation: Conversation, event: gr.EventData) -> tuple[dict[str, Any], Conversation]:
        question, number, sent = _asked(event)
        try:
            answer = library.answer(question, conversation.previous, sent)
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
            documents=shelve(library.documents, library.responder.snapshot.built_at),
            documents_facts=count_of(library.documents),
            signed_in=signed_in,
            uploads={"files": MAX_FILES, "bytes": MAX_FILE_BYTES} if library.uploads is not None else None,
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


def _asked(event: gr.EventData) -> tuple[str, int, dict[str, Any]]:
    """What a browser sent -> question, its number there, and all of it, whatever it sent."""
    sent = event._data if isinstance(event._data, dict) else {}  # noqa: SLF001 - its only way in that takes any name
    question, number = sent.get("question"), sent.get("number")
    return question if isinstance(question, str) else "", number if type(number) is int else 0, sent
