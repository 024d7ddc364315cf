"""Who may open the page: a file of names and scrypt hashes, a line each.

    anna:scrypt:32768:8:1:<salt>:<hash>

The numbers are scrypt's n, r and p (RFC 7914, https://www.rfc-editor.org/rfc/rfc7914), salt and hash are base64. No
password is ever written down. Lines that begin with # are left as they are.
"""

import base64
import binascii
import hashlib
import hmac
import logging
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from bot.kept import file_state
from index.errors import ServerError, SettingsError

# 32 MiB and about 0.1 s a try: what RFC 7914's author recommends for logins, doubled once since.
_N, _R, _P = 2**15, 8, 1
_HASH_BYTES = 32
_SALT_BYTES = 16
# A line that asks for more than this was not written by us; the check would stall the server.
_MOST_BYTES = 256 * 1024 * 1024
MIN_PASSWORD_CHARACTERS = 8
_MAX_PASSWORD_CHARACTERS = 1_000
_log = logging.getLogger(__name__)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Secret:
    """What is kept of a password."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password: str) -> "Secret":
        """A password -> its secret, with a salt of its own."""
        empty = cls(_N, _R, _P, secrets.token_bytes(_SALT_BYTES), b"\0" * _HASH_BYTES)
        return replace(empty, digest=empty._digest_of(password))

    def matches(self, password: str) -> bool:
        """Whether this is the password; takes as long for a wrong one, but no time for one too long to be any."""
        if len(password) > _MAX_PASSWORD_CHARACTERS:
            return False
        return hmac.compare_digest(self._digest_of(password), self.digest)

    def as_line(self) -> str:
        """What stands after the name."""
        salt, digest = (base64.b64encode(data).decode() for data in (self.salt, self.digest))
        return f"scrypt:{self.n}:{self.r}:{self.p}:{salt}:{digest}"

    def _digest_of(self, password: str) -> bytes:
        return hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"),
            salt=self.salt,
            n=self.n,
            r=self.r,
            p=self.p,
            dklen=len(self.digest),
            maxmem=_MOST_BYTES,
        )


@dataclass(frozen=True, slots=True)
class Users:
    """Names with their secrets; at least one."""

    secrets: Mapping[str, Secret]

    def admit(self, name: str, password: str) -> bool:
        """Whether there is such a user with this password."""
        known = self.secrets.get(name)
        matches = (known or self._nobody()).matches(password)
        return matches and known is not None

    def mark(self, name: str) -> str | None:
        """What of a user changes with the password; None where there is no such user."""
        known = self.secrets.get(name)
        return known.as_line() if known is not None else None

    def _nobody(self) -> Secret:
        """Checked in place of a user who does not exist: at the price of one who does, once, never matching.

        A refusal would otherwise come sooner for an unknown name, and so tell which names are known. It may still
        tell in a file whose users were written with different n, r and p.
        """
        price = next(iter(self.secrets.values()))
        return replace(price, salt=secrets.token_bytes(_SALT_BYTES), digest=secrets.token_bytes(_HASH_BYTES))


class Admits(Protocol):
    """Who may come in."""

    def admit(self, name: str, password: str) -> bool:
        """Whether there is such a user with this password."""

    def mark(self, name: str) -> str | None:
        """What of a user changes with the password; None where there is no such user."""


class UserFile:
    """The users in a file as it is now: who is added may come in, who is removed is out, without a restart."""

    def __init__(self, file: Path) -> None:
        """Reads the file; errors as `read_users`."""
        self._file = file
        self._users = read_users(file)
        self._seen = file_state(file)

    def admit(self, name: str, password: str) -> bool:
        """As `Users.admit`."""
        return self._now().admit(name, password)

    def mark(self, name: str) -> str | None:
        """As `Users.mark`."""
        return self._now().mark(name)

    def _now(self) -> Users:
        state = file_state(self._file)
        if state != self._seen:
            try:
                self._users = read_users(self._file)
            except ServerError as error:
                # Nobody is let in by a file that can't be read, nor by what it said before.
                self._users = Users({"-": Secret.of(secrets.token_urlsafe())})
                _log.warning("%s; nobody may come in", error)
            self._seen = state
        return self._users


def read_users(file: Path) -> Users:
    """A file of users -> the users.

    Raises:
        ServerError: no such file, not such a file, or nobody in it.
    """
    found: dict[str, Secret] = {}
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        secret = _read_secret(rest)
        if secret is None or _NAME.fullmatch(name) is None:
            raise ServerError(
                f"line {number} of {file} is no user; remove it, or add the user anew: "
                f"quoth user add NAME --auth-file {file}"
            )
        found[name] = secret
    if not found:
        raise ServerError(f"{file} has no users; add one: quoth user add NAME --auth-file {file}")
    return Users(found)


def add_user(file: Path, name: str, password: str) -> bool:
    """Writes a user into the file, which is made if missing and readable by its owner alone.

    Returns:
        Whether the name is new; False when its password was replaced.

    Raises:
        SettingsError: the name or the password will not do.
        ServerError: the file cannot be read or written.
    """
    check_name(name)
    if not MIN_PASSWORD_CHARACTERS <= len(password) <= _MAX_PASSWORD_CHARACTERS:
        raise SettingsError(
            f"the password has {len(password)} characters; choose one with {MIN_PASSWORD_CHARACTERS} "
            f"to {_MAX_PASSWORD_CHARACTERS:,}"
        )
    lines = _lines(file) if file.exists() else []
    kept = [line for line in lines if line.partition(":")[0] != name]
    _replace(file, [*kept, f"{name}:{Secret.of(password).as_line()}"])
    return len(kept) == len(lines)


def check_name(name: str) -> None:
    """Raises SettingsError where a user can't be called so."""
    if _NAME.fullmatch(name) is None:
        raise SettingsError(f"{name!r} is no user name; use up to 64 of A-Z a-z 0-9 . _ @ -, a letter or digit first")


def remove_user(file: Path, name: str) -> bool:
    """Takes a user out of the file -> whether there was one.

    Raises:
        ServerError: the file cannot be read or written.
    """
    lines = _lines(file)
    kept = [line for line in lines if line.partition(":")[0] != name]
    if len(kept) < len(lines):
        _replace(file, kept)
    return len(kept) < len(lines)


def _read_secret(text: str) -> Secret | None:
    try:
        kind, n, r, p, salt, digest = text.strip().split(":")
        secret = Secret(
            int(n), int(r), int(p), base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True)
        )
    except (ValueError, binascii.Error):
        return None
    power_of_two = secret.n > 1 and secret.n & (secret.n - 1) == 0
    affordable = power_of_two and 0 < secret.r <= 64 and 0 < secret.p <= 16 and 130 * secret.n * secret.r < _MOST_BYTES  # noqa: PLR2004 - far above what is written
    whole = len(secret.salt) >= _SALT_BYTES and len(secret.digest) == _HASH_BYTES
    return secret if kind == "scrypt" and affordable and whole else None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise ServerError(
            f"there is no file of users {file}; make it: quoth user add NAME --auth-file {file}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ServerError(f"{file} cannot be read as a file of users; name another with --auth-file") from error


def _replace(file: Path, lines: list[str]) -> None:
    """Writes beside and moves over, so that a reader never sees half a file; mode 0600 from the first byte."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        scratch = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.writelines(f"{line}\n" for line in lines)
                out.flush()
                os.fsync(out.fileno())
            scratch.replace(file)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ServerError(f"{file} cannot be written ({error.strerror}); name another file") from error
