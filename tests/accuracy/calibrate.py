"""Fits both readers' evidence and confidence on the essay's dev questions: `make calibrate`.

What risk which threshold keeps is measured on those, each by a fit that has not seen it, and on the questions of the
articles of SQuAD 2.0 that the reader's training left out, which don't come with Quoth: `make calibrate SQUAD2=FILE`.
Each of the latter counts a tenth in the confidence, and nothing in the ranking: they are made to mislead, and a
confidence that fits them alone refuses most of what people ask of an essay. Writes `bot/reader/extractive.json`,
`bot/reader/sentences.json`, `bot/confidence.json` and `bot/calibration.json`, each with how it was fitted. The essay's
test questions are not opened.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.model_selection import KFold

from bot.confidence import Confidence
from bot.lab.abstention import auroc, calibration_error
from bot.lab.calibrate import FOLDS, calibration_of, fit_confidence
from bot.lab.formats import read_questions
from bot.lab.questions import LabelledQuestion, locate
from bot.question import Query, read_question
from bot.quotes import make_quotes
from bot.reader import Reader, Reading, extractive, sentences
from bot.reader.training.sources import HELD_OUT
from bot.respond import Responder
from bot.spelling import Speller
from index.build import index_corpus
from index.documents import read_corpus
from index.encoder import Encoder, load_encoder
from index.records import Corpus
from index.settings import DEFAULT_MODEL, IndexSettings
from index.snapshot import Snapshot
from tests.accuracy.figures import ROOT, essay_questions

RIDGE = 0.02
Matrix = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ReaderFit:
    """A reader to fit: how it is made, and which of its evidence ranks sentences and gives the probability."""

    name: str
    make: Callable[[Encoder, Mapping[str, float]], Reader]
    ranking: tuple[str, ...]
    confidence: tuple[str, ...]


# Of all subsets tried, these tell answerable from unanswerable best on held-out folds; more only fit the questions.
# A coverage in the confidence would make it truer of SQuAD's questions, with a weight below zero: those without an
# answer repeat the text's words on purpose. Who asks in the words of the text must not be refused for that.
READERS = (
    ReaderFit(
        extractive.NAME,
        lambda _, weights: extractive.load_extractive(weights=weights),
        ranking=("span", "passage_cosine", "context_coverage"),
        confidence=("span", "passage_cosine", "question_length"),
    ),
    ReaderFit(
        sentences.NAME,
        sentences.SentenceReader,
        ranking=("cosine", "context_cosine", "passage_cosine", "coverage", "context_coverage", "passage_coverage"),
        confidence=("cosine", "passage_cosine"),
    ),
)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Labelled questions about one corpus.

    Attributes:
        name: what they are, in words.
        questions: with gold in the corpus.
        corpus: its documents.
        weight: how many times each counts where the confidence is fitted.
        ranks: whether the ranking is fitted on them.
    """

    name: str
    questions: tuple[LabelledQuestion, ...]
    corpus: Corpus
    weight: float = 1.0
    ranks: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with every reading of it, and what it takes to quote them."""

    labelled: LabelledQuestion
    query: Query
    readings: tuple[Reading, ...]
    responder: Responder
    set: QuestionSet

    def ranked(self, weights: Mapping[str, float]) -> list[Reading]:
        """The readings, best first by the weighted sum of their evidence."""

        def score(reading: Reading) -> float:
            return sum(weight * reading.evidence[name] for name, weight in weights.items())

        return sorted(
            (replace(reading, score=score(reading)) for reading in self.readings),
            key=lambda reading: (-reading.score, reading.sentence),
        )

    def is_gold(self, reading: Reading) -> bool:
        """Whether the reading's sentence overlaps gold."""
        contents = self.responder.snapshot.contents
        sentence = contents.sentences[reading.sentence]
        return self.labelled.is_right(contents.documents[sentence.document], sentence.span)

    def is_right(self, readings: Sequence[Reading]) -> bool:
        """Whether the first quote made of the readings overlaps gold."""
        quotes = make_quotes(readings, self.query.kind, self.responder.snapshot.contents, self.responder.confidence)
        return bool(quotes) and self.labelled.is_right(quotes[0].document, quotes[0].span)


