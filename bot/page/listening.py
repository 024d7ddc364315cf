"""An address -> a socket that listens there, or one clear line on why not."""

import errno
import socket

from index.errors import ServerError

_HIGHEST_PORT = 65_535


def bind(host: str, port: int) -> socket.socket:
    """Address -> a socket that listens there.

    Raises:
        ServerError: in use, not allowed, or no address of this machine.
    """
    if not 0 <= port <= _HIGHEST_PORT:
        raise ServerError(f"port {port} does not exist; choose one from 0 to 65535 with --port")
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise ServerError(f"{host} is no address of this machine; choose another with --host") from error
    try:
        # Without this, a port stays taken for a minute after the page was stopped.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(256)
    except OSError as error:
        listening.close()
        reason = {"EADDRINUSE": f"port {port} is in use", "EACCES": f"port {port} is not allowed"}.get(
            _name_of(error), f"{host}, port {port} cannot be listened on ({error.strerror})"
        )
        remedy = "--host" if _name_of(error) == "EADDRNOTAVAIL" else "--port"
        raise ServerError(f"{reason}; choose another with {remedy}") from error
    return listening


def address_of(listening: socket.socket) -> str:
    """A listening socket -> the URL of the page."""
    host, port = listening.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - all addresses are none to open
        host = socket.gethostname().lower()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _name_of(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "")
