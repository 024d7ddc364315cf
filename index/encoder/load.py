"""A model's name -> the model, served as fast as can be.

What a model was exported to is kept in the user's cache folder, under what the model is and what exported it: made
once, the first time that it is needed.
"""

import hashlib
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from index.encoder.contract import Encoder
from index.encoder.exported import FACTS, NETWORK, TOKENIZER, VERSION, read_exported
from index.encoder.source import fingerprint_of
from index.errors import EncoderError
from index.settings import DEFAULT_MODEL
from index.storage import write_file

# Present in the place of an export where there can be none.
_NOT_EXPORTED = "not-exported"
# With others, what comes out may be another, or may come out at all.
_EXPORTERS = ("sentence-transformers", "transformers", "torch", "onnx", "onnxruntime")


def load_encoder(name: str = DEFAULT_MODEL, *, may_download: bool = False, cache: Path | None = None) -> Encoder:
    """Model name -> Encoder.

    The first time a model is used, sentence-transformers loads and exports it, which takes some seconds more. A model
    that cannot be exported, or encodes otherwise once it is, is served by sentence-transformers, slower.

    Args:
        name: `all-MiniLM-L6-v2`, which an installed package carries, or any sentence-transformers model by
            name or folder.
        may_download: whether a named model may be fetched from the model hub; only ever when the user asks for it.
        cache: the folder for exported models; the user's cache folder by default. Where it cannot be written, the
            model is exported each time.

    Raises:
        EncoderError: there is no such model here, it cannot be loaded, or there is no room to export it.
    """
    folder = cache if cache is not None else user_cache_path("quoth") / "models"
    fingerprint = fingerprint_of(name)
    if fingerprint is not None:
        kept = _place(folder, fingerprint)
        if not (kept / _NOT_EXPORTED).is_file() and (found := read_exported(kept, name, fingerprint)) is not None:
            return found
    return _exported(name, folder, may_download=may_download)


def _exported(name: str, folder: Path, *, may_download: bool) -> Encoder:
    """Loads a model, exports it, keeps that, and serves it."""
    # PyTorch takes seconds to import.
    from index.encoder.export import export
    from index.encoder.sentence_transformer import load_sentence_transformer

    loaded = load_sentence_transformer(name, may_download=may_download)
    place = _place(folder, fingerprint_of(name) or loaded.fingerprint)
    if (place / _NOT_EXPORTED).is_file():
        return loaded
    made: Encoder
    contents: dict[str, bytes]
    try:
        files, made = export(loaded)
    except OSError as error:
        raise EncoderError(
            f"model {name} cannot be prepared ({error.strerror or error}); make room in {tempfile.gettempdir()}, where "
            f"temporary files lie, and run the same again"
        ) from error
    except EncoderError as error:
        # Exporting has changed how it works inside.
        made = load_sentence_transformer(name)
        contents = {_NOT_EXPORTED: f"{error}\n".encode()}
    else:
        contents = {NETWORK: files.network, TOKENIZER: files.tokenizer, FACTS: files.facts.as_json()}
    _keep(place, contents)
    return made


def _place(folder: Path, fingerprint: str) -> Path:
    """The folder for what a model with this fingerprint is exported to, by this exporter."""
    exporter = " ".join([str(VERSION), *map(version, _EXPORTERS)])
    return folder / f"{fingerprint[:32]}-{hashlib.sha256(exporter.encode()).hexdigest()[:8]}"


def _keep(place: Path, contents: dict[str, bytes]) -> None:
    """Writes files into a folder that has its name only once they are all there; where it cannot, there are none."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
        try:
            for name, data in contents.items():
                write_file(new / name, [data])
            shutil.rmtree(place, ignore_errors=True)  # damaged, or it would have been used
            new.replace(place)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    except OSError:
        return  # another process was first, or the folder cannot be written: nothing depends on it
    for other in place.parent.glob(f"{place.name.rpartition('-')[0]}-*"):
        if other != place:
            shutil.rmtree(other, ignore_errors=True)  # made by another exporter
