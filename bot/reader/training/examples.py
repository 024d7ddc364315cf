"""Data sets -> training examples: windows with the answer, and windows that only look as if they had it."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.reader.training.neighbours import Neighbours
from bot.reader.training.rephrase import misspell, other_number, request, yes_no
from bot.reader.training.sources import HELD_OUT, SQUAD2, Pair, Question, read_pairs, read_questions, read_squad2
from bot.reader.training.swaps import names_of, swap
from bot.reader.training.windows import FULL, HALF, sentences_with, windows_of
from index.records import Span
from index.terms import terms_of

_NAMES_FROM_ELSEWHERE = 6
_PAIR_CHARACTERS = 430
# Of the pairs that answer, how many also give the neighbours without the answer.
_PAIRS_WITHOUT = 0.25
# Of the questions asked for yes or no that give a number, how many give another, from so many other answers; and of
# all of them, how often no window decides.
_DENIED, _OTHER_ANSWERS, _UNDECIDED = 0.4, 30, 0.35
# How deep the neighbours are looked at: so many texts that share the question's words or sense, so many of them kept.
_NEIGHBOURS, _NEAREST = 16, 6


@dataclass(frozen=True, slots=True)
class Mix:
    """What a question gives beside the window that answers it; shares are probabilities.

    Attributes:
        full: that its windows have full length.
        other: that another window of its paragraph is an example of its own.
        neighbour: that a window of another text that shares its words is an example of its own.
        swapped: that the answering window is one again with the question changed.
        beside: how many such windows are read side by side with the answering one, in the same example.
        without: that of these the answering one is left out, so that none answers.
        yes_no: that it is asked for yes or no; the sentence that decides is then the answer.
    """

    full: float
    other: float
    neighbour: float
    swapped: float
    beside: int = 0
    without: float = 0.0
    yes_no: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a stage's examples are made.

    Attributes:
        usual: the mix of every source that is not named.
        mixes: source -> its mix.
        repeats: how often each answerable question of squad2_train is used, each time with other windows. It has the
            only unanswerable questions that people wrote, and few of them.
        unanswerable: how many of a paragraph's windows an unanswerable question is read with side by side; 0 makes
            three examples of one window each.
        pairs: what share of the sentence pairs is used.
        dense: the sources whose neighbours are found by sense, too.
        requests: what share of all questions becomes a request.
        misspelt: what share of them gets a misspelt word.
    """

    usual: Mix
    mixes: Mapping[str, Mix]
    repeats: int
    unanswerable: int
    pairs: float
    dense: frozenset[str] = frozenset()
    requests: float = 0.0
    misspelt: float = 0.0


_QAMR = Mix(full=1.0, other=0.0, neighbour=0.1, swapped=0.15)
# First one window at a time: most of what there is to learn, at the lowest cost.
APART = Recipe(
    usual=Mix(full=0.55, other=0.2, neighbour=0.14, swapped=0.45),
    mixes={
        SQUAD2: Mix(full=0.8, other=0.35, neighbour=0.1, swapped=0.6),
        "squadshifts_new_wiki": Mix(full=0.7, other=0.35, neighbour=0.2, swapped=1.0),
        "squad11_train_sub": Mix(full=0.7, other=0.35, neighbour=0.2, swapped=1.0),
        # One sentence each: no other window, and few words to swap.
        "qamr_dev": _QAMR,
        "qamr_test": _QAMR,
    },
    repeats=4,
    unanswerable=0,
    pairs=1.0,
)
_WIKIPEDIA = Mix(full=0.8, other=0.0, neighbour=0.0, swapped=0.8, beside=3, without=0.15, yes_no=0.15)
_ONE_SENTENCE = Mix(full=1.0, other=0.0, neighbour=0.0, swapped=0.1, beside=1, yes_no=0.1)
# Then as the reader will meet them: the passages of one question beside each other.
TOGETHER = Recipe(
    usual=Mix(full=0.6, other=0.0, neighbour=0.0, swapped=0.3, beside=1, without=0.1, yes_no=0.2),
    mixes={
        SQUAD2: Mix(full=0.8, other=0.0, neighbour=0.0, swapped=0.6, beside=3, without=0.15, yes_no=0.15),
        "squadshifts_new_wiki": _WIKIPEDIA,
        "squad11_train_sub": _WIKIPEDIA,
        "qamr_dev": _ONE_SENTENCE,
        "qamr_test": _ONE_SENTENCE,
    },
    repeats=4,
    unanswerable=3,
    pairs=0.5,
    dense=frozenset({SQUAD2, "squadshifts_new_wiki", "squad11_train_sub", "policyqa_dev"}),
    requests=0.06,
    misspelt=0.08,
)


