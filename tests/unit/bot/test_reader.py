"""The simple reader: every sentence of the hits, by likeness to the question."""

import math

import numpy as np
import pytest

from bot.question import read_question
from bot.reader import Reading
from bot.reader import sentences as module
from bot.reader.sentences import SentenceReader
from bot.spelling import Speller
from index.records import Hit
from index.search import search
from index.snapshot import Contents, Snapshot
from tests.unit.fakes import EVIDENCE, TEXTS, FakeEncoder, contents_of

WEIGHTS = dict.fromkeys(EVIDENCE, 1.0)


def read(question: str, contents: Contents, encoder: FakeEncoder, reader: SentenceReader, k: int = 99) -> list[Reading]:
    query = read_question(question, Speller(contents.words))
    vector = encoder.encode([query.resolved])[0]
    snapshot = Snapshot("s", contents)
    return reader.read(query, vector, search(snapshot, vector, query.terms, k), snapshot)


def test_every_sentence_of_the_hits_is_read_once() -> None:
    """Sentences that two passages share are read once; the best comes first, equal ones in text order."""
    encoder = FakeEncoder()
    contents = contents_of(TEXTS, encoder)
    readings = read("Who dredged the harbour?", contents, encoder, SentenceReader(encoder, WEIGHTS))
    assert sorted(reading.sentence for reading in readings) == list(range(len(contents.sentences)))
    assert readings == sorted(readings, key=lambda reading: (-reading.score, reading.sentence))
    assert (
        contents.documents[0].slice(contents.sentences[readings[0].sentence].span).startswith("The harbour of Aldwick")
    )


def test_the_score_is_the_weighted_evidence() -> None:
    """A reading's score is the sum of weight * evidence, and its evidence is a share or a cosine."""
    encoder = FakeEncoder()
    contents = contents_of(TEXTS, encoder)
    weights = {name: float(number) for number, name in enumerate(EVIDENCE)}
    for reading in read("Who dredged the harbour?", contents, encoder, SentenceReader(encoder, weights)):
        assert set(reading.evidence) == set(EVIDENCE)
        assert reading.score == pytest.approx(sum(weights[name] * value for name, value in reading.evidence.items()))
        assert all(0.0 <= reading.evidence[name] <= 1.0 for name in EVIDENCE if name.endswith("coverage"))
        assert all(-1.001 <= reading.evidence[name] <= 1.001 for name in EVIDENCE if name.endswith("cosine"))
        assert reading.answer is None


def test_a_leaning_sentence_is_read_with_its_context() -> None:
    """A sentence that leans on the one before is likened to the question together with that one, too."""
    encoder = FakeEncoder()
    contents = contents_of({"a.txt": "Ada Hart came to Aldwick. She used a crane."}, encoder)
    evidence = {
        r.sentence: r.evidence for r in read("Aldwick crane", contents, encoder, SentenceReader(encoder, WEIGHTS))
    }
    assert evidence[1]["coverage"] < evidence[1]["context_coverage"] == 1.0
    assert evidence[0]["coverage"] == evidence[0]["context_coverage"]


def test_the_length_of_a_question_is_the_same_for_all_sentences() -> None:
    """It grows with the question's words between two limits: a short question is no worse than one of eight words."""
    encoder = FakeEncoder()
    contents = contents_of(TEXTS, encoder)
    lengths: list[float] = []
    for question in ("Who?", "Who dredged the harbour?", "harbour " * 12, "harbour " * 20, "harbour " * 60):
        found = {
            reading.evidence["question_length"]
            for reading in read(question, contents, encoder, SentenceReader(encoder, WEIGHTS))
        }
        assert len(found) == 1
        lengths += found
    assert lengths == pytest.approx([math.log(words) for words in (8, 8, 12, 20, 20)])


def test_without_terms_or_hits_there_is_no_error() -> None:
    """A question of stop words covers nothing; no hits give no readings."""
    encoder = FakeEncoder()
    contents = contents_of(TEXTS, encoder)
    reader = SentenceReader(encoder, WEIGHTS)
    assert {reading.evidence["coverage"] for reading in read("what is it?", contents, encoder, reader)} == {0.0}
    hits: list[Hit] = []
    query = read_question("Who?", Speller({}))
    assert reader.read(query, np.ones(32, np.float32), hits, Snapshot("s", contents)) == []


def test_sentences_are_encoded_once() -> None:
    """A second question to the same sentences encodes nothing but itself, and gets what a fresh reader would give."""
    encoder = FakeEncoder()
    contents = contents_of(TEXTS, encoder)
    reader = SentenceReader(encoder, WEIGHTS)
    read("Who dredged the harbour?", contents, encoder, reader)
    encoder.calls.clear()
    second = read("When was the lighthouse painted?", contents, encoder, reader)
    assert encoder.calls == ["When was the lighthouse painted?"]
    assert second == read("When was the lighthouse painted?", contents, encoder, SentenceReader(encoder, WEIGHTS))


def test_the_cache_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many sentences are read, only so many vectors are kept, and the readings do not change."""
    monkeypatch.setattr(module, "_CACHED_SENTENCES", 3)
    encoder = FakeEncoder()
    contents = contents_of(TEXTS, encoder)
    reader = SentenceReader(encoder, WEIGHTS)
    first = read("Who dredged the harbour?", contents, encoder, reader)
    assert len(reader._cache) == 3
    assert read("Who dredged the harbour?", contents, encoder, reader) == first


def test_the_fitted_weights_name_the_evidence() -> None:
    """The weights that come with Quoth are for all evidence that tells one sentence from another."""
    assert set(SentenceReader(FakeEncoder())._weights) == set(EVIDENCE) - {"question_length"}
