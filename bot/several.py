"""Answers to one question from several collections of documents -> one answer."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.answer import Answer, Quote
from bot.quotes import MAX_QUOTES


def merged(answers: Sequence[Answer]) -> Answer:
    """Answers to the same question, at least one -> one with the most probable of their quotes.

    It is answered where one of them is, and then has quotes of those alone that are. An error is an error for all.
    """
    if len(answers) == 1:
        return answers[0]
    for answer in answers:
        if answer.verdict == "error":
            return answer
    notes = tuple(dict.fromkeys(note for answer in answers for note in answer.notes))
    answered = [answer for answer in answers if answer.verdict == "answered"]
    best = max(answered or answers, key=lambda answer: answer.probability or 0.0)
    return replace(
        best,
        quotes=_most_probable(quote for answer in answered for quote in answer.quotes),
        nearest=() if answered else _most_probable(quote for answer in answers for quote in answer.nearest),
        notes=notes,
    )


def _most_probable(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    return tuple(sorted(quotes, key=lambda quote: -quote.probability)[:MAX_QUOTES])
