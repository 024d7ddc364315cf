"""What runs in a worker process: one file after another from standard input, its documents to standard output.

A request is a line of JSON and then bytes; so is a reply. Nothing that a reply holds is ever executed. Before the first
file the process gives up what it does not need: memory beyond the limit, and, as far as Python and the system's limits
reach, writing to files, hosts and other programs. Machine code that a flaw in a parser let in is not held.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import resource
import select
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from index.errors import DocumentError
from index.loaders import load_file, part_of, reason_of
from index.loaders.kinds import Kind
from index.records import document_as_json

# What a reply may hold: the places of paragraphs, lines and rows, and 50 million characters of four bytes each.
MAX_HEADER_BYTES = 64 * 1024 * 1024
MAX_BODY_BYTES = 256 * 1024 * 1024
# What no loader does. An audit hook cannot be taken away again.
_FORBIDDEN = (
    "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.remove", "os.rename", "os.rmdir",
    "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate", "shutil.", "ftplib.", "smtplib.",
    "urllib.", "webbrowser.", "http.client",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main(memory_bytes: int, cpu_s: int) -> None:
    """Serves requests until standard input ends; that it ends amid a file ends the process at once.

    Args:
        memory_bytes: how much address space loading may take.
        cpu_s: how much processor time the process may take altogether.
    """
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints goes nowhere
    _import_all()
    _limit(memory_bytes, cpu_s)
    sys.addaudithook(_refuse)
    while line := requests.readline():
        asked = json.loads(line)
        data = requests.read(asked["bytes"])
        with _ending_with_who_asks():
            header, body = _bounded(*_answer(asked, data))
            del data
        replies.write(header)
        replies.write(body)
        replies.flush()
        del body


@contextlib.contextmanager
def _ending_with_who_asks() -> Iterator[None]:
    """Within it, the process ends as soon as the one that asks is gone, however busy a parser keeps it.

    While a file is read nothing is written to standard input: all that can happen there is that it is closed. The
    kernel tells that by SIGIO, which ends a process that does not handle it; Python has no part in that, so it works
    amid a parser that never comes back to Python. Where a system sends no such signal for pipes, the limit on processor
    time remains.
    """
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    before = fcntl.fcntl(0, fcntl.F_GETFL)
    fcntl.fcntl(0, fcntl.F_SETFL, before | os.O_ASYNC)
    hung_up = select.poll()
    hung_up.register(0, select.POLLHUP)
    if any(what & select.POLLHUP for _, what in hung_up.poll(0)):  # it was closed a moment before
        os._exit(1)
    try:
        yield
    finally:
        fcntl.fcntl(0, fcntl.F_SETFL, before)


def _bounded(header: Mapping[str, Any], body: bytes) -> tuple[bytes, bytes]:
    """A reply's header and bytes -> the header as a line, and the bytes; a refusal where they are too many."""
    line = json.dumps({**header, "bytes": len(body)}).encode() + b"\n"
    if len(line) <= MAX_HEADER_BYTES and len(body) <= MAX_BODY_BYTES:
        return line, body
    reason = f"too large: gives {len(line) + len(body):,} bytes of text and places; split it"
    return json.dumps({"refused": reason, "bytes": 0}).encode() + b"\n", b""


def _answer(asked: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """A request and its bytes -> the reply's header and bytes; whatever goes wrong is the reply."""
    try:
        return _TASKS[asked["task"]](asked, data)
    except Exception as error:  # noqa: BLE001 - the process that asks is told of every one
        return {"refused": reason_of(error)}, b""


def _load(asked: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    loaded = load_file(asked["path"], data, attached=asked["attached"])
    texts = [document.text.encode("utf-8", "surrogatepass") for document in loaded.documents]
    entries = [
        {**document_as_json(document), "text": len(text)}
        for document, text in zip(loaded.documents, texts, strict=True)
    ]
    left_out = [[item.path, item.reason, item.failed] for item in loaded.left_out]
    return {"documents": entries, "left_out": left_out}, b"".join(texts)


def _picture(asked: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from index.loaders.picture import draw_page  # noqa: PLC0415 - needed by the page alone

    data = part_of(asked["path"], data, asked["part"])
    if hashlib.sha256(data).hexdigest() != asked["sha256"]:
        raise DocumentError("has changed since it was indexed")
    picture = draw_page(data, asked["page"], [(first, length) for first, length in asked["runs"]])
    return {"width": picture.width, "height": picture.height, "boxes": picture.boxes}, picture.png


_TASKS: Mapping[str, Callable[[Mapping[str, Any], bytes], tuple[dict[str, Any], bytes]]] = {
    "load": _load,
    "picture": _picture,
}


def _import_all() -> None:
    """Imports every loader while files may still be opened at will."""
    from index.loaders import loader_for  # noqa: PLC0415 - beside the list it walks

    for kind in Kind:
        loader_for(kind)


def _limit(memory_bytes: int, cpu_s: int) -> None:
    taken = _address_space()
    # Best effort where a system does not know a limit; the parent's clock always holds. Where it is not known how much
    # address space is taken already (macOS), it cannot be limited.
    limits = [(resource.RLIMIT_AS, taken + memory_bytes)] if taken else []
    for kind, value in (
        *limits,
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def _address_space() -> int:
    """How much address space this process has taken already, in bytes; 0 where that cannot be told."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a moment before opening is over
            return int(file.read().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return 0


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES
    if writes or event.startswith(_FORBIDDEN):
        raise PermissionError(f"a loader may not: {event}")
