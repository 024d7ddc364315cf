"""The doctor: what is wrong is named, and what to do."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import doctor, locks
from index.build import build_index
from index.doctor import examine
from index.encoder import Encoder
from index.errors import EncoderError, SnapshotForeign, SnapshotMissing
from index.records import Passage, Sentence, Span
from index.settings import IndexSettings
from index.snapshot import Contents, Manifest, load_snapshot, read_pointer, write_snapshot
from index.snapshot.layout import rebuilding
from index.snapshot.manifest import read_generation
from index.stored import Stored
from index.vectors import VectorIndex
from tests.unit.fakes import SETTINGS, TEXTS, FakeEncoder, contents_of, write_corpus

OTHER = {"other.txt": "Something else altogether. It has two sentences."}


def load(name: str) -> Encoder:
    return FakeEncoder(name=name)


def test_a_sound_index_has_no_problem(index: Path) -> None:
    """All that is looked at is named; nothing is wrong, so there is nothing to do."""
    diagnosis = examine(index, load)
    assert diagnosis.problems == []
    assert diagnosis.remedy == ""
    subjects = " ".join(finding.subject for finding in diagnosis.findings)
    for word in ("sha256", "counts", "spans", "quotes", "passages", "vectors", "terms", "model"):
        assert word in subjects


def test_an_index_of_nothing_is_sound(tmp_path: Path) -> None:
    """Without any sentence there is nothing wrong either."""
    write_snapshot(tmp_path, contents_of({}), {})
    assert examine(tmp_path, load).problems == []


def test_no_index_is_no_patient(tmp_path: Path, corpus: Path) -> None:
    """Where there is no index, or something else, that is said, and nothing examined."""
    with pytest.raises(SnapshotMissing, match="run: quoth index"):
        examine(tmp_path / "none", load)
    with pytest.raises(SnapshotForeign):
        examine(corpus, load)


def moved(contents: Contents) -> Contents:
    first = contents.sentences[0]
    return replace(contents, sentences=(replace(first, span=Span(0, first.span.end)), *contents.sentences[1:]))


def beyond(contents: Contents) -> Contents:
    last = contents.documents[-1]
    end = len(last.text) + 9
    last = replace(last, paragraphs=(*last.paragraphs[:-1], Span(last.paragraphs[-1].start, end)))
    sentence = replace(contents.sentences[-1], span=Span(contents.sentences[-1].span.start, end))
    return replace(contents, documents=(*contents.documents[:-1], last), sentences=(*contents.sentences[:-1], sentence))


def orphaned(contents: Contents) -> Contents:
    return replace(contents, passages=contents.passages[:-1], keys=contents.keys[:-1])


def uncovered(contents: Contents) -> Contents:
    last = contents.passages[-1]
    numbers = range(last.sentences.start, last.sentences.stop - 1)
    shorter = Passage(last.document, Span(last.span.start, contents.sentences[numbers.stop - 1].span.end), numbers)
    return replace(contents, passages=(*contents.passages[:-1], shorter))


def strange(contents: Contents) -> Contents:
    first = contents.passages[0]
    return replace(contents, passages=(replace(first, document=1), *contents.passages[1:]))


def other_text(contents: Contents) -> Contents:
    return replace(contents, keys=(bytes(16), *contents.keys[1:]))


def with_rows(change: Callable[[Any], Any]) -> Callable[[Contents], Contents]:
    def changed(contents: Contents) -> Contents:
        rows = contents.vectors.rows.copy()
        rows[1] = change(rows[1])
        return replace(contents, vectors=VectorIndex.of(rows))

    return changed


def lengths(contents: Contents) -> Contents:
    postings = contents.terms.postings
    terms = type(contents.terms)(replace(postings, lengths=Stored(postings.lengths.whole + 1)))
    return replace(contents, terms=terms)


def row_beyond(contents: Contents) -> Contents:
    postings = contents.terms.postings
    terms = type(contents.terms)(replace(postings, gaps=Stored(postings.gaps.whole & np.uint8(1) | np.uint8(0x7E))))
    return replace(contents, terms=terms)


def misfit(contents: Contents) -> Contents:
    postings = contents.terms.postings
    terms = type(contents.terms)(replace(postings, gaps=Stored(postings.gaps.whole | np.uint8(1))))
    return replace(contents, terms=terms)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (moved, "spans: sentence 0 does not lie in its paragraph"),
        (beyond, "quotes: sentence 9 is no text of rules/leave.md"),
        (strange, "spans: passage 0 names sentences of another document"),
        (uncovered, "spans: 1 sentences are in no passage"),
        (other_text, "passages: passage 0 of harbour.txt is not what the model read"),
        (with_rows(lambda row: row * 0), "vectors: the vector of passage 1 has length 0.000, not 1"),
        (with_rows(lambda row: row * 2), "vectors: the vector of passage 1 has length 2.000, not 1"),
        (with_rows(lambda row: row[::-1]), "model: fake makes other vectors than those stored"),
        (lengths, "terms: the postings of a passage do not add up to its length"),
        (misfit, "postings of the index do not fit its terms"),
        (row_beyond, "terms: a posting names a passage that is not there"),
    ],
)
def test_what_no_checksum_shows_is_found(tmp_path: Path, harm: Callable[[Contents], Contents], said: str) -> None:
    """Contents that do not hold together, though every checksum is right, are named."""
    write_snapshot(tmp_path, harm(contents_of(TEXTS)), {})
    diagnosis = examine(tmp_path, load)
    assert any(said in problem for problem in diagnosis.problems), diagnosis.problems
    assert diagnosis.remedy.startswith("Build")


def test_a_wrong_number_of_rows_is_found(tmp_path: Path) -> None:
    """An index that cannot even be opened is found wrong, and no exception comes of it."""
    write_snapshot(tmp_path, orphaned(contents_of(TEXTS)), {})
    assert examine(tmp_path, load).problems


def test_the_model_is_asked_for(index: Path) -> None:
    """A model that is not here, or has changed, is named with what to do; one that is not here is not built with."""

    def missing(name: str) -> Encoder:
        raise EncoderError(f"model {name} cannot be loaded; choose another")

    for encoder, said in (
        (missing, "model: model fake cannot be loaded"),
        (lambda _: FakeEncoder(fingerprint="0" * 64), "model: fake has changed since the index was built"),
    ):
        diagnosis = examine(index, encoder)
        assert [problem.startswith(said) for problem in diagnosis.problems] == [True]
        assert diagnosis.remedy.startswith("Build with a model that is here: quoth index /")
        assert ("--model fake" in diagnosis.remedy) == (encoder is not missing)


def test_going_back_is_offered_where_it_helps(index: Path) -> None:
    """With a sound generation before the damaged one, going back to it is offered; with a damaged one it is not."""
    old = read_pointer(index).current
    write_snapshot(index, contents_of(OTHER), {})
    new = read_pointer(index).current
    (index / "generations" / new / "words.txt").write_bytes(b"")
    assert "quoth index --rollback" in examine(index, load).remedy
    (index / "generations" / old / "words.txt").write_bytes(b"")
    diagnosis = examine(index, load)
    assert "--rollback" not in diagnosis.remedy
    assert [old in problem or new in problem for problem in diagnosis.problems] == [True, True]


def test_only_the_one_before_is_damaged(index: Path) -> None:
    """Damage in the earlier generation alone is named as such: the index can be asked."""
    old = read_pointer(index).current
    write_snapshot(index, contents_of(OTHER), {})
    (index / "generations" / old / "vectors.high").unlink()
    diagnosis = examine(index, load)
    assert diagnosis.problems == [f"earlier generation {old}: the index lacks vectors.high; {rebuilding(index)}"]
    assert diagnosis.remedy.startswith("The index itself is sound")


def test_a_damaged_pointer_is_mended_where_it_lies(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an index whose pointer is damaged, the remedy names the index, unless that is the default one."""
    (index / "current").write_bytes(b"")
    assert examine(index, load).remedy == f"Build it again: quoth index FOLDER --index {index}"
    monkeypatch.chdir(index.parent)
    index.rename(".quoth")
    assert examine(Path(".quoth"), load).remedy == "Build it again: quoth index FOLDER"


