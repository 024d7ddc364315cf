"""Quotes -> what a person takes away: plain text for the clipboard, Markdown for a file."""

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


def copied(quote: Quote) -> str:
    """A quote -> its words (the context it needs first) in quotation marks, and the citation, in one line."""
    document = quote.document
    words = in_one_line(quote.text)
    if quote.context is not None:
        left_out = document.slice(Span(quote.context.end, quote.span.start)).strip()
        words = f"{in_one_line(document.slice(quote.context))} {'[…] ' if left_out else ''}{words}"
    place = f"{document.path}, {characters(quote)}"
    return f"“{words}” ({in_one_line(quote.citation)}; {in_one_line(place)})"
