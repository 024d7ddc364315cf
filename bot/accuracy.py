"""A file of questions -> how often Quoth is right, wrong, and rightly silent.

Ranking measures are ir-measures'. Success@k: any gold in the first k; RR@10: reciprocal rank of the first gold, 0
below rank 10. AUROC: the probability that an answerable question scores higher than an unanswerable one
(Mann-Whitney U, ties count half).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import ir_measures
import numpy as np
import numpy.typing as npt
from ir_measures import RR, Qrel, ScoredDoc, Success

from bot.answer import Answer, Quote
from bot.question import Query, read_question
from bot.respond import Responder
from index.errors import AnswersError
from index.records import Document, Span
from index.search import fuse
from index.terms import build_terms, terms_of
from index.vectors import VectorIndex

# Rows, best first, and the score of the best.
Ranking = tuple[npt.NDArray[np.int64], float]
MEASURES = (Success @ 1, Success @ 3, RR @ 10)


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question with the places that answer it; none: the documents do not answer it."""

    id: str
    question: str
    gold: tuple[tuple[str, Span], ...]
    kinds: tuple[str, ...]
    split: str
    author: str = ""

    @property
    def is_answerable(self) -> bool:
        """Whether the documents answer it."""
        return bool(self.gold)

    def is_right(self, document: Document, span: Span) -> bool:
        """Whether a span overlaps gold."""
        return any(path == document.path and span.overlaps(gold) for path, gold in self.gold)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A labelled question and what Quoth said, with what was shown, best first, whatever the verdict."""

    labelled: LabelledQuestion
    answer: Answer

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


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of one system on one set; a share over no questions is NaN."""

    n_answerable: int
    n_unanswerable: int
    success_1: float
    success_3: float
    mrr_10: float
    auroc: float
    refused_answerable: float
    refused_unanswerable: float
    wrong_among_answered: float