def test_rebuilds_meanwhile_are_no_finding(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generations that are followed by others while they are examined stay until that is over: nothing is wrong."""
    write_snapshot(index, contents_of(OTHER), {})

    def rebuild_first(generation: Path) -> Manifest:
        for number in range(2):
            write_snapshot(index, contents_of({"n.txt": f"Number {number} of {generation.name}."}), {})
        return read_generation(generation)

    monkeypatch.setattr(doctor, "read_generation", rebuild_first)
    assert examine(index, load).problems == []


def test_a_pointer_that_moves_while_it_is_read_is_read_again(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds that end between a look at the pointer and the hold on what it names are no finding either."""
    hold = locks.hold
    left = [1, 2]

    def rebuild_first(folder: Path) -> locks.Hold:
        if left:
            n = left.pop()
            for number in range(2):
                write_snapshot(index, contents_of({"n.txt": f"Number {number} of {n}."}), {})
        return hold(folder)

    monkeypatch.setattr("index.snapshot.read.hold", rebuild_first)
    assert examine(index, load).problems == []


def test_the_doctor_changes_nothing(index: Path) -> None:
    """An examination leaves every file as it was, what a dead builder left too."""
    write_corpus(index, {"generations/.new-abc/texts.utf8": b"half"})
    before = {path: path.read_bytes() for path in index.rglob("*") if path.is_file()}
    examine(index, load)
    assert {path: path.read_bytes() for path in index.rglob("*") if path.is_file()} == before
    assert json.loads(next(index.rglob("build.json")).read_text())
    assert isinstance(load_snapshot(index).contents.sentences[0], Sentence)


def test_the_remedy_names_what_was_asked_for(tmp_path: Path) -> None:
    """Of an index of several files, those are named, not the folder that holds them among others."""
    folder = write_corpus(tmp_path / "corpus", TEXTS | OTHER)
    files = sorted(file for file in folder.iterdir() if file.is_file())[:2]
    build_index(files, tmp_path / "other", SETTINGS, FakeEncoder)
    next((tmp_path / "other").rglob("texts.utf8")).write_bytes(b"")
    assert f"quoth index {' '.join(map(str, files))} --index" in examine(tmp_path / "other", load).remedy


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        (IndexSettings(), []),
        (IndexSettings(model="a model/of mine"), ["--model", "a model/of mine"]),
        (IndexSettings(passage_tokens=24), ["--passage-tokens", "24"]),
        (IndexSettings(overlap_sentences=0), ["--overlap", "0"]),
        (
            IndexSettings("other", 200, 2),
            ["--model", "other", "--passage-tokens", "200", "--overlap", "2"],
        ),
    ],
)
def test_the_remedy_builds_what_there_was(index: Path, settings: IndexSettings, options: list[str]) -> None:
    """The build that the remedy names has the settings of the index, whichever generation of it is damaged.

    What is as it is by default goes without saying.
    """
    write_snapshot(index, contents_of(OTHER), {})
    write_snapshot(index, contents_of(OTHER, FakeEncoder(name=settings.model), settings), {})
    pointer = read_pointer(index)
    for id in (str(pointer.previous), pointer.current):
        (index / "generations" / id / "vectors.high").write_bytes(b"")
        command = shlex.split(examine(index, load).remedy.split(": ", 1)[1].split(", or go back")[0])
        assert command == ["quoth", "index", "FOLDER", "--index", str(index), *options] + ["--force"] * (
            id == pointer.current
        )
