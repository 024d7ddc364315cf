"""Listening, or one clear line on why not."""

import errno
import socket

import pytest

from bot.page.listening import address_of, bind
from index.errors import ServerError


def test_a_free_port_is_found_and_named() -> None:
    """Port 0 takes any; the address is one that can be opened."""
    with bind("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        assert address_of(listening) == f"http://127.0.0.1:{port}"
        socket.create_connection(("127.0.0.1", port), timeout=10).close()


def test_a_port_in_use_is_named() -> None:
    """The line says which port, and which option chooses another."""
    with bind("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(ServerError, match=rf"^port {port} is in use; choose another with --port$"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("port", [-1, 65_536, 10**9])
def test_a_port_that_does_not_exist_is_refused(port: int) -> None:
    """Before anything is asked of the system."""
    with pytest.raises(ServerError, match="does not exist"):
        bind("127.0.0.1", port)


def test_a_host_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nobody knows is told from a port in use."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ServerError, match="nowhere is no address of this machine; choose another with --host"):
        bind("nowhere", 7860)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "port 80 is not allowed; choose another with --port"),
        (errno.EADDRNOTAVAIL, "cannot be listened on .*; choose another with --host"),
        (errno.ENOBUFS, "cannot be listened on"),
    ],
)
def test_what_the_system_refuses_is_told(monkeypatch: pytest.MonkeyPatch, code: int, words: str) -> None:
    """Each reason with its remedy, in one line."""

    def refuse(*_: object) -> None:
        raise OSError(code, "refused by the test")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(ServerError, match=words):
        bind("127.0.0.1", 80)
