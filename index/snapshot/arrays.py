"""What is searched, as little-endian arrays, and the words of the corpus.

vectors.high    (n_passages, dimension) uint8: the upper bytes of the vectors' numbers (see `index.vectors`)
vectors.low     (n_passages, dimension) uint8: the lower ones
terms.txt       the terms in the order of their code points, a line each; a term's number is its line, from 0
terms.at        (n_terms + 1,) uint32, or int64 where they do not suffice, as of the following: where each line begins
terms.docs      (n_terms,) uint32 or int64: how many passages hold the term
terms.gaps      uint8: the postings (see `index.postings`)
gaps.at         (n_terms + 1,) uint32 or int64: where those of each term begin, and where the last ones end
terms.counts    uint8, uint16 or uint32: how often the term stands there, where that is more than once
counts.at       (n_terms + 1,) uint32 or int64: where those of each term begin
terms.lengths   (n_passages,) int32: how many terms the passage has
words.txt       every word of the corpus, as the terms; words.at: where each line begins
words.counts    (n_words,) uint32 or int64: its number of occurrences
words.stems     the stems of all words, as the terms; stems.at: where each line begins
"""

from collections.abc import Iterable, Mapping

from index.errors import SnapshotDamaged
from index.postings import COUNTS as COUNT_DTYPES
from index.postings import Postings
from index.snapshot.files import Files, smallest
from index.stored import Strings
from index.terms import TermIndex
from index.vectors import VectorIndex
from index.words import Words

HIGH, LOW = "vectors.high", "vectors.low"
TERMS, TERMS_AT = "terms.txt", "terms.at"
FREQUENCIES, GAPS, GAPS_AT = "terms.docs", "terms.gaps", "gaps.at"
COUNTS, COUNTS_AT, LENGTHS = "terms.counts", "counts.at", "terms.lengths"
WORDS, WORDS_AT, WORD_COUNTS, STEMS, STEMS_AT = "words.txt", "words.at", "words.counts", "words.stems", "stems.at"


def vectors_to_bytes(vectors: VectorIndex) -> dict[str, memoryview]:
    """Vectors -> the bytes of their files, by name."""
    return {HIGH: vectors.high.whole.data, LOW: vectors.low.whole.data}


def read_vectors(files: Files, n_rows: int, dimension: int, limit: float) -> VectorIndex:
    """Files of a generation -> its vectors.

    Raises:
        SnapshotDamaged: their files are cut short; whoever looks at one that was altered.
    """
    shape = (n_rows, dimension)
    return VectorIndex(files.stored(HIGH, "u1", shape), files.stored(LOW, "u1", shape), limit)


def terms_to_bytes(terms: TermIndex) -> dict[str, memoryview]:
    """Terms -> the bytes of their files, by name."""
    postings = terms.postings
    counts = postings.counts.whole
    return {
        **strings_to_bytes(postings.terms, TERMS, TERMS_AT),
        FREQUENCIES: smallest(postings.frequencies.whole).data,
        GAPS: postings.gaps.whole.data,
        GAPS_AT: smallest(postings.gaps_at.whole).data,
        COUNTS: counts.astype(counts.dtype.newbyteorder("<"), copy=False).data,
        COUNTS_AT: smallest(postings.counts_at.whole).data,
        LENGTHS: postings.lengths.whole.astype("<i4", copy=False).data,
    }


def read_terms(files: Files, n_rows: int, n_terms: int) -> TermIndex:
    """Files of a generation -> its terms; errors as `read_vectors`."""
    counts_at = files.counts(COUNTS_AT, n_terms + 1)
    n_counts = int(counts_at.part(n_terms, n_terms + 1)[0])
    n_bytes = files.size(COUNTS)
    fitting = [dtype for dtype in COUNT_DTYPES if int(dtype[-1]) * n_counts == n_bytes]
    if not fitting:
        raise SnapshotDamaged(f"{COUNTS} of the index does not hold {n_counts} numbers; {files.rebuilding}")
    return TermIndex(
        Postings(
            terms=files.strings(TERMS, TERMS_AT, n_terms),
            frequencies=files.counts(FREQUENCIES, n_terms),
            gaps=files.stored(GAPS, "u1", (files.size(GAPS),)),
            gaps_at=files.starts(GAPS_AT, n_terms, files.size(GAPS)),
            counts=files.stored(COUNTS, fitting[0], (n_counts,)),
            counts_at=counts_at,
            lengths=files.stored(LENGTHS, "<i4", (n_rows,)),
        )
    )


def words_to_bytes(words: Mapping[str, int]) -> dict[str, memoryview]:
    """Words -> the bytes of their files, by name."""
    ordered = Words.of(words)
    return {
        **strings_to_bytes(ordered.words, WORDS, WORDS_AT),
        WORD_COUNTS: smallest(ordered.counts.whole).data,
        **strings_to_bytes(ordered.stems, STEMS, STEMS_AT),
    }


def read_words(files: Files, n_words: int, n_stems: int) -> Words:
    """Files of a generation -> its words; errors as `read_vectors`."""
    return Words(
        files.strings(WORDS, WORDS_AT, n_words),
        files.counts(WORD_COUNTS, n_words),
        files.strings(STEMS, STEMS_AT, n_stems),
    )


def strings_to_bytes(strings: Strings | Iterable[str], text: str, at: str) -> dict[str, memoryview]:
    """Strings in order, and the names of their two files -> the bytes of both."""
    stored = strings if isinstance(strings, Strings) else Strings.of(strings)
    return {text: stored.text.whole.data, at: smallest(stored.starts.whole).data}
