"""A run -> `report.json`: all that was asked, measured and how, under keys that stay.

docs/report.schema.json describes it. Whatever shows a report (a terminal, a browser, the page) reads this and nothing
else. Numbers have six digits; one that means nothing, such as a share of no questions, is null.
"""

import json
import math
import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, get_args

import numpy as np

from bot.answer import Quote
from bot.lab.abstention import (
    RISKS,
    Point,
    answered_at,
    area_under,
    auroc,
    calibration_error,
    reliability,
    risk_coverage,
)
from bot.lab.estimates import Floats, estimate
from bot.lab.questions import QuestionFile
from bot.lab.quotes import answer_values, quote_values
from bot.lab.retrieval import retrieval_values
from bot.lab.run import SYSTEMS, Lost, Outcome
from bot.lab.speed import speeds
from bot.respond import Responder
from index.errors import AnswersError, SettingsError
from index.records import Document

SCHEMA_VERSION = 1
JSON_NAME, HTML_NAME = "report.json", "report.html"
DEFAULT_FOLDER = Path("accuracy-report")
_VERSIONS = ("quoth", "faiss-cpu", "ir-measures", "numpy", "onnxruntime", "sentence-transformers")


@dataclass(frozen=True, slots=True)
class Asked:
    """A run: what was asked of whom, what came of it, and how long it took in seconds of wall time."""

    file: QuestionFile
    split: str | None
    responder: Responder
    outcomes: tuple[Outcome, ...]
    workers: int
    seconds: float


def make_report(asked: Asked) -> dict[str, Any]:
    """A run -> the report, ready for `json.dumps`."""
    outcomes, responder = asked.outcomes, asked.responder
    contents = responder.snapshot.contents
    values = _values(outcomes)
    curve = risk_coverage(*_judged(outcomes))
    report = {
        "schema_version": SCHEMA_VERSION,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _VERSIONS}},
        "questions": {
            "file": str(asked.file.path),
            "format": asked.file.format,
            "sha256": asked.file.sha256,
            "split": asked.split,
            "n": len(outcomes),
            "n_answerable": sum(outcome.labelled.is_answerable for outcome in outcomes),
            "n_unanswerable": sum(not outcome.labelled.is_answerable for outcome in outcomes),
        },
        "corpus": {
            "n_documents": len(contents.documents),
            "n_sentences": len(contents.sentences),
            "n_passages": len(contents.passages),
        },
        "snapshot": responder.snapshot.id,
        "settings": {
            "index": contents.settings.as_json(),
            "encoder": responder.encoder.name,
            "encoder_fingerprint": responder.encoder.fingerprint,
            "reader": responder.reader.name,
            "confidence": {
                "fitted_on": responder.confidence.fitted_on,
                "on_these_questions": _fitted_on_these(responder.confidence.source, asked.file.sha256, asked.split),
                "weights": dict(responder.confidence.weights),
            },
            "threshold": responder.confidence.threshold,
            "search": asdict(responder.search),
            "ranked": "documents" if asked.file.whole_documents else "passages",
        },
        "measures": {
            "retrieval": {
                system: {name: asdict(estimate(of_all)) for name, of_all in values["retrieval"][system].items()}
                for system in SYSTEMS
            },
            "quotes": {
                name: asdict(estimate(of_all))
                for kind in ("quotes", "answers")
                for name, of_all in values[kind].items()
            },
            "abstention": _abstention(outcomes, curve),
            "speed": {"asked_at_a_time": asked.workers, "seconds": asked.seconds, "stages_ms": speeds(outcomes)},
        },
        "curves": {
            "risk_coverage": [asdict(point) for point in curve],
            "reliability": [asdict(own) for own in reliability(*_judged(outcomes))],
        },
        "failures": {stage: Counter(outcome.lost for outcome in outcomes)[stage] for stage in get_args(Lost)},
        "outcomes": _outcomes(outcomes, values, {document.path: document for document in contents.documents}),
    }
    rounded: dict[str, Any] = _rounded(report)
    return rounded


def _fitted_on_these(source: str, sha256: str, split: str | None) -> bool:
    """Whether the confidence was fitted on some of these questions: then it looks better than it is."""
    fitted_sha256, _, fitted_split = source.partition(" ")
    return fitted_sha256 == sha256 and (split is None or fitted_split in {"", split})


def check_folder(folder: Path, *, force: bool) -> None:
    """Makes sure, before the work, that a report may be written.

    Raises:
        SettingsError: the folder is a file or cannot be written, or holds a report and `force` is not given.
    """
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise SettingsError(f"{there} is a file; name a folder with --out")
    if not os.access(there, os.W_OK | os.X_OK):
        raise SettingsError(f"{there} cannot be written; name another folder with --out")
    for name in (JSON_NAME, HTML_NAME):
        if (folder / name).exists() and not force:
            raise SettingsError(f"{folder / name} is there already; --force replaces it, --out names another folder")


