"""Vectors: nearest rows by cosine."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.encoder import Vectors
from index.vectors import VectorIndex


def unit_rows(n: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(n, 8)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@given(st.integers(1, 40), st.integers(0, 50), st.integers(0, 99))
def test_search_is_exact(n: int, k: int, seed: int) -> None:
    """The k nearest rows are those of a full sort by cosine, best first, and never more than there are."""
    rows = unit_rows(n, seed)
    query = unit_rows(1, seed + 1000)[0]
    found, cosines = VectorIndex(rows).nearest(query, k)
    assert len(found) == len(cosines) == min(k, n)
    assert set(found.tolist()) <= set(range(n))
    assert found.tolist() == np.argsort(-(rows @ query), kind="stable")[:k].tolist()
    np.testing.assert_allclose(cosines, (rows @ query)[found], atol=1e-6)


def test_what_cannot_be_written_to_can_be_searched() -> None:
    """Rows that lie in a read-only buffer, as those of a file do, are searched where they lie, without a copy."""
    rows = np.frombuffer(unit_rows(5).tobytes(), np.float32).reshape(5, 8)
    index = VectorIndex(rows)
    assert np.shares_memory(index.rows, rows)
    assert index.nearest(rows[3], 1)[0].tolist() == [3]


def test_equal_vectors_come_in_row_order() -> None:
    """Passages with the same words are found in the order in which they stand."""
    rows = np.repeat(unit_rows(2), 5, axis=0)
    found, _ = VectorIndex(rows).nearest(rows[0], 10)
    assert found.tolist()[:5] == [0, 1, 2, 3, 4]


def test_an_empty_index_finds_nothing() -> None:
    """Without rows nothing is near, whatever is asked."""
    index = VectorIndex(np.empty((0, 8), np.float32))
    rows, cosines = index.nearest(unit_rows(1)[0], 5)
    assert (len(index), index.dimension, len(rows), len(cosines)) == (0, 8, 0, 0)


def test_cosines_of_chosen_rows() -> None:
    """The cosines asked for come in the order asked for; none for no rows."""
    rows = unit_rows(6)
    index = VectorIndex(rows)
    chosen = np.array([4, 0, 4], np.int64)
    np.testing.assert_allclose(index.cosines(rows[2], chosen), (rows @ rows[2])[chosen], atol=1e-6)
    assert index.cosines(rows[2], np.empty(0, np.int64)).tolist() == []
