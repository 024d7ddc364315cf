"""Logits -> the best span of each sentence, and its score."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reader.spans import MAX_ANSWER_TOKENS, SentenceScore, best_span, read_logits, span_scores
from bot.reader.tokens import Encoded
from index.records import Span

# "Who came? | Ann came. Bob left." with tokens of one word each: [CLS] who came [SEP] | ann came bob left [SEP]
PAIR = Encoded(ids=np.arange(9), n_head=4, starts=np.array([0, 4, 10, 14]), ends=np.array([3, 8, 13, 18]))
SENTENCES = [Span(0, 9), Span(10, 19)]


def _logits(**at: float) -> "tuple[np.ndarray, np.ndarray]":
    starts, ends = np.full(9, -30.0, np.float32), np.full(9, -30.0, np.float32)
    starts[0] = ends[0] = 0.0
    for name, value in at.items():
        (starts if name[0] == "s" else ends)[int(name[1:])] = value
    return starts, ends


def _read(**at: float) -> tuple[SentenceScore, SentenceScore]:
    first, second = read_logits(PAIR, *_logits(**at), SENTENCES)
    assert first is not None
    assert second is not None
    return first, second


def test_the_best_span_is_scored_against_none() -> None:
    """Start + end of the span, less start + end of position 0; the answer is in characters."""
    first, second = _read(s6=5.0, e7=4.0, s0=1.0, e0=2.0)
    assert second.score == pytest.approx(6.0, abs=1e-3)
    assert second.answer == Span(10, 18)
    assert second.score > first.score


def test_question_tokens_and_separators_are_never_an_answer() -> None:
    """However high their logits."""
    first, _ = _read(s1=99.0, e2=99.0, s8=99.0, e8=99.0, s4=1.0, e4=1.0)
    assert first.answer == Span(0, 3)
    assert first.score == pytest.approx(2.0, abs=1e-3)


def test_a_span_never_ends_before_it_starts() -> None:
    """The best start after the best end: the best pair in order wins."""
    _, second = _read(s7=3.0, e6=3.0, e7=1.0)
    assert second.answer == Span(14, 18)


def test_a_span_never_leaves_its_sentence() -> None:
    """A start in the one and an end in the other sentence are no answer of either."""
    first, second = _read(s5=5.0, e6=5.0, e5=1.0, s6=1.0)
    assert SENTENCES[0].contains(first.answer)
    assert SENTENCES[1].contains(second.answer)
    assert first.score == pytest.approx(6.0, abs=1e-3)


def test_a_passage_without_tokens_gives_nothing() -> None:
    """White space alone has no token; nor has a sentence that lies in no part of the passage."""
    nothing = np.zeros(0, np.int64)
    assert read_logits(Encoded(np.arange(5), 4, nothing, nothing), *_logits(), SENTENCES) == (None, None)
    assert read_logits(PAIR, *_logits(), [Span(0, 0)]) == (None,)


@given(st.lists(st.floats(-20, 20, width=32), min_size=18, max_size=18))
def test_the_answer_is_the_best_of_all_spans_in_the_sentence(values: list[float]) -> None:
    """For any logits: no span that lies in the sentence scores higher, and all together score at least as much."""
    starts, ends = np.array(values[:9], np.float32), np.array(values[9:], np.float32)
    for sentence, found in zip(SENTENCES, read_logits(PAIR, starts, ends, SENTENCES), strict=True):
        assert found is not None
        tokens = [i for i in range(4) if PAIR.starts[i] >= sentence.start and PAIR.ends[i] <= sentence.end]
        all_scores = {
            (PAIR.starts[i], PAIR.ends[j]): float(starts[4 + i])
            + float(ends[4 + j])
            - float(starts[0])
            - float(ends[0])
            for i in tokens
            for j in tokens
            if i <= j
        }
        best = max(all_scores.values())
        assert all_scores[found.answer.start, found.answer.end] == pytest.approx(best, abs=1e-4)
        assert found.score == pytest.approx(float(np.logaddexp.reduce(list(all_scores.values()))), abs=1e-4)


@pytest.mark.parametrize("n", [1, 3, MAX_ANSWER_TOKENS, MAX_ANSWER_TOKENS + 7])
def test_span_scores_equal_the_plain_sum(n: int) -> None:
    """[i, k] is start i + end i + k, and no span runs past the end."""
    random = np.random.default_rng(n)
    starts, ends = random.normal(size=n).astype(np.float32), random.normal(size=n).astype(np.float32)
    scores = span_scores(starts, ends)
    assert scores.shape == (n, min(n, MAX_ANSWER_TOKENS))
    for i in range(n):
        for k in range(scores.shape[1]):
            expected = float(starts[i]) + float(ends[i + k]) if i + k < n else -np.inf
            assert scores[i, k] == pytest.approx(expected, abs=1e-5)


def test_the_best_span_of_the_whole_passage_may_cross_sentences() -> None:
    """It is read as it is, with its own score; without a token there is none."""
    found = best_span(PAIR, *_logits(s5=5.0, e6=4.0, s0=1.0))
    assert found is not None
    assert found.answer == Span(4, 13)
    assert found.score == pytest.approx(8.0)
    nothing = Encoded(ids=np.arange(3), n_head=2, starts=np.array([], np.int64), ends=np.array([], np.int64))
    assert best_span(nothing, np.zeros(3, np.float32), np.zeros(3, np.float32)) is None
