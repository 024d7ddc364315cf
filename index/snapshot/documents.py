"""`documents.jsonl`: a document a line, and `texts.utf8`: their canonical texts, one after another.

A text is read when it is first looked at, and verified then: no character of it is seen before.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from index.errors import SnapshotDamaged
from index.locks import Hold
from index.records import Document, LeftOut, document_as_json, fields_from_json
from index.snapshot.files import Files
from index.snapshot.manifest import as_json

DOCUMENTS, TEXTS = "documents.jsonl", "texts.utf8"


class StoredDocument(Document):
    """A document whose text still lies in its file.

    Raises (whoever looks at its text first):
        SnapshotDamaged: the text was altered since it was written.
    """

    def __init__(self, values: Mapping[str, Any], sha256: str, read: Callable[[], str]) -> None:
        """Takes the fields but `text`, the hash that is in `sha256`'s place, and how to read the text."""
        self.__dict__.update(values, sha256=sha256, _read=read)

    def __getattr__(self, name: str) -> Any:
        if name != "text" or "_read" not in self.__dict__:
            raise AttributeError(name)
        # Two threads may both read it; both get the same. Then its file is needed no longer.
        read = self.__dict__.get("_read")
        text = read() if read is not None else self.__dict__["text"]
        self.__dict__["text"] = text
        self.__dict__["_read"] = None
        return text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and all(
            getattr(self, entry.name) == getattr(other, entry.name) for entry in fields(Document)
        )

    def __hash__(self) -> int:
        return hash((self.path, self.sha256))


def documents_to_lines(
    documents: Iterable[Document], warnings: Mapping[str, str], left_out: Mapping[str, Sequence[LeftOut]]
) -> Iterator[bytes]:
    """Documents, and by path what else there is to say of them (see `Contents`) -> the lines of `documents.jsonl`."""
    start = 0
    for document in documents:
        end = start + len(document.text.encode())
        yield as_json(
            {
                **document_as_json(document),
                "text": [start, end],
                "warning": warnings.get(document.path),
                "left_out": [[item.path, item.reason, item.failed] for item in left_out.get(document.path, ())],
            }
        )
        start = end


def texts_of(documents: Iterable[Document]) -> Iterator[bytes]:
    """Documents -> the pieces of `texts.utf8`."""
    return (document.text.encode() for document in documents)


@dataclass(frozen=True, slots=True)
class Lines:
    """What stands in `documents.jsonl`; the fields are those of `Contents`."""

    documents: tuple[Document, ...]
    warnings: Mapping[str, str]
    left_out: Mapping[str, tuple[LeftOut, ...]]


def read_documents(files: Files, hold: Hold | None) -> Lines:
    """Files of a generation -> its documents, and what else there is to say of them.

    Args:
        files: of the generation.
        hold: kept until all texts have been read, so that their file is not removed.

    Raises:
        SnapshotDamaged: the documents' file is cut short or altered.
    """
    documents: list[Document] = []
    warnings: dict[str, str] = {}
    left_out: dict[str, tuple[LeftOut, ...]] = {}
    for line in files.read(DOCUMENTS).split(b"\n")[:-1]:
        entry = json.loads(line)
        values = fields_from_json(entry)
        path = values["path"]
        text = _Text(files, range(*entry["text"]), path, entry["sha256"], hold)
        documents.append(StoredDocument(values, entry["sha256"], text.read))
        if entry["warning"] is not None:
            warnings[path] = str(entry["warning"])
        if entry["left_out"]:
            left_out[path] = tuple(LeftOut(*item) for item in entry["left_out"])
    return Lines(tuple(documents), warnings, left_out)


class _Text:
    """Where a text lies."""

    def __init__(self, files: Files, place: range, path: str, sha256: str, hold: Hold | None) -> None:
        self._files, self._place, self._path, self._sha256, self._hold = files, place, path, sha256, hold

    def read(self) -> str:
        """The text, verified."""
        try:
            with (self._files.folder / TEXTS).open("rb") as file:
                file.seek(self._place.start)
                data = file.read(len(self._place))
        except OSError as error:
            raise SnapshotDamaged(
                f"{TEXTS} of the index cannot be read ({error.strerror}); {self._files.rebuilding}"
            ) from error
        if hashlib.sha256(data).hexdigest() != self._sha256:
            raise SnapshotDamaged(
                f"the text of {self._path} in {TEXTS} of the index was altered; {self._files.rebuilding}"
            )
        return data.decode()
