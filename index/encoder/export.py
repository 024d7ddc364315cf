"""A loaded model -> files that are served without PyTorch."""

import hashlib
import io
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch

from index.encoder.contract import Vectors
from index.encoder.exported import OUTPUT, Exported, ExportedEncoder, Files
from index.encoder.quantise import quantised
from index.encoder.source import IN_8_BITS, fingerprint_of
from index.errors import EncoderError, reason_of

if TYPE_CHECKING:
    from index.encoder.sentence_transformer import SentenceTransformerEncoder

_OPSET = 17
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
# How far a component may lie from what sentence-transformers gives.
_TOLERANCE = 1e-4
# The cosine of a text's vectors in 32 and in 8 bits, at least. Of 35,255 questions and passages of Wikipedia the lowest
# was 0.975, the mean 0.994.
_ALIKE = 0.95
# What both must give the same vector for: nothing, white space around it, other scripts, signs, a text of some length,
# and one that is longer than the model reads.
_PROBES = (
    "",
    "  When was the lighthouse painted?\n",
    "L’été à Zürich: “naïve” façade, ﬁne, Ελλάδα, Россия, 東京 \u200b 🙂 A.B.",
    "The rent of the crane is due in March. " * 17,
    "One word after another, and a few more of them. " * 400,
)


def export(encoder: "SentenceTransformerEncoder") -> tuple[Files, ExportedEncoder]:
    """A loaded model -> its files, and the model that they give, which encodes as it does.

    Raises:
        EncoderError: it cannot be exported, or what comes out encodes otherwise.
        OSError: there is no room for temporary files.
    """
    files, made = export_float32(encoder)
    if encoder.name not in IN_8_BITS:
        return files, made
    try:
        network = quantised(files.network)
    except OSError:  # says nothing of the model: the next time there may be room
        raise
    except Exception as error:
        raise EncoderError(f"model {encoder.name} cannot be quantised ({reason_of(error)})") from error
    facts = replace(files.facts, is_quantised=True, network_sha256=hashlib.sha256(network).hexdigest())
    files = Files(network, files.tokenizer, facts)
    smaller = ExportedEncoder(files, encoder.name, fingerprint_of(encoder.name) or encoder.fingerprint)
    alike = float((smaller.encode(_PROBES) * made.encode(_PROBES)).sum(axis=1).min())
    if not alike >= _ALIKE:
        raise EncoderError(f"model {encoder.name} gives other vectors in 8 bits: their cosine is {alike:.3f}")
    return files, smaller


def export_float32(encoder: "SentenceTransformerEncoder") -> tuple[Files, ExportedEncoder]:
    """The same with all its numbers as they are.

    Pooling and normalisation are part of the network; how many texts it reads and how long they are is left open.
    """
    model = encoder.model
    wanted = encoder.encode(_PROBES)

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            features = dict(zip(given, inputs, strict=True))
            for module in self.model:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], p=2.0, dim=1)

    try:
        # The plain one: PyTorch's own kernel is not what ONNX can write.
        model[0].auto_model.set_attn_implementation("eager")
        features = model.preprocess(["one", "two words of it"])
        given = [name for name in _INPUTS if name in features]
        tokenizer = model.tokenizer.backend_tokenizer.to_str().encode()
        written = io.BytesIO()
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of what tracing fixes: the probes tell whether it matters
            torch.onnx.export(
                Network().eval(),
                tuple(features[name] for name in given),
                cast("Any", written),  # a file in memory, which its annotations do not know
                input_names=given,
                output_names=[OUTPUT],
                dynamic_axes={**{name: {0: "text", 1: "token"} for name in given}, OUTPUT: {0: "text"}},
                opset_version=_OPSET,
                dynamo=False,
            )
    except Exception as error:
        raise EncoderError(f"model {encoder.name} cannot be exported ({reason_of(error)})") from error
    network = written.getvalue()
    files = Files(
        network,
        tokenizer,
        Exported(
            dimension=encoder.dimension,
            max_tokens=encoder.max_tokens,
            is_quantised=False,
            unknown_token=cast("int | None", getattr(model.tokenizer, "unk_token_id", None)),
            network_sha256=hashlib.sha256(network).hexdigest(),
            tokenizer_sha256=hashlib.sha256(tokenizer).hexdigest(),
        ),
    )
    made = ExportedEncoder(files, encoder.name, encoder.fingerprint)
    _must_agree(made, encoder, wanted)
    return files, made


def _must_agree(made: ExportedEncoder, encoder: "SentenceTransformerEncoder", wanted: Vectors) -> None:
    """Refuses what gives other vectors, or counts other tokens, than the model that it was made from."""
    apart = float(np.abs(made.encode(_PROBES) - wanted).max())
    if not apart <= _TOLERANCE:
        raise EncoderError(f"model {encoder.name} gives other vectors once exported: {apart:.1g} apart")
    if any(made.count_tokens(probe) != encoder.count_tokens(probe) for probe in _PROBES):
        raise EncoderError(f"model {encoder.name} counts other tokens once exported")
