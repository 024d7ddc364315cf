"""Tuning: chosen on one half, measured on the other, and nothing changed without a reason."""

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lab import tune as tuning
from bot.lab.questions import Gold, LabelledQuestion
from bot.lab.run import run
from bot.lab.tune import (
    OVERLAPS,
    PASSAGE_TOKENS,
    PASSAGES,
    RRF_KS,
    TERM_PERCENTS,
    Candidate,
    Tried,
    Tuned,
    halves,
    tune,
)
from index.errors import AnswersError
from index.search import SearchSettings
from index.settings import IndexSettings
from tests.unit.fakes import contents_of, responder_of

THINGS = [f"thing{number}" for number in range(24)]
RESPONDER = responder_of(contents_of({"notes.txt": " ".join(f"A {thing} stands here." for thing in THINGS)}))


def questions() -> list[LabelledQuestion]:
    contents = RESPONDER.snapshot.contents
    text = contents.documents[0]
    spans = [sentence.span for sentence in contents.sentences]
    return [LabelledQuestion(text.slice(span), text.slice(span), (Gold("notes.txt", span),)) for span in spans]


@given(st.lists(st.text(max_size=4), unique=True, max_size=20), st.randoms())
def test_halves_are_two_whole_and_stable(ids: list[str], random: Random) -> None:
    """Every question is in one of them, in the same one whatever the order of the file."""
    asked = [LabelledQuestion(id, "q", ()) for id in ids]
    one, other = halves(asked)
    assert sorted(q.id for q in [*one, *other]) == sorted(ids)
    assert abs(len(one) - len(other)) <= 1
    random.shuffle(asked)
    assert halves(asked) == (one, other)


def test_each_setting_is_tried_and_only_the_other_half_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """What chooses is one half, what is told of the choice the other; no question is in both."""
    asked: list[frozenset[str]] = []

    def watching(half: list[LabelledQuestion], *arguments: Any, **more: Any) -> Any:
        asked.append(frozenset(question.id for question in half))
        return run(half, *arguments, **more)

    monkeypatch.setattr(tuning, "run", watching)
    found = tune(questions(), RESPONDER)
    # 24 tokens, the settings of the tests, is none of the sizes.
    others = (OVERLAPS, RRF_KS, TERM_PERCENTS, PASSAGES)
    assert len(found.tried) == 1 + len(PASSAGE_TOKENS) + sum(len(values) - 1 for values in others)
    choosing = set(asked[: len(found.tried)])
    held_out = set(asked[len(found.tried) :])
    assert len(choosing) == len(held_out) == 1
    assert not choosing.pop() & held_out.pop()
    assert len(found.before.right) == len(found.after.right) == 12


def test_what_is_to_be_kept_is_tuned_for_the_passages_there_are() -> None:
    """Fusion and depth alone: measured with other passages, they would say nothing of those that are asked."""
    found = tune(questions(), RESPONDER, passages=False)
    assert len(found.tried) == len(RRF_KS) + len(TERM_PERCENTS) + len(PASSAGES) - 2
    assert {tried.candidate.index for tried in (*found.tried, found.after)} == {RESPONDER.snapshot.contents.settings}


def test_the_best_is_chosen_and_of_equal_ones_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A size that does better is taken, and the next settings are tried with it; ties change nothing."""

    def scored(half: Any, responder: Any, *_: Any, **__: Any) -> Any:
        return half, responder

    monkeypatch.setattr(tuning, "run", scored)
    good = {128: 0.9, 24: 0.5}

    def right(asked: Any) -> dict[str, Any]:
        half, responder = asked
        tokens = responder.snapshot.contents.settings.passage_tokens
        return {"right_first": np.full(len(half), good.get(tokens, 0.2))}

    monkeypatch.setattr(tuning, "quote_values", right)
    monkeypatch.setattr(tuning, "retrieval_values", lambda asked, _: {"mrr@10": np.zeros(len(asked[0]))})
    found = tune(questions(), RESPONDER)
    there = RESPONDER.snapshot.contents.settings
    assert found.is_new
    assert found.chosen.index.passage_tokens == 128
    assert found.chosen.index.overlap_sentences == there.overlap_sentences
    assert found.chosen.search == SearchSettings()
    assert found.before.score == (0.5, 0.0)
    assert found.after.score[0] == pytest.approx(0.9)


@pytest.mark.parametrize(("search", "right", "kept"), [(30, 1.0, True), (30, 0.5, False), (10, 1.0, False)])
def test_only_what_does_better_on_the_other_half_is_worth_keeping(search: int, right: float, *, kept: bool) -> None:
    """Another fusion or depth that is no better there is not, nor is one that is there already."""
    there = Candidate(IndexSettings(), SearchSettings())
    chosen = Candidate(IndexSettings(overlap_sentences=2), SearchSettings(rrf_k=search))
    before = Tried(there, np.array([1.0, 0.0]), np.zeros(2))
    after = Tried(chosen, np.full(2, right), np.zeros(2))
    assert Tuned((before,), chosen, before, after, 0.5).is_worth_keeping is kept


def test_few_questions_are_refused() -> None:
    """What nothing answers does not count."""
    asked = [*questions()[:19], *(LabelledQuestion(str(n), "q", ()) for n in range(50))]
    with pytest.raises(AnswersError, match=r"19 questions with gold; to tune takes at least 20"):
        tune(asked, RESPONDER)


def test_scores_are_means() -> None:
    """Right quotes first, then the MRR."""
    tried = Tried(Candidate(IndexSettings(), SearchSettings()), np.array([1.0, 0.0]), np.array([1.0, 0.5]))
    assert tried.score == (0.5, 0.75)
