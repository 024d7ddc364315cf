"""An exported network -> weights to train on from."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from bot.reader.tokens import encode_pairs, load_tokenizer, pad
from bot.reader.training.export import export
from bot.reader.training.exported import weights_of
from bot.reader.training.network import ReaderNetwork, base_folder
from index.errors import ReaderError

TEXTS = ["The treaty was signed in 1905 by both kings in Paris.", "Nobody knows what became of the second one."]


@pytest.fixture(scope="module")
def trained() -> ReaderNetwork:
    """A network whose head is larger than a new one's, as after training."""
    torch.manual_seed(0)
    network = ReaderNetwork(base_folder()).eval()
    with torch.no_grad():
        network.head.weight.mul_(20)
    return network


def _logits(network: ReaderNetwork) -> np.ndarray:
    """Start and end logits over those of [CLS], of the tokens that are there."""
    tokenizer = load_tokenizer((base_folder() / "tokenizer.json").read_text(encoding="utf-8"))
    batch = pad(encode_pairs(tokenizer, "When was the treaty signed?", TEXTS))
    with torch.no_grad():
        found = network(*map(torch.from_numpy, (batch.input_ids, batch.attention_mask, batch.token_type_ids)))
    return np.concatenate([(one - one[:, :1]).numpy()[batch.attention_mask.astype(bool)] for one in found])


@pytest.mark.real
def test_weights_come_back_from_an_exported_network(trained: ReaderNetwork, tmp_path: Path) -> None:
    """From float32 as they were; from int8 the network says nearly the same."""
    export(trained, base_folder() / "tokenizer.json", tmp_path)
    wanted = _logits(trained)
    network = ReaderNetwork(base_folder()).eval()
    for name, tolerance in (("reader.onnx", 0.0), ("reader-int8.onnx", 0.1)):
        network.load_state_dict(weights_of(tmp_path / name, network.state_dict()))
        assert np.abs(_logits(network) - wanted).max() <= tolerance * wanted.std()


@pytest.mark.real
def test_what_is_no_network_of_this_kind_is_named(trained: ReaderNetwork, tmp_path: Path) -> None:
    """One error that names the file: for none, for no ONNX file, and for another network."""
    file = tmp_path / "reader.onnx"
    with pytest.raises(ReaderError, match=r"reader\.onnx is no exported network"):
        weights_of(file, trained.state_dict())
    file.write_bytes(b"no network")
    with pytest.raises(ReaderError, match=r"reader\.onnx is no exported network"):
        weights_of(file, trained.state_dict())
    one = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    same = helper.make_node("Identity", ["x"], ["y"])
    other = helper.make_graph([same], "other", [one], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])])
    onnx.save(helper.make_model(other), file)
    with pytest.raises(ReaderError, match=r"reader\.onnx is not the network"):
        weights_of(file, trained.state_dict())
