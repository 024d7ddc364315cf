"""Documents of a corpus while an index is being built: their texts lie in the room, a corpus may be larger than memory.

Of each document stay in memory its path, the digest of its file and where the rest lies. What an older snapshot has
already stays there.
"""

import json
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from index.lines import Facts, Lines, StoredDocument, as_json, entry_of, fields_of
from index.records import Document
from index.room import Room

# What a document has in the table: where its line and its text begin and end, or its number in the older snapshot.
_COLUMNS = 4
_OLDER = -1


class GatheredDocuments(Lines):
    """Documents sorted by path, each made when it is looked at, and not remembered."""

    def __init__(self, lines: npt.NDArray[np.uint8], texts: npt.NDArray[np.uint8], table: "Table") -> None:
        """Takes the bytes of all lines and of all texts, and where those of each document lie."""
        super().__init__()
        self._lines, self._texts, self._table = lines, texts, table
        self._order = sorted(range(len(table.paths)), key=table.paths.__getitem__)

    def __len__(self) -> int:
        return len(self._order)

    def facts(self) -> Iterator[Facts]:
        """What tells each of them from another, in order."""
        return (self._table.facts[row] for row in self._order)

    def entry(self, number: int) -> tuple[dict[str, Any], int]:
        """An ordinal -> what stands in its line, but for the place of its text, and how many bytes that has."""
        row = self._order[number]
        place, older = self._table.place(row), self._table.older
        if place[0] != _OLDER or older is None:
            return self._entry(place), place[3] - place[2]
        entry, n_bytes = older.entry(place[1])
        return (entry if entry["path"] == self._table.facts[row].path else entry_of(self._document(row))), n_bytes

    def read(self, number: int) -> StoredDocument:
        """An ordinal -> its document, made anew and not remembered."""
        return self._document(self._order[number])

    def _document(self, row: int) -> StoredDocument:
        place, facts, older = self._table.place(row), self._table.facts[row], self._table.older
        if place[0] == _OLDER and older is not None:
            kept = older.read(place[1])
            return kept if kept.path == facts.path else kept.renamed(facts.path)
        begin, end = place[2:]
        values = fields_of({"sha256": facts.sha256, **self._entry(place)})
        return StoredDocument(values, facts.sha256, (self.mark, row), end - begin, self._texts[begin:end].tobytes)

    def _entry(self, place: Sequence[int]) -> dict[str, Any]:
        return dict(json.loads(self._lines[place[0] : place[1]].tobytes()))


class Table:
    """What stays in memory of each document, in the order in which they came."""

    def __init__(self, older: Lines | None) -> None:
        self.older = older
        self.facts: list[Facts] = []
        self._places = array("q")

    @property
    def paths(self) -> list[str]:
        """Their paths."""
        return [facts.path for facts in self.facts]

    def add(self, facts: Facts, place: tuple[int, int, int, int]) -> None:
        """One more."""
        self.facts.append(facts)
        self._places.extend(place)

    def place(self, row: int) -> Sequence[int]:
        """Where one of them lies."""
        return self._places[_COLUMNS * row : _COLUMNS * (row + 1)]


class Gatherer:
    """Takes documents one after another."""

    def __init__(self, room: Room, older: Sequence[Document] | None) -> None:
        """Takes the room for their texts, and the documents of the older snapshot, if there is one."""
        self._lines, self._texts = room.array(np.uint8), room.array(np.uint8)
        self._table = Table(older if isinstance(older, Lines) else None)
        self._line = self._text = 0

    def add(self, document: Document) -> None:
        """Puts a document aside; where it is one of the older snapshot's, only its number."""
        source, text = document.source_sha256, document.sha256
        facts = Facts(document.path, source, source if text == source else text)
        older = self._table.older
        if older is not None and isinstance(document, StoredDocument) and document.origin[0] is older.mark:
            self._table.add(facts, (_OLDER, document.origin[1], 0, 0))
            return
        line, data = as_json(entry_of(document)), document.utf8()
        for bytes_, growing in ((line, self._lines), (data, self._texts)):
            growing.append(np.frombuffer(bytes_, np.uint8))
        self._table.add(facts, (self._line, self._line + len(line), self._text, self._text + len(data)))
        self._line, self._text = self._line + len(line), self._text + len(data)

    def finish(self) -> GatheredDocuments:
        """All of them, by their paths."""
        return GatheredDocuments(self._lines.finish(), self._texts.finish(), self._table)
