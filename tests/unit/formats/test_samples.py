"""What becomes of sample files is compared with what is expected of them."""

from pathlib import Path

import pytest

from tests.formats.__main__ import differences
from tests.unit.files import lines, pdf

READ = {"title": "a.pdf", "says": "Second page.", "at": "page 2"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.pdf").write_bytes(pdf(lines("First page."), lines("Second page.")))
    (tmp_path / "b.txt").write_bytes(b"")
    return tmp_path


def test_what_is_as_expected_is_not_mentioned(folder: Path) -> None:
    """A file read with its title and place, and one refused for its reason, are right."""
    assert list(differences(folder, {"a.pdf": READ, "b.txt": {"refused": "empty"}})) == []


@pytest.mark.parametrize(
    ("name", "expected", "said"),
    [
        ("a.pdf", {"refused": "encrypted"}, "refused 'encrypted' was expected"),
        ("a.pdf", {**READ, "at": "page 1"}, "at 'page 1' was expected, and is 'page 2'"),
        ("a.pdf", {**READ, "says": "Third page."}, "says 'Third page.' was expected, and is None"),
        ("a.pdf", {**READ, "title": "b"}, "title 'b' was expected"),
        ("b.txt", {"refused": "damaged"}, "refused 'damaged' was expected, and is 'empty'"),
        ("c.txt", {"refused": "empty"}, "is not there"),
    ],
)
def test_what_differs_is_said(folder: Path, name: str, expected: dict[str, str], said: str) -> None:
    """A wrong reason, title, text or place, and a file that is missing or unforeseen, are each a line."""
    found = list(differences(folder, {"a.pdf": READ, "b.txt": {"refused": "empty"}, name: expected}))
    assert found
    assert all(line.startswith(f"{name}: ") for line in found)
    assert said in found[0]
    assert [line.split(":")[0] for line in differences(folder, {"a.pdf": READ})] == ["b.txt"]
