"""Text of a document or a person -> HTML that shows it, character by character, and does nothing else.

The only place where text becomes HTML; everything that is not one of our own fixed words passes through here.
"""

import html

# What an HTML parser would alter or drop although it is escaped: a carriage return becomes a line feed, NUL vanishes.
_ALTERED = str.maketrans({"\r": "&#13;", "\0": "\N{SYMBOL FOR NULL}"})


def escape(text: str) -> str:
    """Text -> HTML for element content and for double-quoted attributes."""
    return html.escape(text, quote=True).translate(_ALTERED)
