"""Fits both readers' evidence and confidence on the dev questions: `make calibrate`.

Writes `bot/reader/extractive.json`, `bot/reader/sentences.json` and `bot/confidence.json`, each with how it was
fitted. The test questions are not opened.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict

from bot.accuracy import LabelledQuestion, auroc, read_questions, run
from bot.confidence import Confidence
from bot.question import read_question
from bot.reader import Reader, Reading, extractive, sentences
from bot.respond import Responder
from bot.spelling import Speller
from index.build import index_corpus
from index.documents import read_corpus
from index.encoder import Encoder, load_encoder
from index.settings import DEFAULT_MODEL, IndexSettings
from index.snapshot import Snapshot

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = Path(__file__).with_name("essay.jsonl")


@dataclass(frozen=True, slots=True)
class ReaderFit:
    """A reader to fit: how it is made, and which of its evidence ranks sentences and gives the probability."""

    name: str
    make: Callable[[Encoder, Mapping[str, float]], Reader]
    ranking: tuple[str, ...]
    confidence: tuple[str, ...]


# Of all subsets tried, these tell answerable from unanswerable best on held-out folds; more only fit the dev set.
READERS = (
    ReaderFit(
        extractive.NAME,
        lambda _, weights: extractive.load_extractive(weights=weights),
        ranking=("span", "passage_cosine", "context_coverage"),
        confidence=("span", "passage_cosine"),
    ),
    ReaderFit(
        sentences.NAME,
        sentences.SentenceReader,
        ranking=("cosine", "context_cosine", "passage_cosine", "coverage", "context_coverage", "passage_coverage"),
        confidence=("cosine", "passage_cosine"),
    ),
)
RIDGE = 0.02
FOLDS = 10
Matrix = npt.NDArray[np.float64]


def main() -> None:
    """Fits, prints what the fit does on held-out folds of dev, writes the files."""
    encoder = load_encoder()
    contents = index_corpus(read_corpus(ROOT / "corpus"), IndexSettings(), encoder).contents
    speller = Speller(contents.words)
    questions = read_questions(QUESTIONS, contents.documents, split="dev")
    confidences: dict[str, object] = {}
    for fit in READERS:
        unfitted = Confidence(fit.name, DEFAULT_MODEL, {}, 0.0, 0.5)
        reader = fit.make(encoder, dict.fromkeys(fit.ranking, 1.0))
        responder = Responder(Snapshot("dev", contents), encoder, reader, unfitted, speller)
        weights = _fit_ranking(fit, questions, responder)
        responder = replace(responder, reader=fit.make(encoder, weights))
        confidences[fit.name] = _fit_confidence(fit, questions, responder)
    _write(ROOT / "bot" / "confidence.json", confidences)


def _fit_ranking(fit: ReaderFit, questions: Sequence[LabelledQuestion], responder: Responder) -> dict[str, float]:
    """Maximum likelihood of a right sentence under a softmax over the sentences of a question.

    ListNet's top-one probability (Cao et al. 2007, doi:10.1145/1273496.1273513) with ridge.
    """
    examples = [example for question in questions if (example := _example(fit, question, responder)) is not None]
    deviations = np.concatenate([evidence for evidence, _ in examples]).std(axis=0)
    right = []
    for train, held_out in KFold(FOLDS, shuffle=True, random_state=0).split(np.arange(len(examples))):
        fitted = _softmax_fit([examples[i] for i in train], deviations)
        right += [examples[i][1][np.argmax(examples[i][0] @ fitted)] for i in held_out]
    by_first = [labels[np.argmax(evidence[:, 0])] for evidence, labels in examples]
    fitted = _softmax_fit(examples, deviations)
    weights = dict(zip(fit.ranking, (round(float(weight), 4) for weight in fitted), strict=True))
    _write(
        ROOT / "bot" / "reader" / f"{fit.name}.json",
        {
            "weights": weights,
            "encoder": DEFAULT_MODEL,
            "fitted_on": f"{len(examples)} answerable dev questions of tests/accuracy/essay.jsonl",
            "right_sentence_first": {
                f"{FOLDS}-fold": round(float(np.mean(right)), 3),
                f"by {fit.ranking[0]} alone": round(float(np.mean(by_first)), 3),
            },
        },
    )
    return weights


def _example(
    fit: ReaderFit, question: LabelledQuestion, responder: Responder
) -> tuple[Matrix, npt.NDArray[np.bool_]] | None:
    readings = responder.read(read_question(question.question, responder.speller)).readings
    labels = np.array([_is_gold(question, reading, responder) for reading in readings])
    if not labels.any():
        return None
    return np.array([[reading.evidence[name] for name in fit.ranking] for reading in readings]), labels


def _is_gold(question: LabelledQuestion, reading: Reading, responder: Responder) -> bool:
    contents = responder.snapshot.contents
    sentence = contents.sentences[reading.sentence]
    return question.is_right(contents.documents[sentence.document], sentence.span)


def _softmax_fit(examples: Sequence[tuple[Matrix, npt.NDArray[np.bool_]]], deviations: Matrix) -> Matrix:
    def loss(scaled: Matrix) -> tuple[float, Matrix]:
        total, gradient = RIDGE * len(examples) * float(scaled @ scaled) / 2, RIDGE * len(examples) * scaled
        for evidence, labels in examples:
            values = evidence / deviations
            logits = values @ scaled
            odds = np.exp(logits - logits.max())
            share = odds / odds.sum()
            gold = share * labels / (share * labels).sum()
            total -= float(np.log((share * labels).sum()))
            gradient = gradient - values.T @ (gold - share)
        return total, gradient

    return np.asarray(minimize(loss, np.zeros(len(deviations)), jac=True, method="L-BFGS-B").x / deviations)


def _fit_confidence(fit: ReaderFit, questions: Sequence[LabelledQuestion], responder: Responder) -> dict[str, object]:
    """Logistic regression: does the first quote answer? The threshold makes the fewest mistakes on held-out folds.

    A mistake is a question answered with a wrong first quote, or refused though its first quote was right.
    """
    outcomes = run(questions, responder)
    evidence = []
    for outcome in outcomes:
        readings = responder.read(read_question(outcome.labelled.question, responder.speller)).readings
        evidence.append([readings[0].evidence[name] for name in fit.confidence])
    values = np.array(evidence)
    right = np.array([outcome.is_right for outcome in outcomes])
    answerable = np.array([outcome.labelled.is_answerable for outcome in outcomes])
    model = LogisticRegression(C=100.0, max_iter=10_000)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    held_out = cross_val_predict(model, values, right, cv=folds, method="predict_proba")[:, 1]
    candidates = np.arange(0.05, 0.951, 0.01)
    mistakes = [int(((held_out >= t) & ~right).sum() + ((held_out < t) & right).sum()) for t in candidates]
    best = min(mistakes)
    # Between the optima, not on the edge of one.
    threshold = round(float(np.median(candidates[np.array(mistakes) == best])), 2)
    model.fit(values, right)
    answered = held_out >= threshold
    return {
        "encoder": DEFAULT_MODEL,
        "weights": dict(zip(fit.confidence, (round(float(w), 4) for w in model.coef_[0]), strict=True)),
        "intercept": round(float(model.intercept_[0]), 4),
        "threshold": threshold,
        "fitted_on": f"{len(questions)} dev questions of tests/accuracy/essay.jsonl",
        f"on {FOLDS} held-out folds": {
            "auroc of answerable": round(auroc(held_out[answerable].tolist(), held_out[~answerable].tolist()), 3),
            "mistakes": best,
            "wrong among answered": round(float((answered & ~right).sum() / answered.sum()), 3),
            "answerable refused": round(float((~answered & answerable).sum() / answerable.sum()), 3),
            "unanswerable refused": round(float((~answered & ~answerable).sum() / (~answerable).sum()), 3),
        },
    }


def _write(file: Path, value: dict[str, object]) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    file.write_text(text, encoding="utf-8")
    print(f"{file.relative_to(ROOT)}\n{text}")


if __name__ == "__main__":
    main()
