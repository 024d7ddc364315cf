"""Outcomes -> how well what is quoted fits the gold.

Token F1 and IoU compare the first quote, answer or nearest passage, with the piece of gold that it fits best; the
exact-sentence rate counts those that are the gold's own whole sentences, neither more nor less. EM and F1 of the answer
are SQuAD's: the phrase that is marked in the first quote, nothing where Quoth refused, against what was marked as gold.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np

from bot.lab.estimates import Floats
from bot.lab.run import Outcome
from index.records import Span

_PUNCTUATION = frozenset(string.punctuation)


def quote_values(outcomes: Sequence[Outcome]) -> dict[str, Floats]:
    """Outcomes -> by measure, (n,) values of the answerable questions in their order."""
    answerable = [outcome for outcome in outcomes if outcome.labelled.is_answerable]
    return {
        "right_first": np.array([float(outcome.is_right) for outcome in answerable]),
        "token_f1": np.array([_quote_f1(outcome) for outcome in answerable]),
        "iou": np.array([_quote_iou(outcome) for outcome in answerable]),
        "exact_sentence": np.array([float(_is_exact_sentence(outcome)) for outcome in answerable]),
    }


def answer_values(outcomes: Sequence[Outcome]) -> dict[str, Floats]:
    """Outcomes -> SQuAD's EM and F1, (n,) values of all questions in their order."""
    scores = [squad_scores(answer_of(outcome), outcome.gold_texts) for outcome in outcomes]
    return {
        "answer_em": np.array([em for em, _ in scores]),
        "answer_f1": np.array([f1 for _, f1 in scores]),
    }


def answer_of(outcome: Outcome) -> str:
    """The phrase that Quoth answers with: the one marked in its first quote, or all of it; "" for a refusal."""
    if not outcome.answer.quotes:
        return ""
    quote = outcome.answer.quotes[0]
    return quote.document.slice(quote.answer) if quote.answer is not None else quote.text


def squad_scores(answer: str, gold: Sequence[str]) -> tuple[float, float]:
    """An answer and all that annotators marked -> the best EM and F1, as SQuAD 2.0's own evaluation has them.

    Where nothing was marked, or nothing but articles and punctuation, only an empty answer is right.
    """
    golds = [text for text in gold if normalised(text)] or [""]
    return max(exact(answer, text) for text in golds), max(token_f1(answer, text) for text in golds)


def normalised(text: str) -> list[str]:
    """Text -> tokens as SQuAD's own evaluation compares them: lower case, no punctuation, no articles."""
    text = "".join(character for character in text.lower() if character not in _PUNCTUATION)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def token_f1(answer: str, gold: str) -> float:
    """Two texts -> the F1 of their tokens, 0..1."""
    ours, theirs = normalised(answer), normalised(gold)
    if not ours or not theirs:
        return float(ours == theirs)
    common = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * common / (len(ours) + len(theirs))


def exact(answer: str, gold: str) -> float:
    """Two texts -> 1 where they are equal token by token, else 0."""
    return float(normalised(answer) == normalised(gold))


def iou(one: Span, other: Span) -> float:
    """Two spans of one text -> the characters that both have over those that either has, 0..1."""
    common = max(0, min(one.end, other.end) - max(one.start, other.start))
    either = len(one) + len(other) - common
    return common / either if either else 0.0


def _quote_f1(outcome: Outcome) -> float:
    if not outcome.shown:
        return 0.0
    quote = outcome.shown[0]
    # Gold of another document that says the same is met word for word all the same.
    return max(token_f1(quote.text, text) for text in outcome.gold_texts)


def _quote_iou(outcome: Outcome) -> float:
    if not outcome.shown:
        return 0.0
    quote = outcome.shown[0]
    return max(
        (iou(quote.span, gold.span) for gold in outcome.labelled.gold if gold.document == quote.document.path),
        default=0.0,
    )


def _is_exact_sentence(outcome: Outcome) -> bool:
    if not outcome.shown:
        return False
    quote = outcome.shown[0]
    return (quote.document.path, quote.span) in outcome.sentences
