"""The essay's figures, worked out by hand."""

import math
from dataclasses import asdict, replace
from typing import Any

import pytest

from bot.lab.questions import Gold, LabelledQuestion
from bot.lab.run import run
from bot.question import Query
from bot.reader import Reading
from bot.reader.sentences import SentenceReader
from tests.accuracy.figures import RememberingReader, baselines, figures_of, stem_overlap
from tests.unit.bot.lab.outcomes import DOCUMENT, A, B, C, D, labelled, outcome_of
from tests.unit.fakes import EVIDENCE, contents_of, responder_of


def test_figures_by_hand() -> None:
    """Four answerable and two unanswerable questions, small enough to count on one's fingers."""
    responder = responder_of(contents_of({"notes.txt": DOCUMENT.text}))
    outcomes = [
        outcome_of(labelled("a", A), "answered", A, B, probability=0.9),  # right at once
        outcome_of(labelled("b", C), "answered", A, B, C, probability=0.8),  # right at the third
        outcome_of(labelled("c", D), "answered", A, B, C, probability=0.7),  # wrong
        outcome_of(labelled("d", D), "not_found", D, probability=0.2),  # refused, the nearest right
        outcome_of(labelled("e"), "answered", B, probability=0.6),  # should have been refused
        outcome_of(labelled("f"), "not_found", B, probability=0.1),
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
    figures = figures_of(
        [outcome_of(labelled("a", A), "answered", A), outcome_of(labelled("b", B), "not_found")], responder
    )
    assert (figures.success_1, figures.success_3) == (0.5, 0.5)


def test_figures_of_an_empty_class_are_no_numbers() -> None:
    """Without unanswerable questions their share is no number, rather than a good one."""
    responder = responder_of(contents_of({"notes.txt": DOCUMENT.text}))
    figures = figures_of([outcome_of(labelled("a", A), "not_found", A)], responder)
    assert math.isnan(figures.refused_unanswerable)
    assert math.isnan(figures.auroc)
    assert math.isnan(figures.wrong_among_answered)


def test_no_question_is_read_twice() -> None:
    """What is measured of a question that was read already takes no second reading, and comes to the same."""
    responder = responder_of(contents_of({"notes.txt": DOCUMENT.text}))
    plain = figures_of(run([labelled("lamps", C)], responder), responder)
    read: list[str] = []

    class Counting(SentenceReader):
        def read(self, query: Query, *arguments: Any) -> list[Reading]:
            read.append(query.question)
            return super().read(query, *arguments)

    counting = Counting(responder.encoder, dict.fromkeys(EVIDENCE, 1.0))
    remembering = replace(responder, reader=RememberingReader(counting))
    found = figures_of(run([labelled("lamps", C)], remembering), remembering)
    assert asdict(found) == pytest.approx(asdict(plain), nan_ok=True)
    assert read == ["question lamps?"]


def test_baselines_rank_every_sentence() -> None:
    """Dense, BM25 and both fused find the sentence whose own words are the question, and never refuse."""
    contents = contents_of({"notes.txt": DOCUMENT.text})
    questions = [
        LabelledQuestion("a", "lamps burn", (Gold("notes.txt", C),)),
        LabelledQuestion("b", "quagga", ()),
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
        LabelledQuestion("a", "lamp burning", (Gold("notes.txt", C),)),  # both
        LabelledQuestion("b", "lamp glows", (Gold("notes.txt", C),)),  # one of two
        LabelledQuestion("c", "torch glows", (Gold("notes.txt", C),)),  # none
        LabelledQuestion("d", "lamps burn", ()),
    ]
    assert stem_overlap(questions, responder) == 0.5
