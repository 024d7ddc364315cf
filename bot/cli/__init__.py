"""The `quoth` command. The only place, with the page, that reads the command line and the environment."""

import os
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from bot.cli import lab
from bot.cli.common import (
    DEFAULT_INDEX,
    DONE,
    FAILED,
    INCOMPLETE,
    IndexOption,
    MaxWrongOption,
    advancing,
    bytes_of,
    progress_bars,
    stay_offline,
)
from index.errors import AnswersError, CorpusError, QuestionsError, QuothError, SettingsError
from index.settings import DEFAULT_MODEL, IndexSettings

if TYPE_CHECKING:
    from rich.progress import Progress

    from index.encoder import Encoder

DEFAULT_CORPUS = Path("corpus")

app = typer.Typer(
    name="quoth",
    help="Answers questions about your documents only with exact, cited quotes.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

user_app = typer.Typer(help="Who may use the chat when others reach it.", no_args_is_help=True)
app.add_typer(user_app, name="user")

lab.add_to(app)


@app.command("index")
def index_command(
    sources: Annotated[
        list[Path] | None, typer.Argument(help="Folders or files of documents; by default, the folder corpus.")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    model: Annotated[
        str, typer.Option(help="Embedding model: the one that came with Quoth, or any sentence-transformers model.")
    ] = DEFAULT_MODEL,
    passage_tokens: Annotated[int, typer.Option(help="Size of a passage in tiktoken cl100k tokens.")] = 96,
    overlap: Annotated[int, typer.Option(help="Sentences that neighbouring passages share.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Build from nothing, even if nothing has changed.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first file that cannot be read.")] = False,
    max_memory: Annotated[
        str, typer.Option(metavar="SIZE", help="Memory to build with, e.g. 800MB; what is larger lies in files.")
    ] = "2GB",
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to the index before; again undoes it.")] = False,
    download: Annotated[bool, typer.Option("--download", help="Fetch the named model from the model hub.")] = False,
) -> None:
    """Builds the index of folders and files of documents, or goes back to the one before."""
    if rollback:
        _roll_back(index)
        return
    settings = IndexSettings(model=model, passage_tokens=passage_tokens, overlap_sentences=overlap)
    memory_bytes = bytes_of(max_memory)
    stay_offline(except_models=download)
    from bot.terminal import left_out_lines, show_report
    from index.build import build_index

    screen = Console()
    chosen = sources or [DEFAULT_CORPUS]
    with progress_bars(screen) as bars:
        report = build_index(
            chosen,
            index,
            settings,
            partial(_load, bars, model, may_download=download),
            advancing(bars),
            strict=strict,
            anew=force,
            memory_bytes=memory_bytes,
            waiting=partial(_say_waiting, index),
        )
    if report.is_unchanged:
        named = ", ".join(map(str, chosen))
        screen.print(f"The index in {index} is up to date with {named}; --force builds it anew.", markup=False)
        for line in left_out_lines(report.left_out):
            screen.print(line)
    else:
        screen.print(show_report(report))
    if report.is_partial:
        raise typer.Exit(INCOMPLETE)


def _load(bars: "Progress", model: str, *, may_download: bool) -> "Encoder":
    from index.encoder import load_encoder

    loading = bars.add_task("loading the model", total=None)
    encoder = load_encoder(model, may_download=may_download)
    bars.remove_task(loading)
    return encoder


def _roll_back(index: Path) -> None:
    from index.snapshot import roll_back

    pointer = roll_back(index, partial(_say_waiting, index))
    print(
        f"Generation {pointer.current} answers again, in the place of {pointer.previous}; "
        f"quoth index --rollback once more undoes this."
    )


def _say_waiting(index: Path) -> None:
    print(f"Another build of {index} is at work; waiting for its end (Ctrl-C gives up).", file=sys.stderr)


@app.command("doctor")
def doctor_command(index: IndexOption = DEFAULT_INDEX) -> None:
    """Examines an index from end to end, and says what to do; changes nothing."""
    stay_offline()
    from bot.fitted import examine_fitted
    from bot.terminal import show_diagnosis
    from bot.tuned import examine_search
    from index.doctor import Diagnosis, examine
    from index.encoder import load_encoder

    diagnosis = examine(index, load_encoder)
    for finding, again in (
        (examine_fitted(index), "Fit it again: quoth calibrate QUESTIONS --force"),
        (examine_search(index), "Tune it again: quoth tune QUESTIONS --keep --force"),
    ):
        if finding is not None:
            remedy = diagnosis.remedy or (again if finding.problem else "")
            diagnosis = Diagnosis((*diagnosis.findings, finding), remedy)
    Console().print(show_diagnosis(diagnosis), soft_wrap=True)
    if diagnosis.problems:
        raise typer.Exit(INCOMPLETE)


@app.command("ask")
def ask_command(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    index: IndexOption = DEFAULT_INDEX,
    after: Annotated[str | None, typer.Option(help="The question before, for a follow-up.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as one JSON object.")] = False,
    max_wrong: MaxWrongOption = None,
    batch: Annotated[Path | None, typer.Option(help='A file of lines {"id": ..., "question": ...}.')] = None,
    out: Annotated[Path | None, typer.Option(help="Where the batch's answers go; else they are printed.")] = None,
) -> None:
    """Asks one question, or a file of them."""
    if (question is None) == (batch is None):
        raise AnswersError("expected a question or --batch FILE, one of the two")
    if out is not None and batch is None:
        raise AnswersError("--out goes with --batch FILE")
    if batch is not None and out is not None and out.resolve() == batch.resolve():
        raise AnswersError("--out names the file of questions; name another one")
    stay_offline()
    from bot.batch import answer_lines, read_lines, to_line, write_answers
    from bot.respond import open_responder
    from bot.risk import parse_risk
    from bot.terminal import show_answer

    risk = parse_risk(max_wrong) if max_wrong is not None else None
    lines = read_lines(batch) if batch is not None else []
    responder = open_responder(index, risk)
    if question is not None:
        answer = responder.answer(question, previous=after)
        if as_json:
            _print_raw(to_line(answer.as_json()))
        else:
            Console(stderr=answer.verdict == "error").print(show_answer(answer))
        raise typer.Exit(FAILED if answer.verdict == "error" else DONE)
    answers = answer_lines(lines, responder)
    if out is not None:
        n_errors = write_answers(answers, out)
    else:
        n_errors = 0
        for answer in answers:
            n_errors += answer.verdict == "error"
            _print_raw(to_line(answer.as_json()))
    if n_errors:
        raise AnswersError(f"{n_errors} of {len(lines)} lines of {batch} could not be asked; each says why")


@app.command("chat")
def chat_command(
    index: IndexOption = DEFAULT_INDEX,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 7860,
    auth_file: Annotated[Path | None, typer.Option(help="Who may come in; made with quoth user add.")] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="A host name the page may be asked for under; may be given again.")
    ] = None,
    allow_upload: Annotated[
        bool, typer.Option("--allow-upload", help="Let people drop in files of their own, to ask those.")
    ] = False,
    max_wrong: MaxWrongOption = None,
    report: Annotated[
        Path | None,
        typer.Option(help="The folder of the report to show; by default, accuracy-report beside the index."),
    ] = None,
) -> None:
    """Serves the chat as a web page on this machine."""
    stay_offline()
    from bot.live import LiveResponder
    from bot.page import REPORT, serve, who_may_come_in
    from bot.risk import parse_risk

    names = name or []
    risk = parse_risk(max_wrong) if max_wrong is not None else None
    users = who_may_come_in(host, auth_file, names)  # what is wrong with that is said before the model is loaded
    live = LiveResponder(index, risk)
    serve(
        live,
        host=host,
        port=port,
        users=users,
        names=names,
        allow_upload=allow_upload,
        report=report or index.parent / REPORT,
    )


