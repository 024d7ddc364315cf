"""Ranking measures, solved by hand."""

import math

import pytest

from bot.lab.retrieval import MEASURES, ranking_values


def values(ranking: tuple[int, ...], relevant: tuple[int, ...]) -> dict[str, float]:
    return {name: of_all.tolist()[0] for name, of_all in ranking_values([(ranking, relevant)]).items()}


def test_two_of_three_found_by_hand() -> None:
    """Relevant ones at ranks 2 and 4, a third nowhere."""
    found = values((0, 1, 0, 1), (1, 1, 1))
    assert [found[f"success@{k}"] for k in (1, 3, 5, 20)] == [0.0, 1.0, 1.0, 1.0]
    assert [found[f"recall@{k}"] for k in (1, 3, 5, 20)] == pytest.approx([0.0, 1 / 3, 2 / 3, 2 / 3])
    assert found["mrr@10"] == 0.5
    best = 1 + 1 / math.log2(3) + 1 / 2
    assert found["ndcg@10"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / best)


def test_grades_count_for_ndcg_alone() -> None:
    """A grade of 1 before one of 2: the gain is the grade."""
    found = values((1, 2), (2, 1))
    assert found["ndcg@10"] == pytest.approx((1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3)))
    assert found["recall@1"] == 0.5


def test_beyond_the_cutoff_nothing_counts() -> None:
    """The eleventh is none of the first ten, the twenty-first none of the first twenty."""
    assert values((0,) * 10 + (1,), (1,))["mrr@10"] == 0.0
    assert values((0,) * 10 + (1,), (1,))["success@20"] == 1.0
    assert values((0,) * 20 + (1,), (1,))["recall@20"] == 0.0


@pytest.mark.parametrize("ranking", [(), (0, 0)])
def test_what_was_missed_counts_against_us(ranking: tuple[int, ...]) -> None:
    """A question for which nothing relevant came back is a miss, and is not passed over."""
    assert set(values(ranking, (1,)).values()) == {0.0}


def test_values_keep_the_order_of_the_questions() -> None:
    """Each question has its own value, though there be more than ten."""
    hits = [number % 3 == 0 for number in range(13)]
    found = ranking_values([((int(hit),), (1,)) for hit in hits])
    assert found["success@1"].tolist() == [float(hit) for hit in hits]
    assert set(found) == set(MEASURES)


def test_no_questions_have_no_values() -> None:
    """Nothing is asked of ir-measures then."""
    assert all(len(of_all) == 0 for of_all in ranking_values([]).values())
