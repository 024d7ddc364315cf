"""Tables: rows of numbers that look like records."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import tables
from index.records import Passage, Sentence, Span
from index.tables import Keys, Passages, Sentences

numbers = st.integers(0, 2**31 - 1)
spans = st.tuples(numbers, numbers).map(lambda pair: Span(min(pair), max(pair)))
sentences = st.lists(st.builds(Sentence, numbers, spans, numbers), max_size=6)
passages = st.lists(st.builds(Passage, numbers, spans, st.builds(range, numbers, numbers)), max_size=6)


@given(sentences, passages, st.slices(6))
def test_a_table_is_the_sequence_of_its_records(ours: list[Sentence], theirs: list[Passage], part: slice) -> None:
    """Looked at one by one, from the end, in part or as a whole, a table holds the records that it was made of."""
    pairs: list[tuple[Any, list[Any]]] = [(Sentences.of(ours), ours), (Passages.of(theirs), theirs)]
    for table, records in pairs:
        assert len(table) == len(records)
        assert list(table) == records
        assert [table[number] for number in range(-len(records), len(records))] == [*records, *records]
        assert table == records
        assert table == tuple(records)
        assert list(table[part]) == records[part]
        assert table == type(table).of(tuple(records))
        assert (table[:1] == table) == (len(records) <= 1)
        assert type(table).of(table) is table
        with pytest.raises(IndexError):
            table[len(records)]
    assert Sentences.of(ours) != theirs or not ours + theirs


@given(st.lists(st.integers(0, 5)))
def test_the_rows_of_a_document_are_found(owners: list[int]) -> None:
    """Each document's rows begin where those of the one before end, also where it has none."""
    table = Sentences.of(Sentence(owner, Span(0, 1), 0) for owner in sorted(owners))
    starts = table.starts(6)
    assert [stop - start for start, stop in pairwise(starts)] == [owners.count(n) for n in range(6)]
    assert (starts[0], starts[-1]) == (0, len(owners))
    halves = [table[: len(owners) // 2].rows, table[len(owners) // 2 :].rows]
    assert Sentences.joined(halves) == table
    assert Sentences.joined([]) == []


def test_a_number_that_does_not_fit_is_refused() -> None:
    """Nothing is cut to fit."""
    with pytest.raises(OverflowError):
        Sentences.of([Sentence(0, Span(0, 2**31), 0)])


@given(st.lists(st.binary(min_size=16, max_size=16), max_size=5), st.slices(5))
def test_keys_are_the_sequence_of_their_digests(digests: list[bytes], part: slice) -> None:
    """Looked at one by one, from the end, in part or as a whole, keys are the digests that they were made of."""
    keys = Keys.of(digests)
    assert (len(keys), list(keys), keys[part]) == (len(digests), digests, digests[part])
    assert [keys[number] for number in range(-len(digests), len(digests))] == [*digests, *digests]
    assert keys == tuple(digests)
    assert Keys.of(keys) is keys
    with pytest.raises(IndexError):
        keys[len(digests)]


def test_what_is_remembered_is_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few records are kept, each is that of its row, looked at in any order and from either end."""
    monkeypatch.setattr(tables, "_REMEMBERED", 2)
    sentences = Sentences.of(Sentence(n // 3, Span(n, n + 2), n) for n in range(9))
    wanted = list(sentences)
    for at in [*range(9), 3, -1, 3, 0, -9, 8]:
        assert sentences[at] == wanted[at]
