"""Building from an older snapshot: the same as from nothing, at the cost of what is new."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import build as building
from index import division, reuse
from index.build import build_index, index_corpus
from index.documents import read_corpus
from index.encoder import Encoder
from index.loaders import Loaded
from index.records import Corpus, Layout
from index.reuse import known_files
from index.settings import IndexSettings
from index.snapshot import Contents, load_snapshot, sound_snapshot
from index.workers import SHARED
from tests.unit.fakes import (
    POSTINGS,
    SETTINGS,
    TEXTS,
    FakeEncoder,
    awkward_texts,
    contents_of,
    document_of,
    write_corpus,
)
from tests.unit.files import docx_of, eml_of, epub_of, lines, odt_of, pdf

NAMES = ("a.txt", "b.md", "c/d.txt", "c/é.md", "e.txt")


def corpus_of(texts: dict[str, str]) -> Corpus:
    return Corpus("corpus", tuple(document_of(text, path) for path, text in sorted(texts.items())))


def incremental(texts: dict[str, str], older: Contents) -> tuple[Contents, FakeEncoder]:
    """Texts -> what is built of them from an older snapshot, and the encoder with what it was asked."""
    encoder = FakeEncoder()
    return index_corpus(corpus_of(texts), SETTINGS, encoder, previous=older).contents, encoder


def everything(contents: Contents) -> dict[str, Any]:
    """All that must be equal exactly: all but the vectors."""
    postings = contents.terms.postings
    return {
        "documents": contents.documents,
        "sentences": contents.sentences,
        "passages": contents.passages,
        "keys": contents.keys,
        "terms": list(postings.terms),
        **{name: getattr(postings, name).whole.tolist() for name in POSTINGS},
        "words": dict(sorted(contents.words.items())),
        "warnings": contents.warnings,
        "left_out": contents.left_out,
    }


corpora = st.dictionaries(
    st.sampled_from(NAMES),
    st.one_of(
        st.sampled_from(tuple(TEXTS.values())),
        awkward_texts(8).filter(lambda text: not text.startswith("\ufeff") and text.count("\0") * 10 <= len(text)),
    ),
    max_size=5,
)


@given(corpora, corpora)
@settings(max_examples=120)
def test_incremental_equals_full(before: dict[str, str], after: dict[str, str]) -> None:
    """From any corpus to any other: spans, terms, words and warnings are those of a build from nothing, exactly."""
    made, _ = incremental(after, contents_of(before))
    full = contents_of(after)
    assert everything(made) == everything(full)
    np.testing.assert_allclose(made.vectors.rows, full.vectors.rows, atol=1e-4)


def test_a_changed_document_costs_what_it_costs() -> None:
    """Of a corpus with one changed document only the passages that changed are encoded, in that document."""
    texts = {
        f"{n:03}.txt": f"Title {n}\n\nHarbour {n} was dredged. {'It took years to do so. ' * 6}" for n in range(40)
    }
    older = contents_of(texts)
    texts["020.txt"] += "\n\nA new last paragraph about herring."
    made, encoder = incremental(texts, older)
    assert [text.splitlines()[0] for text in encoder.calls] == ["Title 20"]
    assert "herring" in encoder.calls[0]
    assert everything(made) == everything(contents_of(texts))


def test_an_unchanged_document_is_not_divided_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its sentences nor its language are worked out twice."""
    older = contents_of(TEXTS)

    def explode(*_: Any, **__: Any) -> Any:
        pytest.fail("was worked out again")

    for name in ("sentences_of", "passages_of", "warn_about", "words_in"):
        monkeypatch.setattr(division, name, explode)
    monkeypatch.setattr(building, "terms_of", explode)
    monkeypatch.setattr(reuse, "words_of", explode)
    made, encoder = incremental(TEXTS, older)
    assert encoder.calls == []
    assert everything(made) == everything(older)


@pytest.mark.parametrize("text", [*TEXTS.values(), "A file without any title. It has two sentences."])
def test_a_renamed_file_costs_nothing(text: str) -> None:
    """Under another name, with a title in its text or without, a document keeps all it had and encodes nothing."""
    older = contents_of({"m.md": text, "b.txt": "Something else."})
    texts = {"z/renamed.md": text, "b.txt": "Something else."}
    made, encoder = incremental(texts, older)
    assert encoder.calls == []
    assert everything(made) == everything(contents_of(texts))


def test_a_deleted_document_is_gone() -> None:
    """Nothing of it is left: no text, passage, term, word."""
    older = contents_of(TEXTS | {"gone.txt": "The zeppelin burned over Lakehurst."})
    made, encoder = incremental(TEXTS, older)
    assert encoder.calls == []
    assert "zeppelin" not in made.words
    assert "zeppelin" not in made.terms
    assert everything(made) == everything(contents_of(TEXTS))


