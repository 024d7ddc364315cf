"""An exported model: onnxruntime and tokenizers, neither PyTorch nor transformers."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from index.cores import n_cores
from index.encoder.contract import Vectors
from index.errors import EncoderError, reason_of

NETWORK, TOKENIZER, FACTS = "model.onnx", "tokenizer.json", "encoder.json"
OUTPUT = "vectors"
# Of these files: another one when they, or how they are made, change.
VERSION = 2
# Texts of like length are read together up to so many tokens. A longer batch is no faster on a processor (two cores
# with AVX-512: `python -m tests.benchmarks.encoding`), and padding costs more than it wins.
_BATCH_TOKENS = 256
# Of so many texts those of like length are found.
_WINDOW = 256


@dataclass(frozen=True, slots=True)
class Exported:
    """What is known of an exported model beside its network and its tokenizer.

    Attributes:
        dimension: the length of its vectors.
        max_tokens: how many tokens it reads of a text, special tokens included.
        is_quantised: whether its matrices are in 8 bits. Then texts are read one by one: those that are read together
            have a scale together, and a vector must depend on its text alone.
        unknown_token: the id of the token for what it has no entry for, or None.
        network_sha256: of the file.
        tokenizer_sha256: of the file.
    """

    dimension: int
    max_tokens: int
    is_quantised: bool
    unknown_token: int | None
    network_sha256: str
    tokenizer_sha256: str

    def as_json(self) -> bytes:
        """Its file."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class Files:
    """The contents of an exported model's files."""

    network: bytes
    tokenizer: bytes
    facts: Exported


class ExportedEncoder:
    """An exported model as an `Encoder`; safe to share between threads.

    Each batch is worked on by one thread, several batches at a time: measured, that wastes less than several threads on
    one, and holds up beside other work.
    """

    def __init__(self, files: Files, name: str, fingerprint: str, *, threads: int | None = None) -> None:
        """Takes the files, what the model is called and is, and how many threads encode (by default all cores).

        Raises:
            EncoderError: this onnxruntime cannot run it.
        """
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(files.network, options, providers=["CPUExecutionProvider"])
            self._whole, self._cut = (Tokenizer.from_str(files.tokenizer.decode()) for _ in range(2))
        except Exception as error:
            raise EncoderError(f"model {name} cannot be run by onnxruntime ({reason_of(error)})") from error
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        # What its file says of cutting and padding was for whoever trained it.
        for tokenizer in (self._whole, self._cut):
            tokenizer.no_padding()
            tokenizer.no_truncation()
        self._cut.enable_truncation(files.facts.max_tokens)
        self._batch_tokens = 0 if files.facts.is_quantised else _BATCH_TOKENS
        self._unknown = files.facts.unknown_token
        self._threads = ThreadPoolExecutor(threads or n_cores(), thread_name_prefix="encode")
        self.name, self.fingerprint = name, fingerprint
        self.dimension, self.max_tokens = files.facts.dimension, files.facts.max_tokens

    def count_tokens(self, text: str) -> int:
        """Text -> its tokens before any cut, special tokens included."""
        return len(self._whole.encode(text))

    def count_unknown(self, text: str) -> int:
        """Text -> how many of its tokens the model has no entry for."""
        return int(self._whole.encode(text).ids.count(self._unknown)) if self._unknown is not None else 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n) texts -> (n, dimension) float32, rows of unit length; (0, dimension) for none."""
        batches = list(self.encode_batches(texts))
        return np.concatenate(batches) if batches else np.empty((0, self.dimension), np.float32)

    def encode_batches(self, texts: Sequence[str]) -> Iterator[Vectors]:
        """The same, some texts at a time, in order."""
        for start in range(0, len(texts), _WINDOW):
            yield self._encode_window(texts[start : start + _WINDOW])

    def _encode_window(self, texts: Sequence[str]) -> Vectors:
        """Texts -> their vectors, those of like length read together."""
        found = [self._cut.encode(text) for text in texts]
        vectors = np.empty((len(texts), self.dimension), np.float32)
        batches = list(_batches([len(encoding) for encoding in found], self._batch_tokens))

        def read(rows: list[int]) -> None:
            vectors[rows] = self._read([found[row] for row in rows])

        if len(batches) == 1:
            read(batches[0])
        else:
            list(self._threads.map(read, batches))
        return vectors

    def _read(self, encodings: Sequence[Encoding]) -> Vectors:
        """What the model reads of texts, the longest first -> their vectors."""
        shape = len(encodings), len(encodings[0])
        fields = {
            "input_ids": np.zeros(shape, np.int64),
            "attention_mask": np.zeros(shape, np.int64),
            "token_type_ids": np.zeros(shape, np.int64),
        }
        for row, encoding in enumerate(encodings):
            length = len(encoding)
            fields["input_ids"][row, :length] = encoding.ids
            fields["attention_mask"][row, :length] = 1  # nothing looks at what lies beyond
            fields["token_type_ids"][row, :length] = encoding.type_ids
        [vectors] = self._session.run([OUTPUT], {name: fields[name] for name in self._inputs})
        return cast("Vectors", vectors)


def _batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """How many tokens each text has, and how many are read together -> rows to read together, the longest first."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    while order:
        n = max(1, tokens // max(1, lengths[order[0]]))
        yield order[:n]
        order = order[n:]


def read_exported(folder: Path, name: str, fingerprint: str) -> ExportedEncoder | None:
    """A folder of exported files -> the model; None where they are not there, or not what was written.

    Raises:
        EncoderError: this onnxruntime cannot run it.
    """
    try:
        facts = Exported(**json.loads((folder / FACTS).read_bytes()))
        network, tokenizer = (folder / NETWORK).read_bytes(), (folder / TOKENIZER).read_bytes()
    except (OSError, ValueError, TypeError):
        return None
    digests = [hashlib.sha256(data).hexdigest() for data in (network, tokenizer)]
    if digests != [facts.network_sha256, facts.tokenizer_sha256]:
        return None
    return ExportedEncoder(Files(network, tokenizer, facts), name, fingerprint)
