"""Documents put aside while an index is built are the documents that were put aside."""

from pathlib import Path

import pytest

from index.gathered import Gatherer
from index.lines import Lines, facts_of
from index.room import Room
from index.snapshot import load_snapshot, write_snapshot
from tests.unit.fakes import TEXTS, contents_of, document_of

HARD = {"é/ü.md": "# Ünïcode\n\nA 🙂 here.\n\n## Below\n\nAnd “there”.", "a.txt": "Only one line.", **TEXTS}


@pytest.mark.parametrize("in_files", [False, True])
def test_documents_come_back_as_they_were(tmp_path: Path, *, in_files: bool) -> None:
    """All of them, by their paths, in every field; text and digest are those of the document."""
    documents = [document_of(text, path) for path, text in HARD.items()]
    gatherer = Gatherer(Room(tmp_path if in_files else None), None)
    for document in documents:
        gatherer.add(document)
    gathered = gatherer.finish()
    wanted = sorted(documents, key=lambda document: document.path)
    assert list(gathered) == wanted
    assert gathered[1:3] == wanted[1:3]
    assert [document.sha256 for document in gathered] == [document.sha256 for document in wanted]
    assert [(f.path, f.source_sha256, f.sha256) for f in facts_of(gathered)] == [
        (f.path, f.source_sha256, f.sha256) for f in facts_of(wanted)
    ]
    assert [n_bytes for _, n_bytes in gathered.entries()] == [len(document.text.encode()) for document in wanted]


def test_what_an_older_snapshot_has_stays_there(tmp_path: Path) -> None:
    """Its documents come back too, under a new name with the title that goes with it, and are written as they are."""
    write_snapshot(tmp_path / "index", contents_of(HARD), {})
    older = load_snapshot(tmp_path / "index").contents.documents
    room = Room(tmp_path)
    gatherer = Gatherer(room, older)
    own = document_of("Something new.", "b.txt")
    kept = list(older)
    gatherer.add(own)
    for document in kept[1:]:
        gatherer.add(document)
    gatherer.add(kept[0].renamed("zz.txt"))
    gathered = gatherer.finish()
    wanted = sorted([own, *kept[1:], kept[0].renamed("zz.txt")], key=lambda document: document.path)
    assert list(gathered) == wanted
    assert "zz.txt" in [document.path for document in gathered]
    contents = contents_of({document.path: document.text for document in wanted})
    write_snapshot(tmp_path / "new", contents, {})
    fresh = load_snapshot(tmp_path / "new").contents.documents
    assert isinstance(fresh, Lines)
    assert list(gathered.entries()) == list(fresh.entries())