@dataclass(frozen=True, slots=True)
class Window:
    """A text to be read, and where in it the answer stands; None when it does not."""

    text: str
    answer: Span | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """What the reader learns from.

    Attributes:
        question: the question.
        windows: the texts it is to be read against side by side; at most one answers.
        kind: how it was made.
        source: the data set.
        is_exact: whether the answer is that span, or lies somewhere inside it.
    """

    question: str
    windows: tuple[Window, ...]
    kind: str
    source: str
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Texts:
    """What a source offers beside a question's own text: all its texts, their windows, the answers to its questions."""

    contexts: Sequence[str]
    neighbours: Neighbours
    answers: Sequence[str]


def read_examples(data: Path, seed: int, recipe: Recipe) -> list[Example]:
    """Data folder -> training examples in random order, the same for the same seed and recipe."""
    chance = random.Random(seed)
    squad2 = [question for question in read_squad2(data / "squad2_train.json.gz") if question.topic not in HELD_OUT]
    questions = read_questions(data, seed)
    answered = questions + [question for question in squad2 if question.answers] * recipe.repeats
    pairs = read_pairs(data, seed)
    examples = [
        *_from_questions(answered, recipe, chance),
        *_from_unanswerable([question for question in squad2 if not question.answers], recipe),
        *_from_pairs(chance.sample(pairs, int(len(pairs) * recipe.pairs)), chance),
    ]
    chance.shuffle(examples)
    return [_as_people_type(example, recipe, chance) for example in examples]


def _as_people_type(example: Example, recipe: Recipe, chance: random.Random) -> Example:
    question = example.question
    if recipe.requests and chance.random() < recipe.requests:
        question = request(question, chance)
    if recipe.misspelt and chance.random() < recipe.misspelt:
        question = misspell(question, chance)
    return replace(example, question=question)


def _from_questions(questions: Sequence[Question], recipe: Recipe, chance: random.Random) -> Iterator[Example]:
    by_source: dict[str, list[Question]] = {}
    for question in questions:
        by_source.setdefault(question.source, []).append(question)
    for source, own in by_source.items():
        contexts = sorted({question.context for question in own})
        neighbours = Neighbours([text[span.start : span.end] for text in contexts for span in windows_of(text)])
        if source in recipe.dense:
            neighbours.add_sense([question.text for question in own])
        mix = recipe.mixes.get(source, recipe.usual)
        texts = Texts(contexts, neighbours, [_answer_of(question) for question in own])
        for question in own:
            yield from _from_question(question, mix, texts, chance)


def _from_question(question: Question, mix: Mix, texts: Texts, chance: random.Random) -> Iterator[Example]:
    source = question.source
    spans = windows_of(question.context, FULL if chance.random() < mix.full else HALF)
    holding = [span for span in spans if span.contains(question.answers[0])]
    if not holding:
        return  # the answer runs over the end of every window
    span = chance.choice(holding)
    text = question.context[span.start : span.end]
    window = Window(text, Span(question.answers[0].start - span.start, question.answers[0].end - span.start))
    others = [question.context[other.start : other.end] for other in spans]
    others = [other for other in others if not _may_answer(question, other)]
    near = []
    if mix.beside or chance.random() < mix.neighbour:
        near = texts.neighbours.nearest(question.text, _NEIGHBOURS)
        near = [text for text in near if text not in question.context and not _may_answer(question, text)][:_NEAREST]
    asked, window, is_exact = _asked(question, window, mix, texts, chance)
    kind = "answer" if is_exact else "yes or no"
    if mix.beside:
        beside = [Window(other) for other in dict.fromkeys(others + near)]
        beside = chance.sample(beside, min(mix.beside, len(beside)))
        if beside and chance.random() < (mix.without if is_exact else _UNDECIDED):
            yield Example(asked, tuple(beside), "without", source)
        else:
            yield Example(asked, (window, *beside), kind, source, is_exact)
    else:
        yield Example(asked, (window,), kind, source, is_exact)
        if near:
            yield Example(asked, (Window(chance.choice(near)),), "neighbour", source)
    if others and chance.random() < mix.other:
        yield Example(asked, (Window(chance.choice(others)),), "other window", source)
    if chance.random() < mix.swapped:
        changed = _swapped(question, text, texts, chance)
        if changed is not None:
            yield Example(changed, (Window(text),), "swapped", source)


