"""A training run: stage after stage, in a folder from which it goes on."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bot.reader.training.network import base_folder
from bot.reader.training.run import Run
from bot.reader.training.stages import STAGES, Settings
from index.errors import ReaderError

RECIPES = [replace(stage.recipe, dense=frozenset()) for stage in STAGES]
SETTINGS = Settings(
    stages=tuple(
        replace(stage, recipe=recipe, steps=2, batch=16) for stage, recipe in zip(STAGES, RECIPES, strict=True)
    )
)


def _weights(file: Path) -> dict[str, torch.Tensor]:
    return dict(torch.load(file, weights_only=True)["network"])


@pytest.fixture(scope="module")
def ended(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two steps a stage."""
    out = tmp_path_factory.mktemp("run")
    Run(data, out, base_folder(), SETTINGS).train()
    return out


@pytest.mark.real
def test_a_run_leaves_its_curve_its_stages_and_the_exported_mean(ended: Path) -> None:
    """Each stage learns, and what they ended with is averaged and exported."""
    rows = [json.loads(line) for line in (ended / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["stage"], row["step"]) for row in rows] == [("apart", 2), ("together", 2)]
    apart, together = (_weights(ended / "stages" / f"{stage.name}.pt") for stage in STAGES)
    assert any(not torch.equal(apart[name], together[name]) for name in apart)
    sums = (ended / "export" / "SHA256SUMS").read_text(encoding="ascii")
    assert {line.split()[1] for line in sums.splitlines()} == {"reader.onnx", "reader-int8.onnx", "tokenizer.json"}


@pytest.mark.real
def test_a_run_goes_on_where_its_checkpoint_is(data: Path, ended: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Taken up at its end there is nothing left to learn, and the export is the same."""
    sums = (ended / "export" / "SHA256SUMS").read_bytes()
    curve = (ended / "curve.jsonl").read_bytes()
    Run(data, ended, base_folder(), SETTINGS).train()
    assert "goes on in stage together at step 2" in capsys.readouterr().out
    assert (ended / "curve.jsonl").read_bytes() == curve
    assert (ended / "export" / "SHA256SUMS").read_bytes() == sums


@pytest.mark.real
def test_an_exported_network_stands_for_the_first_stage(data: Path, ended: Path, tmp_path: Path) -> None:
    """The second stage begins from it; taken up with another network, or over another run, it is refused."""
    exported, other = ended / "export" / "reader.onnx", ended / "export" / "reader-int8.onnx"
    Run(data, tmp_path, base_folder(), SETTINGS, exported).train()
    rows = (tmp_path / "curve.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["stage"] for row in rows] == ["together"]
    ends = [_weights(ended / "stages" / f"{stage.name}.pt") for stage in STAGES]
    begun = _weights(tmp_path / "stages" / "apart.pt")
    assert all(torch.allclose(begun[name], (ends[0][name] + ends[1][name]) / 2, atol=1e-6) for name in begun)
    Run(data, tmp_path, base_folder(), SETTINGS, exported)
    for out, network in ((tmp_path, other), (ended, exported)):
        with pytest.raises(ReaderError, match="holds a run that did not begin from"):
            Run(data, out, base_folder(), SETTINGS, network)
