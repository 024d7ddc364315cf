"""Vectors: nearest rows by cosine."""

import numpy as np
import pytest
from hypothesis import given, settings
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
    index = VectorIndex.of(rows)
    found, cosines = index.nearest(query, k)
    assert len(found) == len(cosines) == min(k, n)
    assert set(found.tolist()) <= set(range(n))
    assert found.tolist() == np.argsort(-(index.rows @ query), kind="stable")[:k].tolist()
    np.testing.assert_allclose(cosines, (rows @ query)[found], atol=1e-4)


@given(st.integers(0, 30), st.integers(1, 9), st.floats(0.01, 4.0))
def test_a_number_is_kept_to_sixteen_bits(n: int, dimension: int, scale: float) -> None:
    """Whatever the numbers, none is further from what was given than half a step; made again of those, none moves."""
    rows = (np.random.default_rng(n).normal(size=(n, dimension)) * scale).astype(np.float32)
    index = VectorIndex.of(rows)
    assert np.abs(index.rows - rows).max(initial=0.0) <= index.limit / 65_000
    assert np.abs(rows).max(initial=0.0) <= index.limit
    again = VectorIndex.of(index.rows)
    if again.limit == index.limit:
        assert np.array_equal(again.high.whole, index.high.whole)
        assert np.array_equal(again.low.whole, index.low.whole)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(wrong: float) -> None:
    """No vector with a number that is none is ever kept."""
    rows = unit_rows(3)
    rows[1, 2] = wrong
    with pytest.raises(ValueError, match="not finite"):
        VectorIndex.of(rows)


@given(st.integers(1_200, 2_500), st.integers(1, 60), st.sampled_from([8, 13, 32]), st.data())
@settings(max_examples=30)
def test_a_scan_finds_what_a_sort_finds(n: int, k: int, dimension: int, data: st.DataObject) -> None:
    """Past the size up to which it is exact, the rows found are those of a full sort, up to what 8 bits cannot tell.

    So they are among any ranges of rows.
    """
    rows = np.random.default_rng(n).normal(size=(n, dimension)).astype(np.float32)
    index = VectorIndex.of(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    query = index.rows[data.draw(st.integers(0, n - 1))]
    cuts = sorted(data.draw(st.lists(st.integers(0, n), min_size=2, max_size=6)))
    among = data.draw(st.sampled_from([None, [range(*cut) for cut in zip(cuts[::2], cuts[1::2], strict=False)]]))
    allowed = np.arange(n) if among is None else np.array([row for one in among for row in one], np.int64)
    expected = allowed[np.lexsort((allowed, -(index.rows @ query)[allowed]))][:k]
    found, cosines = index.nearest(query, k, among)
    assert (index.kind == "exact") is False
    assert len(found) == len(expected)
    np.testing.assert_allclose(cosines, (index.rows @ query)[expected], atol=0.02)
    assert len({*found.tolist()} & {*expected.tolist()}) >= 0.98 * len(expected)


def test_equal_vectors_come_in_row_order() -> None:
    """Passages with the same words are found in the order in which they stand."""
    rows = np.repeat(unit_rows(2), 5, axis=0)
    found, _ = VectorIndex.of(rows).nearest(rows[0], 10)
    assert found.tolist()[:5] == [0, 1, 2, 3, 4]


def test_an_empty_index_finds_nothing() -> None:
    """Without rows nothing is near, whatever is asked."""
    index = VectorIndex.of(np.empty((0, 8), np.float32))
    rows, cosines = index.nearest(unit_rows(1)[0], 5)
    assert (len(index), index.dimension, len(rows), len(cosines)) == (0, 8, 0, 0)


def test_cosines_of_chosen_rows() -> None:
    """The cosines asked for come in the order asked for; none for no rows."""
    rows = unit_rows(6)
    index = VectorIndex.of(rows)
    chosen = np.array([4, 0, 4], np.int64)
    np.testing.assert_allclose(index.cosines(rows[2], chosen), (rows @ rows[2])[chosen], atol=1e-4)
    assert index.cosines(rows[2], np.empty(0, np.int64)).tolist() == []
