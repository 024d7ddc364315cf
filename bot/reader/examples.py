"""Data sets -> training examples: windows with the answer, and windows that only look as if they had it."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.reader.neighbours import Neighbours
from bot.reader.sources import HELD_OUT, SQUAD2, Pair, Question, read_pairs, read_questions, read_squad2
from bot.reader.swaps import names_of, swap
from bot.reader.windows import FULL, HALF, windows_of
from index.records import Span
from index.terms import terms_of

# squad2_train has the only unanswerable questions that people wrote, and few of them.
_REPEATS = 4
_NAMES_FROM_ELSEWHERE = 6
_PAIR_CHARACTERS = 430
# Of the pairs that answer, how many also give the neighbours without the answer.
_PAIRS_WITHOUT = 0.25


@dataclass(frozen=True, slots=True)
class Mix:
    """How likely a question gives each kind of further example, beside the window that answers it.

    Attributes:
        full: that its windows have full length.
        other: another window of its paragraph.
        neighbour: a window of another text that shares its words.
        swapped: the answering window with the question changed.
    """

    full: float
    other: float
    neighbour: float
    swapped: float


_USUAL = Mix(full=0.55, other=0.2, neighbour=0.14, swapped=0.45)
_MIXES = {
    SQUAD2: Mix(full=0.8, other=0.35, neighbour=0.1, swapped=0.6),
    "squadshifts_new_wiki": Mix(full=0.7, other=0.35, neighbour=0.2, swapped=1.0),
    "squad11_train_sub": Mix(full=0.7, other=0.35, neighbour=0.2, swapped=1.0),
    # One sentence each: no other window, and few words to swap.
    "qamr_dev": Mix(full=1.0, other=0.0, neighbour=0.1, swapped=0.15),
    "qamr_test": Mix(full=1.0, other=0.0, neighbour=0.1, swapped=0.15),
}


@dataclass(frozen=True, slots=True)
class Example:
    """What the reader learns from.

    Attributes:
        question: the question.
        window: the text it is to be read against.
        answer: where in the window the answer stands; None when it does not.
        kind: how it was made.
        source: the data set.
        is_exact: whether the answer is that span, or lies somewhere inside it.
    """

    question: str
    window: str
    answer: Span | None
    kind: str
    source: str
    is_exact: bool = True


def read_examples(data: Path, seed: int) -> list[Example]:
    """Data folder -> training examples in random order, the same for the same seed."""
    chance = random.Random(seed)
    squad2 = [question for question in read_squad2(data / "squad2_train.json.gz") if question.topic not in HELD_OUT]
    questions = read_questions(data, seed)
    answered = questions + [question for question in squad2 if question.answers] * _REPEATS
    examples = [
        *_from_questions(answered, chance),
        *_from_unanswerable([question for question in squad2 if not question.answers]),
        *_from_pairs(read_pairs(data, seed), chance),
    ]
    chance.shuffle(examples)
    return examples


def _from_questions(questions: Sequence[Question], chance: random.Random) -> Iterator[Example]:
    by_source: dict[str, set[str]] = {}
    for question in questions:
        by_source.setdefault(question.source, set()).add(question.context)
    texts = {source: sorted(contexts) for source, contexts in by_source.items()}
    neighbours = {
        source: Neighbours([text[span.start : span.end] for text in contexts for span in windows_of(text)])
        for source, contexts in texts.items()
    }
    for question in questions:
        mix, source = _MIXES.get(question.source, _USUAL), question.source
        spans = windows_of(question.context, FULL if chance.random() < mix.full else HALF)
        holding = [span for span in spans if span.contains(question.answers[0])]
        if not holding:
            continue  # the answer runs over the end of every window
        span = chance.choice(holding)
        window = question.context[span.start : span.end]
        answer = Span(question.answers[0].start - span.start, question.answers[0].end - span.start)
        yield Example(question.text, window, answer, "answer", source)
        if chance.random() < mix.other:
            others = [question.context[other.start : other.end] for other in spans]
            others = [other for other in others if not _may_answer(question, other)]
            if others:
                yield Example(question.text, chance.choice(others), None, "other window", source)
        if chance.random() < mix.neighbour:
            near = neighbours[source].nearest(question.text, 12)
            near = [text for text in near if text not in question.context and not _may_answer(question, text)][:4]
            if near:
                yield Example(question.text, chance.choice(near), None, "neighbour", source)
        if chance.random() < mix.swapped:
            elsewhere = [chance.choice(texts[source]) for _ in range(_NAMES_FROM_ELSEWHERE)]
            names = names_of(question.context) + [name for text in elsewhere for name in names_of(text)[:2]]
            changed = swap(question.text, window, names, chance)
            if changed is not None:
                yield Example(changed, window, None, "swapped", source)


def _may_answer(question: Question, text: str) -> bool:
    """Whether an answer's very words stand in the text: then it cannot serve as a negative."""
    folded = text.lower()
    return any(question.context[span.start : span.end].lower() in folded for span in question.answers)


def _from_unanswerable(questions: Sequence[Question]) -> Iterator[Example]:
    """Every window of the paragraph, in both lengths; of those that share most words one more."""
    for question in questions:
        terms = set(terms_of(question.text))
        for tokens in (FULL, HALF):
            texts = [question.context[span.start : span.end] for span in windows_of(question.context, tokens)]
            texts.sort(key=lambda text: -len(terms & set(terms_of(text))))
            # A far window is an easy negative; the nearest ones are what this set is for.
            for text in texts[:2] + (texts[:1] if tokens == FULL else []):
                yield Example(question.text, text, None, "unanswerable", question.source)


def _from_pairs(pairs: Sequence[Pair], chance: random.Random) -> Iterator[Example]:
    """A sentence that answers among two that share the question's words; or only those."""
    by_source: dict[str, list[str]] = {}
    for pair in pairs:
        by_source.setdefault(pair.source, []).append(pair.sentence)
    neighbours = {source: Neighbours(sentences) for source, sentences in by_source.items()}
    for pair in pairs:
        if not pair.answers:
            yield Example(pair.question, pair.sentence, None, "sentence", pair.source)
            continue
        own = set(terms_of(pair.sentence))
        near = [
            text
            for text in neighbours[pair.source].nearest(pair.question, 10)
            if len(own & set(terms_of(text))) < 0.5 * len(own) and len(text) < _PAIR_CHARACTERS // 2
        ]
        if near and chance.random() < _PAIRS_WITHOUT:
            yield Example(pair.question, " ".join(near[:2]), None, "sentences", pair.source)
        before, after = chance.choice([([], near[:2]), (near[:1], near[1:2]), (near[:2], []), (near[:1], [])])
        if sum(map(len, (*before, pair.sentence, *after))) > _PAIR_CHARACTERS:
            before, after = [], []
        start = sum(len(text) + 1 for text in before)
        window = " ".join((*before, pair.sentence, *after))
        sentence = Span(start, start + len(pair.sentence))
        yield Example(pair.question, window, sentence, "sentences", pair.source, is_exact=False)