@user_app.command("add")
def user_add_command(
    name: Annotated[str, typer.Argument(help="The user's name.")],
    auth_file: Annotated[Path, typer.Option(help="The file of users; made if missing.")],
) -> None:
    """Lets a user in, or changes their password."""
    from bot.page.users import add_user, check_name

    check_name(name)  # before a password is asked for
    is_new = add_user(auth_file, name, typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    print(f"{name} {'may come in' if is_new else 'has a new password'}")


@user_app.command("remove")
def user_remove_command(
    name: Annotated[str, typer.Argument(help="The user's name.")],
    auth_file: Annotated[Path, typer.Option(help="The file of users.")],
) -> None:
    """Lets a user in no longer."""
    from bot.page.users import remove_user

    if not remove_user(auth_file, name):
        raise SettingsError(f"{auth_file} knows no user {name}")
    print(f"{name} may come in no longer")


@app.command("text")
def text_command(
    document: Annotated[str, typer.Argument(help="The document's name, as answers cite it.")],
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Prints a document's canonical text: the one that offsets count in."""
    from index.snapshot import load_snapshot

    snapshot = load_snapshot(index)
    found = snapshot.document_named(document)
    if found is None:
        names = ", ".join(entry.path for entry in snapshot.contents.documents[:5])
        raise CorpusError(f"the index in {index} holds no document {document}; it holds {names}")
    _print_raw(found.text)


@app.command("verify")
def verify_command(
    answers: Annotated[Path, typer.Argument(help="A file of answers: lines of quoth ask --json.")],
    corpus: Annotated[Path | None, typer.Option(help="The documents; by default those of the index.")] = None,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Checks every quote in a file of answers against the documents as they are now."""
    from bot.terminal import printable
    from bot.verify import verify_file
    from index.snapshot import read_manifest

    checks = verify_file(answers, corpus or Path(read_manifest(index).corpus_root))
    for check in checks:
        if check.finding != "verified":
            print(f"{answers}:{check.line}: {check.finding}: {printable(check.document)}: {check.reason}")
    n_verified = sum(check.finding == "verified" for check in checks)
    print(f"{n_verified} of {len(checks)} quotes verified")
    if n_verified < len(checks):
        raise typer.Exit(INCOMPLETE)


def main() -> NoReturn:
    """Runs the command; whatever goes wrong is one line on standard error and exit code 2."""
    debugging = bool(os.environ.get("QUOTH_DEBUG"))
    try:
        code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        sys.exit(code if isinstance(code, int) else DONE)
    except typer.Exit as done:
        sys.exit(done.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except typer.Abort:  # at a prompt
        _complain("nothing was entered, nothing has changed; begin again, or say --help")
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has gone; nothing is left to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except Exception as error:
        if debugging and not isinstance(error, QuothError | OSError):
            raise
        for line in _told(error):
            _complain(line)
    sys.exit(FAILED)


def _told(error: Exception) -> Iterable[str]:
    """What went wrong -> the lines that say so."""
    if isinstance(error, QuestionsError):
        return error.problems
    if isinstance(error, QuothError):
        return [str(error)]
    if isinstance(error, OSError):
        return [f"{error.filename or 'the system'}: {error.strerror or error}"]
    message = getattr(error, "format_message", None)  # of a wrong command line
    if callable(message):
        return [message()]
    return [f"a defect of Quoth's own ({type(error).__name__}: {error}); QUOTH_DEBUG=1 shows where"]


def _complain(message: str) -> None:
    from bot.terminal import printable

    # It may name a file of the corpus, and a name may hold what a terminal would obey.
    print(f"quoth: {printable(message)}", file=sys.stderr)


def _print_raw(text: str) -> None:
    """Text -> standard output in UTF-8, line ends untouched."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
