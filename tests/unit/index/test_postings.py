"""Postings: what is written is what is read, whatever it was put together from."""

import random
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import SnapshotDamaged
from index.postings import Postings, _decoded, _encoded, merge
from index.room import Room
from index.stored import Stored

WORDS = ("crane", "mud", "herring", "pier", "é", "zebra")
corpora = st.lists(st.lists(st.sampled_from(WORDS), max_size=9), max_size=12)


def of(rows: list[list[str]]) -> Postings:
    return merge(None, np.full(len(rows), -1, np.int64), rows)


def as_rows(postings: Postings) -> list[dict[str, int]]:
    """Each row's terms with how often they stand there, read back term by term."""
    rows: list[dict[str, int]] = [{} for _ in range(len(postings.lengths))]
    for number, term in enumerate(postings.terms):
        found = postings.between(number, number + 1)
        assert len(found.rows) == postings.frequency(number)
        assert (np.diff(found.rows) > 0).all()
        for row, count in zip(found.rows.tolist(), found.counts.tolist(), strict=True):
            rows[row][term] = count
    return rows


def same(one: Postings, other: Postings) -> bool:
    """Byte for byte, in arrays of the same kinds."""
    return one.terms == other.terms and all(
        (a.dtype, a.tobytes()) == (b.dtype, b.tobytes())
        for a, b in (
            (getattr(one, field.name).whole, getattr(other, field.name).whole)
            for field in fields(Postings)
            if field.name != "terms"
        )
    )


@given(st.lists(st.one_of(st.integers(0, 300), st.integers(0, (1 << 35) - 1))))
def test_numbers_come_back(numbers: list[int]) -> None:
    """Of one byte or five, next to each other: the same numbers in the same order."""
    data, sizes = _encoded(np.array(numbers, np.int64))
    assert sizes.tolist() == [max(1, -(-number.bit_length() // 7)) for number in numbers]
    assert _decoded(data).tolist() == numbers


@given(corpora)
def test_what_is_written_is_what_is_read(corpus: list[list[str]]) -> None:
    """Every row has the terms that it had, as often, and its length."""
    postings = of(corpus)
    assert as_rows(postings) == [{term: row.count(term) for term in row} for row in corpus]
    assert postings.lengths.whole.tolist() == [len(row) for row in corpus]
    assert len(postings) == sum(len(set(row)) for row in corpus)
    whole = postings.between(0, len(postings.terms))
    each = [postings.between(number, number + 1).rows.tolist() for number in range(len(postings.terms))]
    assert whole.rows.tolist() == [row for rows in each for row in rows]


@given(corpora, corpora, st.integers(1, 30), st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_it_does_not_matter_how_they_were_put_together(
    before: list[list[str]], new: list[list[str]], at_once: int, chance: random.Random
) -> None:
    """In however small runs, in memory or in files, taken over in any order or made anew: the same bytes."""
    origin = [row for row in range(len(before)) if chance.random() < 0.7] + [-1] * len(new)
    chance.shuffle(origin)
    fresh = iter(new)
    rows = [before[row] if row >= 0 else next(fresh) for row in origin]
    wanted = of(rows)
    for room in (Room(), Room(Path("/tmp"))):  # noqa: S108 - any folder: the files have no names
        assert same(wanted, merge(of(before), np.array(origin, np.int64), iter(new), room, at_once))
        assert same(wanted, merge(None, np.full(len(rows), -1, np.int64), iter(rows), room, at_once))


def test_a_term_may_stand_more_often_than_a_byte_can_count() -> None:
    """Counts are as wide as the largest needs."""
    for n, dtype in ((2, "u1"), (300, "<u2"), (70_000, "<u4")):
        postings = of([["crane"] * n, ["crane"]])
        assert postings.counts.whole.dtype == np.dtype(dtype)
        assert as_rows(postings) == [{"crane": n}, {"crane": 1}]


@pytest.mark.parametrize("name", ["gaps", "counts_at", "frequencies"])
def test_what_does_not_fit_is_refused(name: str) -> None:
    """Arrays that do not belong together are told in one line, and not read beyond their ends."""
    postings = of([["crane", "mud", "mud"], ["mud"], ["mud", "mud", "crane"]])
    arrays = {field.name: getattr(postings, field.name) for field in fields(Postings)}
    whole = arrays[name].whole
    broken = Postings(**{**arrays, name: Stored(whole | 0x80 if name == "gaps" else whole + np.arange(len(whole)))})
    with pytest.raises(SnapshotDamaged, match="do not fit"):
        broken.between(0, 2)
