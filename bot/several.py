"""Answers to one question from several collections of documents -> one answer."""

from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Answer, Occurrence, Quote
from bot.quotes import MAX_QUOTES, alike
from index.terms import words_of


def merged(answers: Sequence[Answer]) -> Answer:
    """Answers to the same question, at least one -> one with the most probable of their quotes.

    It is answered where one of them is, and then has quotes of those alone that are. What stands in several collections
    is quoted once, with the other places. Its notes are of those answers that it has quotes of: how a word was read
    where nothing was found is of no use to anybody. An error is an error for all.
    """
    if len(answers) == 1:
        return answers[0]
    for answer in answers:
        if answer.verdict == "error":
            return answer
    answered = [answer for answer in answers if answer.verdict == "answered"]
    best = max(answered or answers, key=lambda answer: answer.probability or 0.0)
    found = [(quote, answer) for answer in answered or answers for quote in (answer.quotes or answer.nearest)]
    kept = _most_probable(found)
    used = [answer for answer in answers if any(answer is source for _, source in kept)] or [best]
    quotes = tuple(quote for quote, _ in kept)
    return replace(
        best,
        quotes=quotes if answered else (),
        nearest=() if answered else quotes,
        notes=tuple(dict.fromkeys(note for answer in used for note in answer.notes)),
    )


def _most_probable(found: Sequence[tuple[Quote, Answer]]) -> list[tuple[Quote, Answer]]:
    """Quotes with the answers that they are of -> the best of them, those that say the same folded into one."""
    kept: list[tuple[Quote, Answer]] = []
    for quote, answer in sorted(found, key=lambda pair: -pair[0].probability):
        words = frozenset(words_of(quote.text))
        twin = next((n for n, (other, _) in enumerate(kept) if alike(words, frozenset(words_of(other.text)))), None)
        if twin is not None:
            other, source = kept[twin]
            places = (*other.also_in, Occurrence(quote.document, quote.span), *quote.also_in)
            kept[twin] = (replace(other, also_in=places), source)
        elif len(kept) < MAX_QUOTES:
            kept.append((quote, answer))
    return kept
