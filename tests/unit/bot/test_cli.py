"""The `quoth` command: what it prints where, and with which exit code."""

import io
import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

from bot import cli, page, respond
from bot.cli.common import advancing, bytes_of, progress_bars
from bot.page.users import UserFile, add_user
from bot.risk import Calibration
from index import encoder as encoders
from index.errors import EncoderError, ReaderError, ServerError, SettingsError
from index.settings import DEFAULT_MODEL
from index.snapshot import builder_of, current_id, load_snapshot
from index.snapshot.layout import generation_of
from index.storage import Disk
from tests.unit.fakes import TEXTS, FakeEncoder, write_corpus

VARIABLES = (
    "HF_HUB_OFFLINE",
    "HF_HUB_DISABLE_TELEMETRY",
    "GRADIO_ANALYTICS_ENABLED",
    "TIKTOKEN_CACHE_DIR",
    "TOKENIZERS_PARALLELISM",
    "QUOTH_DEBUG",
)


@dataclass
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


Quoth = Callable[..., Ran]


@pytest.fixture
def quoth(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Quoth:
    """Runs the command in a folder of its own, with a model without weights in the place of the shipped one."""

    def load(name: str = DEFAULT_MODEL, *, may_download: bool = False) -> FakeEncoder:
        if name == "broken":
            raise EncoderError(f"model {name} cannot be loaded; use {DEFAULT_MODEL}")
        return FakeEncoder(name=name, fingerprint="d0" * 32 if may_download else "fa" * 32)

    monkeypatch.setattr(encoders, "load_encoder", load)
    monkeypatch.setattr(respond, "load_encoder", load)
    monkeypatch.setenv("COLUMNS", "300")
    for name in VARIABLES:  # the command sets them; here they are put back
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["quoth", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capsysbinary.readouterr()
        assert isinstance(left.value.code, int)
        return Ran(left.value.code, out.decode(), err.decode())

    return run


@pytest.fixture
def built(quoth: Quoth, tmp_path: Path) -> Quoth:
    """The command in a folder with a corpus that has been indexed."""
    write_corpus(tmp_path / "corpus", TEXTS)
    assert quoth("index").code == 0
    return quoth


def complaint(ran: Ran) -> str:
    """What a command that failed said: one line on standard error, code 2, no traceback."""
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert ran.err.startswith("quoth: ")
    assert "Traceback" not in ran.err + ran.out
    assert "defect" not in ran.err
    assert ran.err.rstrip("\n").isprintable()
    return ran.err


def test_index_says_what_it_built(quoth: Quoth, tmp_path: Path) -> None:
    """The first build reports documents, sentences, passages, dimension and time; the second says it is up to date."""
    write_corpus(tmp_path / "corpus", TEXTS)
    ran = quoth("index")
    assert ran.code == 0
    assert "Indexed 2 documents, 10 sentences, " in ran.out
    assert "dimension 32" in ran.out
    first = current_id(Path(".quoth"))
    ran = quoth("index")
    assert (ran.code, ran.err) == (0, "")
    assert "up to date" in ran.out
    assert "Indexed 2 documents" in quoth("index", "--force").out
    assert current_id(Path(".quoth")) == first


def test_index_rebuilds_what_has_changed(built: Quoth, tmp_path: Path) -> None:
    """A new document, another setting or a damaged file is reason enough to build."""
    write_corpus(tmp_path / "corpus", {"new.txt": "New."})
    assert "Indexed 3 documents" in built("index").out
    assert "Indexed 3 documents" in built("index", "--passage-tokens", "48", "--overlap", "0").out
    generation_of(Path(".quoth"), current_id(Path(".quoth"))).joinpath("vectors.high").write_bytes(b"")
    assert complaint(built("ask", "Who dredged the harbour?")).endswith("run: quoth index FOLDER\n")
    assert "Indexed 3 documents" in built("index", "--passage-tokens", "48", "--overlap", "0").out
    assert built("ask", "Who dredged the harbour?").code == 0


def test_a_partial_build_has_code_1(quoth: Quoth, tmp_path: Path) -> None:
    """A build that left a document out names it and ends with code 1; it can be asked all the same."""
    write_corpus(tmp_path / "corpus", {**TEXTS, "b.pdf": "x"})
    ran = quoth("index")
    assert ran.code == 1
    assert "left out: b.pdf: damaged: is named .pdf but is no PDF" in ran.out
    assert quoth("ask", "Who dredged the harbour?").code == 0


def test_strict_leaves_the_index_as_it_was(quoth: Quoth, tmp_path: Path) -> None:
    """With --strict a bad file ends the build with code 2 and is named; the former index is still asked."""
    write_corpus(tmp_path / "corpus", TEXTS)
    assert quoth("index", "corpus").code == 0
    write_corpus(tmp_path / "corpus", {"b.pdf": "x", "c.txt": "The crane was sold in 1950."})
    assert "b.pdf: damaged" in complaint(quoth("index", "--strict"))
    assert "1950" not in quoth("ask", "When was the crane sold in 1950?").out


def test_several_sources_make_one_index(quoth: Quoth, tmp_path: Path) -> None:
    """Files and folders given together are one index, which is up to date when they are given again."""
    write_corpus(
        tmp_path, {"a/harbour.txt": TEXTS["harbour.txt"], "b.txt": "The crane was sold in 1950.", "c.txt": "C."}
    )
    assert "Indexed 2 documents" in quoth("index", "a", "b.txt").out
    assert "is up to date with b.txt, a" in quoth("index", "b.txt", "a").out
    assert quoth("text", "a/harbour.txt").out == TEXTS["harbour.txt"]
    assert "Indexed 3 documents" in quoth("index", "a", "b.txt", "c.txt").out


def test_a_model_by_name_may_be_fetched(quoth: Quoth, tmp_path: Path) -> None:
    """With --download, and only then."""
    write_corpus(tmp_path / "corpus", TEXTS)
    for options, fetched in ((["--download"], True), ([], False)):
        assert quoth("index", "--force", "--model", "some/model", *options).code == 0
        fingerprint = load_snapshot(Path(".quoth")).contents.encoder.fingerprint
        assert (fingerprint == "d0" * 32) is fetched


def test_a_rebuild_keeps_what_has_not_changed(built: Quoth, tmp_path: Path) -> None:
    """After one new document only its passages are new; with --force all are, and nothing is said of it."""
    write_corpus(tmp_path / "corpus", {"new.txt": "New."})
    assert "1 of the passages were new; the others kept their vectors." in built("index").out
    assert "kept their vectors" not in built("index", "--force").out


def test_going_back(built: Quoth, tmp_path: Path) -> None:
    """--rollback brings back the index before, and once more undoes it; without one before it says so."""
    first = current_id(Path(".quoth"))
    assert "has no earlier generation to go back to" in complaint(built("index", "--rollback"))
    write_corpus(tmp_path / "corpus", {"new.txt": "New."})
    built("index")
    second = current_id(Path(".quoth"))
    ran = built("index", "--rollback")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Generation {first} answers again, in the place of {second}; quoth index --rollback")
    assert current_id(Path(".quoth")) == first
    assert built("index", "--rollback").code == 0
    assert current_id(Path(".quoth")) == second


def test_waiting_for_another_build_is_said(built: Quoth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever must wait for another build reads so on standard error, and waits."""
    ran: list[Ran] = []
    waiting = threading.Event()
    say_waiting = cli._say_waiting

    def say(index: Path) -> None:
        say_waiting(index)
        waiting.set()

    monkeypatch.setattr(cli, "_say_waiting", say)
    thread = threading.Thread(target=lambda: ran.append(built("index", "--force")))
    with builder_of(Path(".quoth")):
        thread.start()
        assert waiting.wait(timeout=60)
        assert ran == []
    thread.join(timeout=60)
    assert ran[0].code == 0
    assert "Another build of .quoth is at work; waiting for its end" in ran[0].err


def test_the_doctor(built: Quoth) -> None:
    """A sound index has code 0; of a damaged one every damaged file is named, with what to do, and the code is 1."""
    ran = built("doctor")
    assert (ran.code, ran.err) == (0, "")
    assert "wrong: " not in ran.out
    assert ran.out.endswith("Nothing is wrong with this index.\n")
    for name in ("vectors.high", "texts.utf8"):
        file = next(Path(".quoth").rglob(name))
        file.write_bytes(file.read_bytes()[:-1])
    ran = built("doctor")
    assert (ran.code, ran.err) == (1, "")
    assert [line.split()[4] for line in ran.out.splitlines() if line.startswith("wrong: ")] == [
        "texts.utf8",
        "vectors.high",
    ]
    assert f"Build it again: quoth index {Path('corpus').resolve()} --force" in ran.out
    built("index")
    assert built("doctor").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("doctor",), "there is no index in .quoth; run: quoth index"),
        (("doctor", "--index", "corpus"), "corpus holds harbour.txt"),
        (("index", "--rollback"), "there is no index in .quoth; run: quoth index"),
        (("index", "nowhere"), "there is no folder or file nowhere"),
        (("index", "empty"), "empty holds no document that can be read"),
        (("index", "--passage-tokens", "3"), "passage size is 3 tokens; expected 16 to 4096"),
        (("index", "--overlap", "9"), "overlap is 9 sentences"),
        (("index", "--model", " "), "the model's name is empty"),
        (("index", "--model", "broken"), "model broken cannot be loaded"),
        (("index", "--passage-tokens", "many"), "Invalid value for '--passage-tokens'"),
        (("index", "--index", "corpus"), "corpus holds harbour.txt, which is no part of an index"),
        (("index", "--index", "corpus/harbour.txt"), "is a file; name a folder with --index"),
        (("ask", "Who?"), "there is no index in .quoth; run: quoth index"),
        (("ask", "Who?", "--index", "corpus"), "corpus holds harbour.txt"),
        (("ask", "Who?", "--index", "corpus/harbour.txt"), "is not an index"),
        (("ask",), "expected a question or --batch FILE"),
        (("ask", "Who?", "--batch", "q.jsonl"), "expected a question or --batch FILE"),
        (("ask", "Who?", "--out", "a.jsonl"), "--out goes with --batch"),
        (("ask", "--batch", "q.jsonl", "--out", "./q.jsonl"), "--out names the file of questions"),
        (("ask", "--batch", "none.jsonl"), "none.jsonl cannot be opened"),
        (("chat",), "there is no index in .quoth"),
        (("chat", "--auth-file", "none"), "there is no file of users none; make it: quoth user add"),
        (("chat", "--host", "192.0.2.1"), "say who may come in with --auth-file"),
        (("chat", "--name", "http://quotes.example/"), "'http://quotes.example/' is no host name; say --name"),
        (("chat", "--port", "0"), "Invalid value for '--port'"),
        (("text", "harbour.txt"), "there is no index in .quoth"),
        (("verify", "none.jsonl"), "there is no index in .quoth"),
        (("verify", "none.jsonl", "--corpus", "corpus"), "none.jsonl cannot be opened"),
        (("verify", "q.jsonl", "--corpus", "corpus"), "q.jsonl, line 1: is no answer"),
        (("frobnicate",), "No such command 'frobnicate'"),
        (("index", "--frobnicate"), "No such option"),
    ],
)
def test_what_goes_wrong_is_one_line(quoth: Quoth, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """Whatever goes wrong, a person reads one line that says what, on standard error, and the code is 2."""
    write_corpus(tmp_path / "corpus", TEXTS)
    write_corpus(tmp_path, {"q.jsonl": '{"question": "Who?"}\n'})
    (tmp_path / "empty").mkdir()
    assert said in complaint(quoth(*arguments))


@pytest.mark.parametrize("question", ["", "  ", "?!", "x" * 10_000, "why\x07", "why\x1b[2J", "why\udcff"])
def test_a_question_that_cannot_be_asked_is_one_line(built: Quoth, question: str) -> None:
    """Empty, too long, with control characters or bytes that are no text: one line, and code 2."""
    complaint(built("ask", question))


def test_a_question_before_that_is_no_text_does_no_harm(built: Quoth) -> None:
    """A previous question with bytes that are no text is passed over."""
    assert built("ask", "And the lighthouse?", "--after", "What of \udcff Aldwick?").code == 0


def test_errors_command_nothing(quoth: Quoth, tmp_path: Path) -> None:
    """A file's name that holds escape sequences does not reach the terminal with them."""
    try:
        write_corpus(tmp_path / "corpus", {"\x1b]0;title\x07.txt": ""})
    except OSError:
        pytest.skip("no such names on this system")
    assert "\ufffd]0;title\ufffd.txt: empty" in complaint(quoth("index"))


def test_a_defect_is_one_line_too(quoth: Quoth, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw is one line that says how to see more, and QUOTH_DEBUG shows it."""

    def explode(_: Path) -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(respond, "load_snapshot", explode)
    ran = quoth("ask", "Who?")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "quoth: a defect of Quoth's own (ZeroDivisionError: by zero); QUOTH_DEBUG=1 shows where\n"
    monkeypatch.setenv("QUOTH_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["quoth", "ask", "Who?"])
    with pytest.raises(ZeroDivisionError):
        cli.main()


@pytest.mark.parametrize(
    ("size", "n_bytes"), [("2GB", 2 << 30), ("800 mb", 800 << 20), ("1.5GiB", 3 << 29), ("1073741824", 1 << 30)]
)
def test_sizes_are_written_as_people_write_them(size: str, n_bytes: int) -> None:
    """With any of the usual units, in any case, with a space or without."""
    assert bytes_of(size) == n_bytes


@pytest.mark.parametrize("size", ["", "GB", "-1GB", "5iB", "1e9", "9" * 400, "99999999999999GB", "2 GB or so"])
def test_what_is_no_size_is_refused(size: str) -> None:
    """What is not written so, or more than any machine has, is told in one line."""
    with pytest.raises(SettingsError, match="expected a size such as 2GB or 800MB"):
        bytes_of(size)


def test_memory_to_build_with(quoth: Quoth, tmp_path: Path) -> None:
    """--max-memory takes a size; what is none, or too little, is told in one line, and nothing is built."""
    write_corpus(tmp_path / "corpus", TEXTS)
    said = complaint(quoth("index", "--max-memory", "plenty"))
    assert "--max-memory is plenty; expected a size such as 2GB or 800MB" in said
    assert "10 MB of memory is too little" in complaint(quoth("index", "--max-memory", "10MB"))
    assert "there is no index" in complaint(quoth("ask", "Why?"))
    assert quoth("index", "--max-memory", "600MB").code == 0


def test_a_full_disk_is_one_line(quoth: Quoth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is told with the file, the system's reason, what it means and what to do: at a first build, too."""
    write_corpus(tmp_path / "corpus", TEXTS)

    def full(_: Disk, __: int, ___: bytes) -> None:
        raise OSError(28, "No space left on device")

    for stands in ("in .quoth there is nothing to ask", "what .quoth held can still be asked"):
        with monkeypatch.context() as patch:
            patch.setattr(Disk, "append", full)
            said = complaint(quoth("index", "--force"))
        assert f" cannot be written (No space left on device); {stands}; make room" in said
        assert quoth("index").code == 0


def test_ask_prints_quote_and_citation(built: Quoth) -> None:
    """An answer is printed with its quotation marks, its citation and its offsets; code 0."""
    ran = built("ask", "Who dredged the harbour of Aldwick in 1904 by the engineer Ada Hart?")
    assert (ran.code, ran.err) == (0, "")
    assert "“The harbour of Aldwick was dredged in 1904 by the engineer Ada Hart.”" in ran.out
    assert "The Harbour of Aldwick, paragraph 1 (harbour.txt 24:92)" in ran.out


def test_not_found_is_no_error(built: Quoth) -> None:
    """A question that the documents do not answer ends with code 0 and says so."""
    ran = built("ask", "zebra quagga okapi")
    assert ran.code == 0
    assert "The documents don’t answer this." in ran.out


def test_ask_json_is_one_object(built: Quoth) -> None:
    """With --json one object comes on one line, an error's too, which then has code 2 and nothing on standard error."""
    ran = built("ask", "--json", "Who dredged the harbour of Aldwick?", "--after", "What is it?")
    answer = json.loads(ran.out)
    assert (ran.code, ran.out.count("\n"), answer["schema_version"]) == (0, 1, 1)
    ran = built("ask", "--json", "")
    assert (ran.code, json.loads(ran.out)["verdict"], ran.err) == (2, "error", "")


def test_a_follow_up_on_the_command_line(built: Quoth) -> None:
    """With --after, the question before is read with this one."""
    ran = built("ask", "--json", "And the lighthouse?", "--after", "When was the harbour dredged in Aldwick?")
    assert "lighthouse" in json.loads(ran.out)["resolved_question"]
    assert "Read with the question before it." in json.loads(ran.out)["notes"]


def test_batch_answers_every_line(built: Quoth, tmp_path: Path) -> None:
    """A batch gives a line for each line, printed or into a file; if any was bad the code is 2 and a line says so."""
    write_corpus(
        tmp_path,
        {"good.jsonl": '{"id": "1", "question": "Who dredged it?"}\n', "bad.jsonl": '{"question": "Who?"}\n\nx'},
    )
    ran = built("ask", "--batch", "good.jsonl")
    assert (ran.code, json.loads(ran.out)["id"]) == (0, "1")
    ran = built("ask", "--batch", "good.jsonl", "--out", "answers.jsonl")
    assert (ran.code, ran.out) == (0, "")
    assert json.loads(Path("answers.jsonl").read_text("utf-8"))["id"] == "1"
    ran = built("ask", "--batch", "bad.jsonl", "--out", "answers.jsonl")
    assert "2 of 3 lines of bad.jsonl could not be asked" in complaint(ran)
    verdicts = [json.loads(line)["verdict"] for line in Path("answers.jsonl").read_text("utf-8").splitlines()]
    assert verdicts[1:] == ["error", "error"]
    assert verdicts[0] != "error"


def test_an_empty_batch_is_answered(built: Quoth, tmp_path: Path) -> None:
    """No questions, no answers, no error."""
    write_corpus(tmp_path, {"none.jsonl": ""})
    assert built("ask", "--batch", "none.jsonl") == Ran(0, "", "")


def test_text_prints_the_canonical_text(built: Quoth) -> None:
    """The text comes out as it is, line ends too; an unknown name is answered with those there are."""
    assert built("text", "rules/leave.md") == Ran(0, TEXTS["rules/leave.md"], "")
    assert "holds no document nothing.txt; it holds harbour.txt, rules/leave.md" in complaint(
        built("text", "nothing.txt")
    )


def test_verify_ends_with_1_unless_all_is_true(built: Quoth, tmp_path: Path) -> None:
    """All verified: code 0. One absent, or a document changed: the finding is printed and the code is 1."""
    write_corpus(tmp_path, {"q.jsonl": '{"question": "Who dredged the harbour?"}\n'})
    built("ask", "--batch", "q.jsonl", "--out", "a.jsonl")
    ran = built("verify", "a.jsonl")
    assert (ran.code, ran.out) == (0, "3 of 3 quotes verified\n")
    answer: dict[str, Any] = json.loads(Path("a.jsonl").read_text("utf-8"))
    shown = answer["quotes"] or answer["nearest"]
    shown[0]["text"] = "It was never dredged."
    write_corpus(tmp_path, {"forged.jsonl": json.dumps(answer)})
    ran = built("verify", "forged.jsonl", "--corpus", "corpus")
    assert ran.code == 1
    assert "forged.jsonl:1: absent: " in ran.out
    assert "2 of 3 quotes verified" in ran.out
    write_corpus(tmp_path / "corpus", {"harbour.txt": "Rewritten."})
    ran = built("verify", "a.jsonl")
    assert ran.code == 1
    assert "cannot check: harbour.txt: the document has changed" in ran.out


def test_verify_commands_nothing(built: Quoth, tmp_path: Path) -> None:
    """A name in a file of answers reaches the terminal without its escape sequences."""
    quote = {"document": "\x1b[2J\u202e", "sha256": "", "start": 0, "end": 1, "text": "a"}
    write_corpus(tmp_path, {"a.jsonl": json.dumps({"quotes": [quote], "nearest": []})})
    ran = built("verify", "a.jsonl")
    assert ran.code == 1
    assert not set(ran.out) & {"\x1b", "\u202e"}


def test_chat_serves_what_was_indexed(built: Quoth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chat gives the page a responder of the index, on this machine's port 7860 unless told otherwise."""
    served = []
    monkeypatch.setattr(page, "serve", lambda responder, **where: served.append((responder.snapshot.id, where)))
    assert built("chat").code == 0
    add_user(Path("users"), "ada", "a long password")
    names = ("--name", "a.example", "--name", "b.example")
    others = ("--host", "::1", "--port", "8000", "--auth-file", "users", *names, "--allow-upload", "--report", "lately")
    assert built("chat", *others).code == 0
    id = current_id(Path(".quoth"))
    users = served[1][1]["users"]
    assert isinstance(users, UserFile)
    assert users.mark("ada") is not None
    assert served == [
        (
            id,
            {
                "host": "127.0.0.1",
                "port": 7860,
                "users": None,
                "names": [],
                "allow_upload": False,
                "report": Path("accuracy-report"),
            },
        ),
        (
            id,
            {
                "host": "::1",
                "port": 8000,
                "users": users,
                "names": ["a.example", "b.example"],
                "allow_upload": True,
                "report": Path("lately"),
            },
        ),
    ]


def test_a_name_that_will_not_do_is_refused_before_a_password_is_asked_for(
    quoth: Quoth, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody types a password twice for nothing; and input that ends early is one line."""
    monkeypatch.setattr("typer.prompt", lambda *_, **__: pytest.fail("a password was asked for"))
    assert "no user name" in complaint(quoth("user", "add", "a:b", "--auth-file", "users"))

    def ends(*_: object, **__: object) -> None:
        raise typer.Abort

    monkeypatch.setattr("typer.prompt", ends)
    ran = quoth("user", "add", "ada", "--auth-file", "users")
    assert (ran.code, ran.err) == (
        130,
        "quoth: nothing was entered, nothing has changed; begin again, or say --help\n",
    )


def test_a_risk_sets_the_threshold(built: Quoth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers need the lowest probability at which what was measured keeps the risk; a lower risk is refused."""
    measured = Calibration(right=(0.97,) * 200, wrong=(0.2,) * 9)
    monkeypatch.setattr(respond, "load_calibration", lambda _: measured)
    served: list[float] = []
    monkeypatch.setattr(page, "serve", lambda live, **_: served.append(live.now().confidence.threshold))
    assert json.loads(built("ask", "--json", "--max-wrong", "5%", "Who lifts?").out)["threshold"] == 0.97
    assert built("chat", "--max-wrong", "0.05").code == 0
    assert served == [0.97]
    assert "can support; expected at least 1.5%" in complaint(built("ask", "--max-wrong", "1%", "Who lifts?"))


def test_what_is_no_risk_is_refused_before_anything_is_loaded(quoth: Quoth) -> None:
    """There is no index here, and that is not what the message is about."""
    for command in (["ask", "Who?"], ["chat"]):
        assert "--max-wrong 5; expected a share such as 5% or 0.05" in complaint(quoth(*command, "--max-wrong", "5"))


def test_users_are_added_and_removed(quoth: Quoth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user is written with a hash, never with the password; who is not there cannot be removed."""
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "a long password")
    assert quoth("user", "add", "ada", "--auth-file", "users").out == "ada may come in\n"
    assert quoth("user", "add", "ada", "--auth-file", "users").out == "ada has a new password\n"
    text = (tmp_path / "users").read_text(encoding="utf-8")
    assert "ada" in text
    assert "a long password" not in text
    assert quoth("user", "remove", "ada", "--auth-file", "users").out == "ada may come in no longer\n"
    assert "knows no user ada" in complaint(quoth("user", "remove", "ada", "--auth-file", "users"))


def test_an_index_that_is_up_to_date_still_names_what_it_lacks(quoth: Quoth, tmp_path: Path) -> None:
    """A file that cannot be indexed, put there after the build, is named and code 1 says so."""
    write_corpus(tmp_path / "corpus", TEXTS)
    assert quoth("index").code == 0
    write_corpus(tmp_path / "corpus", {"b.pdf": "x"})
    ran = quoth("index")
    assert ran.code == 1
    assert "up to date" in ran.out
    assert "left out: b.pdf" in ran.out


def test_a_port_in_use_is_one_line(built: Quoth, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that cannot be listened on is one line that says what to do."""

    def refuse(*_: object, **__: object) -> None:
        raise ServerError("port 7860 is in use; name another with --port")

    monkeypatch.setattr(page, "serve", refuse)
    assert "port 7860 is in use" in complaint(built("chat"))


def test_interrupted_is_130(built: Quoth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends without a word."""

    def interrupt(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(respond, "load_snapshot", interrupt)
    assert built("ask", "Who?") == Ran(130, "", "")


def test_help_is_no_error(quoth: Quoth) -> None:
    """Help, asked for or for want of a command, goes to standard output with code 0 and lists the commands."""
    for arguments in (("--help",), ()):
        ran = quoth(*arguments)
        assert (ran.code, ran.err) == (0, "")
        assert all(f"\n  {name} " in ran.out for name in ("index", "ask", "chat", "text", "verify"))


def test_the_libraries_are_told_to_stay_offline(built: Quoth) -> None:
    """Before any library is imported, it is told to ask no host outside; only --download lifts that."""
    import os  # noqa: PLC0415 - only this test looks at the environment

    built("ask", "Who?")
    assert [os.environ[name] for name in VARIABLES[:4]] == ["1", "1", "False", ""]
    os.environ["HF_HUB_OFFLINE"] = ""
    built("index", "--model", "some/model", "--force", "--download")
    assert os.environ["HF_HUB_OFFLINE"] == ""


QUESTIONS = (
    '{"id": "1", "question": "Who dredged the harbour of Aldwick in 1904?", "gold": '
    '["The harbour of Aldwick was dredged in 1904 by the engineer Ada Hart."]}\n'
    '{"id": "2", "question": "How many days of holiday does everybody have?", "gold": '
    '["Everybody has thirty days of holiday."]}\n'
    '{"id": "3", "question": "What does the zeppelin cost?", "gold": []}\n'
)


@pytest.fixture
def examined(built: Quoth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Quoth:
    """The command in a folder with an index and a file of questions; the reader needs no weights either."""
    (tmp_path / "q.jsonl").write_text(QUESTIONS)
    monkeypatch.setattr(respond, "load_extractive", _no_reader)
    return built


def _no_reader(**_: object) -> None:
    raise ReaderError("it has none in a test")


def test_eval_reports_on_the_index(examined: Quoth, tmp_path: Path) -> None:
    """A table on the screen, two files in the folder; the report is of the index's generation."""
    ran = examined("eval", "q.jsonl")
    assert (ran.code, ran.err) == (0, "")
    assert "3 questions, 2 answerable; 2 documents" in ran.out
    assert "success@1" in ran.out
    report = json.loads((tmp_path / "accuracy-report" / "report.json").read_text())
    assert report["snapshot"] == current_id(tmp_path / ".quoth")
    assert [entry["id"] for entry in report["outcomes"]] == ["1", "2", "3"]
    assert "<h1>Accuracy of Quoth on q.jsonl</h1>" in (tmp_path / "accuracy-report" / "report.html").read_text()


def test_eval_builds_an_index_of_other_documents(examined: Quoth, tmp_path: Path) -> None:
    """In memory: nothing is written but the report."""
    write_corpus(tmp_path / "other", {"a.txt": "Tugs pull barges."})
    (tmp_path / "other.csv").write_text("id,question,gold\n1,What pulls barges?,Tugs pull barges.\n")
    before = {file for file in tmp_path.rglob("*") if "report" not in file.name}
    assert examined("eval", "other.csv", "--corpus", "other", "--out", "report").code == 0
    assert {file for file in tmp_path.rglob("*") if "report" not in file.name} == before
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["corpus"]["n_documents"] == 1
    assert report["outcomes"][0]["right"]


def test_eval_takes_squad_with_its_paragraphs(examined: Quoth, tmp_path: Path) -> None:
    """They are the corpus; another one besides is refused."""
    answers = [{"text": "Tugs", "answer_start": 0}]
    asked = {"id": "1", "question": "What pulls barges?", "answers": answers}
    paragraphs = [{"context": "Tugs pull barges.", "qas": [asked]}]
    (tmp_path / "s.json").write_text(json.dumps({"data": [{"title": "Sea", "paragraphs": paragraphs}]}))
    assert examined("eval", "s.json").code == 0
    ran = examined("eval", "s.json", "--corpus", "corpus", "--force")
    assert (ran.code, ran.out.strip()) == (2, "")
    assert ran.err == "quoth: s.json brings its own documents (SQuAD); leave out --corpus\n"


def test_eval_names_every_line_that_is_wrong(examined: Quoth, tmp_path: Path) -> None:
    """A line each, before anything is asked or written."""
    (tmp_path / "q.jsonl").write_text(QUESTIONS.replace("Ada Hart", "Bo Hart").replace("thirty", "fifty"))
    ran = examined("eval", "q.jsonl")
    assert (ran.code, ran.out.strip()) == (2, "")
    lines = ran.err.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["q.jsonl, line 1", "q.jsonl, line 2"]
    assert not (tmp_path / "accuracy-report").exists()


def test_eval_replaces_no_report_unasked(examined: Quoth) -> None:
    """It says so before the questions are asked."""
    assert examined("eval", "q.jsonl").code == 0
    ran = examined("eval", "q.jsonl")
    assert ran.code == 2
    assert "report.json is there already; --force replaces it" in ran.err
    assert examined("eval", "q.jsonl", "--force").code == 0


def test_compare_exits_with_1_when_worse(examined: Quoth, tmp_path: Path) -> None:
    """By more than the tolerance; the questions that flipped are named."""
    assert examined("eval", "q.jsonl", "--out", "old").code == 0
    assert examined("eval", "--compare", "old", "old", "--tolerance", "0").code == 0
    report = json.loads((tmp_path / "old" / "report.json").read_text())
    for entry in report["outcomes"][:1]:
        entry["lost"] = "refused" if entry["lost"] is None else None
    (tmp_path / "other.json").write_text(json.dumps(report))
    codes = {
        examined("eval", "--compare", "old", "other.json").code,
        examined("eval", "--compare", "other.json", "old").code,
    }
    assert codes == {0, 1}
    ran = examined("eval", "--compare", "old", "other.json", "--tolerance", "0.5")
    assert ran.code == 0
    assert "1 question flipped" in ran.out


@pytest.mark.parametrize("arguments", [[], ["q.jsonl", "--compare", "a", "b"], ["--compare", "gone", "gone"]])
def test_eval_says_what_it_expects(examined: Quoth, arguments: list[str]) -> None:
    """One line, and exit code 2."""
    ran = examined("eval", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_calibrate_needs_enough_questions_and_can_be_undone(examined: Quoth, tmp_path: Path) -> None:
    """Three are too few; what was fitted is named by the doctor, replaced only with --force, and can be forgotten."""
    ran = examined("calibrate", "q.jsonl")
    assert ran.code == 2
    assert "takes at least 10 of each" in ran.err
    assert examined("calibrate", "--forget").out == "Nothing was fitted.\n"
    (tmp_path / ".quoth" / "fitted.json").write_text("{")
    assert "--force replaces it" in examined("calibrate", "q.jsonl").err
    ran = examined("doctor")
    assert ran.code == 1
    assert "fitted.json is damaged, or another version's" in ran.out
    assert "quoth calibrate" in ran.out
    assert examined("calibrate", "--forget").out.startswith("Forgotten")
    assert examined("calibrate").code == 2


def test_tune_reports_and_keeps_only_when_told(examined: Quoth, tmp_path: Path) -> None:
    """Too few questions are refused; without --keep nothing is written; what is there is not replaced unasked."""
    ran = examined("tune", "q.jsonl")
    assert ran.code == 2
    assert "2 questions with gold; to tune takes at least 20" in ran.err
    things = [f"thing{number}" for number in range(20)]
    write_corpus(tmp_path / "things", {"a.txt": " ".join(f"A {thing} stands here." for thing in things)})
    rows = "".join(f"{thing},A {thing} stands here?,A {thing} stands here.\n" for thing in things)
    (tmp_path / "things.csv").write_text(f"id,question,gold\n{rows}")
    assert examined("index", "things", "--index", "other").code == 0
    ran = examined("tune", "things.csv", "--index", "other")
    assert ran.code == 0
    assert "on 10 questions, to choose" in ran.out
    assert not (tmp_path / "other" / "tuned.json").exists()
    ran = examined("tune", "things.csv", "--index", "other", "--keep", "--force")
    assert ran.code == 0
    assert "passages of 64 tokens" not in ran.out  # what is kept is for the passages that the index has
    assert (tmp_path / "other" / "tuned.json").exists()
    assert "--force replaces it" in examined("tune", "things.csv", "--index", "other", "--keep").err
    assert examined("tune", "--forget", "--index", "other").out.startswith("Forgotten")
    assert not (tmp_path / "other" / "tuned.json").exists()


def test_a_file_of_the_corpus_that_was_left_out_is_named(examined: Quoth, tmp_path: Path) -> None:
    """Its gold would be looked for in vain."""
    write_corpus(tmp_path / "other", {"a.txt": "Tugs pull barges.", "b.txt": b""})
    (tmp_path / "other.csv").write_text("id,question,gold\n1,What pulls barges?,Tugs pull barges.\n")
    assert "left out: b.txt" in examined("eval", "other.csv", "--corpus", "other").err


def test_a_bar_shows_rate_and_time_left() -> None:
    """Of a hundred passages, thirty in fifteen seconds: two a second, and 35 seconds for the others."""
    seconds = 0.0
    bars = progress_bars(Console(file=io.StringIO()))
    bars.get_time = lambda: seconds
    advance = advancing(bars)
    for done in (0, 10, 20, 30):
        seconds = done / 2
        advance("encoding", done, 100)
    shown = Console(width=120, file=io.StringIO(), record=True)
    shown.print(bars.make_tasks_table(bars.tasks))
    line = shown.export_text()
    assert all(part in line for part in ("encoding", "30/100", "2/s", "0:00:15", "0:00:35")), line
