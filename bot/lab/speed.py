"""Outcomes -> how long answers took, by stage."""

from collections.abc import Sequence

import numpy as np

from bot.lab.run import Outcome

STAGES = ("encode", "retrieve", "read", "total")
PERCENTILES = (50, 95, 99)


def speeds(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Outcomes -> by stage, the percentiles `p50`, `p95` and `p99` in milliseconds, interpolated between two values.

    Questions that could not be asked do not count; NaN for none.
    """
    asked = [outcome.answer.timings for outcome in outcomes if outcome.answer.verdict != "error"]
    found = {}
    for stage in STAGES:
        values = [getattr(timings, stage) for timings in asked] or [float("nan")]
        found[stage] = {f"p{at}": float(np.percentile(values, at)) for at in PERCENTILES}
    return found
