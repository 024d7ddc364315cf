"""Which model it is: told from all that decides what it makes of a text."""

import json
from pathlib import Path

import pytest

from index.encoder import Encoder, fingerprint_of
from index.settings import DEFAULT_MODEL
from tests.unit.fakes import write_corpus

FILES: dict[str, str | bytes] = {
    "modules.json": json.dumps([{"path": ""}, {"path": "1_Pooling"}, {"path": "2_Normalize"}]),
    "model.safetensors": b"weights",
    "config.json": "{}",
    "tokenizer.json": "{}",
    "vocab.txt": "a\nb\n",
    "1_Pooling/config.json": '{"pooling_mode_mean_tokens": true}',
}


@pytest.mark.parametrize("name", FILES)
def test_every_file_that_decides_counts(tmp_path: Path, name: str) -> None:
    """Other weights, another tokenizer or another pooling are another model; so is one that lacks a file."""
    model = write_corpus(tmp_path / "model", FILES)
    before = fingerprint_of(str(model))
    assert before == fingerprint_of(str(write_corpus(tmp_path / "copy", FILES)))
    data = (model / name).read_bytes()
    (model / name).write_bytes(data + b" ")
    changed = fingerprint_of(str(model))
    (model / name).unlink()
    assert len({before, changed, fingerprint_of(str(model))}) == 3
    (model / name).write_bytes(data)
    assert fingerprint_of(str(model)) == before


def test_what_decides_nothing_does_not_count(tmp_path: Path) -> None:
    """A description, weights for other programs, and weights that nobody looks at make no other model."""
    model = write_corpus(tmp_path / "model", FILES)
    before = fingerprint_of(str(model))
    write_corpus(model, {"README.md": "x", "onnx/model.onnx": "x", "pytorch_model.bin": "x", ".gitattributes": "x"})
    assert fingerprint_of(str(model)) == before


@pytest.mark.parametrize("name", ["no/such-model", "no-such-model", "no such / model", "a" * 300, "\0"])
def test_of_a_model_that_is_not_here_nothing_is_told(name: str) -> None:
    """Whoever loads it says what is wrong."""
    assert fingerprint_of(name) is None


@pytest.mark.real
def test_the_shipped_models_fingerprint_is_known_before_it_is_loaded(real_encoder: Encoder) -> None:
    """It is that of the loaded model."""
    assert real_encoder.fingerprint == fingerprint_of(DEFAULT_MODEL)
