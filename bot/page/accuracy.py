"""The view "Accuracy": the last report of `quoth eval`, with places that open their source beside it."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.page.escape import escape
from bot.page.places import SHA_CHARACTERS, Place
from index.errors import AnswersError
from index.records import Span

# What a browser still shows at once; all of them stand in the report's own page.
_MOST_FAILURES = 300


class Accuracy:
    """The report in one folder, as it is when somebody looks."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder of the report, which need not be there yet."""
        self._folder = folder
        # Drawing takes a second, and is the same until there is another report.
        self._drawn: tuple[object, str] = (None, "")
        self._drawing = threading.Lock()

    def view(self) -> dict[str, str]:
        """The view's `html`: figures, curves and failures, or where a report was looked for, and how one is made."""
        with self._drawing:
            try:
                facts = (self._folder / "report.json").stat()
                key = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
                if self._drawn[0] != key:
                    self._drawn = (key, self._draw())
                return {"html": self._drawn[1]}
            except FileNotFoundError:
                return {
                    "html": "<h2>Accuracy</h2><p>There is no report in "
                    f"<code>{escape(str(self._folder))}</code>. Make one there from questions whose answers you know: "
                    f"<code>quoth eval QUESTIONS --out {escape(str(self._folder))}</code></p>"
                }
            except (AnswersError, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
                why = (
                    str(error)
                    if isinstance(error, AnswersError)
                    else f"{self._folder} holds no report that can be read"
                )
                return {"html": f"<h2>Accuracy</h2><p>{escape(why)}</p>"}

    def _draw(self) -> str:
        from bot.lab.html import body_of  # noqa: PLC0415 - matplotlib takes a second, and only who looks needs it
        from bot.lab.report import read_report  # noqa: PLC0415 - the same

        return body_of(read_report(self._folder), _address, most_failures=_MOST_FAILURES)


def _address(piece: Mapping[str, Any]) -> str:
    """A place as a report has it -> its address in the page."""
    return "#" + Place(str(piece["sha256"])[:SHA_CHARACTERS], Span(piece["start"], piece["end"])).address
