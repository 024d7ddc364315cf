"""A model without weights, and texts to try it on, for every unit test."""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from bot.confidence import Confidence
from bot.reader.sentences import SentenceReader
from bot.respond import Responder
from bot.spelling import Speller
from index.build import index_corpus
from index.encoder import Vectors
from index.loaders import loader_for
from index.loaders.kinds import SUFFIXES
from index.records import Corpus, Document
from index.settings import IndexSettings
from index.snapshot import Contents, Snapshot

_TOKEN = re.compile(r"\w{1,4}|[^\w\s]")
_SPECIAL_TOKENS = 2
EVIDENCE = (
    "cosine",
    "context_cosine",
    "passage_cosine",
    "coverage",
    "context_coverage",
    "passage_coverage",
    "question_length",
)


# The arrays of postings, but for the terms.
POSTINGS = ("frequencies", "gaps", "gaps_at", "counts", "counts_at", "lengths")


@dataclass
class FakeEncoder:
    """A bag of hashed words as a unit vector; a token is at most four letters, or one sign.

    `calls` counts the texts it was asked to encode.
    """

    name: str = "fake"
    fingerprint: str = "fa" * 32
    dimension: int = 32
    max_tokens: int = 48
    scale: float = 1.0
    unknown: str = ""
    calls: list[str] = field(default_factory=list)

    def count_tokens(self, text: str) -> int:
        """Text -> its tokens, the two special ones included."""
        return len(_TOKEN.findall(text)) + _SPECIAL_TOKENS

    def count_unknown(self, text: str) -> int:
        """Text -> its tokens that are `unknown`."""
        return _TOKEN.findall(text).count(self.unknown) if self.unknown else 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n) texts -> (n, dimension) float32 rows of length `scale`."""
        self.calls.extend(texts)
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.01  # a text without words points somewhere too
            for word in re.findall(r"\w+", text.lower()):
                row[zlib.crc32(word.encode("utf-8", "surrogatepass")) % self.dimension] += 1.0
        rows *= self.scale / np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def encode_batches(self, texts: Sequence[str]) -> Iterator[Vectors]:
        """The same, three at a time."""
        for start in range(0, len(texts), 3):
            yield self.encode(texts[start : start + 3])


def document_of(text: str, path: str = "notes.txt") -> Document:
    """A text -> what the loader for its name's kind makes of it."""
    return loader_for(SUFFIXES["." + path.rsplit(".", 1)[1]])(path, text.encode())


def contents_of(
    texts: Mapping[str, str], encoder: FakeEncoder | None = None, settings: IndexSettings | None = None
) -> Contents:
    """Names with their texts -> everything a snapshot of them holds."""
    documents = tuple(document_of(text, path) for path, text in sorted(texts.items()))
    return index_corpus(Corpus("corpus", documents), settings or SETTINGS, encoder or FakeEncoder()).contents


def responder_of(
    contents: Contents, encoder: FakeEncoder | None = None, *, threshold: float = 0.5, intercept: float = 0.0
) -> Responder:
    """Contents -> a Responder whose probability is the logistic of the cosine."""
    encoder = encoder or FakeEncoder()
    return Responder(
        snapshot=Snapshot("0123456789abcdef", contents),
        encoder=encoder,
        reader=SentenceReader(encoder, dict.fromkeys(EVIDENCE, 1.0)),
        confidence=Confidence("sentences", encoder.name, {"cosine": 1.0}, intercept, threshold),
        speller=Speller(contents.words),
    )


def write_corpus(folder: Path, texts: Mapping[str, str | bytes]) -> Path:
    """Names with their texts -> a folder of files."""
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


SETTINGS = IndexSettings(model="fake", passage_tokens=24)

# Two kinds, a title, headings, a pronoun, a sentence that stands twice, line ends of both sorts.
TEXTS = {
    "harbour.txt": (
        "The Harbour of Aldwick\n\n"
        "The harbour of Aldwick was dredged in 1904 by the engineer Ada Hart. She used a steam crane from Leeds. "
        "The work took eleven months.\n\n"
        "Fishing boats land herring and mackerel there. The lighthouse was painted red in 1931."
    ),
    "rules/leave.md": (
        "# Leave\r\n\r\nEverybody has thirty days of holiday.\r\n\r\n## Sick pay\r\n\r\n"
        "Sick pay runs for six weeks. It is paid by the employer.\r\n\r\n- a note from the doctor on day three\r\n"
        "- The lighthouse was painted red in 1931.\r\n"
    ),
}

# Emoji with joiners, combining marks, right-to-left script and marks, odd line ends, NUL, abbreviations, astral signs.
_PIECES = (
    "The harbour was dredged in 1904.",
    " She used a crane from Leeds.",
    " Dr. Hart said, “We dig . . . then we stop.” It rained!",
    "e\u0301te\u0301 ",
    "\U0001f469\U0001f3fd\u200d\U0001f680",
    "\u05e9\u05c1\u05dc\u05d5\u05dd \u202eabc\u202c. ",
    "\U0001d518 word ",
    "unbroken" * 12,
    "\r\n",
    "\r",
    "\n",
    "\n\n",
    "\r\n\r\n",
    "\u2028",
    "\u2029",
    "\x85",
    "\x0b",
    "\x0c",
    "\x1c",
    "\u00a0",
    "\u3000",
    "\ufeff",
    "\x00",
    "\t",
    "    ",
    "> ",
    "- ",
    "1. ",
    "# Heading\n",
    "\n## Second ##\n\n",
    "Setext\n===\n",
    "---\n",
    "```\n",
    "| a | b |\n| - | - |\n| c | d |\n",
    "[x]: http://example.org/a/very/long/address\n",
    "<b>&amp;$x$",
    "U.S. and e.g. this... ",
    "? ",
    ".",
)


def awkward_texts(max_pieces: int = 14) -> st.SearchStrategy[str]:
    """Texts put together of everything that has ever moved an offset."""
    piece = st.one_of(st.sampled_from(_PIECES), st.text(st.characters(codec="utf-8"), max_size=8))
    return st.lists(piece, min_size=1, max_size=max_pieces).map("".join)


def awkward_corpora() -> st.SearchStrategy[dict[str, str]]:
    """One to three documents of text and Markdown, at least one with something to quote."""
    names = st.sampled_from(("a.txt", "b.md", "c/d.txt", "c/é.md"))
    return st.dictionaries(names, awkward_texts(), min_size=1, max_size=3).filter(
        lambda texts: (
            all(text.count("\0") * 10 <= len(text) and not text.startswith("\ufeff") for text in texts.values())
            and any(document_of(text, path).paragraphs for path, text in texts.items())
        )
    )
