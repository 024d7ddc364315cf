"""Worker processes: what a parser does to itself is a reason, and the next file is read."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import index.workers
from index.errors import DocumentError
from index.loaders import load_file
from index.loaders.worker import _bounded
from index.workers import SHARED, Limits, Reply, Workers
from tests.unit.files import eml_of, lines, pdf

# Stand-ins for what a parser may do, put in place of the worker's own loading.
MISCHIEF = {
    "hang": "import time; time.sleep(60)",
    "mistake": "import os, signal; os.kill(os.getpid(), signal.SIGIO)",
    "crash": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "explode": "x = bytearray(400_000_000); y = x * 4",
    "recurse": "f = lambda: f(); f()",
    "fail": "1 / 0",
    "write": "open('written', 'w')",
    "connect": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "run": "import subprocess; subprocess.run(['touch', 'written'])",
    "leave": "import os; os._exit(0)",
    "busy": "import re; re.match(r'(a+)+b', 'a' * 64)",
    "babble": "import os; [os.write(module_fd, b'x' * 65536) for _ in range(9999)]",
    "nonsense": "import os; os.write(module_fd, b'[' * 9999 + b'\\n')",
    "boast": "import os; os.write(module_fd, b'{\"bytes\": 99999999999}\\n')",
}


PATCH = f"""
import index.loaders.text as module
read, mischief = module.load, {MISCHIEF!r}
def load(path, data):
    import os
    # Where replies go: the pipe that is neither standard input nor output.
    module_fd = max(n for n in range(3, 20) if os.path.exists(f"/proc/self/fd/{{n}}") and
                    os.readlink(f"/proc/self/fd/{{n}}").startswith("pipe"))
    exec(mischief.get(data.decode(), ""), {{"module_fd": module_fd}})
    return read(path, data)
module.load = load
"""


def patched(workers: Workers) -> Workers:
    """Workers in which a text file of one word does what the word stands for."""
    real = subprocess.Popen

    def start(command: list[str], **options: Any) -> Any:
        before, _, after = command[2].partition("; from index")
        return real([command[0], "-c", f"{before}\n{PATCH}\nfrom index{after}"], **options)

    vars(index.workers)["subprocess"] = SimpleNamespace(**{**vars(subprocess), "Popen": start})
    return workers


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """Such workers with small limits."""
    monkeypatch.setattr(index.workers, "subprocess", subprocess)  # which is put back afterwards
    made = patched(Workers(Limits(seconds=40, memory_bytes=300_000_000), n_processes=1))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("mischief", "said"),
    [
        ("crash", "damaged: its parser crashed, or needed more memory"),
        ("leave", "damaged: its parser crashed"),
        ("babble", "damaged: its parser crashed: it answers without end"),
        ("nonsense", "damaged: its parser crashed: it answers nonsense"),
        ("boast", "damaged: its parser crashed: it answers nonsense"),
        ("explode", "too large: reading it takes more memory than it may; split it"),
        ("recurse", "damaged: is nested too deeply"),
        ("fail", "damaged: cannot be parsed (ZeroDivisionError)"),
        ("write", "damaged: cannot be parsed (PermissionError)"),
        ("connect", "damaged: cannot be parsed (PermissionError)"),
        ("run", "damaged: cannot be parsed (PermissionError)"),
    ],
)
def test_mischief_is_a_reason(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mischief: str, said: str
) -> None:
    """A crash, an explosion, a failure, and whatever no loader does, each give a reason; the next file is read."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DocumentError) as raised:
        workers.load("a.txt", mischief.encode())
    assert str(raised.value).startswith(said)
    assert list(tmp_path.iterdir()) == []
    assert workers.load("b.txt", b"Words.").documents[0].text == "Words."


@pytest.mark.parametrize("mischief", ["crash", "hang", "leave"])
def test_what_is_attached_to_a_mail_costs_the_mail_nothing(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, mischief: str
) -> None:
    """Where an attachment ends the process that reads it, the mail is read and what is attached is listed."""
    workers.load("a.txt", b"Words.")
    # A hang need not take long here; the second try, for which a process must start, may.
    monkeypatch.setattr("index.workers._FIRST_TRY", 0.1)
    workers._limits = Limits(seconds=40, memory_bytes=300_000_000)
    loaded = workers.load("m.eml", eml_of("Words.", {"a.txt": mischief.encode()}))
    assert [document.path for document in loaded.documents] == ["m.eml"]
    ((path, reason),) = [(item.path, item.reason) for item in loaded.left_out]
    assert path == "m.eml/*"
    assert reason.startswith("timed out" if mischief == "hang" else "damaged: its parser crashed")
    assert reason.endswith("with what is attached")


