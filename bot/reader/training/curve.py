"""What a training run tells of itself while it learns."""

import json
import time
from pathlib import Path
from typing import Self

from bot.reader.training.stages import Stage
from bot.reader.training.team import Losses


class Curve:
    """The training curve: mean losses since the last line, one JSON line at a time, on file and on screen."""

    def __init__(self, path: Path) -> None:
        """Goes on at the end of `path`."""
        self._file = path.open("a", encoding="utf-8")
        self._started = self._written = time.monotonic()
        self._seen, self._windows = Losses([], []), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, losses: Losses, windows: int) -> None:
        """Takes a batch's losses into account."""
        self._seen.answers.extend(losses.answers)
        self._seen.none.extend(losses.none)
        self._windows += windows

    def write(self, stage: Stage, step: int) -> None:
        """Writes a line and begins anew."""
        now, seen = time.monotonic(), self._seen
        row = {
            "stage": stage.name,
            "step": step,
            "rate": round(stage.rate_at(step), 8),
            "loss_answer": round(sum(seen.answers) / max(1, len(seen.answers)), 4),
            "loss_none": round(sum(seen.none) / max(1, len(seen.none)), 4),
            "examples": len(seen.answers) + len(seen.none),
            "windows_per_s": round(self._windows / (now - self._written), 1),
            "seconds": round(now - self._started),
        }
        print(json.dumps(row), file=self._file, flush=True)
        print(json.dumps(row), flush=True)
        self._seen, self._windows, self._written = Losses([], []), 0, now
