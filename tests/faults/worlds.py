"""Small worlds to build, and what an index of each must answer: which one is asked can be told, and if it is whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.answer import Answer
from bot.confidence import Confidence
from bot.reader.sentences import SentenceReader
from bot.respond import Responder
from bot.spelling import Speller
from index.snapshot import Contents, Snapshot, load_snapshot
from index.storage import Disk
from tests.unit.fakes import EVIDENCE, FakeEncoder, contents_of

QUESTIONS = ("Who dredged the harbour?", "What colour is the lighthouse?", "How long does sick pay run?")


@dataclass(frozen=True)
class World:
    """A corpus that differs from every other in each of its sentences."""

    name: str

    @property
    def texts(self) -> Mapping[str, str]:
        """The documents: one under the same name in every world, one under its own, one that is the same in all."""
        return {
            "harbour.txt": f"Aldwick\n\nThe harbour was dredged by {self.name}. It took {self.name} eleven months.",
            f"{self.name}.txt": f"The lighthouse is as red as {self.name}. It was painted for {self.name}.",
            "pay.md": "# Pay\n\nSick pay runs for six weeks.\n",
        }

    @property
    def contents(self) -> Contents:
        """What is built of them."""
        return _contents(self)

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What an index of them must answer to `QUESTIONS`."""
        return _answers(self)


class QuickDisk(Disk):
    """Does all but wait for the disk: for what is no part of a proof."""

    def flush(self, file: int) -> None:
        """Not done."""

    def flush_folder(self, path: Path) -> None:
        """Not done."""


@cache
def _contents(world: World) -> Contents:
    return contents_of(world.texts)


@cache
def _answers(world: World) -> list[dict[str, Any]]:
    responder = responder_of(Snapshot("x", world.contents))
    return [told(responder.answer(question)) for question in QUESTIONS]


def responder_of(snapshot: Snapshot) -> Responder:
    """A snapshot -> a responder without a model."""
    encoder = FakeEncoder()
    return Responder(
        snapshot=snapshot,
        encoder=encoder,
        reader=SentenceReader(encoder, dict.fromkeys(EVIDENCE, 1.0)),
        confidence=Confidence("sentences", encoder.name, {"cosine": 1.0}, 0.0, 0.5),
        speller=Speller(snapshot.contents.words),
    )


def told(answer: Answer) -> dict[str, Any]:
    """An answer without what differs from one time to the next."""
    return {name: value for name, value in answer.as_json().items() if name not in {"timings_ms", "index"}}


def world_in(folder: Path) -> str:
    """The name of the world that the index in a folder answers from, wholly.

    Raises:
        AssertionError: it answers from none, or from a mixture.
    """
    snapshot = load_snapshot(folder)
    harbour = snapshot.document_named("harbour.txt")
    assert harbour is not None
    world = World(harbour.text.split("dredged by ")[1].split(".")[0])
    contents, expected = snapshot.contents, world.contents
    assert {document.path: document.text for document in contents.documents} == world.texts
    assert (contents.sentences, contents.passages) == (expected.sentences, expected.passages)
    responder = responder_of(snapshot)
    assert [told(responder.answer(question)) for question in QUESTIONS] == world.answers
    return world.name


def leftovers(folder: Path) -> list[str]:
    """What a builder that died left in an index."""
    return sorted(path.name for path in folder.rglob("*") if path.name.startswith("."))