def _asked(
    question: Question, window: Window, mix: Mix, texts: Texts, chance: random.Random
) -> tuple[str, Window, bool]:
    """A question and the window that answers it -> how it is asked, the window, whether its answer is exact."""
    if mix.yes_no and window.answer is not None and chance.random() < mix.yes_no:
        decided = _for_yes_or_no(question, texts.answers, chance)
        if decided is not None:
            return decided, Window(window.text, sentences_with(window.text, window.answer)), False
    return question.text, window, True


def _swapped(question: Question, text: str, texts: Texts, chance: random.Random) -> str | None:
    elsewhere = [chance.choice(texts.contexts) for _ in range(_NAMES_FROM_ELSEWHERE)]
    names = names_of(question.context) + [name for other in elsewhere for name in names_of(other)[:2]]
    return swap(question.text, text, names, chance)


def _for_yes_or_no(question: Question, answers: Sequence[str], chance: random.Random) -> str | None:
    """A question -> whether what its text says, or denies, is so; None where it cannot be asked."""
    said = _answer_of(question)
    before = question.context[: question.answers[0].start].rsplit(maxsplit=1)[-1:]
    if chance.random() < _DENIED:
        said = other_number(said, chance.choices(answers, k=_OTHER_ANSWERS), chance) or said
    return yes_no(question.text, said, before[0] if before else "", chance)


def _answer_of(question: Question) -> str:
    return question.context[question.answers[0].start : question.answers[0].end]


def _may_answer(question: Question, text: str) -> bool:
    """Whether an answer's very words stand in the text: then it cannot serve as a negative."""
    folded = text.lower()
    return any(question.context[span.start : span.end].lower() in folded for span in question.answers)


def _from_unanswerable(questions: Sequence[Question], recipe: Recipe) -> Iterator[Example]:
    """The windows of its paragraph that share most words with the question, in both lengths."""
    for question in questions:
        terms = set(terms_of(question.text))
        for tokens in (FULL, HALF):
            texts = [question.context[span.start : span.end] for span in windows_of(question.context, tokens)]
            # A far window is an easy negative; the nearest ones are what this set is for.
            texts.sort(key=lambda text: -len(terms & set(terms_of(text))))
            nearest = tuple(map(Window, texts[: recipe.unanswerable or 2]))
            groups: list[tuple[Window, ...]] = (
                [nearest] * 2 if recipe.unanswerable else [(window,) for window in nearest]
            )
            if tokens == FULL:
                groups.append(nearest[:1])
            for group in groups:
                yield Example(question.text, group, "unanswerable", question.source)


def _from_pairs(pairs: Sequence[Pair], chance: random.Random) -> Iterator[Example]:
    """A sentence that answers among two that share the question's words; or only those."""
    by_source: dict[str, list[str]] = {}
    for pair in pairs:
        by_source.setdefault(pair.source, []).append(pair.sentence)
    neighbours = {source: Neighbours(sentences) for source, sentences in by_source.items()}
    for pair in pairs:
        if not pair.answers:
            yield Example(pair.question, (Window(pair.sentence),), "sentence", pair.source)
            continue
        own = set(terms_of(pair.sentence))
        near = [
            text
            for text in neighbours[pair.source].nearest(pair.question, 10)
            if len(own & set(terms_of(text))) < 0.5 * len(own) and len(text) < _PAIR_CHARACTERS // 2
        ]
        if near and chance.random() < _PAIRS_WITHOUT:
            yield Example(pair.question, (Window(" ".join(near[:2])),), "sentences", pair.source)
        before, after = chance.choice([([], near[:2]), (near[:1], near[1:2]), (near[:2], []), (near[:1], [])])
        if sum(map(len, (*before, pair.sentence, *after))) > _PAIR_CHARACTERS:
            before, after = [], []
        start = sum(len(text) + 1 for text in before)
        window = Window(" ".join((*before, pair.sentence, *after)), Span(start, start + len(pair.sentence)))
        yield Example(pair.question, (window,), "sentences", pair.source, is_exact=False)
