"""With the model that ships: the whole main path, and nothing beyond this machine."""

import socket
from pathlib import Path
from typing import Any

import pytest

from bot.respond import open_responder
from index.build import build_index
from index.encoder import Encoder, load_encoder
from index.errors import EncoderError
from index.settings import IndexSettings
from tests.unit.conftest import CORPUS

pytestmark = pytest.mark.real
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture
def beyond(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Refuses every connection and look-up beyond loopback, and lists those that were tried."""
    tried: list[str] = []

    def guard(owner: Any, name: str, host_of: Any) -> None:
        real = getattr(owner, name)

        def guarded(*args: Any, **kwargs: Any) -> Any:
            host = host_of(*args)
            if host is not None and host not in LOOPBACK:
                tried.append(f"{name} {host}")
                raise OSError(f"{name} {host}: refused in this test")
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, guarded)

    def address(_: socket.socket, where: Any) -> str | None:
        return str(where[0]) if isinstance(where, tuple) else None  # a path is a socket of this machine

    guard(socket.socket, "connect", address)
    guard(socket.socket, "connect_ex", address)
    guard(socket.socket, "sendto", lambda _, __, *rest: address(_, rest[-1]))
    guard(socket, "getaddrinfo", lambda host, *_: str(host))
    guard(socket, "gethostbyname", str)
    guard(socket, "create_connection", lambda where, *_: str(where[0]))
    return tried


def test_the_guard_guards(beyond: list[str]) -> None:
    """The guard of these tests refuses an outside host and lets loopback pass."""
    with pytest.raises(OSError, match="refused in this test"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(OSError, match="refused in this test"):
        socket.getaddrinfo("example.org", 80)
    socket.getaddrinfo("127.0.0.1", 80)
    assert beyond == ["create_connection 192.0.2.1", "getaddrinfo example.org"]


def test_index_and_ask_reach_no_other_host(tmp_path: Path, beyond: list[str]) -> None:
    """Loading the model, building the essay's index and asking it tries no address beyond this machine."""
    build_index([CORPUS], tmp_path / "index", IndexSettings(), load_encoder)
    answer = open_responder(tmp_path / "index").answer("How much oil will Russia export to China?")
    assert answer.verdict == "answered"
    assert any("365 million tons of oil" in quote.text for quote in answer.quotes)
    assert beyond == []


def test_a_model_that_is_not_here_is_not_fetched(beyond: list[str]) -> None:
    """A model that is named but not here is refused in one line, and nobody is asked for it."""
    with pytest.raises(EncoderError, match="model no/such-model cannot be loaded") as raised:
        load_encoder("no/such-model")
    assert "\n" not in str(raised.value)
    assert beyond == []


def test_two_builds_with_the_shipped_model_are_identical(
    tmp_path: Path, essay_index: Path, real_encoder: Encoder
) -> None:
    """Also with the real model two builds differ in nothing but build.json."""
    build_index([CORPUS], tmp_path / "again", IndexSettings(), lambda: real_encoder)

    def files(folder: Path) -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "build.json"
        }

    assert files(tmp_path / "again") == files(essay_index)


@pytest.mark.parametrize(
    ("question", "words", "context"),
    [
        ("What did Putin reply about being frightened of China?", "We’re not frightened", "accused “foreign experts”"),
        ("Which resort city hosted the meeting with journalists in 2010?", "Sochi", None),
        ("what share of regional trade is russia's", "only one percent of total regional trade", "economic footprint"),
    ],
)
def test_the_essay_answers(essay_index: Path, question: str, words: str, context: str | None) -> None:
    """Questions to the essay get the sentence that answers, with the context it needs."""
    answer = open_responder(essay_index).answer(question)
    shown = next(quote for quote in answer.quotes or answer.nearest if words in quote.text)
    if context is not None:
        assert shown.context is not None
        assert context in shown.document.slice(shown.context)
