"""One small module for each kind of document: bytes -> Document.

To read another kind, add a module with a `load(path, data) -> Document` and name it here.
"""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from index.loaders import markdown, text
from index.records import Document

Loader = Callable[[str, bytes], Document]

LOADERS: Mapping[str, Loader] = MappingProxyType(
    {".txt": text.load, ".text": text.load, ".md": markdown.load, ".markdown": markdown.load}
)


def loader_for(path: str) -> Loader | None:
    """A document's path -> the loader for its kind, or None where there is none."""
    return LOADERS.get(PurePosixPath(path).suffix.lower())
