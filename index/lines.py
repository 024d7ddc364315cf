"""A document <-> its line in a file, and documents whose texts still lie in one."""

import json
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, NamedTuple, overload

from index.records import Document, document_as_json, fields_from_json


class Facts(NamedTuple):
    """What tells a document from another; a `Document` has the same."""

    path: str
    source_sha256: str
    sha256: str


class StoredDocument(Document):
    """A document whose text still lies in its file.

    Raises (whoever looks at its text first):
        SnapshotDamaged: the text was altered since it was written.

    Attributes:
        origin: the mark of the documents that it is one of, and its number among them.
    """

    origin: tuple[object, int]

    def __init__(
        self,
        values: Mapping[str, Any],
        sha256: str,
        origin: tuple[object, int],
        n_bytes: int,
        read: Callable[[], bytes],
    ) -> None:
        """Takes the fields but `text`, and the hash in `sha256`'s place.

        Args:
            values: the fields.
            sha256: of the text.
            origin: the mark of the documents that it is one of, and its number among them.
            n_bytes: how many its text has in UTF-8.
            read: gives the text's bytes, verified.
        """
        self.__dict__.update(values, sha256=sha256, origin=origin, _n_bytes=n_bytes, _read=read)

    def __getattr__(self, name: str) -> Any:
        if name != "text" or "_read" not in self.__dict__:
            raise AttributeError(name)
        # Two threads may both read it; both get the same. Then its file is needed no longer.
        read = self.__dict__.get("_read")
        text = read().decode() if read is not None else self.__dict__["text"]
        self.__dict__["text"] = text
        self.__dict__["_read"] = None
        return text

    def utf8(self) -> bytes:
        """The canonical text in UTF-8."""
        read = self.__dict__["_read"]
        return bytes(read()) if read is not None else super().utf8()

    @property
    def n_bytes(self) -> int:
        """How many bytes those are."""
        return int(self.__dict__["_n_bytes"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and all(
            getattr(self, entry.name) == getattr(other, entry.name) for entry in fields(Document)
        )

    def __hash__(self) -> int:
        return hash((self.path, self.sha256))


class Lines(Sequence[Document]):
    """Documents that lie in files, and what can be said of them without making records of them.

    Attributes:
        mark: by which a document of theirs is known.
    """

    def __init__(self) -> None:
        """Gives them their mark."""
        self.mark = object()

    @abstractmethod
    def entry(self, number: int) -> tuple[dict[str, Any], int]:
        """An ordinal -> what stands in its line, but for the place of its text, and how many bytes that has."""

    @abstractmethod
    def read(self, number: int) -> StoredDocument:
        """An ordinal -> its document, made anew and not remembered."""

    @abstractmethod
    def facts(self) -> Iterator[Facts]:
        """What tells each of them from another, in order."""

    def entries(self) -> Iterator[tuple[dict[str, Any], int]]:
        """Each one's `entry`, in order."""
        return map(self.entry, range(len(self)))

    def _at(self, number: int) -> StoredDocument:
        return self.read(number)

    @overload
    def __getitem__(self, at: int) -> Document: ...
    @overload
    def __getitem__(self, at: slice) -> list[Document]: ...
    def __getitem__(self, at: int | slice) -> Document | list[Document]:
        if isinstance(at, slice):
            return [self._at(number) for number in range(len(self))[at]]
        return self._at(range(len(self))[at])

    def __iter__(self) -> Iterator[Document]:
        return map(self._at, range(len(self)))


# What a line leaves out where it is so.
_EMPTY: Mapping[str, Any] = {
    "title_from_name": False,
    "numbered_by_section": False,
    **dict.fromkeys(("headings", "paragraphs", "pages", "rows", "runs", "removed"), ()),
}


def facts_of(documents: Sequence[Document]) -> Iterator[Facts | Document]:
    """Documents -> what tells each of them from another; no record is made where they lie in files."""
    return documents.facts() if isinstance(documents, Lines) else iter(documents)


def entry_of(document: Document) -> dict[str, Any]:
    """A document -> what stands in its line, but for the place of its text."""
    entry = {name: value for name, value in document_as_json(document).items() if value or name not in _EMPTY}
    if entry["sha256"] == entry["source_sha256"]:  # as of most text files
        del entry["sha256"]
    return entry


def fields_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in a line -> the fields of the document, but its text.

    Raises:
        KeyError, TypeError, ValueError: the line is none of ours.
    """
    return fields_from_json({**_EMPTY, **entry})


def as_json(value: Any) -> bytes:
    """A value -> one line of JSON in UTF-8, always the same for the same value."""
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
