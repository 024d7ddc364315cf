"""Texts read together: which, and that nothing comes of it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoder import Encoder
from index.encoder.export import export_float32
from index.encoder.exported import _BATCH_TOKENS, _batches
from index.encoder.sentence_transformer import load_sentence_transformer
from index.settings import DEFAULT_MODEL
from tests.unit.conftest import CORPUS

TEXTS = [
    "",
    "When?",
    " Where does the pipeline end?\n",
    "The rent of the crane is due in March. " * 20,
    "word " * 1000,
    "L’été à Zürich, ﬁne, Ελλάδα, 東京 🙂",
]


@given(st.lists(st.integers(0, 600), max_size=60))
def test_batches_hold_every_text_once_and_little_padding(lengths: list[int]) -> None:
    """Each row is in one batch; texts of like length are together, and no more of them than may be."""
    batches = list(_batches(lengths, _BATCH_TOKENS))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    in_order = [lengths[row] for batch in batches for row in batch]
    assert in_order == sorted(lengths, reverse=True)
    for batch in batches:
        assert len(batch) == 1 or len(batch) * lengths[batch[0]] <= _BATCH_TOKENS or lengths[batch[0]] == 0


@pytest.mark.real
def test_vectors_and_counts_are_those_of_sentence_transformers(real_encoder: Encoder) -> None:
    """Of short and long texts, of what is cut, and of passages of some 200 tokens, which are not.

    In float32 they are the same; in the 8 bits that are served, all of them nearly.
    """
    words = next(CORPUS.glob("*.txt")).read_text("utf-8").split()
    passages = [" ".join(words[start : start + 150]) for start in range(0, 3000, 150)]
    assert any(190 < real_encoder.count_tokens(passage) < 256 for passage in passages)
    reference = load_sentence_transformer(DEFAULT_MODEL)
    texts = TEXTS + passages
    wanted, vectors = reference.encode(texts), real_encoder.encode(texts)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert ((vectors * wanted).sum(axis=1) > 0.97).all()
    assert not np.allclose(vectors, wanted, atol=1e-4)  # it is served in 8 bits
    _, exact = export_float32(load_sentence_transformer(DEFAULT_MODEL))
    np.testing.assert_allclose(exact.encode(texts), wanted, atol=1e-4)
    for text in texts:
        assert real_encoder.count_tokens(text) == reference.count_tokens(text)
        assert real_encoder.count_unknown(text) == reference.count_unknown(text)
    known = ("name", "dimension", "max_tokens")
    assert [getattr(real_encoder, name) for name in known] == [getattr(reference, name) for name in known]
    assert real_encoder.fingerprint != reference.fingerprint  # or vectors of both would get into one index


@pytest.mark.real
def test_a_vector_depends_on_its_text_alone(real_encoder: Encoder) -> None:
    """Whatever it is read with, and whoever encodes meanwhile."""
    alone = np.concatenate([real_encoder.encode([text]) for text in TEXTS])
    start = threading.Barrier(4)

    def together(_: int) -> None:
        start.wait()
        np.testing.assert_array_equal(real_encoder.encode(TEXTS * 3), np.tile(alone, (3, 1)))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(together, range(4)))
    assert real_encoder.encode([]).shape == (0, real_encoder.dimension)