def main() -> None:
    """Fits, prints what the fit does on held-out folds, writes the files."""
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.calibrate", description=__doc__)
    parser.add_argument("--squad2", type=Path, help="the SQuAD 2.0 file whose articles the training left out")
    args = parser.parse_args()
    sets = list(_question_sets(args.squad2))
    encoder = load_encoder()
    confidences: dict[str, object] = {}
    calibrations: dict[str, object] = {}
    for fit in READERS:
        asked = [item for questions in sets for item in ask(fit, questions, encoder)]
        weights = fit_ranking(fit, asked, sets)
        confidences[fit.name], calibrations[fit.name] = fit_probability(fit, asked, weights, sets)
    _write(ROOT / "bot" / "confidence.json", json.dumps(confidences, indent=2))
    # One line for each list: they are long.
    lines = json.dumps(calibrations).replace('"right"', '\n  "right"').replace('"wrong"', '\n  "wrong"')
    _write(ROOT / "bot" / "calibration.json", lines.replace('}, "', '},\n"'))


def _question_sets(squad2: Path | None) -> Iterator[QuestionSet]:
    corpus = read_corpus(ROOT / "corpus")
    essay = tuple(essay_questions(corpus.documents, "dev"))
    if squad2 is None:
        print("no --squad2 FILE: the risk is measured on the essay's questions alone")
        yield QuestionSet("dev questions of tests/accuracy/essay.jsonl", essay, corpus)
        return
    squad = read_questions(squad2)
    documents = squad.documents or ()
    held_out = tuple(question for question in locate(squad, documents) if question.split in HELD_OUT)
    yield QuestionSet("dev questions of tests/accuracy/essay.jsonl", essay, corpus)
    name = "questions of SQuAD 2.0 articles never trained on"
    yield QuestionSet(name, held_out, Corpus("", documents), weight=0.1, ranks=False)


def ask(fit: ReaderFit, questions: QuestionSet, encoder: Encoder) -> Iterator[Asked]:
    """A set of questions -> each with all that the reader makes of it."""
    contents = index_corpus(questions.corpus, IndexSettings(), encoder).contents
    unfitted = Confidence(fit.name, DEFAULT_MODEL, {}, 0.0, 0.5)
    reader = fit.make(encoder, dict.fromkeys(fit.ranking, 1.0))
    responder = Responder(Snapshot("dev", contents), encoder, reader, unfitted, Speller(contents.words))
    for labelled in questions.questions:
        query = read_question(labelled.question, responder.speller)
        yield Asked(labelled, query, responder.read(query).readings, responder, questions)


def fit_ranking(fit: ReaderFit, asked: Sequence[Asked], sets: Sequence[QuestionSet]) -> dict[str, float]:
    """Maximum likelihood of a right sentence under a softmax over the sentences of a question; writes the file.

    ListNet's top-one probability (Cao et al. 2007, doi:10.1145/1273496.1273513) with ridge.
    """
    examples = [
        (np.array([[reading.evidence[name] for name in fit.ranking] for reading in item.readings]), labels, item.set)
        for item in asked
        if (labels := np.array([item.is_gold(reading) for reading in item.readings])).any()
    ]
    deviations = np.concatenate([evidence for evidence, _, own in examples if own.ranks]).std(axis=0)
    right: dict[int, bool] = {}
    for train, held_out in KFold(FOLDS, shuffle=True, random_state=0).split(np.arange(len(examples))):
        fitted = _softmax_fit([examples[i] for i in train], deviations)
        right |= {i: bool(examples[i][1][np.argmax(examples[i][0] @ fitted)]) for i in held_out}
    fitted = _softmax_fit(examples, deviations)
    weights = dict(zip(fit.ranking, (round(float(weight), 4) for weight in fitted), strict=True))
    found = {
        questions.name: np.mean([right[i] for i, (*_, own) in enumerate(examples) if own is questions])
        for questions in sets
    }
    fitted_sets = [questions for questions in sets if questions.ranks]
    report = {
        "weights": weights,
        "encoder": DEFAULT_MODEL,
        "fitted_on": _provenance(fitted_sets),
        f"right sentence first on {FOLDS} held-out folds, where it was read at all": {
            name: round(float(value), 3) for name, value in found.items()
        },
    }
    _write(ROOT / "bot" / "reader" / f"{fit.name}.json", json.dumps(report, indent=2))
    return weights