def test_twins_are_no_duplicates_of_each_other() -> None:
    """Documents with the same text under several names each keep their own rows, whichever of them comes or goes."""
    text = TEXTS["harbour.txt"]
    for before, after in ((1, 3), (3, 2), (2, 2)):
        older = contents_of({f"{n}.txt": text for n in range(before)})
        texts = {f"{n + 1}.txt": text for n in range(after)}
        made, encoder = incremental(texts, older)
        assert encoder.calls == []
        assert everything(made) == everything(contents_of(texts))


@pytest.mark.parametrize(
    ("changed", "encoder"),
    [
        (replace(SETTINGS, passage_tokens=32), FakeEncoder()),
        (replace(SETTINGS, prefix=False), FakeEncoder()),
        (SETTINGS, FakeEncoder(fingerprint="0b" * 32)),
        (SETTINGS, FakeEncoder(dimension=16)),
    ],
)
def test_other_settings_or_models_take_over_what_still_fits(changed: IndexSettings, encoder: FakeEncoder) -> None:
    """With other settings equal passages keep their vectors; with another model none; all is as from nothing."""
    older = contents_of(TEXTS)
    made = index_corpus(corpus_of(TEXTS), changed, encoder, previous=older).contents
    asked = set(encoder.calls)
    full = index_corpus(corpus_of(TEXTS), changed, encoder).contents
    assert everything(made) == everything(full)
    np.testing.assert_allclose(made.vectors.rows, full.vectors.rows, atol=1e-4)
    if changed == SETTINGS:
        assert len(asked) == len(set(full.keys))


def test_what_other_versions_divided_is_divided_again() -> None:
    """Made by other versions of what reads a text, an older snapshot lends its vectors and nothing else."""
    older = replace(contents_of(TEXTS), made_with={"index": "other"}, words={"wrong": 1})
    made, encoder = incremental(TEXTS, older)
    assert encoder.calls == []
    assert everything(made) == everything(contents_of(TEXTS))


def parsed_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on -> names of the files that are parsed."""
    parsed: list[str] = []
    load = SHARED.load

    def watching(path: str, data: bytes) -> Loaded:
        parsed.append(path)
        return load(path, data)

    monkeypatch.setattr(SHARED, "load", watching)
    return parsed


def test_an_unchanged_file_is_not_parsed_again(corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with the same name and bytes is the document that it was; a changed one is parsed."""
    write_corpus(corpus, {"new.txt": "New."})
    parsed = parsed_by(monkeypatch)
    found = read_corpus(corpus, known=known_files(load_snapshot(index)))
    assert parsed == ["new.txt"]
    assert found.documents == read_corpus(corpus).documents


