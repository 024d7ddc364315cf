"""Accuracy: measures worked out by hand, so that a figure means what it says."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accuracy import (
    LabelledQuestion,
    Outcome,
    auroc,
    baselines,
    calibration_error,
    figures_of,
    read_questions,
    run,
    stem_overlap,
    wrong_at,
)
from bot.answer import Answer, Quote, Verdict
from index.errors import AnswersError
from index.records import Span
from tests.unit.fakes import TEXTS, contents_of, document_of, responder_of

DOCUMENT = document_of("Cranes lift. Herring swim. Lamps burn. Ropes hold.")
A, B, C, D = Span(0, 12), Span(13, 26), Span(27, 38), Span(39, 50)


def labelled(id: str, *gold: Span, path: str = "notes.txt") -> LabelledQuestion:
    return LabelledQuestion(id, f"question {id}?", tuple((path, span) for span in gold), (), "test")


def outcome(question: LabelledQuestion, verdict: Verdict, *shown: Span, probability: float = 0.5) -> Outcome:
    quotes = tuple(Quote(DOCUMENT, span, probability) for span in shown)
    if verdict == "answered":
        return Outcome(question, Answer("q", "q", verdict, 0.5, quotes=quotes))
    return Outcome(question, Answer("q", "q", verdict, 0.5, nearest=quotes))


def write(folder: Path, *entries: Any) -> Path:
    file = folder / "questions.jsonl"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries), "utf-8")
    return file


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1], [0.9], 0.0),
        ([0.5], [0.5], 0.5),
        ([0.9, 0.4], [0.5, 0.4], 0.625),  # 3 pairs: 1 + 1 + 0, and a tie for a half, of 4
    ],
)
def test_auroc_by_hand(positive: list[float], negative: list[float], expected: float) -> None:
    """AUROC is the share of pairs in which the positive is higher, a tie counting half."""
    assert auroc(positive, negative) == expected


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_auroc_of_exchanged_classes_is_the_rest(one: list[float], other: list[float]) -> None:
    """Exchanging the classes gives one minus the AUROC."""
    assert auroc(one, other) + auroc(other, one) == pytest.approx(1.0)


def test_auroc_without_a_class_is_no_number() -> None:
    """Without positives or without negatives there is nothing to tell apart."""
    assert math.isnan(auroc([], [0.5]))
    assert math.isnan(auroc([0.5], []))


def test_right_means_overlapping_gold() -> None:
    """An answer is right if its first quote shares a character with gold in the same document, and else wrong."""
    question = labelled("a", B)
    assert outcome(question, "answered", Span(25, 38)).is_right
    assert not outcome(question, "answered", C).is_right
    assert not outcome(question, "answered", A, B).is_right
    assert outcome(question, "answered", A, B).is_wrong
    assert not outcome(question, "not_found", A).is_wrong
    assert not outcome(labelled("a", B, path="other.txt"), "answered", B).is_right
    assert not outcome(question, "not_found").is_right


def test_figures_by_hand() -> None:
    """Four answerable and two unanswerable questions, small enough to count on one's fingers."""
    responder = responder_of(contents_of({"notes.txt": DOCUMENT.text}))
    outcomes = [
        outcome(labelled("a", A), "answered", A, B, probability=0.9),  # right at once
        outcome(labelled("b", C), "answered", A, B, C, probability=0.8),  # right at the third
        outcome(labelled("c", D), "answered", A, B, C, probability=0.7),  # wrong
        outcome(labelled("d", D), "not_found", D, probability=0.2),  # refused, the nearest right
        outcome(labelled("e"), "answered", B, probability=0.6),  # should have been refused
        outcome(labelled("f"), "not_found", B, probability=0.1),
    ]
    figures = figures_of(outcomes, responder)
    assert (figures.n_answerable, figures.n_unanswerable) == (4, 2)
    assert figures.success_1 == 0.5
    assert figures.success_3 == 0.75
    assert figures.auroc == pytest.approx(7 / 8)  # of 8 pairs only d against e is the wrong way round
    assert figures.refused_answerable == 0.25
    assert figures.refused_unanswerable == 0.5
    assert figures.wrong_among_answered == 0.75
    assert 0.0 < figures.mrr_10 <= 1.0


def test_gold_that_is_not_shown_counts_against_us() -> None:
    """A question for which nothing was shown is a miss, and is not passed over."""
    responder = responder_of(contents_of({"notes.txt": DOCUMENT.text}))
    figures = figures_of([outcome(labelled("a", A), "answered", A), outcome(labelled("b", B), "not_found")], responder)
    assert (figures.success_1, figures.success_3) == (0.5, 0.5)


