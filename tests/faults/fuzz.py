"""Damaged and hostile files -> what becomes of them: `python -m tests.faults.fuzz N [SEED]` tries N damaged ones.

A file may be read, or refused by a loader with one of the known reasons. It may not end or hang the process that reads
it, and no exception but a loader's own DocumentError may come out of that; nothing may be written anywhere.
"""

import contextlib
import random
import re
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain
from pathlib import Path

from index.errors import DocumentError
from index.loaders import NOT_PARSED
from index.records import Document
from index.workers import CRASHED, TIMED_OUT, Limits, Workers
from tests.unit.files import Words, docx_of, eml_of, epub_of, lines, odt_of, pdf, unzipped, zipped

REASONS = ("encrypted", "damaged", "empty", "no text (scanned?)", "too large", "unknown type")
# A reason to the person whose file it is, and a defect of a loader to us: an exception that no loader expects, a
# process that died, one that hung.
DEFECTS = (NOT_PARSED, CRASHED, TIMED_OUT)
# Shorter than what a user's file may take: a file as small as these that takes longer hangs.
LIMITS = Limits(seconds=30, memory_bytes=1 << 30)

# What takes longer is slow enough to be looked at.
SLOW_S = LIMITS.seconds / 3


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    Attributes:
        name: the file's.
        said: `read`, or the reason it was refused for.
        seconds: how long that took.
        attached: why attachments of it were left out.
    """

    name: str
    said: str
    seconds: float
    attached: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether it is one of the outcomes that a file, and what is attached to it, may have."""
        reasons = [*self.attached, *([] if self.said == "read" else [self.said])]
        return all(reason.startswith(REASONS) and not reason.startswith(DEFECTS) for reason in reasons)


def seeds() -> dict[str, bytes]:
    """A sound file of every kind, by name."""
    text = "The harbour of Aldwick was dredged in 1904. She used a steam crane from Leeds.\n\n"
    page = lines(*(f"Line {n} of a page that tells of cranes and certain mat-" for n in range(20)))
    html = "<h1>Rules</h1><p>One &amp; <b>two</b>.<ul><li>a<li>b</ul><table><tr><td>c<td>d</table>"
    return {
        "a.txt": text.encode() * 3,
        "w.txt": text.encode("utf-16"),
        "l.txt": ("Caf\u00e9 \u201cso\u201d. " * 9).encode("cp1252"),
        "a.md": b"# Rules\n\nOne *two*.\n\n- a\n- b\n\n| a | b |\n| - | - |\n| c | d |\n\n```\ncode\n```\n" * 3,
        "a.rst": b"Rules\n=====\n\nOne.\n\n.. note:: Two.\n\nMore\n----\n\n- a\n" * 3,
        "a.html": f"<!DOCTYPE html><html><head><title>T</title></head><body>{html}</body></html>".encode(),
        "a.pdf": pdf([Words(72, 800, "Head 1"), *page], page, [Words(72, 30, "3"), *page]),
        "crop.pdf": pdf(page, page, box="/MediaBox[0 0 595 842]/CropBox[60 300 500 800]"),
        "away.pdf": pdf([replace(w, x=w.x - 700, y=w.y + 900) for w in page], box="/MediaBox[-700 900 -105 1742]"),
        "turned.pdf": pdf(page, box="/MediaBox[-20 -30 595 842]/CropBox[0 0 500 800]/Rotate 90"),
        "a.docx": docx_of("! Title", "# One", "Words.", "## Two", "More words.", [["a", "b"], ["c", "d"]]),
        "a.odt": odt_of(f'<text:h text:outline-level="1">One</text:h><text:p>{text}</text:p>' * 5),
        "a.epub": epub_of(html, html, html),
        "a.eml": eml_of(text, {"x.pdf": pdf(page), "y.txt": b"Y.", "z.eml": eml_of("Inner.")}, html=html),
    }


