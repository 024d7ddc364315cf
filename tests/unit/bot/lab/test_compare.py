"""Two reports compared: differences by hand, chance by enumeration, and what counts as worse."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from bot.lab.compare import Comparison, compare, randomisation_p
from index.errors import AnswersError
from tests.unit.bot.lab.outcomes import A, B, C, labelled, outcome_of
from tests.unit.bot.lab.reports import report_of

QUESTIONS = [labelled(str(number), B) for number in range(8)] + [labelled("x"), labelled("y")]


def run(right: Sequence[int], answered: Sequence[str] = ()) -> dict[str, Any]:
    """A report in which the questions with these numbers are right, and of x and y those named are answered."""
    outcomes = [
        outcome_of(question, "answered", B if int(question.id) in right else C, probability=0.9)
        for question in QUESTIONS[:8]
    ]
    outcomes += [outcome_of(q, "answered" if q.id in answered else "not_found", A) for q in QUESTIONS[8:]]
    return report_of(outcomes)


def difference(found: Comparison, name: str) -> Any:
    return next(entry for entry in found.differences if entry.name == name)


def test_differences_by_hand() -> None:
    """Six of eight were right, five are: one became right, two became wrong; each is named."""
    found = compare(run([0, 1, 2, 3, 4, 5]), run([0, 1, 2, 3, 6], answered=["y"]), tolerance=0.2)
    first = difference(found, "first quote overlaps gold")
    assert (first.n, first.old, first.new) == (8, 0.75, 0.625)
    assert first.low < -0.125 < first.high
    wrong = difference(found, "wrong among answered")
    assert (wrong.old, wrong.new) == pytest.approx((2 / 8, 4 / 9))
    assert math.isnan(wrong.p)
    assert [(flip.id, flip.old, flip.new, flip.is_better) for flip in found.flips] == [
        ("4", "answered rightly", "outranked", False),
        ("5", "answered rightly", "outranked", False),
        ("y", "rightly refused", "answered though unanswerable", False),
        ("6", "outranked", "answered rightly", True),
    ]


@pytest.mark.parametrize(("tolerance", "worse"), [(0.0, True), (0.12, True), (0.126, False)])
def test_worse_is_what_falls_by_more_than_the_tolerance(tolerance: float, *, worse: bool) -> None:
    """One of eight is 0.125; to be better is never worse."""
    assert compare(run([0, 1]), run([0]), tolerance).is_worse is worse
    assert not compare(run([0]), run([0, 1]), 0.0).is_worse
    assert not compare(run([0]), run([0]), 0.0).is_worse


def test_more_answers_to_what_nothing_answers_are_worse() -> None:
    """Though every answerable question is answered as before."""
    assert compare(run([0]), run([0], answered=["x"]), 0.05).is_worse


@pytest.mark.parametrize("differences", [[1, 1, 1, 1, 1], [1, -1, 1, 0, 1, 1], [0.5, 0.25, -0.125, 1]])
def test_chance_is_what_all_assignments_of_signs_say(differences: list[float]) -> None:
    """Enumerated: the share of all 2^n signs with a sum at least as large; zeros change nothing."""
    moved = [d for d in differences if d]
    sums = [
        abs(sum(s * d for s, d in zip(signs, moved, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(moved))
    ]
    exact = np.mean([total >= abs(sum(moved)) - 1e-9 for total in sums])
    assert randomisation_p(np.array(differences, np.float64)) == pytest.approx(float(exact), abs=0.015)


def test_equal_runs_differ_by_chance_alone() -> None:
    """P is 1 where nothing changed."""
    assert randomisation_p(np.zeros(4)) == 1.0


def test_only_common_questions_count() -> None:
    """Those of one report alone are counted; a question with another wording is another."""
    old, new = run([0]), run([0])
    new["outcomes"] = new["outcomes"][1:]
    new["outcomes"][0]["question"] = "another?"
    found = compare(old, new, 0.0)
    assert (found.n_common, found.only_old, found.only_new) == (8, 2, 1)
    new["outcomes"] = new["outcomes"][:1]
    with pytest.raises(AnswersError, match=r"no question in common"):
        compare(old, new, 0.0)


def test_what_else_differs_is_told() -> None:
    """Another index or threshold may be the cause."""
    old, new = run([0]), run([0])
    new["snapshot"] = "other"
    new["settings"]["threshold"] = 0.7
    assert len(compare(old, new, 0.0).notes) == 2


def test_a_report_that_lacks_something_is_refused() -> None:
    """In one line."""
    old, new = run([0]), run([0])
    del new["outcomes"][0]["values"]
    with pytest.raises(AnswersError, match=r"lacks what quoth eval writes"):
        compare(old, new, 0.0)
