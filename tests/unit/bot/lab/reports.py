"""Reports on outcomes that were put together by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.lab.questions import QuestionFile
from bot.lab.report import Asked, make_report
from bot.lab.run import Outcome
from tests.unit.bot.lab.outcomes import DOCUMENT
from tests.unit.fakes import contents_of, responder_of


def report_of(outcomes: Sequence[Outcome], name: str = "q.csv", text: str = DOCUMENT.text) -> dict[str, Any]:
    """Outcomes over the document of four sentences -> their report, as it is read from a file."""
    file = QuestionFile(Path(name), "CSV", "ab" * 32, ())
    asked = Asked(file, None, responder_of(contents_of({"notes.txt": text})), tuple(outcomes), 2, 1.5)
    report: dict[str, Any] = json.loads(json.dumps(make_report(asked), allow_nan=False))
    return report
