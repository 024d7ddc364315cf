"""`quoth eval`, `quoth calibrate`, `quoth tune`: questions with known answers."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.cli.common import (
    DEFAULT_INDEX,
    INCOMPLETE,
    IndexOption,
    MaxWrongOption,
    advancing,
    progress_bars,
    stay_offline,
)
from index.errors import AnswersError, SettingsError
from index.settings import IndexSettings

if TYPE_CHECKING:
    from bot.lab.questions import LabelledQuestion, QuestionFile
    from bot.respond import Responder
    from index.build import Progress

_DEFAULT_OUT = Path("accuracy-report")
QuestionsArgument = Annotated[
    Path | None,
    typer.Argument(metavar="QUESTIONS", help="A .jsonl or .csv file, a SQuAD .json file, or a BEIR folder."),
]
SplitOption = Annotated[str | None, typer.Option("--split", help="Only the questions of this split.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("eval")(eval_command)


def eval_command(
    questions: QuestionsArgument = None,
    corpus: Annotated[
        list[Path] | None,
        typer.Option("--corpus", help="The documents, a folder or file; may be given again. By default, the index."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The folder for report.json and report.html.")] = _DEFAULT_OUT,
    index: IndexOption = DEFAULT_INDEX,
    split: SplitOption = None,
    max_wrong: MaxWrongOption = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--compare", metavar="OLD NEW", help="Compare two reports instead, by file or folder."),
    ] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="With --compare: how far a share may fall without being worse.", min=0)
    ] = 0.0,
    force: Annotated[bool, typer.Option("--force", help="Replace the report that is in the folder.")] = False,
) -> None:
    """Asks a file of questions, and reports how often Quoth is right, wrong, and rightly silent."""
    if compare is not None and questions is None:
        _compare(*compare, tolerance)
        return
    if compare is not None or questions is None:
        raise AnswersError("expected QUESTIONS or --compare OLD NEW, one of the two")
    stay_offline()
    from bot.lab.report import check_folder

    started = time.perf_counter()
    check_folder(out, force=force)
    screen = Console()
    with progress_bars(screen) as bars:
        file, labelled, responder = _prepared(questions, corpus, index, split, max_wrong, advancing(bars))
        from bot.lab.report import Asked, make_report, write_report
        from bot.lab.run import n_cores, run

        workers = n_cores()
        outcomes = run(labelled, responder, advancing(bars), whole_documents=file.whole_documents, workers=workers)
    report = make_report(Asked(file, split, responder, tuple(outcomes), workers, time.perf_counter() - started))
    from bot.lab.html import page_of
    from bot.lab.table import show_report

    write_report(report, page_of(report), out)
    screen.print(show_report(report))
    screen.print(f"Written: {out / 'report.json'}, {out / 'report.html'}", markup=False, soft_wrap=True)


def _prepared(
    questions: Path,
    corpus: list[Path] | None,
    index: Path,
    split: str | None,
    max_wrong: str | None,
    progress: "Progress",
) -> "tuple[QuestionFile, list[LabelledQuestion], Responder]":
    """The questions, and what answers them; whatever is wrong with either is found before a model is loaded."""
    from bot.lab.formats import read_questions
    from bot.lab.questions import locate
    from bot.risk import parse_risk

    risk = parse_risk(max_wrong) if max_wrong is not None else None
    file = read_questions(questions)
    if file.documents is not None and corpus:
        raise SettingsError(f"{questions} brings its own documents ({file.format}); leave out --corpus")
    if file.documents is None and not corpus:
        from index.snapshot import load_snapshot

        labelled = locate(file, load_snapshot(index).contents.documents, split)
        from bot.respond import open_responder

        return file, labelled, open_responder(index, risk)
    from index.documents import read_corpus
    from index.records import Corpus

    documents = (
        Corpus("", file.documents) if file.documents is not None else read_corpus(*corpus or (), progress=progress)
    )
    labelled = locate(file, documents.documents, split)
    from bot.respond import responder_over
    from index.encoder import load_encoder

    return file, labelled, responder_over(documents, IndexSettings(), load_encoder(), progress, max_wrong=risk)


def _compare(old: Path, new: Path, tolerance: float) -> None:
    from bot.lab.compare import compare
    from bot.lab.report import read_report
    from bot.lab.table import show_comparison

    found = compare(read_report(old), read_report(new), tolerance)
    Console().print(show_comparison(found))
    if found.is_worse:
        raise typer.Exit(INCOMPLETE)
