"""Worker processes that read documents: a crash, a hang or an explosion in a parser ends one of them, not the build.

Each process reads one file at a time and is replaced after some of them, or whenever one of them did it harm. The
protocol is JSON and bytes over pipes (see `index.loaders.worker`); nothing that comes back is executed.
"""

import atexit
import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from index.errors import DocumentError
from index.loaders import NOT_PARSED, OUT_OF_MEMORY, Loaded
from index.loaders.kinds import SUFFIXES, Kind
from index.loaders.worker import MAX_BODY_BYTES, MAX_HEADER_BYTES
from index.records import Document, LeftOut, fields_from_json

_FILES_PER_PROCESS = 200
# Where modules are found, as it was when this one was: the current folder may be another by the time they are needed.
_PATH = [str(Path(entry).resolve()) for entry in sys.path]
_PIECE = 1 << 16
_MAX_PROCESSES = 4
# How the reasons begin after which a process may be left in any state, and those for which it had to be ended.
_HARM = (NOT_PARSED, OUT_OF_MEMORY)
# Of the time that a mail may take, the share in which it is read with its attachments; in the rest, without them.
_FIRST_TRY = 2 / 3
_ATTACHED = re.compile(rb"content-(?:disposition\b|type\s*:\s*(?!text/)\S)", re.IGNORECASE)
# How often a file is tried whose process took its end for ours.
_TRIES = 3
CRASHED, TIMED_OUT = "damaged: its parser crashed", "timed out: was not read"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: wall-clock seconds, and bytes of memory."""

    seconds: float = 60.0
    memory_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker answered: the header and the bytes that follow it."""

    header: Mapping[str, Any]
    body: bytes


class Workers:
    """A few worker processes, started when needed, shared by whoever asks, from any thread."""

    def __init__(self, limits: Limits | None = None, n_processes: int | None = None) -> None:
        """Starts none yet; by default as many run at once as there are processors, at most four."""
        self._limits = limits or Limits()
        self.n_processes = n_processes or min(_MAX_PROCESSES, os.cpu_count() or 1)
        self._idle: list[_Process] = []
        self._at_work: set[_Process] = set()
        self._lock = threading.Lock()
        self._may_run = threading.BoundedSemaphore(self.n_processes)

    def load(self, path: str, data: bytes) -> Loaded:
        """A file's name and bytes -> its documents, and the attachments that were left out.

        Where a mail's attachments crash or hang what reads them, all of them are left out, and the mail itself is read;
        both tries together take no longer than one file may.

        Raises:
            DocumentError: the file cannot be read within the limits; the message is the reason.
        """
        seconds = self._limits.seconds
        if not _may_have_attachments(path, data):
            return self._load(path, data, seconds)
        try:
            return self._load(path, data, seconds * _FIRST_TRY)
        except DocumentError as error:
            if not str(error).startswith((CRASHED, TIMED_OUT)):
                raise
            reason = f"{error}, with what is attached"
        try:
            alone = self._load(path, data, seconds * (1 - _FIRST_TRY), attached=False)
        except DocumentError as error:
            if not str(error).startswith(TIMED_OUT):
                raise
            raise DocumentError(f"{TIMED_OUT} within {seconds:g} seconds, even without what is attached") from None
        return Loaded(alone.documents, (LeftOut(f"{path}/*", reason),))

    def _load(self, path: str, data: bytes, seconds: float, *, attached: bool = True) -> Loaded:
        reply = self.ask({"task": "load", "path": path, "attached": attached}, data, seconds)
        documents: list[Document] = []
        at = 0
        try:
            for entry in reply.header["documents"]:
                text = reply.body[at : at + entry["text"]].decode()
                documents.append(Document(**fields_from_json(entry), text=text))
                at += entry["text"]
            return Loaded(tuple(documents), tuple(LeftOut(*item) for item in reply.header["left_out"]))
        except (KeyError, TypeError, ValueError) as error:
            raise DocumentError(f"{NOT_PARSED}: its parser answered nonsense ({type(error).__name__})") from None

    def ask(self, request: Mapping[str, Any], data: bytes, seconds: float | None = None) -> Reply:
        """A request with its bytes -> the reply, within so many seconds; by default, within those that a file may take.

        Raises:
            DocumentError: the worker refused, crashed, or took too long or too much.
        """
        for _ in range(_TRIES):
            with contextlib.suppress(_Mistaken):
                return self._ask(request, data, seconds)
        raise DocumentError(f"{CRASHED} {_TRIES} times")

    def _ask(self, request: Mapping[str, Any], data: bytes, seconds: float | None) -> Reply:
        with self._may_run:
            process = self._take()
            try:
                reply = process.exchange(request, data, self._limits.seconds if seconds is None else seconds)
            except BaseException:
                self._at_work.discard(process)
                process.kill()
                raise
            self._at_work.discard(process)
            refused = reply.header.get("refused")
            # A parser that failed half-way may have left anything behind.
            if any(reason.startswith(_HARM) for reason in _reasons(reply.header)):
                process.kill()
            else:
                self._give_back(process)
        if refused is not None:
            raise DocumentError(str(refused))
        return reply

    def close(self) -> None:
        """Ends all processes; a file that one of them is reading is refused. Whoever asks again starts new ones."""
        with self._lock:
            idle, self._idle = self._idle, []
            at_work = list(self._at_work)
        for process in idle:
            process.kill()
        for process in at_work:
            process.interrupt()

    def _take(self) -> "_Process":
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.is_alive:
                    self._at_work.add(process)
                    return process
                process.kill()
        process = _Process(self._limits)
        with self._lock:
            self._at_work.add(process)
        return process

    def _give_back(self, process: "_Process") -> None:
        if process.n_files >= _FILES_PER_PROCESS:
            process.kill()
            return
        with self._lock:
            self._idle.append(process)


