"""What the measures and the stages are called, in the terminal and in the browser."""

from collections.abc import Mapping
from typing import Any

SYSTEMS: Mapping[str, str] = {
    "vectors": "vectors",
    "terms": "terms (BM25)",
    "fused": "both, fused",
    "reader": "reader",
}
RETRIEVAL: Mapping[str, str] = {
    "success@1": "success@1",
    "success@3": "success@3",
    "success@5": "success@5",
    "success@20": "success@20",
    "recall@1": "recall@1",
    "recall@3": "recall@3",
    "recall@5": "recall@5",
    "recall@20": "recall@20",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
}
QUOTES: Mapping[str, str] = {
    "right_first": "first quote overlaps gold",
    "token_f1": "token F1 with gold",
    "iou": "IoU with gold",
    "exact_sentence": "exactly the gold’s sentences",
    "answer_em": "answer, exact match (SQuAD)",
    "answer_f1": "answer, F1 (SQuAD)",
}
ABSTENTION: Mapping[str, str] = {
    "answered": "answered, of all",
    "wrong_among_answered": "wrong among answered",
    "refused_answerable": "refused, of the answerable",
    "refused_unanswerable": "refused, of the unanswerable",
    "auroc": "AUROC, answerable or not",
    "auroc_right": "AUROC, right or not",
    "aurc": "area under risk and coverage",
    "ece": "calibration error (ECE)",
}
STAGES: Mapping[str, str] = {
    "encode": "encode the question",
    "retrieve": "retrieve passages",
    "read": "read them",
    "total": "altogether",
}
ON_THESE = "the confidence was fitted on these very questions: what is said of abstention is too good"
LOST: Mapping[str, str] = {
    "not_retrieved": "not retrieved",
    "outranked": "outranked",
    "refused": "refused",
    "answered_unanswerable": "answered though unanswerable",
    "not_asked": "could not be asked",
}
LOST_MEANS: Mapping[str, str] = {
    "not_retrieved": "no passage that was read holds gold",
    "outranked": "gold was read, but something else came first",
    "refused": "the right quote came first, with too low a probability",
    "answered_unanswerable": "nothing answers it, but a quote was given",
    "not_asked": "it is no question that Quoth takes",
}


def share(value: float | None) -> str:
    """A share 0..1 -> its three digits; a dash where it means nothing."""
    return "–" if value is None else f"{value:.3f}"


def milliseconds(value: float | None) -> str:
    """Milliseconds -> whole ones, or a digit more below ten; a dash where there are none."""
    if value is None:
        return "–"
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"  # noqa: PLR2004 - two digits either way


def interval(found: Mapping[str, Any]) -> str:
    """An estimate as a report has it -> `0.612 (0.55–0.67)`, with its 95% interval."""
    return "–" if found["value"] is None else f"{found['value']:.3f} ({found['low']:.2f}–{found['high']:.2f})"
