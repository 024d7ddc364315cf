"""An exported network -> the weights that training goes on from; from int8, as exact as int8 can tell."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper

from index.errors import ReaderError

_PRODUCTS = frozenset({"MatMul", "MatMulInteger"})


def weights_of(path: Path, network: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """`reader.onnx` or `reader-int8.onnx` as `export` wrote it -> name -> weights, float32.

    Args:
        path: the exported file.
        network: the state of a network of the same kind, whose names and shapes the weights must have.

    Raises:
        ReaderError: the file is not there, or no such network.
    """
    try:
        weights = _weights_in(onnx.load(path).graph)
    except Exception as error:  # onnx has no error of its own: protobuf's, the file system's, a missing name
        raise ReaderError(f"{path} is no exported network; give one that bot.reader.training.export wrote") from error
    if {name: one.shape for name, one in weights.items()} != {name: one.shape for name, one in network.items()}:
        raise ReaderError(f"{path} is not the network that is trained; give one that bot.reader.training.export wrote")
    return weights


def _weights_in(graph: onnx.GraphProto) -> dict[str, torch.Tensor]:
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights = {name: array for name, array in stored.items() if name.startswith(("encoder.", "head."))}
    for name in [name.removesuffix("_quantized") for name in weights if name.endswith("_quantized")]:
        weights[name] = _in_float(name, stored)
        for suffix in ("_quantized", "_scale", "_zero_point"):
            del weights[name + suffix]
    for node in graph.node:
        # /encoder/encoder/layer.0/output/dense/MatMul_quant multiplies by encoder.encoder.layer.0.output.dense.weight.
        if node.op_type in _PRODUCTS and (matrix := node.input[1].removesuffix("_quantized")).startswith("onnx::"):
            layer = node.name.strip("/").rpartition("/")[0].replace("/", ".")
            weights[f"{layer}.weight"] = (stored[matrix] if matrix in stored else _in_float(matrix, stored)).T
    return {name: torch.from_numpy(np.array(array, np.float32)) for name, array in weights.items()}


def _in_float(name: str, stored: dict[str, npt.NDArray[np.generic]]) -> npt.NDArray[np.float32]:
    """The matrix that 8-bit numbers stand for: (number - zero point) * scale, by column where there are several."""
    numbers, scale, zero = (stored[name + suffix] for suffix in ("_quantized", "_scale", "_zero_point"))
    return (numbers.astype(np.float32) - zero.astype(np.float32)) * scale.astype(np.float32)
