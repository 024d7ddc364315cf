"""What a visit sees while the index is rebuilt: the documents as they are now, its own files, and its ticks."""

from pathlib import Path

import pytest

from bot import respond
from bot.answer import Answer
from bot.live import LiveResponder
from bot.page.library import Library
from bot.page.source import Highlights
from index.build import build_index
from index.errors import SnapshotDamaged
from index.records import Span
from index.snapshot import write_snapshot
from tests.unit.fakes import SETTINGS, FakeEncoder, contents_of, write_corpus
from tests.unit.files import lines, pdf

VISIT = "1" * 32
QUESTION = "Where did the zeppelin burn in 1937?"
ZEPPELIN = "The zeppelin burned over Lakehurst in 1937. Nobody knows why it burned."
LETTER = "A letter says that in 1937 the zeppelin did burn in Lakehurst."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of two texts."""
    monkeypatch.setattr(respond, "load_encoder", lambda name: FakeEncoder(name=name))
    write_snapshot(tmp_path / "index", contents_of({"a.txt": ZEPPELIN, "b.txt": "Bread is baked."}), {})
    return tmp_path / "index"


@pytest.fixture
def library(folder: Path) -> Library:
    return Library(LiveResponder(folder), allow_upload=True)


def quoted(answer: Answer) -> set[str]:
    """Names of the documents that an answer shows anything of."""
    return {quote.document.path for quote in (*answer.quotes, *answer.nearest)}


def shown(answer: Answer) -> set[str]:
    """Texts of those documents."""
    return {quote.document.text for quote in (*answer.quotes, *answer.nearest)}


def test_the_list_follows_the_index(library: Library, folder: Path) -> None:
    """After a rebuild the list has the documents that there are now, under the new generation's id."""
    before = library.shelf({})
    id = write_snapshot(folder, contents_of({"c.txt": ZEPPELIN}), {"built_at": "2026-01-02T03:04:05+00:00"})
    after = library.shelf({})
    assert [entry["title"] for entry in before["documents"]] == ["a", "b"]
    assert [entry["title"] for entry in after["documents"]] == ["c"]
    assert "indexed 2 January 2026" in after["documents"][0]["facts"]
    assert after["generation"] == id != before["generation"]
    assert after["facts"] == "1 document"


def test_a_document_that_is_not_ticked_stays_so_when_its_text_has_changed(library: Library, folder: Path) -> None:
    """A tick is a file's: its new text is not asked; a file that is gone is passed over, a new one is asked."""
    sent = {"ticks": {"but": ["index:a.txt", "index:b.txt"]}}
    assert "tick at least one" in str(library.answer(QUESTION, None, sent).reason)
    write_snapshot(folder, contents_of({"a.txt": f"{ZEPPELIN} It was large.", "c.txt": LETTER}), {})
    answer = library.answer(QUESTION, None, sent)
    assert quoted(answer) == {"c.txt"}
    assert "Asked 1 of 2 documents." in answer.notes
    assert quoted(library.answer(QUESTION, None, {"ticks": {"but": ["index:gone.txt"]}})) == {"a.txt", "c.txt"}


def test_what_was_brought_outlives_a_rebuild(library: Library, folder: Path) -> None:
    """Files that a visit brought are asked beside whatever generation is current, and have ticks of their own."""
    assert library.uploads is not None
    library.uploads.add(VISIT, "a.txt", LETTER.encode())
    id = write_snapshot(folder, contents_of({"a.txt": "Bread is baked.", "d.txt": ZEPPELIN}), {})
    sent = {"visit": VISIT}
    assert LETTER in shown(library.answer(QUESTION, None, sent))
    mine_alone = library.answer(QUESTION, None, sent | {"ticks": {"but": ["index:a.txt", "index:d.txt"]}})
    assert shown(mine_alone) == {LETTER}
    without_mine = library.answer(QUESTION, None, sent | {"ticks": {"but": ["mine:a.txt"]}})
    assert LETTER not in shown(without_mine)
    assert without_mine.index == id
    assert [document.path for document in library.seen_by(sent)] == ["a.txt", "d.txt", "a.txt"]


def test_what_is_ticked_and_what_is_asked_are_of_one_generation(library: Library, folder: Path) -> None:
    """A rebuild between the two changes nothing for the question that is being asked."""
    live = library.responder
    assert isinstance(live, LiveResponder)
    now = live.now

    def rebuilding() -> respond.Responder:
        responder = now()
        write_snapshot(folder, contents_of({"c.txt": ZEPPELIN}), {})
        return responder

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "now", rebuilding)
        answer = library.answer(QUESTION, None, {"ticks": {"but": ["index:b.txt"]}})
    assert quoted(answer) == {"a.txt"}
    assert quoted(library.answer(QUESTION, None, {"ticks": {"but": ["index:b.txt"]}})) == {"c.txt"}


def test_files_that_are_no_longer_held_are_not_silently_left_out(library: Library) -> None:
    """Who has added files and is asked without them would take a refusal for their word."""
    assert library.uploads is not None
    sent = {"visit": VISIT, "brought": 1}
    answer = library.answer(QUESTION, None, sent)
    assert (answer.verdict, answer.reason) == (
        "error",
        "the files that you added are no longer held; add them again",
    )
    library.uploads.add(VISIT, "a.txt", LETTER.encode())
    assert LETTER in shown(library.answer(QUESTION, None, sent))


def test_pages_are_drawn_over_a_damaged_text(tmp_path: Path, folder: Path) -> None:
    """A page's picture is of the file, so it is drawn although the text was altered; the place says that it was."""
    corpus = write_corpus(tmp_path / "corpus", {"a.pdf": pdf(lines("The zeppelin burned.")), "b.txt": LETTER})
    build_index([corpus], folder, SETTINGS, FakeEncoder)
    for file in folder.rglob("texts.utf8"):
        file.write_bytes(file.read_bytes().replace(b"zeppelin burned", b"zeppelin landed"))
    library = Library(LiveResponder(folder))
    sha = library.shelf({})["documents"][0]["sha"]
    picture = library.png(sha, 1, "", "a.pdf")
    assert picture is not None
    assert picture.startswith(b"\x89PNG")
    with pytest.raises(SnapshotDamaged, match=r"the text of a\.pdf"):
        library.draw({})(library.documents[0], Highlights(quote=Span(0, 4)))