@pytest.mark.parametrize(
    ("data", "tries"),
    [
        (eml_of("Words."), [(True, 60)]),
        (eml_of("Words.", {"a.txt": b"A."}), [(True, 40), (False, 20)]),
        (eml_of("Words.", html="<p>Words."), [(True, 40), (False, 20)]),
    ],
)
def test_both_tries_of_a_mail_share_one_limit(
    data: bytes, tries: list[tuple[bool, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often a mail is tried, it takes no longer than a file may; what has no attachments is tried once."""
    made: list[tuple[bool, int]] = []

    def timed_out(request: Mapping[str, Any], _data: bytes, seconds: float) -> Reply:
        made.append((request["attached"], round(seconds)))
        raise DocumentError(f"timed out: was not read within {seconds:g} seconds")

    workers = Workers(Limits(seconds=60))
    monkeypatch.setattr(workers, "ask", timed_out)
    with pytest.raises(DocumentError, match="timed out: was not read within 60 seconds"):
        workers.load("m.eml", data)
    assert made == tries


@pytest.mark.parametrize(
    ("mischief", "said"), [("explode", "too large"), ("recurse", "damaged"), ("fail", "damaged: cannot be parsed")]
)
def test_an_attachment_that_fails_is_listed_beside_the_others(workers: Workers, mischief: str, said: str) -> None:
    """What an attachment does to its parser is its own reason; the mail and the other attachments are read."""
    loaded = workers.load("m.eml", eml_of("Words.", {"a.txt": mischief.encode(), "b.txt": b"More words."}))
    assert [document.path for document in loaded.documents] == ["m.eml", "m.eml/b.txt"]
    assert [item.path for item in loaded.left_out] == ["m.eml/a.txt"]
    assert loaded.left_out[0].reason.startswith(said)


def test_a_hang_is_ended(workers: Workers) -> None:
    """A parser that does not come back is ended when its time is over."""
    workers.load("a.txt", b"Words.")
    workers._limits = Limits(seconds=0.3, memory_bytes=300_000_000)
    begun = time.monotonic()
    with pytest.raises(DocumentError, match=r"^timed out: was not read within 0\.3 seconds"):
        workers.load("a.txt", b"hang")
    assert time.monotonic() - begun < 30
    workers._limits = Limits(seconds=20, memory_bytes=300_000_000)
    assert workers.load("b.txt", b"Words.").documents[0].text == "Words."


_ORPHAN = """
import subprocess, sys, threading, time
sys.path.insert(0, {root!r})
from tests.unit.index.test_workers import patched
from index.workers import Limits, Workers
workers = patched(Workers(Limits(), n_processes=1))
workers.load("a.txt", b"Words.")
print(workers._idle[0]._process.pid, flush=True)
workers.load("a.txt", {mischief!r})
"""


@pytest.mark.parametrize("mischief", [b"busy", b"hang", b"Words."])
def test_a_process_ends_with_the_one_that_it_reads_for(mischief: bytes) -> None:
    """Killed at once, the asking process leaves none behind: not one amid a parser that never comes back to Python."""
    code = _ORPHAN.format(root=str(Path(__file__).parents[3]), mischief=mischief)
    asking = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert asking.stdout is not None
    worker = int(asking.stdout.readline())
    time.sleep(0.5)
    asking.kill()
    asking.wait()
    asking.stdout.close()
    deadline = time.monotonic() + 20
    while _runs(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(worker)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("limit", ["MAX_HEADER_BYTES", "MAX_BODY_BYTES"])
def test_a_reply_has_a_limit(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """What would answer with more text, or more places in it, than is asked for, refuses instead."""
    monkeypatch.setattr(f"index.loaders.worker.{limit}", 1000)
    header, body = _bounded({"documents": ["x" * 999]}, b"y" * 1001)
    assert json.loads(header) == {"refused": "too large: gives 2,035 bytes of text and places; split it", "bytes": 0}
    assert body == b""


def test_closing_ends_what_is_being_read(workers: Workers) -> None:
    """Who stops a build does not wait for a hanging parser; afterwards files are read again."""
    workers.load("a.txt", b"Words.")

    def close() -> None:
        while not workers._at_work:
            time.sleep(0.01)
        workers.close()

    closing = threading.Thread(target=close)
    closing.start()
    with pytest.raises(DocumentError, match="crashed"):  # and not: timed out
        workers.load("a.txt", b"hang")
    closing.join()
    assert workers.load("b.txt", b"Words.").documents[0].text == "Words."


def test_a_process_that_died_meanwhile_is_replaced(workers: Workers) -> None:
    """A process that somebody ended between two files costs no file."""
    workers.load("a.txt", b"Words.")
    workers._idle[0]._process.kill()
    workers._idle[0]._process.wait()
    assert workers.load("b.txt", b"More.").documents[0].text == "More."


def test_a_process_that_took_us_for_gone_is_replaced(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that came for nothing costs a file a second try and no more; one that always comes is a reason."""
    started: list[Any] = []
    real = workers._take

    def take() -> Any:
        process = real()
        if not started:
            process._process.send_signal(signal.SIGSTOP)  # until the signal is there, it reads nothing
            process._process.send_signal(signal.SIGIO)
            process._process.send_signal(signal.SIGCONT)
        started.append(process)
        return process

    monkeypatch.setattr(workers, "_take", take)
    assert workers.load("a.txt", b"Some text.").documents[0].text == "Some text."
    assert len(started) == 2
    with pytest.raises(DocumentError, match="its parser crashed 3 times"):
        workers.load("b.txt", b"mistake")


def test_processes_are_recycled(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many files a process gives way to a new one."""
    monkeypatch.setattr("index.workers._FILES_PER_PROCESS", 2)
    seen: set[int] = set()
    for _ in range(4):
        workers.load("a.txt", b"Words.")
        seen.update(process._process.pid for process in workers._idle)
    assert len(seen) == 2


def test_documents_come_back_as_the_loader_made_them() -> None:
    """Text, places, rows and attachments survive the way back."""
    data = eml_of(
        "Words \u2028 here.", {"a.pdf": pdf(lines("One."), lines("Two.")), "b.html": b"<table><td>a<td>b</table>"}
    )
    loaded = SHARED.load("m.eml", data)
    assert loaded == load_file("m.eml", data)
    assert loaded.left_out == ()