def _may_have_attachments(path: str, data: bytes) -> bool:
    """Whether a file is a mail that says of any part that it is attached, or anything but text; nothing is parsed."""
    is_mail = SUFFIXES.get(PurePosixPath(path).suffix.lower()) is Kind.EML
    return is_mail and _ATTACHED.search(data) is not None


def _header(line: bytes | bytearray) -> dict[str, Any]:
    """The first line of a reply -> what it says; a process whose parser was led astray may say anything."""
    with contextlib.suppress(ValueError, RecursionError, AttributeError):
        header: dict[str, Any] = json.loads(line)
        n_bytes = header.get("bytes")
        if isinstance(n_bytes, int) and 0 <= n_bytes <= MAX_BODY_BYTES:
            return header
    raise DocumentError(f"{CRASHED}: it answers nonsense")


def _reasons(header: Mapping[str, Any]) -> list[str]:
    """A reply's header -> why the file was refused, or what is attached to it."""
    refused = [header["refused"]] if "refused" in header else []
    return refused + [reason for _, reason, _ in header.get("left_out", ())]


class _Mistaken(Exception):
    """A process ended because it took us for gone: that says nothing of the file.

    It asks to be ended by SIGIO once its input is closed. Where it has read all of a request before the system has done
    with our writing it, that signal is for the writing.
    """


@dataclass(slots=True, eq=False)
class _Process:
    limits: Limits
    n_files: int = 0
    _process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        cpu_s = int(self.limits.seconds * _FILES_PER_PROCESS) + 60
        code = (
            f"import sys; sys.path[:] = {_PATH!r}; from index.loaders.worker import main; "
            f"main({self.limits.memory_bytes}, {cpu_s})"
        )
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us: these end when we do
        )
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None  # noqa: S101 - as asked for above
            os.set_blocking(pipe.fileno(), False)

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def exchange(self, request: Mapping[str, Any], data: bytes, seconds: float) -> Reply:
        """Sends a request with its bytes and waits for the reply."""
        self.n_files += 1
        deadline = time.monotonic() + seconds
        outgoing = memoryview(json.dumps({**request, "bytes": len(data)}).encode() + b"\n" + data)
        incoming = bytearray()
        header: dict[str, Any] | None = None
        body_at = 0
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None  # noqa: S101 - pipes were asked for
        assert stdout is not None  # noqa: S101 - the same
        with selectors.DefaultSelector() as ready:
            ready.register(stdin, selectors.EVENT_WRITE)
            ready.register(stdout, selectors.EVENT_READ)
            while header is None or len(incoming) < body_at + header["bytes"]:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise DocumentError(f"{TIMED_OUT} within {seconds:g} seconds")
                for key, _ in ready.select(left):
                    if key.fileobj is stdin:
                        outgoing = self._send(outgoing)
                        if not outgoing:
                            ready.unregister(stdin)
                    else:
                        self._receive(incoming)
                if header is None and (end := incoming.find(b"\n")) >= 0:
                    header, body_at = _header(incoming[:end]), end + 1
                if len(incoming) > (MAX_HEADER_BYTES if header is None else body_at + header["bytes"]):
                    raise DocumentError(f"{CRASHED}: it answers without end")
        return Reply(header, bytes(incoming[body_at:]))

    def _send(self, outgoing: memoryview) -> memoryview:
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        try:
            return outgoing[os.write(self._process.stdin.fileno(), outgoing[:_PIECE]) :]
        except BrokenPipeError:
            raise self._crash() from None

    def _receive(self, incoming: bytearray) -> None:
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        piece = os.read(self._process.stdout.fileno(), _PIECE)
        if not piece:
            raise self._crash()
        incoming += piece

    def _crash(self) -> DocumentError | _Mistaken:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        if self._process.returncode == -signal.SIGIO:
            return _Mistaken()
        return DocumentError(f"{CRASHED}, or needed more memory than it may have")

    def interrupt(self) -> None:
        """Ends the process from another thread than the one that waits for it."""
        self._process.kill()

    def kill(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()


SHARED = Workers()
atexit.register(SHARED.close)
