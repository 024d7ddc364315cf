"""The names under which the page may be asked, and whether others than this machine can ask it."""

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from index.errors import ServerError

_NAME = re.compile(r"[\w.-]+", re.ASCII)
_HOST = re.compile(r"(?:(?P<name>[\w.-]+)|\[(?P<address>[0-9a-f:.]+)\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names under which this server may be asked.

    Any other Host comes from a page of somebody else's whose name was pointed at this address (DNS rebinding).
    Only names can be pointed anywhere; an address in a Host header was reached as that address.

    Attributes:
        names: lower case.
        any_address: whether every IP address is one of ours, else only those among the names and loopback.
    """

    names: frozenset[str]
    any_address: bool = False

    @classmethod
    def of(cls, host: str, more: Iterable[str] = ()) -> "Hosts":
        """The address that is listened on, and further names -> the hosts.

        Raises:
            ServerError: a name is none that a browser could send.
        """
        names = {"localhost", host.lower(), *(_checked(name) for name in more)}
        address = _address(host)
        everywhere = address is not None and address.is_unspecified
        if everywhere:
            own = socket.gethostname().lower()
            names |= {own, f"{own}.local"}
        return cls(frozenset(names), any_address=everywhere)

    def allow(self, header: str) -> bool:
        """A Host header -> whether it is one of ours."""
        match = _HOST.fullmatch(header)
        name = (match["address"] or match["name"]).lower() if match is not None else ""
        address = _address(name)
        return name in self.names or (address is not None and (self.any_address or address.is_loopback))


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _checked(name: str) -> str:
    """A further name -> the same in lower case, as browsers send it.

    Raises:
        ServerError: it is no name.
    """
    if _NAME.fullmatch(name) is None:
        raise ServerError(f"{name!r} is no host name; say --name quotes.example, without http:// and without a port")
    return name.lower()


def require_users(host: str, users: object | None) -> None:
    """Lets nobody open the page to others without saying who may come in.

    Raises:
        ServerError: others can reach the address, and there are no users.
    """
    if users is None and not is_loopback(host):
        raise ServerError(
            f"others can reach {host}: say who may come in with --auth-file FILE "
            f"(made with: quoth user add NAME --auth-file FILE), or leave out --host"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback
