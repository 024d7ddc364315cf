"""The essay's figures that must not fall, and the systems beside which they stand.

Success@k: any gold in the first k that are shown; RR@10: reciprocal rank of the first gold, 0 below rank 10.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt

from bot.lab.abstention import auroc
from bot.lab.formats import read_questions
from bot.lab.questions import LabelledQuestion, locate
from bot.lab.retrieval import ranking_values
from bot.lab.run import Outcome
from bot.question import Query, read_question
from bot.reader import Reader, Reading
from bot.respond import Responder
from index.encoder import Vectors
from index.records import Document, Hit, Span
from index.search import fuse
from index.snapshot import Snapshot
from index.terms import build_terms, terms_of
from index.vectors import VectorIndex

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = Path(__file__).with_name("essay.jsonl")
# Rows, best first, and the score of the best.
Ranking = tuple[npt.NDArray[np.int64], float]


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


class RememberingReader:
    """A reader that reads no question twice: figures rank all that it read, outcomes hold only what was shown."""

    def __init__(self, reader: Reader) -> None:
        """Takes the reader that reads."""
        self._reader = reader
        self._read: dict[Query, list[Reading]] = {}
        self.name, self.fingerprint, self.limit = reader.name, reader.fingerprint, reader.limit

    def read(self, query: Query, vector: Vectors, hits: Sequence[Hit], snapshot: Snapshot) -> list[Reading]:
        """As `Reader`; for one snapshot."""
        if query not in self._read:
            self._read[query] = self._reader.read(query, vector, hits, snapshot)
        return self._read[query]


def essay_questions(documents: Sequence[Document], split: str | None = None) -> list[LabelledQuestion]:
    """The essay's questions, or those of one split."""
    return locate(read_questions(QUESTIONS), documents, split)


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
        success_1=shown_figures["success@1"],
        success_3=shown_figures["success@3"],
        mrr_10=_ranking_figures(deep)["mrr@10"],
        auroc=auroc(
            [outcome.probability for outcome in answerable],
            [outcome.probability for outcome in unanswerable],
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
    vectors = VectorIndex.of(responder.encoder.encode(texts))
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
            success_1=ranked["success@1"],
            success_3=ranked["success@3"],
            mrr_10=ranked["mrr@10"],
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


def _read_spans(outcome: Outcome, responder: Responder) -> list[tuple[Document, Span]]:
    contents = responder.snapshot.contents
    query = read_question(outcome.labelled.question, responder.speller)
    sentences = [contents.sentences[reading.sentence] for reading in responder.read(query).readings]
    return [(contents.documents[sentence.document], sentence.span) for sentence in sentences]


def _relevance(labelled: LabelledQuestion, ranking: Iterable[tuple[Document, Span]]) -> list[bool]:
    return [labelled.is_right(document, span) for document, span in ranking]


def _ranking_figures(rankings: Mapping[str, Sequence[bool]]) -> dict[str, float]:
    graded = [[int(relevant) for relevant in ranking] for ranking in rankings.values()]
    # One thing is looked for: the first gold, found or missed.
    values = ranking_values([(ranking, [1] * max(1, sum(ranking))) for ranking in graded])
    return {name: float(of_all.mean()) for name, of_all in values.items()}


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values) if values else float("nan")
