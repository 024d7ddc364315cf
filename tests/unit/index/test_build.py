"""The build: every step of the index composed, and what it says about itself."""

import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from index import build as building
from index.build import BuildReport, _encode, build_index, index_corpus, is_current
from index.documents import read_corpus
from index.encoder import Encoder
from index.errors import CorpusError, EncoderError, SettingsError, SnapshotForeign, SnapshotMissing
from index.language import warn_about
from index.passages import prefix_of
from index.records import Corpus
from index.reuse import known_files
from index.room import LEAST_BYTES, Growing, Room
from index.settings import DEFAULT_MODEL, IndexSettings
from index.snapshot import builder_of, current_id, load_snapshot, publish, sound_snapshot
from index.snapshot.layout import generation_of
from index.storage import Disk
from tests.unit.fakes import SETTINGS, TEXTS, FakeEncoder, awkward_corpora, contents_of, document_of, write_corpus

GERMAN = (
    "Der Hafen wurde im Jahre 1904 von der Ingenieurin Ada Hart ausgebaggert, die dafür einen Dampfkran aus Leeds "
    "kommen ließ. Die Arbeiten dauerten elf Monate, und die Fischer warteten so lange in der Bucht vor der Stadt. "
    "Der Leuchtturm wurde erst viel später rot gestrichen, wie man heute noch sehen kann."
)
ENGLISH = "The harbour of Aldwick was dredged in 1904 by the engineer Ada Hart, who used a steam crane from Leeds. " * 3


def test_the_report_counts_what_was_made(corpus: Path, tmp_path: Path, encoder: FakeEncoder) -> None:
    """The report's numbers are those of the snapshot that was written."""
    report = build_index([corpus], tmp_path / "index", SETTINGS, lambda: encoder)
    snapshot = load_snapshot(tmp_path / "index")
    assert report.snapshot_id == snapshot.id
    assert report.n_documents == len(snapshot.contents.documents) == 2
    assert report.n_sentences == len(snapshot.contents.sentences) == 10
    assert report.n_passages == len(snapshot.contents.passages) == len(snapshot.contents.vectors)
    assert report.dimension == encoder.dimension
    assert report.seconds > 0
    assert not report.is_partial
    assert report.warnings == ()


def test_a_build_with_a_bad_file_is_partial(tmp_path: Path, encoder: FakeEncoder) -> None:
    """A file that should have been indexed and was not makes the build partial; the corpus's README does not."""
    root = write_corpus(tmp_path / "corpus", {"a.txt": "A.", "README.md": "About."})
    assert not build_index([root], tmp_path / "index", SETTINGS, lambda: encoder).is_partial
    write_corpus(root, {"b.pdf": "x"})
    report = build_index([root], tmp_path / "index", SETTINGS, lambda: encoder)
    assert report.is_partial
    assert [item.path for item in report.left_out] == ["README.md", "b.pdf"]


def test_progress_ends_at_the_whole(corpus: Path, tmp_path: Path, encoder: FakeEncoder) -> None:
    """Each step reports growing numbers that end at its total."""
    seen: dict[str, list[tuple[int, int]]] = {}
    build_index(
        [corpus],
        tmp_path / "i",
        SETTINGS,
        lambda: encoder,
        lambda step, done, total: seen.setdefault(step, []).append((done, total)),
    )
    assert list(seen) == ["loading", "reading", "encoding", "terms"]
    for steps in seen.values():
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert steps[-1][0] == steps[-1][1]


@given(awkward_corpora())
@settings(max_examples=60)
def test_the_encoder_reads_every_passage_whole(texts: dict[str, str]) -> None:
    """Every text that is encoded, prefix included, is one the encoder reads whole; there is one for each passage."""
    encoder = FakeEncoder(max_tokens=20)
    contents = contents_of(texts, encoder)
    assert len(encoder.calls) == len(contents.passages)
    assert max(map(encoder.count_tokens, encoder.calls)) <= 20
    for text, passage in zip(encoder.calls, contents.passages, strict=True):
        assert text.endswith(contents.documents[passage.document].readable(passage.span))