def _softmax_fit(examples: Sequence[tuple[Matrix, Flags, QuestionSet]], deviations: Matrix) -> Matrix:
    examples = [example for example in examples if example[2].ranks]
    n = len(examples)

    def loss(scaled: Matrix) -> tuple[float, Matrix]:
        total, gradient = RIDGE * n * float(scaled @ scaled) / 2, RIDGE * n * scaled
        for evidence, labels, _ in examples:
            values = evidence / deviations
            logits = values @ scaled
            odds = np.exp(logits - logits.max())
            share = odds / odds.sum()
            gold = share * labels / (share * labels).sum()
            total -= float(np.log((share * labels).sum()))
            gradient = gradient - values.T @ (gold - share)
        return total, gradient

    return np.asarray(minimize(loss, np.zeros(len(deviations)), jac=True, method="L-BFGS-B").x / deviations)


def fit_probability(
    fit: ReaderFit, asked: Sequence[Asked], weights: Mapping[str, float], sets: Sequence[QuestionSet]
) -> tuple[dict[str, object], dict[str, object]]:
    """Logistic regression: does the first quote answer? -> what goes into the two files."""
    rankings = [item.ranked(weights) for item in asked]
    values = np.array([[readings[0].evidence[name] for name in fit.confidence] for readings in rankings])
    right = np.array([item.is_right(readings) for item, readings in zip(asked, rankings, strict=True)])
    counts = np.array([item.set.weight for item in asked])
    fitted = fit_confidence(fit.confidence, values, right, counts)
    confidence = {
        "encoder": DEFAULT_MODEL,
        "weights": dict(fitted.weights),
        "intercept": fitted.intercept,
        "threshold": fitted.threshold,
        "fitted_on": _provenance([questions for questions in sets if questions.weight]),
        f"on {FOLDS} held-out folds": {
            questions.name: _figures(asked, questions, fitted.held_out, right, fitted.threshold) for questions in sets
        },
    }
    calibration = {
        "measured_on": f"{_provenance(sets)}, on {FOLDS} held-out folds",
        **asdict(calibration_of(fitted, right)),
    }
    return confidence, calibration


def _figures(
    asked: Sequence[Asked], questions: QuestionSet, probability: Matrix, right: Flags, threshold: float
) -> dict[str, float]:
    own = np.array([item.set is questions for item in asked])
    answerable = np.array([item.labelled.is_answerable for item in asked])[own]
    probability, right = probability[own], right[own]
    answered = probability >= threshold
    figures = {
        "auroc of answerable": auroc(probability[answerable].tolist(), probability[~answerable].tolist()),
        "right first, answerable ones": right[answerable].mean(),
        "wrong among answered": (answered & ~right).sum() / answered.sum(),
        "answerable refused": (~answered & answerable).sum() / answerable.sum(),
        "unanswerable refused": (~answered & ~answerable).sum() / (~answerable).sum(),
        "ece": calibration_error(probability, right),
    }
    return {name: round(float(value), 3) for name, value in figures.items()}


def _provenance(sets: Sequence[QuestionSet]) -> str:
    return " and ".join(f"{len(questions.questions):,} {questions.name}" for questions in sets)


def _write(file: Path, text: str) -> None:
    file.write_text(text + "\n", encoding="utf-8")
    print(f"{file.relative_to(ROOT)}\n{text[:2000]}")


if __name__ == "__main__":
    main()
