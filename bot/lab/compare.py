"""Two reports on the same questions -> what became better or worse, whether that could be chance, and which flipped.

The test is Fisher's paired randomisation test, two-sided: how often a difference at least as large comes about when,
for each question, it is left to chance which of the two runs its two values belong to (Smucker, Allan & Carterette,
"A Comparison of Statistical Significance Tests for Information Retrieval Evaluation", doi:10.1145/1321440.1321528).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.lab import words
from bot.lab.estimates import Floats, estimate
from index.errors import AnswersError

RERUNS, SEED = 10_000, 0
_BATCH = 250
# By how much a share may fall, for each of these, is what --tolerance says; speed depends on the machine.
LOWER_IS_BETTER = frozenset({"wrong_among_answered", "refused_answerable"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure in both runs over the same `n` questions.

    Attributes:
        name: in words.
        old: mean in the old run.
        new: mean in the new run.
        low: of the 95% interval of the difference, new minus old.
        high: of the same.
        p: how often chance alone makes a difference at least as large, 0..1; NaN where it is not tested.
        is_worse: whether it became worse by more than the tolerance.
    """

    name: str
    n: int
    old: float
    new: float
    low: float
    high: float
    p: float
    is_worse: bool


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that was right (answered rightly, or rightly refused) in one run alone."""

    id: str
    question: str
    old: str
    new: str
    is_better: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs over the same questions.

    Attributes:
        differences: measure by measure.
        flips: those that became worse first.
        n_common: questions that both reports have.
        only_old: how many only the old one has.
        only_new: how many only the new one has.
        notes: what else differs between the runs.
    """

    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    n_common: int
    only_old: int
    only_new: int
    notes: tuple[str, ...]

    @property
    def is_worse(self) -> bool:
        """Whether any measure became worse by more than the tolerance."""
        return any(difference.is_worse for difference in self.differences)


def compare(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: float) -> Comparison:
    """Two reports, as `read_report` gives them -> their comparison over the questions that both have.

    Args:
        old: the run before.
        new: the run after.
        tolerance: by how much a mean, 0..1, may become worse.

    Raises:
        AnswersError: they have no question in common, or one of them is none.
    """
    try:
        return _compared(old, new, tolerance)
    except (KeyError, TypeError) as error:
        raise AnswersError("a report lacks what quoth eval writes; make both again with this version") from error


def randomisation_p(differences: Floats) -> float:
    """(n,) paired differences -> two-sided p of their mean under random signs, of `RERUNS` draws; 1 where all are 0.

    The draw that was observed counts as one of them, so that p is never 0 (Phipson & Smyth 2010).
    """
    moved = differences[differences != 0]
    if not len(moved):
        return 1.0
    observed = abs(moved.sum()) - 1e-9
    rng = np.random.default_rng(SEED)
    n_as_large = 0
    for _ in range(RERUNS // _BATCH):
        signs = rng.integers(0, 2, (_BATCH, len(moved))) * 2 - 1
        n_as_large += int((np.abs(signs @ moved) >= observed).sum())
    return (n_as_large + 1) / (RERUNS // _BATCH * _BATCH + 1)


def _compared(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: float) -> Comparison:
    before, after = ({entry["id"]: entry for entry in report["outcomes"]} for report in (old, new))
    common = [id for id in before if id in after and _asks_the_same(before[id], after[id])]
    if not common:
        raise AnswersError("the two reports have no question in common; compare two runs over the same questions")
    pairs = [(before[id], after[id]) for id in common]
    flips = [
        Flip(one["id"], one["question"], _said(one), _said(other), is_better=one["lost"] is not None)
        for one, other in pairs
        if (one["lost"] is None) != (other["lost"] is None)
    ]
    return Comparison(
        differences=tuple(_differences(pairs, tolerance)),
        flips=tuple(sorted(flips, key=lambda flip: flip.is_better)),
        n_common=len(common),
        only_old=len(before) - len(common),
        only_new=len(after) - len(common),
        notes=tuple(_notes(old, new)),
    )


def _asks_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one["question"] == other["question"] and bool(one["gold"]) == bool(other["gold"])


def _differences(pairs: list[tuple[Mapping[str, Any], Mapping[str, Any]]], tolerance: float) -> Iterator[Difference]:
    answerable = [(one["values"], other["values"]) for one, other in pairs if one["gold"]]
    yield _difference("rightly answered or refused", [(not a["lost"], not b["lost"]) for a, b in pairs], tolerance)
    for key in ("right_first", "token_f1", "iou", "exact_sentence"):
        yield _difference(words.QUOTES[key], [(a[key], b[key]) for a, b in answerable], tolerance)
    for key in ("answer_em", "answer_f1"):
        yield _difference(words.QUOTES[key], [(a["values"][key], b["values"][key]) for a, b in pairs], tolerance)
    for system, name in words.SYSTEMS.items():
        for key in ("success@1", "success@20", "mrr@10", "ndcg@10"):
            values = [(a[system][key], b[system][key]) for a, b in answerable]
            yield _difference(f"{words.RETRIEVAL[key]}, {name}", values, tolerance)
    asked = [(one, other) for one, other in pairs if one["gold"]]
    yield _difference("refused_answerable", [(_refused(a), _refused(b)) for a, b in asked], tolerance)
    asked = [(one, other) for one, other in pairs if not one["gold"]]
    yield _difference("refused_unanswerable", [(_refused(a), _refused(b)) for a, b in asked], tolerance)
    yield _wrong_among_answered(pairs, tolerance)


def _difference(key: str, values: list[tuple[float, float]], tolerance: float) -> Difference:
    name = words.ABSTENTION.get(key, key)
    old, new = (np.array([pair[side] for pair in values], np.float64) for side in (0, 1))
    if not values:
        nan = float("nan")
        return Difference(name, 0, nan, nan, nan, nan, nan, is_worse=False)
    found = estimate(new - old)
    fall = found.value if key in LOWER_IS_BETTER else -found.value
    return Difference(
        name,
        len(values),
        float(old.mean()),
        float(new.mean()),
        found.low,
        found.high,
        randomisation_p(new - old),
        is_worse=fall > tolerance + 1e-9,
    )


def _wrong_among_answered(pairs: list[tuple[Mapping[str, Any], Mapping[str, Any]]], tolerance: float) -> Difference:
    """Of other questions in either run, so it is not paired, and not tested."""
    shares = []
    for side in (0, 1):
        answered = [pair[side] for pair in pairs if pair[side]["verdict"] == "answered"]
        shares.append(sum(not entry["right"] for entry in answered) / len(answered) if answered else float("nan"))
    nan = float("nan")
    return Difference(
        words.ABSTENTION["wrong_among_answered"],
        len(pairs),
        shares[0],
        shares[1],
        nan,
        nan,
        nan,
        is_worse=shares[1] - shares[0] > tolerance + 1e-9,
    )


def _refused(entry: Mapping[str, Any]) -> bool:
    return bool(entry["verdict"] != "answered")


def _said(entry: Mapping[str, Any]) -> str:
    if entry["lost"] is not None:
        return words.LOST[entry["lost"]]
    return "answered rightly" if entry["verdict"] == "answered" else "rightly refused"


def _notes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["snapshot"] != new["snapshot"]:
        yield f"the indexes differ: {old['snapshot']} and {new['snapshot']}"
    for name in ("encoder", "reader", "threshold"):
        if old["settings"][name] != new["settings"][name]:
            yield f"the {name} was {old['settings'][name]} and is {new['settings'][name]}"