FILES = {
    "a.txt": b"The Harbour\n\nIt was dredged.",
    "b.txt": b"It was dredged. It rained.",
    "a.md": b"# Notes\n\nIt was dredged.\n\n## a\n\nIt rained.",
    "b.md": b"It was dredged.",
    "a.rst": b"Notes\n=====\n\nIt was dredged.",
    "a.html": b"<html><title>a</title><body><p>It was dredged.</body></html>",
    "b.html": b"<html><body><h2>b</h2><p>It was dredged.</body></html>",
    "c.html": b"<html><body><p>It was dredged.</body></html>",
    "a.pdf": pdf(lines("It was dredged.", "", "It rained.")),
    "a.docx": docx_of("! a", "It was dredged."),
    "b.docx": docx_of("It was dredged."),
    "a.odt": odt_of("<text:p>It was dredged.</text:p>"),
    "a.epub": epub_of("<p>It was dredged.", title="a"),
    "a.eml": eml_of("Words.", {"x.pdf": pdf(lines("One.")), "y.txt": b"Y.", "z.png": b"\x89PNG\r\n", "v.pdf": b"?"}),
    "b.eml": eml_of("Words.", Subject=""),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("after", ["z{}", "deep/a.b{}", "Z{}", "dredged{}"])
def test_a_renamed_file_is_not_parsed_again(
    tmp_path: Path, name: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of any kind under another name is what it would be if it were parsed, and nothing is encoded anew."""
    corpus = write_corpus(tmp_path / "corpus", {name: FILES[name], "other.txt": "Other."})
    build_index([corpus], tmp_path / "index", SETTINGS, FakeEncoder)
    (corpus / "deep").mkdir()
    (corpus / name).rename(corpus / after.format(Path(name).suffix))
    fresh = read_corpus(corpus)
    parsed = parsed_by(monkeypatch)
    assert read_corpus(corpus, known=known_files(load_snapshot(tmp_path / "index"))) == fresh
    encoder = FakeEncoder()
    build_index([corpus], tmp_path / "index", SETTINGS, lambda: encoder)
    assert parsed == []
    assert encoder.calls == []
    made = load_snapshot(tmp_path / "index").contents
    assert everything(made) == everything(index_corpus(fresh, SETTINGS, FakeEncoder()).contents)


def test_another_ending_is_another_kind(corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes under another ending are parsed anew: they may be read in another way."""
    (corpus / "rules/leave.md").rename(corpus / "rules/leave.txt")
    parsed = parsed_by(monkeypatch)
    found = read_corpus(corpus, known=known_files(load_snapshot(index)))
    assert parsed == ["rules/leave.txt"]
    assert found == read_corpus(corpus)


def test_an_unchanged_mail_keeps_what_was_attached_and_left_out(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail that is not parsed again has its attachments, and names those that could not be read, as before."""
    attached = {
        "a.pdf": pdf(lines("One clause."), lines("Two.")),
        "b.pdf": b"%PDF-1.7 broken",
        "logo.png": b"\x89PNG\r\n",
    }
    (corpus / "m.eml").write_bytes(eml_of("Words here.", attached))
    build_index([corpus], tmp_path / "other", SETTINGS, FakeEncoder)
    fresh = read_corpus(corpus)
    parsed = parsed_by(monkeypatch)
    again = read_corpus(corpus, known=known_files(load_snapshot(tmp_path / "other")))
    assert parsed == []
    assert again == fresh
    assert [(item.path, item.failed) for item in again.left_out] == [("m.eml/b.pdf", True), ("m.eml/logo.png", False)]
    attachment = next(document for document in again.documents if document.path == "m.eml/a.pdf")
    assert attachment.layout != Layout()


def test_rows_of_tables_count_and_pages_do_not() -> None:
    """A document whose table's rows are told apart in another way is divided anew; where its pages lie is its own."""
    text = "One. Two.\n\nThree. Four."
    plain = corpus_of({"a.txt": text})
    older = contents_of({"a.txt": text})
    paged = replace(plain.documents[0], layout=Layout(pages=(0, 11)))
    tabled = replace(plain.documents[0], layout=Layout(rows=(0,)))
    for document, n_sentences in ((paged, 4), (tabled, 3)):
        made = index_corpus(replace(plain, documents=(document,)), SETTINGS, FakeEncoder(), previous=older).contents
        full = index_corpus(replace(plain, documents=(document,)), SETTINGS, FakeEncoder()).contents
        assert everything(made) == everything(full)
        assert made.documents == (document,)
        assert len(made.sentences) == n_sentences


def test_a_build_takes_over_and_says_so(corpus: Path, index: Path) -> None:
    """The report counts the passages that were encoded; from nothing, all of them are."""
    write_corpus(corpus, {"new.txt": "New."})
    encoder = FakeEncoder()
    report = build_index([corpus], index, SETTINGS, lambda: encoder)
    assert (report.n_encoded, len(encoder.calls)) == (1, 1)
    assert load_snapshot(index).id == report.snapshot_id
    again = build_index([corpus], index, SETTINGS, FakeEncoder, anew=True)
    assert again.n_encoded == again.n_passages == report.n_passages
    assert again.snapshot_id == report.snapshot_id


def test_a_damaged_snapshot_lends_nothing(corpus: Path, index: Path) -> None:
    """What is damaged is not built upon."""
    file = next(index.rglob("vectors.high"))
    file.write_bytes(bytes(file.stat().st_size))
    assert sound_snapshot(index) is None
    report = build_index([corpus], index, SETTINGS, FakeEncoder)
    assert report.n_encoded == report.n_passages
    assert sound_snapshot(index) is not None


@pytest.mark.real
def test_the_shipped_models_vectors_are_the_same(real_encoder: Encoder) -> None:
    """Vectors that the shipped model makes in other batches differ by less than 1e-4."""
    texts = TEXTS | {f"{n}.txt": f"Harbour {n}\n\n{'Mud was lifted by cranes. ' * (n % 7 + 1)}" for n in range(20)}
    older = index_corpus(corpus_of(texts), IndexSettings(), real_encoder).contents
    texts["7.txt"] = "Harbour 7\n\nNothing is as it was."
    made = index_corpus(corpus_of(texts), IndexSettings(), real_encoder, previous=older)
    full = index_corpus(corpus_of(texts), IndexSettings(), real_encoder)
    assert made.n_encoded == 1
    assert everything(made.contents) == everything(full.contents)
    np.testing.assert_allclose(made.contents.vectors.rows, full.contents.vectors.rows, atol=1e-4)
