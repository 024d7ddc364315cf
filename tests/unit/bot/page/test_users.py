"""Who may open the page."""

import hashlib
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.page import users
from bot.page.users import Secret, UserFile, Users, add_user, read_users, remove_user
from index.errors import ServerError, SettingsError

PASSWORD = "correct horse"  # noqa: S105 - no secret of anybody's


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every guess cheap."""
    monkeypatch.setattr(users, "_N", 2)


def test_a_user_who_was_added_comes_in(tmp_path: Path) -> None:
    """With this password, under this name, and nobody else."""
    file = tmp_path / "users"
    assert add_user(file, "anna", PASSWORD)
    assert add_user(file, "berta", "another password")
    known = read_users(file)
    assert known.admit("anna", PASSWORD)
    assert not known.admit("anna", "another password")
    assert not known.admit("carla", PASSWORD)
    assert not known.admit("", "")
    assert not known.admit("anna", "x" * 1_000_000)


def test_the_file_holds_no_password_and_is_private(tmp_path: Path) -> None:
    """Only its owner reads it; equal passwords give unequal lines."""
    file = tmp_path / "users"
    add_user(file, "anna", PASSWORD)
    add_user(file, "berta", PASSWORD)
    text = file.read_text("utf-8")
    assert PASSWORD not in text
    one, other = (line.partition(":")[2] for line in text.splitlines())
    assert one != other
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_password_is_replaced_and_comments_stay(tmp_path: Path) -> None:
    """Adding a user again changes the password and nothing else."""
    file = tmp_path / "users"
    file.write_text("# the office\n\n", "utf-8")
    assert add_user(file, "anna", PASSWORD)
    assert not add_user(file, "anna", "a new password")
    assert not read_users(file).admit("anna", PASSWORD)
    assert read_users(file).admit("anna", "a new password")
    assert file.read_text("utf-8").startswith("# the office\n\n")


def test_a_user_is_removed(tmp_path: Path) -> None:
    """Whether there was one is told."""
    file = tmp_path / "users"
    add_user(file, "anna", PASSWORD)
    add_user(file, "berta", PASSWORD)
    assert remove_user(file, "anna")
    assert not remove_user(file, "anna")
    assert not read_users(file).admit("anna", PASSWORD)


@pytest.mark.parametrize("name", ["", "a:b", "-a", "a b", "a\nb", "#a", "é", "a" * 65])
def test_a_name_that_will_not_do_is_refused(tmp_path: Path, name: str) -> None:
    """Nothing that would break the file's lines, and nothing is written."""
    with pytest.raises(SettingsError, match="no user name"):
        add_user(tmp_path / "users", name, PASSWORD)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("password", ["", "short", "x" * 1_001])
def test_a_password_that_will_not_do_is_refused(tmp_path: Path, password: str) -> None:
    """Too short to hold, or too long to be one."""
    with pytest.raises(SettingsError, match="password has"):
        add_user(tmp_path / "users", "anna", password)


@pytest.mark.parametrize(
    "line",
    [
        "anna",
        "anna:",
        "anna:plain:secret",
        "anna:scrypt:x:8:1:AAAA:AAAA",
        "anna:scrypt:3:8:1:AAAAAAAAAAAAAAAAAAAAAA==:" + "A" * 43 + "=",
        "anna:scrypt:1073741824:8:1:AAAAAAAAAAAAAAAAAAAAAA==:" + "A" * 43 + "=",
        "anna:scrypt:2:8:1:AAAA:" + "A" * 43 + "=",
        "a b:scrypt:2:8:1:AAAAAAAAAAAAAAAAAAAAAA==:" + "A" * 43 + "=",
    ],
)
def test_a_line_that_is_no_user_is_named(tmp_path: Path, line: str) -> None:
    """A file that was altered lets nobody in; the line is told, and what it costs to check is limited."""
    file = tmp_path / "users"
    file.write_text(f"# users\n{line}\n", "utf-8")
    with pytest.raises(ServerError, match=r"^line 2 of .*users is no user"):
        read_users(file)


def test_a_file_without_users_is_refused(tmp_path: Path) -> None:
    """Missing, empty, a folder, or no text: one clear line each."""
    with pytest.raises(ServerError, match="there is no file of users"):
        read_users(tmp_path / "missing")
    (tmp_path / "empty").write_text("# nobody\n", "utf-8")
    with pytest.raises(ServerError, match="has no users; add one: quoth user add NAME"):
        read_users(tmp_path / "empty")
    with pytest.raises(ServerError, match="cannot be read"):
        read_users(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ServerError, match="cannot be read"):
        read_users(tmp_path / "binary")
    with pytest.raises(ServerError, match="cannot be written"):
        add_user(tmp_path / "no" / "folder", "anna", PASSWORD)


def test_an_unknown_name_costs_what_a_known_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a refusal tells no names: each try is one scrypt of the same price, the first one too."""
    known = Users({"anna": replace(Secret.of(PASSWORD), n=4)})
    prices = []
    scrypt = hashlib.scrypt

    def counted(password: bytes, *, n: int, r: int, p: int, **more: Any) -> bytes:
        prices.append((n, r, p, more["dklen"]))
        return scrypt(password, n=n, r=r, p=p, **more)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    for name in ("nobody", "anna", "nobody"):
        known.admit(name, "wrong password")
    assert prices == [(4, 8, 1, 32)] * 3


def test_a_secret_costs_what_it_should() -> None:
    """The price of a guess, read back from a line, is the one it was written with."""
    secret = Secret.of(PASSWORD)
    assert secret.as_line().startswith("scrypt:2:8:1:")
    assert secret.matches(PASSWORD)


def test_a_file_of_users_is_followed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Who is added may come in at once, who is removed is out; a file that is gone or spoilt lets nobody in."""
    file = tmp_path / "users"
    add_user(file, "anna", PASSWORD)
    users = UserFile(file)
    before = users.mark("anna")
    add_user(file, "berta", PASSWORD)
    assert users.admit("berta", PASSWORD)
    assert users.mark("anna") == before
    add_user(file, "anna", "another password")
    assert users.mark("anna") not in {None, before}
    remove_user(file, "anna")
    assert users.mark("anna") is None
    assert not users.admit("anna", "another password")
    whole = file.read_text("utf-8")
    for spoilt in ("berta:nonsense\n", ""):
        file.write_text(spoilt, encoding="utf-8")
        assert not users.admit("berta", PASSWORD)
    assert "nobody may come in" in caplog.text
    file.write_text(whole, encoding="utf-8")
    assert users.admit("berta", PASSWORD)
