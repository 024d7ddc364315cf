"""Whose requests are answered, and who can send one."""

import pytest

from bot.page.hosts import Hosts, is_loopback
from index.errors import ServerError

EVERYWHERE = "0.0.0.0"  # noqa: S104 - only named here, never listened on


@pytest.mark.parametrize(
    ("host", "header", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1:7860", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("127.0.0.1", "[::1]:7860", True),
        ("127.0.0.1", "192.168.1.4:7860", False),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "localhost.", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "[::1", False),
        ("127.0.0.1", "evil.example@127.0.0.1", False),
        ("127.0.0.1", "127.0.0.1/evil", False),
        ("192.168.1.4", "192.168.1.4:7860", True),
        ("192.168.1.4", "192.168.1.5:7860", False),
        (EVERYWHERE, "192.168.1.5:7860", True),
        (EVERYWHERE, "evil.example", False),
        ("::", "[2001:db8::1]:7860", True),
    ],
)
def test_hosts_that_are_ours(host: str, header: str, *, allowed: bool) -> None:
    """Names can be pointed here by others, addresses can't: a name must be ours, an address one that we listen on."""
    assert Hosts.of(host).allow(header) is allowed


def test_a_name_can_be_added() -> None:
    """Whoever serves others under a name says so."""
    assert Hosts.of(EVERYWHERE, ["Quotes.example"]).allow("quotes.example:80")
    assert not Hosts.of("127.0.0.1", ["quotes.example"]).allow("evil.quotes.example")


@pytest.mark.parametrize("name", ["", "http://quotes.example", "quotes.example:80", "a b", "*", "bücher.example"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """What no browser could send as its Host is a mistake, and said so."""
    with pytest.raises(ServerError, match=r"^'.*' is no host name; say --name "):
        Hosts.of("127.0.0.1", [name])


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        *(("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.1.2.3", True), (EVERYWHERE, False)),
        *(("::", False), ("192.168.1.4", False), ("example.org", False), ("", False)),
    ],
)
def test_who_can_reach_an_address(host: str, *, alone: bool) -> None:
    """Only loopback is this machine's alone; what is unknown counts as reachable."""
    assert is_loopback(host) is alone
