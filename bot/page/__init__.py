"""The page: questions in a browser, quotes with their sources beside them.

The modules in the order of an answer's way to the eye: `server` (socket, guard, files) -> `app` (events, state) ->
`transcript` (Answer -> HTML), `source` (place -> text in pieces) -> `assets/` (what runs in the browser). Whatever
text of a document or a person becomes HTML passes `escape`. The only package that imports Gradio.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.page.app import Answering


def serve(
    responder: "Answering", host: str = "127.0.0.1", port: int = 7860, announce: Callable[[str], object] = print
) -> None:
    """Serves the page until it is interrupted.

    Args:
        responder: answers the questions.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        announce: is told `Quoth is at http://...` once the page can be opened.

    Raises:
        ServerError: the address cannot be listened on.
    """
    stay_offline()
    from bot.page.server import Server  # noqa: PLC0415 - takes seconds, so only once a page is really wanted

    Server(responder, host, port).run(lambda address: announce(f"Quoth is at {address}"))


def stay_offline() -> None:
    """Tells Gradio and the model hub's client, before they are imported, to ask no host."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
