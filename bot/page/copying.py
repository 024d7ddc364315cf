"""Quotes -> what a person takes away: plain text for the clipboard, Markdown for a file."""

from collections.abc import Callable

from bot.answer import Quote
from index.records import Span


def in_one_line(text: str) -> str:
    """A text -> the same with line breaks and runs of space collapsed."""
    return " ".join(text.split())


def characters(quote: Quote) -> str:
    """A quote -> where all its words stand, those of its context too: `characters 0–12 and 24–38`."""
    own = f"{quote.span.start}–{quote.span.end}"
    if quote.context is None:
        return f"characters {own}"
    return f"characters {quote.context.start}–{quote.context.end} and {own}"


def with_context(quote: Quote, form: Callable[[str], str]) -> str:
    """A quote -> its words after those of its context, each through `form`; `[…]` where words between are left out."""
    words = form(quote.text)
    if quote.context is None:
        return words
    left_out = quote.document.slice(Span(quote.context.end, quote.span.start)).strip()
    return f"{form(quote.document.slice(quote.context))} {'[…] ' if left_out else ''}{words}"


def copied(quote: Quote) -> str:
    """A quote -> its words (the context it needs first) in quotation marks, and the citation, in one line."""
    place = f"{quote.document.path}, {characters(quote)}"
    return f"“{with_context(quote, in_one_line)}” ({in_one_line(quote.citation)}; {in_one_line(place)})"