def test_figures_of_an_empty_class_are_no_numbers() -> None:
    """Without unanswerable questions their share is no number, rather than a good one."""
    responder = responder_of(contents_of({"notes.txt": DOCUMENT.text}))
    figures = figures_of([outcome(labelled("a", A), "not_found", A)], responder)
    assert math.isnan(figures.refused_unanswerable)
    assert math.isnan(figures.auroc)
    assert math.isnan(figures.wrong_among_answered)


def test_questions_are_located_by_their_gold(tmp_path: Path) -> None:
    """Gold is found in the documents by its characters, and a split is chosen by name."""
    file = write(
        tmp_path,
        {"id": "a", "question": "What swims?", "gold": ["Herring swim."], "kinds": ["fact"], "split": "dev"},
        {"id": "b", "question": "What flies?", "gold": [], "split": "test"},
    )
    assert read_questions(file, [DOCUMENT]) == [
        LabelledQuestion("a", "What swims?", (("notes.txt", B),), ("fact",), "dev"),
        LabelledQuestion("b", "What flies?", (), (), "test"),
    ]
    assert [question.id for question in read_questions(file, [DOCUMENT], split="test")] == ["b"]


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "a", "question": "q", "gold": ["Whales sing."]},
        {"id": "a", "question": "q", "gold": ["."]},
        {"id": "a", "question": "q", "gold": [""]},
        {"id": "a", "question": "q"},
        {"question": "q", "gold": []},
        [],
        7,
    ],
)
def test_gold_must_stand_in_the_documents_once(tmp_path: Path, entry: Any) -> None:
    """A question whose gold is nowhere, or in two places, or that is no question, is named by file and line."""
    with pytest.raises(AnswersError, match=r"questions\.jsonl, line 2: "):
        read_questions(write(tmp_path, {"id": "a", "question": "q", "gold": []}, entry), [DOCUMENT])


def test_every_question_is_asked_by_itself() -> None:
    """Each question gets its own answer under its id, none as a follow-up to another."""
    responder = responder_of(contents_of(TEXTS), threshold=0.6)
    outcomes = run([labelled("a"), LabelledQuestion("b", "And the lighthouse?", (), (), "")], responder)
    assert [outcome.answer.id for outcome in outcomes] == ["a", "b"]
    assert outcomes[1].answer.resolved_question == "And the lighthouse?"


def test_baselines_rank_every_sentence() -> None:
    """Dense, BM25 and both fused find the sentence whose own words are the question, and never refuse."""
    contents = contents_of({"notes.txt": DOCUMENT.text})
    questions = [
        LabelledQuestion("a", "lamps burn", (("notes.txt", C),), (), ""),
        LabelledQuestion("b", "quagga", (), (), ""),
    ]
    systems = baselines(questions, responder_of(contents))
    assert set(systems) == {"dense", "BM25", "fused"}
    for figures in systems.values():
        assert (figures.success_1, figures.mrr_10, figures.refused_answerable) == (1.0, 1.0, 0.0)
    assert systems["BM25"].auroc == 1.0


def test_stem_overlap_by_hand() -> None:
    """The median share of a question's stems that stand in its gold; unanswerable questions do not count."""
    responder = responder_of(contents_of({"notes.txt": DOCUMENT.text}))
    questions = [
        LabelledQuestion("a", "lamp burning", (("notes.txt", C),), (), ""),  # both
        LabelledQuestion("b", "lamp glows", (("notes.txt", C),), (), ""),  # one of two
        LabelledQuestion("c", "torch glows", (("notes.txt", C),), (), ""),  # none
        LabelledQuestion("d", "lamps burn", (), (), ""),
    ]
    assert stem_overlap(questions, responder) == 0.5


def test_calibration_error_by_hand() -> None:
    """Two bins: three answers at 0.9 of which two are right, one at 0.1 that is wrong."""
    probability, right = np.array([0.9, 0.9, 0.9, 0.1]), np.array([True, True, False, False])
    assert calibration_error(probability, right, bins=2) == pytest.approx(0.75 * (0.9 - 2 / 3) + 0.25 * 0.1)
    assert calibration_error(np.array([1.0, 0.0]), np.array([True, False])) == 0.0


def test_wrong_at_a_coverage_by_hand() -> None:
    """Four answerable questions; the two most probable of them come after one that nothing answers."""
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    answerable = np.array([False, True, True, True, True])
    right = np.array([False, True, True, False, True])
    assert wrong_at(0.5, probability, right, answerable) == pytest.approx(1 / 3)
    assert wrong_at(1.0, probability, right, answerable) == pytest.approx(2 / 5)
    assert math.isnan(wrong_at(0.5, probability, right, np.zeros(5, np.bool_)))
