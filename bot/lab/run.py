"""Questions + responder -> outcomes: every question asked by itself, over all cores, with what each step ranked.

What is ranked are passages, in the order of the vectors, of the terms, of both fused, and of the reader (the passages
that it read by their best sentence, then the rest as fused); relevant is each passage that overlaps gold. Where gold is
whole documents, those are ranked: each at the place of its first passage.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal, TypeVar, get_args

from bot.answer import Answer, Quote
from bot.lab.questions import LabelledQuestion
from bot.respond import Responder, Traced
from index.build import Progress
from index.lines import facts_of
from index.records import Span
from index.search import rank
from index.snapshot import Contents

T = TypeVar("T")
System = Literal["vectors", "terms", "fused", "reader"]
SYSTEMS: tuple[System, ...] = get_args(System)
# Where a question was lost. A refusal whose nearest passage is wrong was lost before: it was outranked.
Lost = Literal["not_retrieved", "outranked", "refused", "answered_unanswerable", "not_asked"]
# So deep are rankings kept: the deepest cutoff is 20.
DEPTH = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """A labelled question and what Quoth said, with what was shown, best first, whatever the verdict.

    Attributes:
        labelled: the question.
        answer: what came back.
        rankings: by system, the grade of each item in its ranking, best first; 0 is not relevant.
        relevant: the grades of all relevant items of the corpus, retrieved or not, falling.
        sentences: document and span of the whole sentences that hold a piece of gold, a pair for each piece.
        gold_texts: the words of each piece of gold.
        retrieved: whether something relevant is among what was read.
    """

    labelled: LabelledQuestion
    answer: Answer
    rankings: Mapping[System, tuple[int, ...]]
    relevant: tuple[int, ...] = ()
    sentences: tuple[tuple[str, Span], ...] = ()
    gold_texts: tuple[str, ...] = ()
    retrieved: bool = False

    @property
    def shown(self) -> tuple[Quote, ...]:
        """The quotes, or the nearest passages where it refused."""
        return self.answer.quotes or self.answer.nearest

    @property
    def is_right(self) -> bool:
        """Whether the first of what is shown overlaps gold."""
        return bool(self.shown) and self.labelled.is_right(self.shown[0].document, self.shown[0].span)

    @property
    def is_answered(self) -> bool:
        """Whether Quoth answered."""
        return self.answer.verdict == "answered"

    @property
    def is_wrong(self) -> bool:
        """Whether Quoth answered and its first quote overlaps no gold."""
        return self.is_answered and not self.is_right

    @property
    def probability(self) -> float:
        """What Quoth gave the first of what is shown; 0 where nothing is."""
        return self.answer.probability or 0.0

    @property
    def lost(self) -> Lost | None:
        """The stage at which the question was lost, or None: it was answered rightly, or rightly refused."""
        if self.answer.verdict == "error":
            return "not_asked"
        if not self.labelled.is_answerable:
            return "answered_unanswerable" if self.is_answered else None
        if not self.retrieved:
            return "not_retrieved"
        if not self.is_right:
            return "outranked"
        return None if self.is_answered else "refused"


def run(
    questions: Sequence[LabelledQuestion],
    responder: Responder,
    progress: Progress = lambda *_: None,
    *,
    whole_documents: bool = False,
    workers: int = 1,
) -> list[Outcome]:
    """Questions -> an outcome each, in their order.

    Args:
        questions: gold in the documents of the responder.
        responder: is asked.
        progress: called with ("asking", done, total).
        whole_documents: whether it is documents that are ranked, by the grades of the gold.
        workers: how many questions are asked at a time.
    """
    items = _Documents(responder.snapshot.contents) if whole_documents else _Passages(responder.snapshot.contents)

    def ask(labelled: LabelledQuestion) -> Outcome:
        return _outcome(labelled, responder.trace(labelled.question, id=labelled.id), responder, items)

    return in_parallel(ask, questions, progress, workers)


def in_parallel(
    ask: Callable[[LabelledQuestion], T], questions: Sequence[LabelledQuestion], progress: Progress, workers: int
) -> list[T]:
    """What is done with a question, and questions -> what came of each, in their order, `workers` at a time."""
    results = []
    with ThreadPoolExecutor(workers) as pool:
        try:
            for result in pool.map(ask, questions):
                results.append(result)
                progress("asking", len(results), len(questions))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return results


class _Passages:
    """Passages as what is ranked."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self.ordinals = {facts.path: number for number, facts in enumerate(facts_of(contents.documents))}

    def grades(self, labelled: LabelledQuestion, rows: Iterable[int]) -> Iterator[int]:
        """Rows of passages, best first -> their grades."""
        contents = self._contents
        for row in rows:
            passage = contents.passages[row]
            yield labelled.relevance_of(contents.documents[passage.document], passage.span)

    def relevant(self, labelled: LabelledQuestion) -> list[int]:
        """The grades of all that is relevant; one more where gold stands in no passage, and so can't be found."""
        passages = self._contents.passages
        rows: set[int] = set()
        lost = 0
        for gold in labelled.gold:
            ordinal = self.ordinals[gold.document]
            first, stop = (bisect_left(passages, n, key=attrgetter("document")) for n in (ordinal, ordinal + 1))
            own = {row for row in range(first, stop) if passages[row].span.overlaps(gold.span)}
            rows |= own
            lost += not own
        return [*self.grades(labelled, rows), *[1] * lost]


