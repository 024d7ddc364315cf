"""Search: two rankings become one, by rank."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search import DEPTH, RRF_K, Rankings, SearchSettings, fuse, search
from index.snapshot import Snapshot
from index.terms import terms_of
from tests.unit.fakes import TEXTS, FakeEncoder, contents_of

rankings = st.lists(
    st.permutations(range(6)).flatmap(lambda rows: st.integers(0, 6).map(lambda n: rows[:n])), max_size=3
)


def ranking(*rows: int) -> npt.NDArray[np.int64]:
    return np.array(rows, np.int64)


def test_the_fused_score_is_the_sum_over_the_rankings() -> None:
    """Each ranking gives 1 / (RRF_K + rank), counted from one; a row in both gets both."""
    assert dict(fuse(ranking(7, 8), ranking(8))) == {
        7: pytest.approx(1 / (RRF_K + 1)),
        8: pytest.approx(1 / (RRF_K + 2) + 1 / (RRF_K + 1)),
    }


def test_a_ranking_weighs_what_it_is_given() -> None:
    """Each share of a score is multiplied with its ranking's weight; 100 percent is what no weights give."""
    weighed = dict(fuse(ranking(7, 8), ranking(8), weights=(1.0, 0.5)))
    assert weighed == {7: pytest.approx(1 / 11), 8: pytest.approx(1 / 12 + 0.5 / 11)}
    both = Rankings(ranking(7, 8), ranking(8), np.zeros(9, np.float32))
    assert both.fused(SearchSettings()) == fuse(ranking(7, 8), ranking(8))
    assert dict(both.fused(SearchSettings(term_percent=50))) == weighed


def test_ties_go_to_the_lower_row() -> None:
    """Rows with equal scores come in passage order, whichever ranking named them."""
    assert [row for row, _ in fuse(ranking(9, 1), ranking(4, 0))] == [4, 9, 0, 1]


def test_nothing_fused_is_nothing() -> None:
    """No rankings, or empty ones, give no rows; one alone keeps its order."""
    assert fuse() == []
    assert fuse(ranking(), ranking()) == []
    assert [row for row, _ in fuse(ranking(3, 1, 2), ranking())] == [3, 1, 2]


@given(rankings)
def test_fusing_keeps_every_row_once_best_first(ranked: list[list[int]]) -> None:
    """Every row of every ranking is there once, scores fall, and the order of the rankings does not matter."""
    arrays = [ranking(*rows) for rows in ranked]
    fused = fuse(*arrays)
    assert sorted(row for row, _ in fused) == sorted({row for rows in ranked for row in rows})
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)
    assert dict(fused) == {row: pytest.approx(score) for row, score in fuse(*reversed(arrays))}


def test_hits_carry_both_scores() -> None:
    """A hit names its fused score, its cosine and its BM25, though only one ranking may have returned it."""
    encoder = FakeEncoder()
    contents = contents_of(TEXTS, encoder)
    question = "Who dredged the harbour?"
    vector = encoder.encode([question])[0]
    hits = search(Snapshot("s", contents), vector, terms_of(question), 99)
    assert sorted(hit.passage for hit in hits) == list(range(len(contents.passages)))
    scores = contents.terms.scores(terms_of(question))
    for hit in hits:
        assert hit.bm25 == pytest.approx(float(scores[hit.passage]))
        assert hit.cosine == pytest.approx(float(contents.vectors.cosines(vector, ranking(hit.passage))[0]), abs=1e-6)
    assert [hit.rrf for hit in hits] == sorted((hit.rrf for hit in hits), reverse=True)
    assert "dredged" in contents.documents[0].slice(contents.passages[hits[0].passage].span)


def test_without_terms_vectors_rank_alone() -> None:
    """A question without content words is searched by its vector."""
    encoder = FakeEncoder()
    contents = contents_of(TEXTS, encoder)
    vector = encoder.encode(["what is it"])[0]
    rows, _ = contents.vectors.nearest(vector, 3)
    assert [hit.passage for hit in search(Snapshot("s", contents), vector, [], 3)] == rows.tolist()


def test_only_k_hits_come_back() -> None:
    """There are at most k hits, and k may exceed the depth of either ranking."""
    encoder = FakeEncoder()
    contents = contents_of({"a.txt": "\n\n".join(f"Crane number {i} lifts." for i in range(DEPTH * 2))}, encoder)
    vector = encoder.encode(["crane"])[0]
    snapshot = Snapshot("s", contents)
    assert len(search(snapshot, vector, ["crane"], 2)) == 2
    assert len(search(snapshot, vector, ["crane"], 10_000)) == len(contents.passages)


def test_only_the_chosen_documents_are_searched() -> None:
    """Passages of other documents are no hits, whatever they hold; those of the chosen ones keep their order."""
    encoder = FakeEncoder()
    contents = contents_of(TEXTS, encoder)
    question = "Who dredged the harbour?"
    vector, terms = encoder.encode([question])[0], terms_of(question)
    for number, document in enumerate(contents.documents):
        hits = search(Snapshot("s", contents), vector, terms, 99, frozenset({document.path}))
        own = {row for row, passage in enumerate(contents.passages) if passage.document == number}
        assert {hit.passage for hit in hits} == own
        everywhere = [hit.passage for hit in search(Snapshot("s", contents), vector, terms, 99) if hit.passage in own]
        assert [hit.passage for hit in hits] == everywhere
    assert search(Snapshot("s", contents), vector, terms, 99, frozenset()) == []


def test_chosen_documents_are_searched_wherever_they_stand() -> None:
    """Any choice of documents, neighbours or not, one without passages too, gives the passages of just those."""
    encoder = FakeEncoder()
    texts = {f"{number}.txt": f"Crane number {number} lifts. " * (1 + number % 3) for number in range(7)}
    contents = contents_of(texts | {"empty.txt": ""}, encoder)
    vector = encoder.encode(["crane"])[0]
    for chosen in ({0, 1, 2}, {0, 2, 3, 6}, {6}, {1, 3, 5}, set(range(7))):
        paths = frozenset({f"{number}.txt" for number in chosen} | {"empty.txt", "absent.txt"})
        hits = search(Snapshot("s", contents), vector, ["crane"], 99, paths)
        expected = {row for row, passage in enumerate(contents.passages) if passage.document in chosen}
        assert {hit.passage for hit in hits} == expected
