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
from bot.counting import counted
from index.errors import AnswersError, SettingsError
from index.settings import IndexSettings

if TYPE_CHECKING:
    from bot.lab.questions import LabelledQuestion, QuestionFile
    from bot.respond import Responder
    from index.build import Progress

_DEFAULT_OUT = Path("accuracy-report")
QuestionsArgument = Annotated[
    Path | None,
    typer.Argument(metavar="QUESTIONS", help="A .jsonl, .csv or .tsv file, a SQuAD .json file, or a BEIR folder."),
]
CorpusOption = Annotated[
    list[Path] | None,
    typer.Option("--corpus", help="The documents, a folder or file; may be given again. By default, the index."),
]
SplitOption = Annotated[str | None, typer.Option("--split", help="Only the questions of this split.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("eval")(eval_command)
    app.command("calibrate")(calibrate_command)
    app.command("tune")(tune_command)


def eval_command(
    questions: QuestionsArgument = None,
    corpus: CorpusOption = None,
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
    ] = 0.02,
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
        from bot.lab.run import run
        from index.cores import n_cores

        workers = n_cores()
        outcomes = run(labelled, responder, advancing(bars), whole_documents=file.whole_documents, workers=workers)
    report = make_report(Asked(file, split, responder, tuple(outcomes), workers, time.perf_counter() - started))
    from bot.lab.html import page_of
    from bot.lab.table import show_report

    write_report(report, page_of(report), out)
    screen.print(show_report(report))
    screen.print(f"Written: {out / 'report.json'}, {out / 'report.html'}", markup=False, soft_wrap=True)


def calibrate_command(
    questions: QuestionsArgument = None,
    index: IndexOption = DEFAULT_INDEX,
    split: SplitOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what was fitted before; keep it even if it does worse.")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Go back to the confidence that comes with Quoth.")] = False,
) -> None:
    """Fits the confidence on your own questions, and keeps it with the index."""
    if (questions is None) != forget:
        raise AnswersError("expected QUESTIONS or --forget, one of the two")
    from bot.fitted import write_fitted
    from bot.kept import forget_kept
    from index.snapshot.layout import FITTED

    if questions is None:
        was_there = forget_kept(index, FITTED)
        print("Forgotten; the confidence that comes with Quoth counts again." if was_there else "Nothing was fitted.")
        return
    stay_offline()
    if (index / FITTED).exists() and not force:
        raise SettingsError(f"{index / FITTED} is there already; --force replaces it")
    screen = Console()
    with progress_bars(screen) as bars:
        file, labelled, responder = _prepared(questions, None, index, split, None, advancing(bars), own=False)
        from bot.lab.calibrate import calibrate
        from index.cores import n_cores

        fitted_on = _described(labelled, file, split)
        source = f"{file.sha256} {split or ''}"
        found = calibrate(labelled, responder, fitted_on, source, advancing(bars), workers=n_cores())
    from bot.lab.table import show_calibrated

    screen.print(show_calibrated(found))
    if found.is_better or force:
        write_fitted(index, found.fitted)
        screen.print(f"Kept in {index / FITTED}; quoth calibrate --forget undoes it.", markup=False, soft_wrap=True)
    else:
        screen.print("Not kept: on questions it was not fitted on it does no better; --force keeps it all the same.")


def tune_command(
    questions: QuestionsArgument = None,
    corpus: CorpusOption = None,
    index: IndexOption = DEFAULT_INDEX,
    split: SplitOption = None,
    keep: Annotated[bool, typer.Option("--keep", help="Try fusion and depth alone, and keep the best.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what was kept before; keep it even if it does no better.")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Search as usual again.")] = False,
) -> None:
    """Tries other settings on one half of your questions, and measures the best on the other half."""
    if (questions is None) != forget:
        raise AnswersError("expected QUESTIONS or --forget, one of the two")
    if keep and corpus:
        raise SettingsError("--keep is for an index; leave out --corpus")
    from bot.kept import forget_kept
    from bot.tuned import KeptSearch, write_search
    from index.snapshot.layout import TUNED

    if questions is None:
        print("Forgotten; passages are searched as usual." if forget_kept(index, TUNED) else "Nothing was tuned.")
        return
    stay_offline()
    if keep and (index / TUNED).exists() and not force:
        raise SettingsError(f"{index / TUNED} is there already; --force replaces it")
    screen = Console()
    with progress_bars(screen) as bars:
        file, labelled, responder = _prepared(questions, corpus, index, split, None, advancing(bars), own=not keep)
        from bot.lab.tune import tune
        from index.cores import n_cores

        # What is kept was measured with the passages that the index has.
        found = tune(
            labelled,
            responder,
            advancing(bars),
            whole_documents=file.whole_documents,
            workers=n_cores(),
            passages=not keep,
        )
    from bot.lab.table import show_tuned

    screen.print(show_tuned(found, index, is_kept=keep))
    if keep and not (found.is_worth_keeping or force):
        screen.print("Not kept: on the other half it does no better than what is there; --force keeps it all the same.")
    elif keep:
        tuned_on = _described(labelled, file, split)
        write_search(index, KeptSearch(found.chosen.search, tuned_on))
        screen.print(f"Kept in {index / TUNED}; quoth tune --forget undoes it.", markup=False, soft_wrap=True)


def _prepared(
    questions: Path,
    corpus: list[Path] | None,
    index: Path,
    split: str | None,
    max_wrong: str | None,
    progress: "Progress",
    *,
    own: bool = True,
) -> "tuple[QuestionFile, list[LabelledQuestion], Responder]":
    """The questions, and what answers them, with `own` also from documents that come with the questions.

    Whatever is wrong with either is found before a model is loaded.
    """
    from bot.lab.formats import read_questions
    from bot.lab.questions import locate
    from bot.risk import parse_risk

    risk = parse_risk(max_wrong) if max_wrong is not None else None
    file = read_questions(questions, split)
    if file.documents is not None and not own:
        raise SettingsError(f"{questions} brings its own documents ({file.format}); expected questions on the index")
    if file.documents is not None and corpus:
        raise SettingsError(f"{questions} brings its own documents ({file.format}); leave out --corpus")
    if file.documents is None and not corpus:
        from index.snapshot import load_snapshot

        labelled = locate(file, load_snapshot(index).contents.documents, split)
        from bot.respond import open_responder

        return file, labelled, open_responder(index, risk, threads=1)
    from bot.terminal import left_out_lines
    from index.documents import read_corpus
    from index.records import Corpus

    documents = (
        Corpus("", file.documents) if file.documents is not None else read_corpus(*corpus or (), progress=progress)
    )
    for line in left_out_lines(documents.left_out):
        Console(stderr=True).print(line)
    labelled = locate(file, documents.documents, split)
    from bot.respond import responder_over
    from index.encoder import load_encoder

    return (
        file,
        labelled,
        responder_over(documents, IndexSettings(), load_encoder(), progress, max_wrong=risk, threads=1),
    )


def _described(labelled: "list[LabelledQuestion]", file: "QuestionFile", split: str | None) -> str:
    """Which questions something was fitted or tuned on, in words."""
    return f"{counted(len(labelled), 'question')} of {file.path.name}" + (f", split {split}" if split else "")


def _compare(old: Path, new: Path, tolerance: float) -> None:
    from bot.lab.compare import compare
    from bot.lab.report import read_report
    from bot.lab.table import show_comparison

    found = compare(read_report(old), read_report(new), tolerance)
    Console().print(show_comparison(found))
    if found.is_worse:
        raise typer.Exit(INCOMPLETE)
