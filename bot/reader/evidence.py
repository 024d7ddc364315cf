"""What a sentence shows without being read: how like the question its passage and its words are."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.context import context_of
from bot.question import Query
from index.records import Hit
from index.snapshot import Contents
from index.terms import terms_of

# So many texts, of a sentence or a passage each, are not taken apart twice.
_REMEMBERED = 8_192
# Shorter questions, a fifth or less of those fitted on, count as of so few words; longer ones are no more particular.
_FEW_WORDS, _MANY_WORDS = 8, 20


def retrieval_evidence(query: Query, hits: Sequence[Hit], contents: Contents) -> dict[int, dict[str, float]]:
    """A query and its hits -> for each sentence in them (by ordinal), named evidence.

    `passage_cosine` and `passage_coverage` are the highest over the hits that hold the sentence. A coverage is the
    share of the question's terms, weighted by idf, that stand in the passage, in the sentence (`coverage`), and in
    the sentence with the context it leans on (`context_coverage`). `question_length` is the same for all of them: the
    log of the question's words, from eight to twenty. A short question says little, and much seems to answer it.
    """
    idf = {term: contents.terms.idf(term) for term in dict.fromkeys(query.terms)}
    whole = sum(idf.values()) or 1.0
    length = math.log(min(max(len(query.resolved.split()), _FEW_WORDS), _MANY_WORDS))

    def coverage(text: str) -> float:
        return float(sum(idf[term] for term in idf.keys() & _terms_in(text)) / whole)

    evidence: dict[int, dict[str, float]] = {}
    for hit in hits:
        passage = contents.passages[hit.passage]
        covered = coverage(contents.documents[passage.document].readable(passage.span))
        for number in passage.sentences:
            if number not in evidence:
                evidence[number] = {
                    "passage_cosine": -1.0,
                    "passage_coverage": 0.0,
                    "coverage": coverage(text_of(number, contents)),
                    "context_coverage": coverage(text_in_context(number, contents)),
                    "question_length": length,
                }
            own = evidence[number]
            own["passage_cosine"] = max(hit.cosine, own["passage_cosine"])
            own["passage_coverage"] = max(covered, own["passage_coverage"])
    return evidence


@lru_cache(maxsize=_REMEMBERED)
def _terms_in(text: str) -> frozenset[str]:
    """A text -> its terms. Questions about the same documents meet the same sentences."""
    return frozenset(terms_of(text))


def fingerprint_of(name: str, network: str, weights: Mapping[str, float]) -> str:
    """A reader's name, a digest of its network, the weights of its evidence -> hex digest of all three."""
    return hashlib.sha256(json.dumps([name, network, sorted(weights.items())]).encode()).hexdigest()


def text_of(number: int, contents: Contents) -> str:
    """A sentence's ordinal -> its text in the folded copy."""
    sentence = contents.sentences[number]
    return contents.documents[sentence.document].readable(sentence.span)


def text_in_context(number: int, contents: Contents) -> str:
    """A sentence's ordinal -> its text after that of the context it leans on, if any."""
    document = contents.documents[contents.sentences[number].document]
    context = context_of(document, contents.sentences, range(number, number + 1))
    text = text_of(number, contents)
    return f"{document.readable(context)} {text}" if context is not None else text
