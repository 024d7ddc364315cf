"""The trained reader with its real weights, and what happens without them."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from bot.question import read_question
from bot.reader.extractive import ExtractiveReader, load_extractive
from bot.reader.tokens import QUESTION_TOKENS
from bot.respond import open_responder
from bot.spelling import Speller
from index.build import build_index
from index.encoder import load_encoder
from index.errors import ReaderError
from index.search import search
from index.settings import IndexSettings
from index.snapshot import Contents, Snapshot
from tests.unit.fakes import FakeEncoder, contents_of

pytestmark = pytest.mark.real

WEIGHTS = Path(str(files("bot.reader").joinpath("weights")))
TEXT = "The ferry left Aldwick at noon. Ada Hart built the lighthouse in 1871. Nobody saw the storm coming."


@pytest.fixture(scope="module")
def reader() -> ExtractiveReader:
    return load_extractive(weights={"span": 1.0})


def read(reader: ExtractiveReader, question: str, contents: Contents, encoder: FakeEncoder) -> list[str | None]:
    """The answers of the readings, best first."""
    query = read_question(question, Speller(contents.words))
    vector = encoder.encode([query.resolved])[0]
    snapshot = Snapshot("s", contents)
    readings = reader.read(query, vector, search(snapshot, vector, query.terms, 99), snapshot)
    assert sorted(reading.sentence for reading in readings) == list(range(len(contents.sentences)))
    documents = contents.documents
    answers = []
    for reading in readings:
        sentence = contents.sentences[reading.sentence]
        assert reading.answer is not None
        assert sentence.span.contains(reading.answer)
        answers.append(documents[sentence.document].slice(reading.answer))
    return list(answers)


def test_the_phrase_that_answers_is_marked(reader: ExtractiveReader) -> None:
    """Who and when: the name and the year, each in the sentence that holds it."""
    encoder = FakeEncoder()
    contents = contents_of({"a.txt": TEXT}, encoder)
    assert read(reader, "Who built the lighthouse?", contents, encoder)[0] == "Ada Hart"
    assert read(reader, "When was the lighthouse built?", contents, encoder)[0] == "1871"


def test_what_the_network_cannot_read_at_once_is_read_in_pieces(reader: ExtractiveReader) -> None:
    """A passage longer than the network's positions is read whole all the same, up to its last words."""
    encoder = FakeEncoder(max_tokens=4_000)
    sentence = "The road runs on " + "and on " * 900 + "to the house of Ada Hart."
    contents = contents_of({"a.txt": sentence}, encoder)
    assert len(contents.passages) == 1
    assert "Ada Hart" in str(read(reader, "Whose house does the road run to?", contents, encoder)[0])


def test_a_question_too_long_for_the_network_is_said_to_be_cut(reader: ExtractiveReader) -> None:
    """The note gives the tokens there are and those that are read."""
    note = reader.limit("why " * (QUESTION_TOKENS + 9))
    assert note is not None
    assert str(QUESTION_TOKENS + 9) in note
    assert reader.limit("Why?") is None


@pytest.mark.parametrize("name", ["reader-int8.onnx", "tokenizer.json", "SHA256SUMS"])
@pytest.mark.parametrize("harm", ["missing", "altered"])
def test_weights_missing_or_altered_are_refused(tmp_path: Path, name: str, harm: str) -> None:
    """One line that names a file; nothing altered is ever parsed."""
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    if harm == "missing":
        (folder / name).unlink()
    else:
        data = bytearray((folder / name).read_bytes())
        data[5] ^= 1
        (folder / name).write_bytes(bytes(data))
    with pytest.raises(ReaderError, match=r"is missing|was altered") as refused:
        load_extractive(folder)
    # A digit changed in a checksum looks like a file changed.
    assert name in str(refused.value) or (name, harm) == ("SHA256SUMS", "altered")


def test_without_the_weights_the_simple_reader_answers_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quoth goes on; page and JSON say which reader chose and why."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text(TEXT, encoding="utf-8")
    build_index([tmp_path / "corpus"], tmp_path / "index", IndexSettings(), load_encoder)

    def broken(**_: object) -> ExtractiveReader:
        raise ReaderError("the reader's reader-int8.onnx was altered; install Quoth again")

    monkeypatch.setattr("bot.respond.load_extractive", broken)
    answer = open_responder(tmp_path / "index").answer("Who built the lighthouse?")
    assert answer.reader == "sentences"
    assert any("was altered" in note for note in answer.notes)