@given(awkward_corpora())
@settings(max_examples=60)
def test_records_point_where_they_say(texts: dict[str, str]) -> None:
    """Sentences lie in their paragraph, passages name sentences of their own document, every sentence is in one."""
    contents = contents_of(texts)
    for sentence in contents.sentences:
        assert contents.documents[sentence.document].paragraphs[sentence.paragraph].contains(sentence.span)
    for passage in contents.passages:
        assert {contents.sentences[number].document for number in passage.sentences} == {passage.document}
    assert {number for passage in contents.passages for number in passage.sentences} == set(
        range(len(contents.sentences))
    )


def test_the_prefix_is_read_by_encoder_and_terms() -> None:
    """With prefix on, title and headings are found by words and meaning; with it off, they are not."""
    encoder = FakeEncoder()
    contents = contents_of(TEXTS, encoder)
    assert any(text.startswith("Leave\nSick pay\nSick pay runs for six weeks.") for text in encoder.calls)
    plain = FakeEncoder()
    without = contents_of(TEXTS, plain, replace(SETTINGS, prefix=False))
    assert not any(text.startswith("Leave\n") for text in plain.calls)
    assert "leav" not in without.terms
    assert "leav" in contents.terms


def test_words_are_counted_over_the_texts() -> None:
    """The vocabulary counts each word of the canonical texts, in lower case."""
    words = contents_of({"a.txt": "Crane, crane! Mud.", "b.txt": "CRANE."}).words
    assert dict(words) == {"crane": 3, "mud": 1}


@pytest.mark.parametrize("scale", [0.0, 0.5, 2.0])
def test_vectors_must_be_of_unit_length(corpus: Path, tmp_path: Path, scale: float) -> None:
    """A model whose vectors are not of unit length is refused, and no index is written."""
    with pytest.raises(EncoderError, match="not of unit length; choose another model"):
        build_index([corpus], tmp_path / "index", SETTINGS, lambda: FakeEncoder(scale=scale))
    with pytest.raises(SnapshotMissing):
        load_snapshot(tmp_path / "index")


def test_a_passage_that_would_be_cut_stops_the_build() -> None:
    """Should a passage ever be longer than the encoder reads, the build fails rather than cut it."""
    with pytest.raises(EncoderError, match="smaller --passage-tokens"):
        _encode(iter(["One two.", "word " * 20]), 2, FakeEncoder(max_tokens=20), Room(), lambda *_: None)


def test_nothing_to_index_is_an_error(tmp_path: Path, encoder: FakeEncoder) -> None:
    """An empty corpus is an error that leaves an existing index as it is."""
    (tmp_path / "corpus").mkdir()
    with pytest.raises(CorpusError):
        build_index([tmp_path / "corpus"], tmp_path / "index", SETTINGS, lambda: encoder)
    with pytest.raises(SnapshotMissing):
        load_snapshot(tmp_path / "index")
    with pytest.raises(CorpusError, match="there is no folder or file"):
        build_index([tmp_path / "none"], tmp_path / "other", SETTINGS, lambda: encoder)
    assert not (tmp_path / "other").exists()


def test_no_documents_make_an_empty_index(encoder: FakeEncoder) -> None:
    """The steps themselves accept nothing and give nothing."""
    contents = index_corpus(Corpus("corpus", ()), SETTINGS, encoder).contents
    assert (contents.sentences, contents.passages, len(contents.vectors), len(contents.terms)) == ((), (), 0, 0)
    assert contents.warnings == {}


