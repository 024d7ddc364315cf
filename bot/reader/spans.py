"""Logits of one passage -> for each sentence its best span, and its score over "none".

A score is the log of how much more probable the span is than that the passage holds no answer:
log p(span) - log p(none) = start[i] + end[j] - (start[0] + end[0]). The softmax's denominator cancels out, so
scores of passages read side by side compare without any normalisation over them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.reader.tokens import Encoded
from index.records import Span

# In squad2_train 99% of the answers have at most 16 word pieces, the longest 39.
MAX_ANSWER_TOKENS = 30

Logits = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """What the network sees in one sentence.

    Attributes:
        score: all spans that lie in it, together, against none; above 0 the network would answer from it.
        answer: the best of them, in characters of the passage.
    """

    score: float
    answer: Span


def read_logits(
    pair: Encoded, starts: Logits, ends: Logits, sentences: Sequence[Span]
) -> tuple[SentenceScore | None, ...]:
    """A passage's logits -> a score for each sentence, or None for one without a token.

    Args:
        pair: the pair that was read.
        starts: (length,) float32 start logits, padding and all; position 0 stands for none.
        ends: (length,) float32 end logits, alike.
        sentences: the passage's sentences, in its characters, in order.
    """
    n = len(pair.starts)
    if not n:
        return (None,) * len(sentences)
    none = float(starts[0]) + float(ends[0])
    body = slice(pair.n_head, pair.n_head + n)
    scores = span_scores(starts[body], ends[body]) - none
    return tuple(_read_sentence(pair, scores, sentence) for sentence in sentences)


def best_span(pair: Encoded, starts: Logits, ends: Logits) -> SentenceScore | None:
    """A passage's logits, as for `read_logits` -> its best span, with that span's own score; None without a token."""
    n = len(pair.starts)
    if not n:
        return None
    scores = span_scores(starts[pair.n_head : pair.n_head + n], ends[pair.n_head : pair.n_head + n])
    start, length = (int(at) for at in np.unravel_index(int(scores.argmax()), scores.shape))
    none = float(starts[0]) + float(ends[0])
    return SentenceScore(
        score=float(scores[start, length]) - none,
        answer=Span(int(pair.starts[start]), int(pair.ends[start + length])),
    )


def _read_sentence(pair: Encoded, scores: Scores, sentence: Span) -> SentenceScore | None:
    tokens = np.flatnonzero((pair.starts >= sentence.start) & (pair.ends <= sentence.end))
    if not len(tokens):
        return None
    first, stop = int(tokens[0]), int(tokens[-1]) + 1
    inside = scores[first:stop].copy()
    # A span of k + 1 tokens from token i must end before the sentence does.
    inside[np.arange(len(inside))[:, None] + np.arange(inside.shape[1])[None, :] >= stop - first] = -np.inf
    start, length = np.unravel_index(int(inside.argmax()), inside.shape)
    begin, end = first + int(start), first + int(start) + int(length)
    return SentenceScore(
        score=float(np.logaddexp.reduce(inside, axis=None)),
        answer=Span(int(pair.starts[begin]), int(pair.ends[end])),
    )


def span_scores(starts: Logits, ends: Logits) -> Scores:
    """(n,) start and end logits, n > 0 -> (n, m) float64: [i, k] for the span of tokens i to i + k, -inf past the end.

    m is the smaller of n and `MAX_ANSWER_TOKENS`.
    """
    n = len(starts)
    m = min(n, MAX_ANSWER_TOKENS)
    padded = np.concatenate([ends.astype(np.float64), np.full(m - 1, -np.inf)])
    # following[i, k] is the end logit of token i + k.
    following: Scores = np.lib.stride_tricks.sliding_window_view(padded, m)
    return starts.astype(np.float64)[:, None] + following
