"""Contracts and an index of them -> is each quote cited by the page that it stands on?

    quoth index CONTRACTS/*.pdf --index INDEX
    python -m tests.formats.pages CONTRACTS INDEX

One clause of each contract (see `tests.formats`) is asked for, in a question made of those of its words that are rarest
in all contracts. Which page holds a clause is asked of pdfium itself, page by page, and not of the loader.
"""

import random
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium

from bot.answer import Answer, Quote
from bot.respond import open_responder
from tests.formats.__main__ import clauses_by_file, plain

_WORD = re.compile(r"[A-Za-z]{3,}")
# How many letters a clause that is asked for has: a sentence or two.
_CHARACTERS = (80, 400)
_N_WORDS = 10
# By so many letters a place is known; where a page ends before, by no fewer than the least.
_BEGINNING = 40
_LEAST = 8
_AT_END = 300


@dataclass(frozen=True)
class Asked:
    """A clause of a contract, the physical pages that hold it, and what the question for it gave."""

    contract: str
    clause: str
    pages: frozenset[int]
    answer: Answer


def letters_of_pages(file: Path) -> list[str]:
    """A PDF -> the letters and digits of each of its pages, as pdfium has them."""
    with pdfium.PdfDocument(file) as document:
        return [_letters(document[n].get_textpage().get_text_range()) for n in range(len(document))]


def ask_all(folder: Path, index: Path, pages: Mapping[str, list[str]]) -> Iterator[Asked]:
    """Contracts, an index of them, and the letters of their pages -> of each contract, one clause asked for."""
    responder = open_responder(index)
    clauses = clauses_by_file(folder)
    words = responder.snapshot.contents.words
    chance = random.Random(0)
    for name, letters in pages.items():
        held = [(clause, on) for clause in clauses[plain(name)] if (on := _holding(clause, letters))]
        good = [pair for pair in held if _CHARACTERS[0] <= len(_letters(pair[0])) <= _CHARACTERS[1]]
        # A contract of which no sentence is marked is asked for the longest of its clauses.
        clause, on = chance.choice(good) if good else max(held, key=lambda pair: len(pair[0]))
        rare = sorted(dict.fromkeys(_WORD.findall(clause)), key=lambda word: words.get(word.lower(), 0))[:_N_WORDS]
        question = f"What is said about {' '.join(word for word in _WORD.findall(clause) if word in rare)}?"
        yield Asked(name, clause, on, responder.answer(question))


def main(arguments: list[str]) -> int:
    """Prints what was found; 1 where a quote does not stand on the page that it is cited by."""
    folder, index = map(Path, arguments)
    pages = {file.name: letters_of_pages(file) for file in sorted(folder.glob("*.pdf"))}
    n_asked = n_first = n_any = n_right_page = n_quotes = 0
    wrong: list[str] = []
    for asked in ask_all(folder, index, pages):
        quotes = asked.answer.quotes or asked.answer.nearest
        right = [quote.document.path == asked.contract and _is_of(quote, asked.clause) for quote in quotes]
        n_asked += 1
        n_first += right[:1] == [True]
        n_any += any(right)
        n_quotes += len(quotes)
        wrong += filter(None, (_misplaced(quote, pages) for quote in quotes))
        of_clause = [quote.document.page(quote.span.start) for quote, is_of in zip(quotes, right, strict=True) if is_of]
        if not of_clause:
            print(f"not among the quotes: {asked.contract}: {asked.clause[:90]}")
        elif not asked.pages.issuperset(of_clause):
            wrong.append(f"{asked.contract}: cited by {of_clause}, and the clause begins on {sorted(asked.pages)}")
        else:
            n_right_page += 1
    print(
        f"{n_asked} clauses asked for: the first quote is of the clause {n_first} times, one of the quotes {n_any}, "
        f"cited by the page that holds it {n_right_page}; "
        f"of {n_quotes} quotes, {n_quotes - len(wrong)} are cited by the page on which they begin"
    )
    print(*wrong, sep="\n")
    return int(bool(wrong))


def _holding(clause: str, pages: Sequence[str]) -> frozenset[int]:
    """A clause and the letters of a contract's pages -> the pages that hold all of it."""
    letters = _letters(clause)
    return frozenset(number for number, page in enumerate(pages, start=1) if letters in page)


def _is_of(quote: Quote, clause: str) -> bool:
    """Whether a quote and a clause share their words: one holds the other, or most of it."""
    one, other = sorted((_letters(quote.text), _letters(clause)), key=len)
    return one[: max(_BEGINNING, len(one) // 2)] in other or one[len(one) // 2 :] in other


def _misplaced(quote: Quote, pages: Mapping[str, list[str]]) -> str:
    """A quote -> why it is not cited by the page on which it begins, or nothing."""
    number = quote.document.page(quote.span.start) or 0
    letters, page = _letters(quote.text)[:_BEGINNING], pages[quote.document.path][number - 1]
    # What begins at the very end of a page goes on behind its running footer.
    is_there = letters in page or any(letters[:n] in page[-_AT_END:] for n in range(len(letters) - 1, _LEAST, -1))
    return "" if is_there else f"{quote.document.path}: page {number} does not hold {quote.text[:60]!r}"


def _letters(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character.isalnum())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