def read_questions(file: Path, documents: Sequence[Document], split: str | None = None) -> list[LabelledQuestion]:
    """JSON lines of `{"id", "question", "gold", "kinds", "split"}` -> questions, gold located in the documents.

    Raises:
        AnswersError: a line is none of these, or its gold does not occur exactly once; names file and line.
    """
    questions = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            gold = tuple(_locate(text, documents) for text in entry["gold"])
            question = LabelledQuestion(
                id=entry["id"],
                question=entry["question"],
                gold=gold,
                kinds=tuple(entry.get("kinds", ())),
                split=entry.get("split", ""),
                author=str(entry.get("author", "")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise AnswersError(
                f"{file}, line {number}: {error}; expected id, question and gold that occurs once"
            ) from error
        if split is None or question.split == split:
            questions.append(question)
    return questions


def run(questions: Iterable[LabelledQuestion], responder: Responder) -> list[Outcome]:
    """Asks every question by itself."""
    return [Outcome(labelled, responder.answer(labelled.question, id=labelled.id)) for labelled in questions]


def figures_of(outcomes: Sequence[Outcome], responder: Responder) -> Figures:
    """Outcomes of Quoth -> its figures; `mrr_10` ranks what its reader thinks of every sentence it read."""
    rankings = {}
    for outcome in outcomes:
        if outcome.labelled.is_answerable:
            shown = [(quote.document, quote.span) for quote in outcome.shown]
            rankings[outcome.labelled.id] = _relevance(outcome.labelled, shown)
    deep = {
        outcome.labelled.id: _relevance(outcome.labelled, _read_spans(outcome, responder))
        for outcome in outcomes
        if outcome.labelled.is_answerable
    }
    answered = [outcome for outcome in outcomes if outcome.is_answered]
    answerable = [outcome for outcome in outcomes if outcome.labelled.is_answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.labelled.is_answerable]
    shown_figures = _ranking_figures(rankings)
    return Figures(
        n_answerable=len(answerable),
        n_unanswerable=len(unanswerable),
        success_1=shown_figures["Success@1"],
        success_3=shown_figures["Success@3"],
        mrr_10=_ranking_figures(deep)["RR@10"],
        auroc=auroc(
            [outcome.answer.probability or 0.0 for outcome in answerable],
            [outcome.answer.probability or 0.0 for outcome in unanswerable],
        ),
        refused_answerable=_share(not outcome.is_answered for outcome in answerable),
        refused_unanswerable=_share(not outcome.is_answered for outcome in unanswerable),
        wrong_among_answered=_share(outcome.is_wrong for outcome in answered),
    )


def baselines(questions: Sequence[LabelledQuestion], responder: Responder) -> dict[str, Figures]:
    """The same questions put to sentence retrieval alone: by vectors, by BM25, by both fused by rank.

    Each sentence is one entry, with no title before it. They never refuse; AUROC is of the best score.
    """
    contents = responder.snapshot.contents
    spans = [(contents.documents[sentence.document], sentence.span) for sentence in contents.sentences]
    texts = [document.slice(span) for document, span in spans]
    vectors = VectorIndex(responder.encoder.encode(texts))
    terms = build_terms(terms_of(text) for text in texts)

    def dense(query: Query) -> Ranking:
        rows, cosines = vectors.nearest(responder.encoder.encode([query.resolved])[0], len(texts))
        return rows, float(cosines[0])

    def sparse(query: Query) -> Ranking:
        scores = terms.scores(query.terms)
        return terms.best(scores, len(texts)), float(scores.max(initial=0.0))

    def fused(query: Query) -> Ranking:
        rows = fuse(dense(query)[0], sparse(query)[0])
        return np.array([row for row, _ in rows], dtype=np.int64), rows[0][1] if rows else 0.0

    systems: dict[str, Callable[[Query], Ranking]] = {"dense": dense, "BM25": sparse, "fused": fused}
    queries = [(labelled, read_question(labelled.question, responder.speller)) for labelled in questions]
    result = {}
    for name, system in systems.items():
        rankings: dict[str, list[bool]] = {}
        best: dict[bool, list[float]] = {True: [], False: []}
        for labelled, query in queries:
            rows, score = system(query)
            best[labelled.is_answerable].append(score)
            if labelled.is_answerable:
                rankings[labelled.id] = _relevance(labelled, [spans[row] for row in rows.tolist()])
        ranked = _ranking_figures(rankings)
        result[name] = Figures(
            n_answerable=len(best[True]),
            n_unanswerable=len(best[False]),
            success_1=ranked["Success@1"],
            success_3=ranked["Success@3"],
            mrr_10=ranked["RR@10"],
            auroc=auroc(best[True], best[False]),
            refused_answerable=0.0,
            refused_unanswerable=0.0,
            wrong_among_answered=float("nan"),
        )
    return result


def stem_overlap(questions: Iterable[LabelledQuestion], responder: Responder) -> float:
    """Median share of a question's content-word stems that stand in its gold sentences: low means hard."""
    contents = responder.snapshot.contents
    shares = []
    for labelled in questions:
        stems = set(terms_of(labelled.question))
        if not labelled.is_answerable or not stems:
            continue
        gold: set[str] = set()
        for sentence in contents.sentences:
            document = contents.documents[sentence.document]
            if labelled.is_right(document, sentence.span):
                gold |= set(terms_of(document.slice(sentence.span)))
        shares.append(len(stems & gold) / len(stems))
    return median(shares)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Scores of both classes -> probability that a positive one is the higher, ties half; NaN without a class."""
    if not positive or not negative:
        return float("nan")
    ours, theirs = np.asarray(positive)[:, None], np.asarray(negative)[None, :]
    return float((ours > theirs).mean() + 0.5 * (ours == theirs).mean())


def calibration_error(probability: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], bins: int = 15) -> float:
    """(n,) probabilities and outcomes -> expected calibration error over bins of equal width, 0..1.

    Guo et al., "On Calibration of Modern Neural Networks" (2017), arXiv:1706.04599, equation 3.
    """
    bin_of = np.minimum((probability * bins).astype(np.int64), bins - 1)
    gaps = [
        abs(probability[inside].mean() - right[inside].mean()) * inside.mean()
        for number in range(bins)
        if (inside := bin_of == number).any()
    ]
    return float(sum(gaps))


def wrong_at(
    coverage: float,
    probability: npt.NDArray[np.float64],
    right: npt.NDArray[np.bool_],
    answerable: npt.NDArray[np.bool_],
) -> float:
    """Share of wrong answers among the most probable questions that hold the share `coverage` of the answerable ones.

    All arrays are (n,). NaN where no question is answerable.
    """
    order = np.argsort(-probability, kind="stable")
    reached = answerable[order].cumsum() >= coverage * answerable.sum()
    if not answerable.any():
        return float("nan")
    n = int(np.argmax(reached)) + 1
    return float(1.0 - right[order][:n].mean())


def _locate(text: str, documents: Sequence[Document]) -> tuple[str, Span]:
    places = [document for document in documents if text and document.text.count(text)]
    if len(places) != 1 or places[0].text.count(text) != 1:
        raise ValueError(f"the gold {text[:40]!r} stands in {len(places)} documents")
    start = places[0].text.index(text)
    return places[0].path, Span(start, start + len(text))


def _read_spans(outcome: Outcome, responder: Responder) -> list[tuple[Document, Span]]:
    contents = responder.snapshot.contents
    query = read_question(outcome.labelled.question, responder.speller)
    sentences = [contents.sentences[reading.sentence] for reading in responder.read(query).readings]
    return [(contents.documents[sentence.document], sentence.span) for sentence in sentences]


def _relevance(labelled: LabelledQuestion, ranking: Iterable[tuple[Document, Span]]) -> list[bool]:
    return [labelled.is_right(document, span) for document, span in ranking]


def _ranking_figures(rankings: Mapping[str, Sequence[bool]]) -> dict[str, float]:
    qrels, runs = [], []
    for id, relevance in rankings.items():
        # Gold that was not returned counts all the same: without it ir-measures would pass the question over.
        qrels.append(Qrel(id, "gold", 1))
        for rank, relevant in enumerate(relevance):
            qrels.append(Qrel(id, str(rank), int(relevant)))
            runs.append(ScoredDoc(id, str(rank), float(-rank)))
        if not relevance:
            runs.append(ScoredDoc(id, "nothing", 0.0))
    found: dict[Any, float] = ir_measures.calc_aggregate(MEASURES, qrels, runs)
    return {str(measure): float(value) for measure, value in found.items()}


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values) if values else float("nan")
