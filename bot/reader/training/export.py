"""A trained network -> `reader.onnx`, `reader-int8.onnx`, `tokenizer.json` and `SHA256SUMS`.

`python -m bot.reader.training.export --out DIR WEIGHTS...` exports saved weights; of several, their mean.
"""

import argparse
import hashlib
import re
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

from bot.reader.training.network import ReaderNetwork, base_folder

_OPSET = 17
# Left in float32: the head, the products inside attention, and the second matrix of the first three layers. Without
# the latter the F1 of questions never trained on falls by 2.1 points, with them by 0.4, for 5 MB more.
_IN_FLOAT = re.compile(r"/head/|self/MatMul(_1)?$|layer\.[012]/output/dense")
_INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
_OUTPUTS = ["start_logits", "end_logits"]


def export(network: ReaderNetwork, tokenizer: Path, out: Path) -> dict[str, str]:
    """A network and its `tokenizer.json` -> the files in `out`, in float32 and in int8; name -> sha256."""
    out.mkdir(parents=True, exist_ok=True)
    network = network.eval()
    full, small = out / "reader.onnx", out / "reader-int8.onnx"
    ids = torch.ones((2, 8), dtype=torch.int64)
    axes = {name: {0: "pairs", 1: "tokens"} for name in _INPUTS + _OUTPUTS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what tracing fixes: lengths are given as axes that vary
        torch.onnx.export(
            network,
            (ids, ids, ids),
            str(full),
            input_names=_INPUTS,
            output_names=_OUTPUTS,
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(full), str(prepared), skip_symbolic_shape=True)
        # One scale per channel: with one per matrix the encoder's cosine to float32 falls from 0.995 to 0.95. Seven of
        # the eight bits: then no processor's sums overflow, and all come to the same; it measured no worse.
        kept = [node.name for node in onnx.load(prepared).graph.node if _IN_FLOAT.search(node.name)]
        quantize_dynamic(
            prepared,
            small,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=kept,
        )
    shutil.copyfile(tokenizer, out / "tokenizer.json")
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (full, small, out / "tokenizer.json")}
    (out / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()), encoding="utf-8")
    return sums


def mean_weights(paths: Sequence[Path]) -> dict[str, torch.Tensor]:
    """Saved weights of one network, at least one -> their mean."""
    states = [torch.load(path, weights_only=True)["network"] for path in paths]
    return {name: torch.stack([state[name].double() for state in states]).mean(0).float() for name in states[0]}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bot.reader.training.export", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("weights", type=Path, nargs="+")
    args = parser.parse_args()
    base = base_folder()
    network = ReaderNetwork(base)
    network.load_state_dict(mean_weights(args.weights))
    print(export(network, base / "tokenizer.json", args.out))


if __name__ == "__main__":
    main()
