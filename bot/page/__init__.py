"""The page: questions in a browser, quotes with their sources beside them.

The modules in the order of a request's way in and an answer's way out: `listening` (the socket) -> `server` (our files
and Gradio's page as one application) -> `security` (Host, paths, headers) -> `door` and `users` (who may come in) ->
`app` (events, one `conversation` a tab) -> `library` (what a visit sees: the index and its `uploads`) ->
`transcript` (Answer -> HTML), `source` (place -> text in pieces), `pictures` (place -> pages of a PDF), `shelf`
(documents -> the list with its ticks), `accuracy` (the last report of `quoth eval`) -> `assets/` (what runs in the
browser). Whatever text of a document or a person becomes HTML passes an `escape`. The only package that imports Gradio.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.page.hosts import Hosts, require_users
from bot.page.users import Admits, UserFile

if TYPE_CHECKING:
    from bot.page.library import Answering

# Where `quoth eval` writes, and the view Accuracy looks, unless told otherwise.
REPORT = Path("accuracy-report")


def who_may_come_in(host: str, auth_file: Path | None, names: Iterable[str] = ()) -> Admits | None:
    """What the command line says of access -> the users, None for everybody; costs nothing, so it can come first.

    Args:
        host: the address that will be listened on.
        auth_file: of the users (see `users`); needed where others reach the address.
        names: host names under which the page may be asked for, besides its address.

    Raises:
        ServerError: the file cannot be read, there is none though others reach the address, or a name is none.
    """
    users = UserFile(auth_file) if auth_file is not None else None
    require_users(host, users)
    Hosts.of(host, names)
    return users


def serve(
    responder: "Answering",
    host: str = "127.0.0.1",
    port: int = 7860,
    announce: Callable[[str], object] = print,
    *,
    users: Admits | None = None,
    names: Iterable[str] = (),
    allow_upload: bool = False,
    report: Path = REPORT,
) -> None:
    """Serves the page until it is interrupted.

    Args:
        responder: answers the questions.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        announce: is told `Quoth is at http://...` once the page can be opened.
        users: who may come in (see `who_may_come_in`); None lets everybody in who reaches the address.
        names: host names under which the page may be asked for, besides its address.
        allow_upload: whether people may drop in files of their own, to ask those.
        report: the folder of the report that the view Accuracy shows.

    Raises:
        ServerError: the address cannot be listened on, there are no users though others reach it, or a name is none.
    """
    stay_offline()
    from bot.page.server import Server  # noqa: PLC0415 - takes seconds, so only once a page is really wanted

    server = Server(responder, host, port, users=users, names=names, allow_upload=allow_upload, report=report)
    server.run(lambda address: announce(f"Quoth is at {address}"))


def stay_offline() -> None:
    """Tells Gradio and the model hub's client, before they are imported, to ask no host."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