def test_how_much_memory_there_is_changes_nothing(
    corpus: Path, tmp_path: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts encoded one by one and terms merged in the smallest runs give the same index, byte for byte."""
    plenty = build_index([corpus], tmp_path / "plenty", SETTINGS, lambda: encoder)
    monkeypatch.setattr(building, "_AT_ONCE", 1)
    monkeypatch.setattr(Room, "at_once", lambda *_: 1)
    scarce = build_index([corpus], tmp_path / "scarce", SETTINGS, lambda: encoder, memory_bytes=LEAST_BYTES)
    assert scarce.snapshot_id == plenty.snapshot_id
    assert {entry.name for entry in (tmp_path / "scarce" / "generations").iterdir()} == {scarce.snapshot_id}


def test_what_is_large_lies_in_files_of_the_index_folder(
    corpus: Path, tmp_path: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts, tables, vectors and postings: in no other folder, and not in memory."""
    made: list[Growing] = []
    real = Room.array

    def watched(room: Room, *shape: Any) -> Growing:
        made.append(real(room, *shape))
        return made[-1]

    monkeypatch.setattr(Room, "array", watched)
    folders: list[Path] = []
    temporary = tempfile.TemporaryFile

    def made_in(**options: Any) -> Any:
        folders.append(options["dir"])
        return temporary(**options)

    monkeypatch.setattr(tempfile, "TemporaryFile", made_in)
    build_index([corpus], tmp_path / "i", SETTINGS, lambda: encoder)
    assert len(folders) == len(made) >= 10
    assert set(folders) == {tmp_path / "i" / "generations"}


def test_too_little_memory_is_refused_before_anything_is_written(corpus: Path, tmp_path: Path) -> None:
    """The index folder is not even made."""
    with pytest.raises(SettingsError, match="1 MB of memory is too little"):
        build_index([corpus], tmp_path / "index", SETTINGS, FakeEncoder, memory_bytes=1 << 20)
    assert not (tmp_path / "index").exists()


def test_a_foreign_folder_is_refused(corpus: Path, tmp_path: Path, encoder: FakeEncoder) -> None:
    """Building into a folder of something else is refused, and the folder stays as it was."""
    mine = write_corpus(tmp_path / "mine", {"letter.txt": "Dear all."})
    with pytest.raises(SnapshotForeign):
        build_index([corpus], mine, SETTINGS, lambda: encoder)
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("anew", [False, True])
def test_what_is_deleted_while_a_build_waits_is_not_in_it(corpus: Path, index: Path, *, anew: bool) -> None:
    """The documents are read once no other build is at work; so is what decides whether there is anything to do."""
    waiting = threading.Event()
    reports: list[BuildReport] = []

    def build() -> None:
        reports.append(build_index([corpus], index, SETTINGS, FakeEncoder, anew=anew, waiting=waiting.set))

    thread = threading.Thread(target=build)
    with builder_of(index):
        thread.start()
        assert waiting.wait(timeout=30)
        (corpus / "harbour.txt").unlink()
    thread.join(timeout=30)
    assert not reports[0].is_unchanged
    contents = load_snapshot(index).contents
    assert [document.path for document in contents.documents] == ["rules/leave.md"]
    assert "aldwick" not in contents.words


def test_a_build_that_another_has_done_meanwhile_is_none(corpus: Path, index: Path) -> None:
    """Who has waited for a build of the same documents finds nothing to do."""
    write_corpus(corpus, {"new.txt": "New."})
    waiting = threading.Event()
    reports: list[BuildReport] = []

    def build() -> None:
        reports.append(build_index([corpus], index, SETTINGS, FakeEncoder, waiting=waiting.set))

    thread = threading.Thread(target=build)
    with builder_of(index):
        thread.start()
        assert waiting.wait(timeout=30)
        publish(index, index_corpus(read_corpus(corpus), SETTINGS, FakeEncoder()).contents, {})
    thread.join(timeout=30)
    assert reports[0].is_unchanged
    assert reports[0].snapshot_id == current_id(index)


@pytest.fixture
def known_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake model's fingerprint can be told before it is loaded."""
    monkeypatch.setattr(building, "fingerprint_of", lambda _: FakeEncoder().fingerprint)


def no_model() -> Encoder:
    pytest.fail("a model was loaded")


def test_another_model_of_the_same_name_means_a_rebuild(corpus: Path, index: Path) -> None:
    """A model that has changed makes every vector anew, though no document has changed."""
    report = build_index([corpus], index, SETTINGS, lambda: FakeEncoder(fingerprint="0b" * 32))
    assert not report.is_unchanged
    assert report.n_encoded == report.n_passages
    assert load_snapshot(index).contents.encoder.fingerprint == "0b" * 32
    assert build_index([corpus], index, SETTINGS, lambda: FakeEncoder(fingerprint="0b" * 32)).is_unchanged


@pytest.mark.usefixtures("known_model")
def test_where_nothing_is_to_be_encoded_no_model_is_loaded(corpus: Path, index: Path) -> None:
    """Neither a renamed file nor one that is gone takes a model, if the older index was made by the same."""
    (corpus / "harbour.txt").rename(corpus / "port.txt")
    assert build_index([corpus], index, SETTINGS, no_model).n_documents == 2
    (corpus / "rules/leave.md").unlink()
    assert build_index([corpus], index, SETTINGS, no_model).n_documents == 1
    assert build_index([corpus], index, SETTINGS, no_model).is_unchanged
    write_corpus(corpus, {"new.txt": "New."})
    assert build_index([corpus], index, SETTINGS, FakeEncoder).n_encoded == 1


@pytest.mark.usefixtures("known_model")
def test_where_nothing_has_changed_only_litter_goes(corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An up-to-date index is flushed once more, what dead builders left goes, and the generation stays as it is."""
    write_corpus(index, {"generations/.new-abc/texts.utf8": b"half", f"generations/{'0' * 16}/x": b"older"})
    file = generation_of(index, current_id(index)) / "manifest.json"
    before, flushed = file.stat(), list[Path]()
    monkeypatch.setattr(Disk, "flush_folder", lambda _, path: flushed.append(path))
    report = build_index([corpus], index, SETTINGS, no_model)
    assert report.is_unchanged
    assert (report.n_documents, report.n_encoded) == (2, 0)
    assert [entry.name for entry in (index / "generations").iterdir()] == [current_id(index)]
    assert flushed == [index]
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def current(corpus: Path, index: Path, settings: IndexSettings, encoder: FakeEncoder | None = None) -> bool:
    """Whether `quoth index` would find nothing to do."""
    snapshot = sound_snapshot(index)
    found = read_corpus(corpus, known=known_files(snapshot))
    return snapshot is not None and is_current(snapshot, found, settings, encoder or FakeEncoder())


def test_an_index_is_current_until_something_changes(corpus: Path, index: Path) -> None:
    """An index is current for the files and settings it was built from, and for no others."""
    assert current(corpus, index, SETTINGS)
    assert not current(corpus, index, replace(SETTINGS, passage_tokens=48))
    assert not current(corpus, index, replace(SETTINGS, model="other"))
    assert not current(corpus, index, SETTINGS, FakeEncoder(fingerprint="0b" * 32))
    assert not current(corpus / "harbour.txt", index, SETTINGS)
    write_corpus(corpus, {"b.pdf": "cannot be read, and changes nothing"})
    assert current(corpus, index, SETTINGS)
    write_corpus(corpus, {"new.txt": "New."})
    assert not current(corpus, index, SETTINGS)
    (corpus / "new.txt").unlink()
    assert current(corpus, index, SETTINGS)
    (corpus / "harbour.txt").write_bytes((corpus / "harbour.txt").read_bytes() + b" ")
    assert not current(corpus, index, SETTINGS)


def test_other_sources_of_the_same_documents_are_kept(tmp_path: Path, encoder: FakeEncoder) -> None:
    """An index says what it was last built of, though that holds the same documents: no vector is made for it."""
    root = write_corpus(tmp_path / "corpus", {"one/a.txt": "A harbour.", "two/b.txt": "A lighthouse."})
    folders = [root / "one", root / "two"]
    build_index([root], tmp_path / "index", SETTINGS, lambda: encoder)
    for sources in (folders, [*folders[:1], root / "two" / "b.txt"], [root]):
        n_calls = len(encoder.calls)
        assert not build_index(sources, tmp_path / "index", SETTINGS, lambda: encoder).is_unchanged
        assert load_snapshot(tmp_path / "index").contents.named == tuple(map(str, sources))
        assert len(encoder.calls) == n_calls
        assert build_index(sources, tmp_path / "index", SETTINGS, lambda: encoder).is_unchanged


def test_no_index_is_not_current(corpus: Path, tmp_path: Path) -> None:
    """Where there is no index, or something else, there is none to be current."""
    assert not current(corpus, tmp_path / "none", SETTINGS)
    assert not current(corpus, corpus, SETTINGS)


@pytest.mark.parametrize("name", ["manifest.json", "texts.utf8", "vectors.high"])
def test_a_damaged_index_is_not_current(corpus: Path, index: Path, name: str) -> None:
    """What must be built anew does not pass for up to date: else the remedy of a damaged index would do nothing."""
    file = next(index.rglob(name))
    file.write_bytes(file.read_bytes()[:-1])
    assert not current(corpus, index, SETTINGS)


def test_another_language_is_named() -> None:
    """A document in German is named for the model that was trained on English, and for no other."""
    english = FakeEncoder(name=DEFAULT_MODEL)
    assert warn_about(document_of(GERMAN), english) == (
        f"seems to be in another language (de); {DEFAULT_MODEL} was trained on English"
    )
    assert warn_about(document_of(ENGLISH), english) is None
    assert warn_about(document_of(GERMAN), FakeEncoder(name="multilingual")) is None
    assert warn_about(document_of("Der Hafen."), english) is None


def test_many_unknown_tokens_are_named() -> None:
    """A document in signs that the model has no entry for is named with their share."""
    encoder = FakeEncoder(unknown="ᚠ")
    assert warn_about(document_of("ᚠ one ᚠ two"), encoder) == "33% of its tokens are unknown to fake"
    assert warn_about(document_of("ᚠ " + "one " * 40), encoder) is None


def test_warnings_name_their_documents(tmp_path: Path) -> None:
    """The report carries each document that the model serves badly, and the build is whole all the same."""
    root = write_corpus(tmp_path / "corpus", {"de.txt": GERMAN, "en.txt": ENGLISH})
    report = build_index([root], tmp_path / "index", SETTINGS, lambda: FakeEncoder(name=DEFAULT_MODEL))
    assert [path for path, _ in report.warnings] == ["de.txt"]
    assert not report.is_partial


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"passage_tokens": 15}, "passage size is 15 tokens; expected 16 to 4096"),
        ({"passage_tokens": 4097}, "expected 16 to 4096"),
        ({"overlap_sentences": -1}, "overlap is -1 sentences; expected 0 to 4"),
        ({"overlap_sentences": 5}, "expected 0 to 4"),
        ({"model": "  "}, "the model's name is empty"),
    ],
)
def test_settings_out_of_range_are_refused(values: dict[str, int], said: str) -> None:
    """A setting outside its range is refused with the value and the range."""
    with pytest.raises(SettingsError, match=said):
        replace(IndexSettings(), **values)  # type: ignore[arg-type]


@pytest.mark.real
def test_the_shipped_model_gives_unit_vectors(real_encoder: Encoder) -> None:
    """The shipped model's vectors have unit length, come the same for the same text, and none for no text."""
    vectors = real_encoder.encode(["The harbour was dredged.", "", "\U0001f680" * 400])
    assert vectors.shape == (3, real_encoder.dimension) == (3, 384)
    assert (abs((vectors**2).sum(axis=1) - 1.0) < 1e-4).all()
    assert (abs(real_encoder.encode(["The harbour was dredged."])[0] - vectors[0]) < 1e-4).all()
    assert real_encoder.encode([]).shape == (0, 384)


@pytest.mark.real
def test_the_shipped_model_counts_before_it_cuts(real_encoder: Encoder) -> None:
    """Tokens are counted beyond what the model reads, special tokens included, and unknown signs are seen."""
    assert real_encoder.max_tokens == 256
    assert real_encoder.count_tokens("") == 2
    assert real_encoder.count_tokens("word " * 1000) == 1002
    assert real_encoder.count_unknown("ᚠᚢᚦ ᚨᚱᚲ") > 0
    assert real_encoder.count_unknown("harbour") == 0


@pytest.mark.real
def test_the_shipped_model_reads_every_passage_of_the_essay(essay_index: Path, real_encoder: Encoder) -> None:
    """No passage of the essay is longer than the shipped model reads, title included."""
    contents = load_snapshot(essay_index).contents
    document = contents.documents[0]
    for passage in contents.passages:
        text = prefix_of(document, passage.span.start) + document.readable(passage.span)
        assert real_encoder.count_tokens(text) <= real_encoder.max_tokens
    assert len(contents.passages) > 20