def damaged(n: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """How many and a seed -> damaged files with their names, the same each time."""
    sound = seeds()
    for number in range(n):
        chance = random.Random(f"{seed}:{number}")
        name = chance.choice(sorted(sound))
        data = sound[name]
        if name.endswith((".docx", ".odt", ".epub")) and chance.random() < 0.7:
            data = _with_damaged_member(data, chance)
        else:
            for _ in range(chance.randint(1, 4)):
                data = chance.choice(_DAMAGES)(data, chance)
        if chance.random() < 0.1:  # under the name of another kind
            name = f"b.{chance.choice(sorted(sound)).rsplit('.', 1)[1]}"
        yield f"{number}-{name}", data


def bombs() -> dict[str, bytes]:
    """Files that were made to harm, by name."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    entity_bomb = f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]><x>&e11;</x>'
    zeros = bytes(300_000_000)
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(bytes(1_000_000)) for _ in range(1_500)) + packing.flush()
    mail = b"From: a\n"
    for n in range(3_000):
        mail += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
    huge = pdf([Words(72, 700, "Words.")])
    chance = random.Random(0)
    strewn = [Words(chance.uniform(0, 500), chance.uniform(0, 800), "strewn about the page", 1) for _ in range(10_000)]
    nested = zipped({"a.txt": "A."})
    for _ in range(20):
        nested = zipped({"a.zip": nested})
    return {
        "zip.docx": zipped({"word/document.xml": zeros}),
        "zip.epub": zipped({"mimetype": "application/epub+zip", "META-INF/container.xml": zeros}),
        "many.docx": zipped({f"{n}.xml": "" for n in range(20_000)}),
        "nested.zip": nested,
        "entities.docx": zipped({**unzipped(docx_of("A.")), "word/document.xml": entity_bomb}),
        "entities.odt": zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": entity_bomb}),
        "entities.html": entity_bomb.replace("<x>", "<html><p>").encode(),
        "external.odt": zipped(
            {
                "mimetype": "application/vnd.oasis.opendocument.text",
                "content.xml": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><text>&e;</text>',
            }
        ),
        "deep.odt": odt_of("<text:span>" * 200_000),
        "deep.html": b"<div>" * 500_000 + b"deep",
        "deep-tables.html": b"<table><tr><td>" * 100_000 + b"deep",
        "deep.md": b"> " * 20_000 + b"deep\n\n" + b"- " * 20_000 + b"deep\n\n" + b"[" * 50_000,
        "spaces.md": b"# a" + b" " * 200_000 + b"b\n",
        "lines.rst": (b"=" * 100 + b"\n") * 20_000,
        "deep.eml": mail + b"deep",
        "people.eml": b"From: " + b'"a" <a@b.c>, ' * 60_000 + b"\n\nText.",
        "quote.eml": b"To: " + b'"' * 100_000 + b"\n\nText.",
        "parameters.eml": b"From: a\nContent-Type: text/plain; " + b"a*0*=x; " * 20_000 + b"\n\nText.",
        "header.eml": b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nText.",
        "stream.pdf": huge.replace(b">>stream\n", b">>stream\n" + packed),
        "strewn.pdf": pdf(strewn),
        "row.pdf": pdf([Words(n * 4, 400, "a", 1) for n in range(10_000)]).replace(b"0 0 595 842", b"0 0 40000 842"),
        "page.pdf": huge.replace(b"[0 0 595 842]", b"[0 0 9e9 9e9]"),
        "loop.pdf": huge.replace(b"/Kids[5 0 R]", b"/Kids[2 0 R]"),
        "count.pdf": huge.replace(b"/Count 1", b"/Count 99999999"),
        "../../outside.txt": b"A name that leads out.",
        "../../outside.eml": eml_of("x", {"../../outside.txt": b"A.", "/outside.txt": b"B."}),
        "slip.epub": epub_of("<p>x", href="../../../../{}/etc/passwd", **{"../../outside.txt": "x"}),
    }


# How what becomes of each bomb begins.
BOMBS_SAID = {
    "zip.docx": "too large: unpacks to 300,000,000 bytes",
    "zip.epub": "too large: unpacks to 300,000,020 bytes",
    "many.docx": "too large: has 20,000 parts",
    "nested.zip": "unknown type",
    "entities.docx": "damaged: word/document.xml is no well-formed XML",
    "entities.odt": "damaged: content.xml is no well-formed XML",
    "entities.html": "read",
    "external.odt": "empty",
    "deep.odt": "damaged: content.xml is no well-formed XML",
    "deep.html": "empty",
    "deep-tables.html": "empty",
    "deep.md": "empty",
    "spaces.md": "empty",
    "lines.rst": "empty",
    "deep.eml": "damaged: is no readable mail",
    "people.eml": "read",
    "quote.eml": "read",
    "parameters.eml": "read",
    "header.eml": "read",
    # pdfium ends the process when it gets no more memory: the one defect that is none of ours.
    "stream.pdf": CRASHED,
    "strewn.pdf": "read",
    "row.pdf": "read",
    "page.pdf": "read",
    "loop.pdf": "no text (scanned?)",
    "count.pdf": "read",
    "../../outside.txt": "read",
    "../../outside.eml": "read",
    "slip.epub": "empty",
}


def outcomes(files: Mapping[str, bytes] | Iterator[tuple[str, bytes]], workers: Workers) -> Iterator[Outcome]:
    """Files -> what becomes of each, in order, several at a time."""

    def one(item: tuple[str, bytes]) -> Outcome:
        begun = time.perf_counter()
        try:
            loaded = workers.load(*item)
        except DocumentError as error:
            return Outcome(item[0], str(error), time.perf_counter() - begun)
        for document in loaded.documents:  # what came back is sound
            for span in (*document.paragraphs, *(h.span for h in document.headings)):
                document.slice(span)
            document.location(len(document.text))
            if wrong := _picture_of(item, document, workers):
                return Outcome(item[0], wrong, time.perf_counter() - begun)
        attached = tuple(left_out.reason for left_out in loaded.left_out)
        return Outcome(item[0], "read", time.perf_counter() - begun, attached)

    items = iter(files.items() if isinstance(files, Mapping) else files)
    with ThreadPoolExecutor(workers.n_processes) as pool:
        while batch := [item for _, item in zip(range(64), items, strict=False)]:
            yield from pool.map(one, batch)


def _picture_of(item: tuple[str, bytes], document: Document, workers: Workers) -> str:
    """A file and a document of it -> nothing, where the picture of its first page with words can be drawn or has none.

    The boxes of all that was read from the page lie on its picture.
    """
    if not document.layout.runs:
        return ""
    page = document.page(document.layout.runs[0].start)
    runs = [(run.first, run.length) for run in document.layout.runs if document.page(run.start) == page]
    asked = {"task": "picture", "path": item[0], "part": document.path, "sha256": document.source_sha256}
    try:
        reply = workers.ask({**asked, "page": page, "runs": runs}, item[1])
    except DocumentError as error:
        return str(error)
    boxes = [box for of_run in reply.header["boxes"] for box in of_run]
    on_page = all(0 <= x + w / 2 <= 1 and 0 <= y + h / 2 <= 1 for x, y, w, h in boxes)
    return "" if boxes and on_page else "its words do not lie on the picture of its page"


def _with_damaged_member(data: bytes, chance: random.Random) -> bytes:
    """A sound archive of which one member is damaged."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        unlucky = chance.choice(old.namelist())
        for name in old.namelist():
            contents = old.read(name)
            if name == unlucky:
                contents = chance.choice([*_DAMAGES, _drop])(contents, chance)
            new.writestr(name, contents)
    return out.getvalue()


def _place(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 2, 4, 16, 64, 512)))


