"""Outcomes -> how well each step ranks, by ir-measures.

Success@k: something relevant is among the first k. R@k, recall: the share of what is relevant that is among the first
k. RR@10: one over the rank of the first that is relevant, 0 beyond 10. nDCG@10: grades discounted by log2(rank + 1),
over the best that could be (Järvelin & Kekäläinen 2002, doi:10.1145/582415.582418). Each is the mean over the questions
that have an answer.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import ir_measures
import numpy as np
from ir_measures import RR, Qrel, R, ScoredDoc, Success, nDCG

from bot.lab.estimates import Floats
from bot.lab.run import Outcome, System

CUTOFFS = (1, 3, 5, 20)
MEASURES: Mapping[str, Any] = {
    **{f"success@{k}": Success @ k for k in CUTOFFS},
    **{f"recall@{k}": R @ k for k in CUTOFFS},
    "mrr@10": RR @ 10,
    "ndcg@10": nDCG @ 10,
}


def retrieval_values(outcomes: Sequence[Outcome], system: System) -> dict[str, Floats]:
    """Outcomes -> by measure, (n,) values of the answerable questions, in their order."""
    answerable = [outcome for outcome in outcomes if outcome.labelled.is_answerable]
    return ranking_values([(outcome.rankings[system], outcome.relevant) for outcome in answerable])


def ranking_values(rankings: Sequence[tuple[Sequence[int], Sequence[int]]]) -> dict[str, Floats]:
    """Rankings -> by measure, (n,) values in their order.

    Args:
        rankings: for each question the grades of its ranking, best first, and those of all that is relevant; what of
            the latter is not in the ranking was missed.
    """
    qrels, runs = [], []
    for number, (ranking, relevant) in enumerate(rankings):
        id = str(number)
        for place, grade in enumerate(ranking):
            qrels.append(Qrel(id, str(place), grade))
            runs.append(ScoredDoc(id, str(place), float(-place)))
        missed = Counter(relevant) - Counter(grade for grade in ranking if grade > 0)
        qrels.extend(Qrel(id, f"missed {place}", grade) for place, grade in enumerate(missed.elements()))
        if not ranking:  # else ir-measures would pass the question over
            runs.append(ScoredDoc(id, "nothing", 0.0))
    values = {name: np.zeros(len(rankings)) for name in MEASURES}
    names = {measure: name for name, measure in MEASURES.items()}
    for found in ir_measures.iter_calc(list(MEASURES.values()), qrels, runs) if rankings else ():
        values[names[found.measure]][int(found.query_id)] = found.value
    return values
