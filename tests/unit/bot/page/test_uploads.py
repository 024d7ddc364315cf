"""Files that a visit brings: limited, private, forgotten."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from bot.page import uploads as module
from bot.page.hosts import Hosts
from bot.page.places import short_sha
from bot.page.security import Guard
from bot.page.uploads import Uploads, mount
from index.build import Progress
from index.errors import DocumentError
from index.records import Document
from tests.browser.fakes import FakeResponder
from tests.unit.files import eml_of, lines, pdf

ONE, OTHER = "1" * 32, "2" * 32


@pytest.fixture
def uploads() -> Uploads:
    return Uploads(FakeResponder(()))


def names(uploads: Uploads, visit: str = ONE) -> list[str]:
    return [document.path for document in uploads.of(visit).documents]


def test_a_file_can_be_asked_by_its_visit_alone(uploads: Uploads) -> None:
    """What one visit brought answers it, and does not exist for another."""
    uploads.add(ONE, "a.txt", b"The lighthouse was painted red.")
    asked = uploads.of(ONE).asked
    assert asked is not None
    assert asked.answer("Who painted the lighthouse red?").verdict == "answered"
    assert uploads.of(OTHER).asked is None
    assert uploads.of(None).documents == uploads.of(["x"]).documents == ()


def test_a_removed_file_is_forgotten(uploads: Uploads) -> None:
    """Removing a mail takes its attachments along; another visit cannot remove it."""
    uploads.add(ONE, "m.eml", eml_of("Dear all.", {"a.pdf": pdf(lines("Words."))}))
    assert names(uploads) == ["m.eml", "m.eml/a.pdf"]
    sha = short_sha(uploads.of(ONE).documents[1])
    uploads.remove(OTHER, sha)
    assert len(names(uploads)) == 2
    uploads.remove(ONE, sha)
    assert names(uploads) == []
    assert uploads.of(ONE).asked is None


def test_limits_hold(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too large, too many, empty, there already, and of an unknown type: each is refused with its reason."""
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 100)
    monkeypatch.setattr(module, "MAX_FILES", 2)
    with pytest.raises(DocumentError, match="too large: has 101 bytes"):
        uploads.add(ONE, "a.txt", b"a" * 101)
    with pytest.raises(DocumentError, match="empty"):
        uploads.add(ONE, "a.txt", b"")
    with pytest.raises(DocumentError, match="unknown type: is a picture"):
        uploads.add(ONE, "a.txt", b"\x89PNG\r\n\x1a\n")
    uploads.add(ONE, "a.txt", b"One.")
    with pytest.raises(DocumentError, match="is here already"):
        uploads.add(ONE, "b.txt", b"One.")
    uploads.add(ONE, "../../a.txt", b"Two.")
    assert names(uploads) == ["a.txt", "a (2).txt"]
    with pytest.raises(DocumentError, match="too many files; expected at most 2"):
        uploads.add(ONE, "c.txt", b"Three.")


def test_what_is_attached_and_cannot_be_read_is_told(uploads: Uploads) -> None:
    """The mail is kept; of its attachments, those that are left out come back with their reasons."""
    left_out = uploads.add(ONE, "m.eml", eml_of("Dear all.", {"a.pdf": b"no PDF", "b.pdf": pdf(lines("Words."))}))
    assert names(uploads) == ["m.eml", "m.eml/b.pdf"]
    assert [(item.path, item.reason) for item in left_out] == [("m.eml/a.pdf", "damaged: is named .pdf but is no PDF")]