def _flip(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 3, 10, 100)) if out else 0):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _drop(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + data[end:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    start, _ = _place(data, chance)
    return data[:start] + chance.randbytes(chance.choice((1, 4, 64))) + data[start:]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 10, 1000)) + data[end:]


def _blank(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + chance.choice((b"\0", b"\xff", b" ", b"<")) * (end - start) + data[end:]


def _renumber(data: bytes, chance: random.Random) -> bytes:
    numbers = list(re.finditer(rb"\d+", data))
    if not numbers:
        return data
    number = chance.choice(numbers)
    value = chance.choice((b"0", b"-1", b"1", b"7", b"65536", b"2147483648", b"99999999999999999999"))
    return data[: number.start()] + value + data[number.end() :]


_Damage = Callable[[bytes, random.Random], bytes]
_DAMAGES: tuple[_Damage, ...] = (
    _flip,
    _cut,
    _drop,
    _insert,
    _repeat,
    _blank,
    _renumber,
)


def main(arguments: list[str]) -> int:
    """Tries so many damaged files and all bombs; 1 where one of them did what it may not."""
    n, seed = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 0
    workers = Workers(LIMITS)
    said: Counter[str] = Counter()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder, "a", "b")  # so that a name may lead out of it, and is found
        inside.mkdir(parents=True)
        with contextlib.chdir(inside):
            for outcome in chain.from_iterable(outcomes(files, workers) for files in (damaged(n, seed), bombs())):
                said[next((r for r in ("read", *REASONS) if outcome.said.startswith(r)), "?")] += 1
                expected = BOMBS_SAID.get(outcome.name)
                is_right = outcome.is_known if expected is None else outcome.said.startswith(expected)
                if not is_right or outcome.seconds > SLOW_S:
                    reasons = "; ".join((outcome.said, *outcome.attached))
                    print(f"{outcome.name}: {reasons} ({outcome.seconds:.1f} s)", flush=True)
                    bad += 1
            workers.close()
        if strangers := [str(path) for path in Path(folder).rglob("*") if path.is_file()]:
            print(f"written: {strangers}")
            bad += 1
    print(", ".join(f"{reason}: {count}" for reason, count in said.most_common()))
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
