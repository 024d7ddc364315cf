"""Vectors: nearest rows by cosine."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoder import Vectors
from index.vectors import build_vectors, load_vectors


def unit_rows(n: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(n, 8)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@given(st.integers(1, 40), st.integers(0, 50), st.integers(0, 99))
def test_search_is_exact(n: int, k: int, seed: int) -> None:
    """The k nearest rows are those of a full sort by cosine, best first, and never more than there are."""
    rows = unit_rows(n, seed)
    query = unit_rows(1, seed + 1000)[0]
    found, cosines = build_vectors(rows, 8).nearest(query, k)
    assert len(found) == len(cosines) == min(k, n)
    assert set(found.tolist()) <= set(range(n))
    assert found.tolist() == np.argsort(-(rows @ query), kind="stable")[:k].tolist()
    np.testing.assert_allclose(cosines, (rows @ query)[found], atol=1e-6)


def test_equal_vectors_come_in_row_order() -> None:
    """Passages with the same words are found in the order in which they stand."""
    rows = np.repeat(unit_rows(2), 5, axis=0)
    found, _ = build_vectors(rows, 8).nearest(rows[0], 10)
    assert found.tolist()[:5] == [0, 1, 2, 3, 4]


def test_an_empty_index_finds_nothing() -> None:
    """Without rows nothing is near, whatever is asked."""
    index = build_vectors(np.empty((0, 8), np.float32), 8)
    rows, cosines = index.nearest(unit_rows(1)[0], 5)
    assert (len(index), index.dimension, len(rows), len(cosines)) == (0, 8, 0, 0)


def test_cosines_of_chosen_rows() -> None:
    """The cosines asked for come in the order asked for; none for no rows."""
    rows = unit_rows(6)
    index = build_vectors(rows, 8)
    chosen = np.array([4, 0, 4], np.int64)
    np.testing.assert_allclose(index.cosines(rows[2], chosen), (rows @ rows[2])[chosen], atol=1e-6)
    assert index.cosines(rows[2], np.empty(0, np.int64)).tolist() == []


@pytest.mark.parametrize("n", [0, 1, 7])
def test_a_saved_index_is_the_same(tmp_path: Path, n: int) -> None:
    """What is read back has the same rows, and is written again byte for byte."""
    rows = unit_rows(n)
    build_vectors(rows, 8).save(tmp_path / "one")
    loaded = load_vectors(tmp_path / "one")
    loaded.save(tmp_path / "other")
    assert (len(loaded), loaded.dimension) == (n, 8)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    np.testing.assert_allclose(
        loaded.cosines(rows[0], np.arange(n)) if n else [], rows @ rows[0] if n else [], atol=1e-6
    )