def write_report(report: Mapping[str, Any], html: str, folder: Path) -> None:
    """A report and its page -> two files in the folder, which is made if missing; each appears only when it is whole.

    Raises:
        AnswersError: they cannot be written.
    """
    texts = {JSON_NAME: json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n", HTML_NAME: html}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            scratch = folder / f".{name}-new"
            scratch.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
            scratch.replace(folder / name)
    except OSError as error:
        raise AnswersError(f"{folder} cannot be written ({error.strerror}); name another folder with --out") from error


def read_report(path: Path) -> dict[str, Any]:
    """A report's file, or the folder it lies in -> the report.

    Raises:
        AnswersError: it is not there, or none of this version.
    """
    file = path / JSON_NAME if path.is_dir() else path
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AnswersError(
            f"{file} cannot be read ({error.strerror}); expected a report that quoth eval wrote"
        ) from error
    except (ValueError, RecursionError) as error:
        raise AnswersError(f"{file} is no report; expected {JSON_NAME}, as quoth eval writes it") from error
    if not isinstance(report, dict) or report.get("schema_version") != SCHEMA_VERSION or not _is_whole(report):
        raise AnswersError(f"{file} is no report of version {SCHEMA_VERSION}; make it again with quoth eval")
    return report


def _is_whole(report: Mapping[str, Any]) -> bool:
    kinds = {"questions": dict, "measures": dict, "curves": dict, "failures": dict, "outcomes": list, "settings": dict}
    return all(isinstance(report.get(name), kind) for name, kind in kinds.items())


def _judged(outcomes: Sequence[Outcome]) -> tuple[Floats, Any]:
    """Outcomes that could be asked -> their probabilities, and whether the first quote was right, (n,) each."""
    judged = [outcome for outcome in outcomes if outcome.answer.verdict != "error"]
    return (
        np.array([outcome.probability for outcome in judged], np.float64),
        np.array([outcome.is_right for outcome in judged], np.bool_),
    )


def _values(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "retrieval": {system: retrieval_values(outcomes, system) for system in SYSTEMS},
        "quotes": quote_values(outcomes),
        "answers": answer_values(outcomes),
    }


def _abstention(outcomes: Sequence[Outcome], curve: Sequence[Point]) -> dict[str, Any]:
    answerable = [outcome for outcome in outcomes if outcome.labelled.is_answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.labelled.is_answerable]
    return {
        "auroc": auroc([o.probability for o in answerable], [o.probability for o in unanswerable]),
        "auroc_right": auroc(
            [o.probability for o in outcomes if o.is_right], [o.probability for o in outcomes if not o.is_right]
        ),
        "aurc": area_under(curve),
        "ece": calibration_error(*_judged(outcomes)),
        "answered": _share([o.is_answered for o in outcomes]),
        "wrong_among_answered": _share([o.is_wrong for o in outcomes if o.is_answered]),
        "refused_answerable": _share([not o.is_answered for o in answerable]),
        "refused_unanswerable": _share([not o.is_answered for o in unanswerable]),
        "at_risk": [
            {
                "risk": risk,
                "measured": _point(answered_at(risk, curve)),
                "certain": _point(answered_at(risk, curve, certain=True)),
            }
            for risk in RISKS
        ],
    }


def _point(point: Point | None) -> dict[str, float] | None:
    return None if point is None else asdict(point)


def _share(flags: Sequence[bool]) -> dict[str, float]:
    return asdict(estimate(np.array(flags, np.float64)))


def _outcomes(
    outcomes: Sequence[Outcome], values: Mapping[str, Any], documents: Mapping[str, Document]
) -> list[dict[str, Any]]:
    entries = []
    answerable = 0  # retrieval and quotes are measured on the answerable ones alone
    for number, outcome in enumerate(outcomes):
        own: dict[str, Any] = {name: float(of_all[number]) for name, of_all in values["answers"].items()}
        if outcome.labelled.is_answerable:
            own |= {name: float(of_all[answerable]) for name, of_all in values["quotes"].items()}
            own |= {
                system: {name: float(of_all[answerable]) for name, of_all in values["retrieval"][system].items()}
                for system in SYSTEMS
            }
            answerable += 1
        entries.append(_outcome(outcome, own, documents))
    return entries


def _outcome(outcome: Outcome, values: Mapping[str, Any], documents: Mapping[str, Document]) -> dict[str, Any]:
    labelled, answer = outcome.labelled, outcome.answer
    return {
        "id": labelled.id,
        "question": labelled.question,
        "kinds": list(labelled.kinds),
        "gold": [
            {
                "document": gold.document,
                "title": documents[gold.document].title,
                "location": documents[gold.document].place(gold.span),
                "sha256": documents[gold.document].sha256,
                "start": gold.span.start,
                "end": gold.span.end,
                "relevance": gold.relevance,
                "text": text,
            }
            for gold, text in zip(labelled.gold, outcome.gold_texts, strict=True)
        ],
        "verdict": answer.verdict,
        "reason": answer.reason,
        "probability": answer.probability,
        "right": outcome.is_right,
        "lost": outcome.lost,
        "shown": [_quote(quote) for quote in outcome.shown[:1]],
        "first_relevant": {
            system: next((place for place, grade in enumerate(outcome.rankings[system], start=1) if grade), None)
            for system in SYSTEMS
        },
        "values": dict(values),
        "timings_ms": answer.timings.as_json(),
    }


def _quote(quote: Quote) -> dict[str, Any]:
    kept = ("text", "document", "title", "location", "sha256", "start", "end", "answer", "probability")
    whole = quote.as_json()
    return {name: whole[name] for name in kept}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value
