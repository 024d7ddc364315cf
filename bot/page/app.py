"""The Gradio page: one component that is the whole page, and the functions of the server that its script calls.

Gradio brings the sessions and the transport. The look is ours (`assets/`); it is not in Gradio's hands, because its
chat component reads its raw HTML out to screen readers and its templates evaluate what they show. Nor are questions
its events: it tells of the news of a page by their last state, in which one of two answers that come together is lost,
and stopping one event stops whichever is the latest of its kind.
"""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import gradio as gr

from bot.page.accuracy import Accuracy
from bot.page.examples import Examples
from bot.page.library import Library
from bot.page.source import open_more, open_place
from bot.page.talk import Talk
from bot.page.uploads import MAX_FILE_BYTES, MAX_FILES
from bot.page.words import FAILURES, FORGOTTEN
from index.errors import SnapshotDamaged


def build_page(library: Library, accuracy: Accuracy, *, signed_in: bool = False) -> gr.Blocks:
    """A library and the last report -> the page, ready to be mounted; `signed_in` offers to sign out."""
    examples = Examples(library.responder)
    talk = Talk(library)

    # Gradio marks the functions, which it can't do to methods.
    async def ask_question(sent: Any) -> dict[str, Any]:
        return await talk.ask(sent)

    def save_conversation(sent: Any) -> dict[str, str]:
        return talk.save(sent)

    def forget_conversation(sent: Any) -> dict[str, Any]:
        return talk.forget(sent)

    def open_source(asked: Any) -> dict[str, Any]:
        return _opened(lambda sent: open_place(library.seen_by(sent), sent, library.draw(sent)), asked)

    def more_source(asked: Any) -> dict[str, Any]:
        return _opened(lambda sent: open_more(library.seen_by(sent), sent), asked)

    def list_documents(asked: Any) -> dict[str, Any]:
        return library.shelf(asked if isinstance(asked, dict) else {})

    def show_accuracy(_: Any) -> dict[str, str]:
        return accuracy.view()

    async def list_examples(_: Any) -> list[str]:
        return await examples.chosen()

    blocks = gr.Blocks(title="Quoth", analytics_enabled=False, fill_width=True)
    with blocks:
        # Nothing of a document ever stands in the template, which Gradio evaluates; `props` are data.
        gr.HTML(
            value=None,
            html_template=files("bot.page").joinpath("assets/page.html").read_text(encoding="utf-8"),
            js_on_load="window.quoth({element, props, server});",
            apply_default_css=False,
            server_functions=[
                ask_question,
                save_conversation,
                forget_conversation,
                open_source,
                more_source,
                list_documents,
                list_examples,
                show_accuracy,
            ],
            shelf=library.shelf({}),
            signed_in=signed_in,
            failures=FAILURES,
            forgotten=FORGOTTEN,
            uploads={"files": MAX_FILES, "bytes": MAX_FILE_BYTES} if library.uploads is not None else None,
        )
    return blocks


def _opened(open_it: Callable[[dict[str, Any]], dict[str, Any]], asked: Any) -> dict[str, Any]:
    """What a browser asks to see, whatever it is -> what the panel shows of the index as it is now.

    The index may have been rebuilt since the page was made.
    """
    try:
        return open_it(asked if isinstance(asked, dict) else {})
    except SnapshotDamaged as error:
        return {"found": False, "message": str(error)}
