"""What several commands share: options, exit codes, progress bars, and that nothing is asked outside."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from index.errors import SettingsError

DONE, INCOMPLETE, FAILED = 0, 1, 2
# More than any machine has.
_MOST_BYTES = 1 << 60
DEFAULT_INDEX = Path(".quoth")

MaxWrongOption = Annotated[
    str | None,
    typer.Option("--max-wrong", metavar="SHARE", help="Answer so rarely that at most this share is wrong, e.g. 10%."),
]
IndexOption = Annotated[Path, typer.Option("--index", help="The index folder.", show_default=True)]


def bytes_of(size: str) -> int:
    """A size as a person writes it -> bytes.

    Raises:
        SettingsError: it is none.
    """
    written = re.fullmatch(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*(?:([KMGT])i?)?B?\s*", size, re.IGNORECASE)
    n_bytes = int(float(written[1]) * 1024 ** " KMGT".index((written[2] or " ").upper())) if written else _MOST_BYTES
    if n_bytes >= _MOST_BYTES:
        raise SettingsError(f"--max-memory is {size}; expected a size such as 2GB or 800MB")
    return n_bytes


def progress_bars(screen: Console) -> Progress:
    """Bars that show how far each step has come, how fast, and how long it will still take."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=screen,
        # The last minute tells more of what is left than the last second.
        speed_estimate_period=60,
    )


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """A step -> its rate; nothing while it is not known."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed and speed >= 1 else f"{speed * 60:,.0f}/min" if speed else "")


def advancing(bars: Progress) -> Callable[[str, int, int], None]:
    """Bars -> what a step calls as it goes on; each step has a bar of its own."""
    tasks: dict[str, TaskID] = {}

    def advance(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bars.add_task(step, total=total)
        bars.update(tasks[step], completed=done)

    return advance


def stay_offline(*, except_models: bool = False) -> None:
    """Tells the libraries, before they are imported, to ask no host outside."""
    if not except_models:
        os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # Its table lies in an installed package; a second copy elsewhere on the disk is of no use.
    os.environ["TIKTOKEN_CACHE_DIR"] = ""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