class _Documents(_Passages):
    """Documents as what is ranked: each at its first passage."""

    def grades(self, labelled: LabelledQuestion, rows: Iterable[int]) -> Iterator[int]:
        contents = self._contents
        grades = {gold.document: gold.relevance for gold in labelled.gold}
        for number in dict.fromkeys(contents.passages[row].document for row in rows):
            yield grades.get(contents.documents[number].path, 0)

    def relevant(self, labelled: LabelledQuestion) -> list[int]:
        return list({gold.document: gold.relevance for gold in labelled.gold}.values())


def _outcome(labelled: LabelledQuestion, traced: Traced, responder: Responder, items: _Passages) -> Outcome:
    contents = responder.snapshot.contents
    texts = tuple(contents.documents[items.ordinals[gold.document]].slice(gold.span) for gold in labelled.gold)
    sentences = tuple(_sentences(labelled, contents, items.ordinals))
    relevant = tuple(sorted(items.relevant(labelled), reverse=True))
    if traced.read is None or traced.query is None:
        return Outcome(labelled, traced.answer, dict.fromkeys(SYSTEMS, ()), relevant, sentences, texts)
    rankings = rank(responder.snapshot, traced.read.vector, traced.query.terms, max(DEPTH, responder.search.depth))
    fused = [row for row, _ in rankings.cut(responder.search.depth).fused(responder.search)]
    hits = [hit.passage for hit in traced.read.hits]
    best = {reading.sentence: number for number, reading in reversed([*enumerate(traced.read.readings)])}
    last = len(best)
    read = sorted(hits, key=lambda row: min(best.get(n, last) for n in contents.passages[row].sentences))
    rows: dict[System, Sequence[int]] = {
        "vectors": rankings.by_vector.tolist(),
        "terms": rankings.by_term.tolist(),
        "fused": fused,
        "reader": [*read, *(row for row in fused if row not in set(hits))],
    }
    graded = {system: tuple(items.grades(labelled, rows[system]))[:DEPTH] for system in SYSTEMS}
    return Outcome(labelled, traced.answer, graded, relevant, sentences, texts, any(items.grades(labelled, hits)))


def _sentences(
    labelled: LabelledQuestion, contents: Contents, ordinals: Mapping[str, int]
) -> Iterator[tuple[str, Span]]:
    """Each piece of gold -> the whole sentences that it stands in, where it stands in any."""
    for gold in labelled.gold:
        own = (ordinals[gold.document], gold.span.start), (ordinals[gold.document], gold.span.end)
        first = bisect_right(contents.sentences, own[0], key=lambda s: (s.document, s.span.end))
        stop = bisect_left(contents.sentences, own[1], key=lambda s: (s.document, s.span.start))
        if first < stop:
            yield gold.document, contents.sentences[first].span.cover(contents.sentences[stop - 1].span)