def test_visits_are_bounded(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small what they bring, the longest idle one gives way."""
    monkeypatch.setattr(module, "_MAX_VISITS", 1)
    uploads.add(ONE, "a.txt", b"One.")
    uploads.add(OTHER, "a.txt", b"Two.")
    assert (names(uploads, ONE), names(uploads, OTHER)) == ([], ["a.txt"])


def test_texts_of_a_visit_are_bounded(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that would take too long to read is refused with its length, the limit, and what to do."""
    monkeypatch.setattr(module, "MAX_CHARACTERS", 10)
    uploads.add(ONE, "a.txt", b"One one.")
    with pytest.raises(DocumentError, match="your files have 16 characters; expected at most 10; remove another"):
        uploads.add(ONE, "b.txt", b"Two two.")
    uploads.add(OTHER, "b.txt", b"Two two.")
    assert names(uploads) == ["a.txt"]


def test_what_was_read_is_not_read_again(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more file is made ready from what answers already; how far it is can be seen meanwhile, and not after."""
    uploads.add(ONE, "a.txt", b"One.")
    before, seen = uploads.of(ONE).asked, []

    def over(_: list[Document], progress: Progress, previous: object) -> FakeResponder:
        progress("reading", 2, 2)
        seen.append((previous, uploads.progress(ONE)))
        progress("encoding", 1, 4)
        seen.append((previous, uploads.progress(ONE)))
        return FakeResponder(())

    monkeypatch.setattr(uploads._base, "over", over)
    uploads.add(ONE, "b.txt", b"Two.")
    assert seen == [(before, None), (before, 0.25)]
    assert uploads.progress(ONE) is None


def test_nobody_waits_for_another_visit(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one visit's files are made ready, another's are, too."""

    def over(documents: list[Document], *_: object) -> FakeResponder:
        if documents[0].text.startswith("Slow"):
            uploads.add(OTHER, "b.txt", b"Quick.")
        return FakeResponder(tuple(documents))

    monkeypatch.setattr(uploads._base, "over", over)
    uploads.add(ONE, "a.txt", b"Slow.")
    assert names(uploads) == ["a.txt"]
    assert names(uploads, OTHER) == ["b.txt"]


def test_what_is_there_stays_while_more_is_made_ready(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile the earlier files can be listed and asked, and others are heard of; if it fails, they remain."""
    uploads.add(ONE, "a.txt", b"One.")
    seen = []

    def over(documents: list[Document], *_: object) -> None:
        uploads.heard_of(ONE)
        seen.append((names(uploads), uploads.of(ONE).asked is not None, len(documents)))
        raise DocumentError("no more room")

    monkeypatch.setattr(uploads._base, "over", over)
    with pytest.raises(DocumentError, match="no more room"):
        uploads.add(ONE, "b.txt", b"Two.")
    assert seen == [(["a.txt"], True, 2)]
    assert names(uploads) == ["a.txt"]


def test_idle_visits_are_forgotten() -> None:
    """What nobody has asked for hours goes when somebody else brings something; what is in use stays."""
    now = 0.0
    uploads = Uploads(FakeResponder(()), clock=lambda: now)
    uploads.add(ONE, "a.txt", b"One.")
    uploads.add(OTHER, "a.txt", b"Two.")
    now = 7000.0
    uploads.heard_of(ONE)
    now = 8000.0
    uploads.add("3" * 32, "a.txt", b"Three.")
    assert names(uploads, ONE) == ["a.txt"]
    assert names(uploads, OTHER) == []


def test_the_memory_of_all_visits_is_bounded(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all together hold too much, the visit that was idle longest gives way."""
    monkeypatch.setattr(module, "_MAX_BYTES", 10)
    uploads.add(ONE, "a.txt", b"One one.")
    uploads.add(OTHER, "a.txt", b"Two two.")
    assert names(uploads, ONE) == []
    assert names(uploads, OTHER) == ["a.txt"]


def client(*, allow: bool) -> TestClient:
    """The addresses for files alone, behind the guard."""
    app = FastAPI()
    if allow:
        mount(app, Uploads(FakeResponder(())))
    guard = Guard(app, Hosts.of("127.0.0.1"), "", "", largest_upload=module.MAX_FILE_BYTES if allow else 0)
    return TestClient(guard, base_url="http://127.0.0.1")


def test_without_the_flag_there_is_no_upload() -> None:
    """No method on the address does anything."""
    asked = client(allow=False)
    assert asked.post(f"/quoth/upload/{ONE}?name=a.txt", content=b"Words.").status_code == 404
    assert asked.get(f"/quoth/upload/{ONE}").status_code == 404
    assert asked.delete(f"/quoth/upload/{ONE}/{'0' * 12}").status_code == 404


def test_a_file_is_taken_over_http_listed_and_removed() -> None:
    """What was sent is in the list until it is removed; a refusal has its reason; another site may not send."""
    asked = client(allow=True)
    assert asked.post(f"/quoth/upload/{ONE}?name=a.txt", content=b"Words.").json() == {"left_out": []}
    documents = asked.get(f"/quoth/upload/{ONE}").json()
    assert [(entry["title"], entry["mine"]) for entry in documents] == [("a", True)]
    refused = asked.post(f"/quoth/upload/{ONE}?name=a.pdf", content=b"Words.")
    assert (refused.status_code, refused.json()) == (422, {"refused": "damaged: is named .pdf but is no PDF"})
    foreign = {"origin": "http://evil.example"}
    assert asked.post(f"/quoth/upload/{ONE}?name=b.txt", content=b"B.", headers=foreign).status_code == 403
    assert asked.get(f"/quoth/upload/{OTHER}").json() == []
    assert asked.delete(f"/quoth/upload/{ONE}/{documents[0]['sha']}").status_code == 204
    assert asked.get(f"/quoth/upload/{ONE}").json() == []


def test_a_body_beyond_the_limit_is_refused_by_its_length() -> None:
    """Nothing of it is read; elsewhere the smaller limit of a question holds."""
    asked = client(allow=True)
    length = {"content-length": str(module.MAX_FILE_BYTES + 1)}
    assert asked.post(f"/quoth/upload/{ONE}?name=a.txt", content=b"x", headers=length).status_code == 413
