"""An exported network -> weights to train on from."""

from pathlib import Path

import numpy as np
import pytest

from bot.reader.extractive import load_extractive
from bot.reader.tokens import encode_pairs, pad
from index.errors import ReaderError
from tests.accuracy.figures import ROOT


@pytest.mark.real
def test_the_shipped_weights_come_back_from_eight_bits() -> None:
    """The network in PyTorch says what the exported one does, but for what 8 bits cannot tell."""
    import torch  # noqa: PLC0415 - only training and its tests need it

    from bot.reader.exported import weights_of  # noqa: PLC0415
    from bot.reader.network import ReaderNetwork, base_folder  # noqa: PLC0415

    reader = load_extractive()
    network = ReaderNetwork(base_folder()).eval()
    network.load_state_dict(weights_of(ROOT / "bot" / "reader" / "weights" / "reader-int8.onnx"))
    texts = ["The treaty was signed in 1905 by both kings in Paris.", "Nobody knows what became of the second one."]
    batch = pad(encode_pairs(reader._tokenizer, "When was the treaty signed?", texts))
    with torch.no_grad():
        inputs = map(torch.from_numpy, (batch.input_ids, batch.attention_mask, batch.token_type_ids))
        found = [logits.numpy() for logits in network(*inputs)]
    names = ("input_ids", "attention_mask", "token_type_ids")
    wanted = reader._session.run(None, {name: getattr(batch, name) for name in names})
    real = batch.attention_mask.astype(bool)
    for one, other in zip(found, wanted, strict=True):
        assert np.corrcoef(one[real], other[real])[0, 1] > 0.98


def test_what_is_no_network_is_named(tmp_path: Path) -> None:
    """One line with the file, not a parser's traceback."""
    from bot.reader.exported import weights_of  # noqa: PLC0415 - imports PyTorch

    file = tmp_path / "reader.onnx"
    file.write_bytes(b"no network")
    with pytest.raises(ReaderError, match=r"reader\.onnx is no exported network"):
        weights_of(file)
