"""A model as sentence-transformers serves it, with PyTorch: what an exported one is made from and compared with."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from index.encoder.contract import Vectors
from index.encoder.source import fingerprint_of, source_of
from index.errors import EncoderError, reason_of
from index.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 32


class SentenceTransformerEncoder:
    """A sentence-transformers model as an `Encoder`; safe to share between threads."""

    def __init__(self, model: "SentenceTransformer", name: str) -> None:
        """Wraps a loaded model.

        Raises:
            EncoderError: the model does not say how many tokens it reads.
        """
        limit = model.max_seq_length
        if not limit:
            raise EncoderError(f"model {name} does not say how many tokens it reads; choose another one")
        self.model = model
        self._lock = threading.Lock()
        self.name = name
        self.max_tokens = int(limit)
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.fingerprint = fingerprint_of(name, in_8_bits=False) or _fingerprint_of_loaded(model)
        self._unknown_token = getattr(model.tokenizer, "unk_token_id", None)

    def count_tokens(self, text: str) -> int:
        """Text -> its tokens before any cut, special tokens included."""
        return len(self._token_ids(text))

    def count_unknown(self, text: str) -> int:
        """Text -> how many of its tokens the model has no entry for."""
        return self._token_ids(text).count(self._unknown_token) if self._unknown_token is not None else 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n) texts -> (n, dimension) float32, rows of unit length; (0, dimension) for none."""
        batches = list(self.encode_batches(texts))
        return np.concatenate(batches) if batches else np.empty((0, self.dimension), np.float32)

    def encode_batches(self, texts: Sequence[str]) -> Iterator[Vectors]:
        """The same, a batch at a time, in order."""
        for start in range(0, len(texts), _BATCH):
            with self._lock:
                vectors = self.model.encode(
                    list(texts[start : start + _BATCH]),
                    batch_size=_BATCH,
                    convert_to_numpy=True,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
            yield np.ascontiguousarray(vectors, dtype=np.float32)

    def _token_ids(self, text: str) -> list[int]:
        with self._lock:
            ids = self.model.tokenizer(text, truncation=False, add_special_tokens=True, verbose=False)["input_ids"]
        return list(ids)


def load_sentence_transformer(name: str, *, may_download: bool = False) -> SentenceTransformerEncoder:
    """Model name -> Encoder.

    Args:
        name: `all-MiniLM-L6-v2`, which an installed package carries, or any sentence-transformers model by
            name or folder.
        may_download: whether a named model may be fetched from the model hub; only ever when the user asks for it.

    Raises:
        EncoderError: there is no such model here, or it cannot be loaded.
    """
    source = source_of(name)
    # Takes seconds, so only once a model is really wanted.
    from huggingface_hub import constants
    from huggingface_hub.utils import logging as hub_logging
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    # Else its client, to describe itself, asks the hub for a list, also when it is told to use local files only.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    logging.disable_progress_bar()
    # Its client warns of every try; the one line below says it all.
    hub_logging.set_verbosity_error()
    try:
        model = SentenceTransformer(
            source, device="cpu", trust_remote_code=False, local_files_only=not may_download, backend="torch"
        )
    except Exception as error:
        raise EncoderError(
            f"model {name} cannot be loaded ({reason_of(error)}); give the folder of a sentence-transformers model, "
            f"fetch one with --download, or use {DEFAULT_MODEL}"
        ) from error
    return SentenceTransformerEncoder(model, name)


def _fingerprint_of_loaded(model: "SentenceTransformer") -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    digest.update(f"{model.max_seq_length} {model} {sorted(model.tokenizer.get_vocab().items())}".encode())
    return digest.hexdigest()
