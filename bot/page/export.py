"""A conversation -> Markdown that a person keeps, every quote with its citation."""

import re
from collections.abc import Iterable

from bot.answer import Answer, Quote
from bot.page.copying import characters, in_one_line, with_context
from bot.page.places import place_of
from bot.page.words import FORGOTTEN, REFUSAL, as_sentence, in_words
from bot.percent import percent

FILE_NAME = "quoth.md"
# Whatever could begin markup anywhere in a line; escaped with a backslash each, so that the text shows as it is
# and no renderer fetches an image or follows a link that a document holds.
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&:@=^\"'])")


def as_markdown(answers: Iterable[Answer], *, forgotten: bool = False) -> str:
    """Answers, oldest first -> Markdown; `forgotten` says that there were others before them."""
    lost = f"\n{FORGOTTEN}\n" if forgotten else ""
    turns = "".join(f"\n{_turn(answer)}" for answer in answers)
    return f"# Quoth\n\nAnswers only in quotes.\n{lost}{turns}"


def escape_markdown(text: str) -> str:
    """Text -> one line of Markdown that shows it as it is."""
    return _MARKUP.sub(r"\\\1", in_one_line(text.replace("\0", "\N{SYMBOL FOR NULL}")))


def _turn(answer: Answer) -> str:
    parts = [f"## {escape_markdown(answer.question)}\n"]
    if answer.verdict == "error":
        return "".join([*parts, f"\n{escape_markdown(as_sentence(answer.reason or ''))}\n"])
    if answer.resolved_question != in_one_line(answer.question):
        parts.append(f"\nRead as: {escape_markdown(answer.resolved_question)}\n")
    if answer.verdict == "not_found":
        return "".join([*parts, f"\n{REFUSAL} {escape_markdown(answer.reason or '')}\n"])
    return "".join([*parts, *(_quote(quote) for quote in answer.quotes)])


def _quote(quote: Quote) -> str:
    document = quote.document
    place = place_of(document, quote.span)
    return (
        f"\n> {with_context(quote, escape_markdown)}\n>\n"
        f"> — {escape_markdown(quote.citation)} ({escape_markdown(document.path)}, "
        f"{characters(quote)}, `{place.address}`; "
        f"{in_words(quote.probability).lower()}, {percent(quote.probability)})\n"
    )
