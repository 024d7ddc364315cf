"""The README's commands are run, here or by `.ci/run`, and its figures are the measured ones."""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# Run by .ci/run itself, which this test runs within.
BY_CI = {"make chat", "make test", "make accuracy", "make lint"}
# The first rewrites files of the project, which must stay as they are (see the test in this file); the others take
# long, and `make test` runs a part of each; what `make bench` prints is about the machine.
BY_HAND = {"make bench", "make calibrate", "make faults", "make fuzz"}
SERVES = ".venv/bin/quoth chat"


def commands() -> list[str]:
    """The command lines of the README's sh blocks, without comments; blocks marked `skip` hold no complete command."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def test_make_commands_are_run_by_ci() -> None:
    """Every make command of the README is one that `.ci/run` runs, or one that is named here."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in commands():
        if command.startswith("make "):
            assert command in BY_HAND or (command in BY_CI and command in script), command


@pytest.mark.real
def test_quoth_commands_run_in_an_empty_folder(tmp_path: Path) -> None:
    """Every `quoth` command of the README does what it says, in order, where only the corpus is."""
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    (tmp_path / "questions.jsonl").write_text('{"id": "1", "question": "Who is Xi Jinping?"}\n', encoding="utf-8")
    _write_known_questions(tmp_path / "known.csv")
    outputs = {}
    for command in sorted(commands(), key=lambda line: not line.startswith(".venv/bin/quoth index")):
        if not command.startswith(".venv/bin/quoth"):
            continue
        if command.startswith(SERVES):
            _serves(tmp_path, shlex.split(command)[2:])
            continue
        if "--rollback" in command:  # goes back to before this document
            (tmp_path / "corpus" / "note.txt").write_text("A note that was added later.", encoding="utf-8")
            assert _quoth(["index"], tmp_path).returncode == 0
        done = _quoth(shlex.split(command)[1:], tmp_path)
        assert done.returncode == 0, (command, done.stderr)
        outputs[command] = done.stdout
    example = README.split("```text\n")[1].split("```")[0]
    shown = outputs[next(command for command in outputs if "ask" in command)]
    assert _plain(example) in _plain(shown)
    lines = (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["1"]


def test_the_figures_are_those_that_were_reached() -> None:
    """The README's row for Quoth holds the figures below which CI fails."""
    reached = json.loads((ROOT / "tests" / "accuracy" / "reached.json").read_text(encoding="utf-8"))
    row = next(line for line in README.splitlines() if line.startswith("| Quoth |"))
    assert [float(cell) for cell in row.split("|")[2:6]] == pytest.approx(
        [reached[name] for name in ("success_1", "success_3", "mrr_10", "auroc")], abs=0.0006
    )


def _write_known_questions(file: Path) -> None:
    """Some of the essay's dev questions as a spreadsheet would save them: 24 with an answer, 16 without."""
    essay = (ROOT / "tests" / "accuracy" / "essay.jsonl").read_text(encoding="utf-8").splitlines()
    dev = [entry for line in essay if (entry := json.loads(line))["split"] == "dev"]
    rows = [entry for entry in dev if entry["gold"]][:24] + [entry for entry in dev if not entry["gold"]][:16]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "question", "gold"])
        writer.writerows([row["id"], row["question"], json.dumps(row["gold"]) if row["gold"] else ""] for row in rows)


def _plain(output: str) -> str:
    """Output without its line breaks; percentages differ from processor to processor in the last digit."""
    return re.sub(r"\d+%", "N%", " ".join(output.split()))


def _quoth(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def _serves(folder: Path, options: list[str]) -> None:
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "bot", "chat", *options, "--port", "7899"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        first = server.stdout.readline()
        assert first.strip() == "Quoth is at http://127.0.0.1:7899", first
        with urlopen("http://127.0.0.1:7899/", timeout=30) as page:
            assert b"Quoth" in page.read()
    finally:
        server.terminate()
        for _ in range(100):
            if server.poll() is not None:
                break
            time.sleep(0.1)
        server.kill()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()
