"""Paragraphs -> sentence spans.

nupunkt finds the boundaries. Its stock list of abbreviations was learned from scanned reports and holds
thousands of plain words ("south", "human", "sleep"), after which it sees no sentence end; ours replaces it.
"""

from functools import cache

from nupunkt import load_default_model
from nupunkt.tokenizers.sentence_tokenizer import PunktSentenceTokenizer

from index.records import Span

# Abbreviations after which a sentence usually goes on, lower case, without the last full stop.
ABBREVIATIONS = frozenset(
    """
    adj adm apr art assn assoc asst attn aug ave bldg blvd bros brig ca capt cf ch chap cmdr co col cong corp cpl
    ct ctr dec dept dir dist div dr ed eds eng esq est et fed feb fig figs fl fr fri ft gen gov hon hosp hr hrs
    inc ind jan jr jul jun lat lb lbs lieut lt ltd maj mar messrs mfg mgr mlle mme mo mon mr mrs ms msgr mt mts
    nat no nos nov oct op ord oz para paras pl pp pres prof pt pub pvt rd ref reg rep reps ret rev rt sat sec secs
    sen sens sep sept sgt soc sq sr ss st ste sun supp supt tel thu thur thurs tue tues univ vol vols vs wed yr yrs
    al seq ibid approx incl excl max min misc
    """.split()
)


@cache
def _tokenizer() -> PunktSentenceTokenizer:
    tokenizer = load_default_model()
    for word in tokenizer.abbreviations - ABBREVIATIONS:
        if "." not in word:  # "u.s", "e.g", "ph.d": a dot inside is never a plain word
            tokenizer.remove_abbreviation(word)
    tokenizer.add_abbreviations(sorted(ABBREVIATIONS))
    return tokenizer


def split_sentences(text: str, paragraph: Span) -> list[Span]:
    """A paragraph of `text` -> its sentences in order, without overlap, trimmed of white space.

    White space alone is left between them. A piece without a letter or digit, such as the bar that ends a table's row,
    belongs to the sentence before it. A paragraph of white space gives an empty list.
    """
    body = text[paragraph.start : paragraph.end]
    spans: list[Span] = []
    for start, end in _tokenizer().span_tokenize(body):
        piece = body[start:end]
        if words := piece.strip():
            first = paragraph.start + start + len(piece) - len(piece.lstrip())
            span = Span(first, first + len(words))
            if spans and not any(character.isalnum() for character in words):
                spans[-1] = spans[-1].cover(span)
            else:
                spans.append(span)
    return spans
