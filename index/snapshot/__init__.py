"""The on-disk layout: written once, verified when read. `docs/snapshot.md` describes it byte for byte.

    DIR/current                     the living generation and the one before it, a line each
    DIR/lock                        held by whoever builds
    DIR/fitted.json tuned.json      what `quoth calibrate` and `quoth tune` keep here; no build touches them
    DIR/generations/<id>/           `<id>` is the beginning of its manifest's sha256
        manifest.json               format, settings, model, counts; size and sha256 of every file below
        build.json                  when and how long: the one file that two equal builds differ in
        blocks.sha256               a digest of each block of the files that are mapped into memory
        documents.* texts.utf8      the documents, and their canonical texts one after another
        notes.json                  what there is to say of few documents
        sentences.* passages.*      tables of spans
        vectors.* terms.*           a row a passage
        words.* stems.at            every word of the corpus with its number of occurrences

A module for each of these: `pointer` (current), `manifest`, `blocks`, `documents`, `spans`, `arrays` (vectors, terms,
words). `layout` has the names, `contents` the records; `files` verifies what is read, `read` opens, `publish` writes,
keeps, goes back and cleans.
"""

from index.snapshot.contents import Contents, EncoderId, Snapshot
from index.snapshot.layout import refuse_foreign
from index.snapshot.manifest import FORMAT, FORMAT_VERSION, Manifest
from index.snapshot.pointer import current_id, read_pointer
from index.snapshot.publish import builder_of, publish, roll_back, settle, told, write_snapshot
from index.snapshot.read import load_snapshot, read_manifest, sound_snapshot

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "Contents",
    "EncoderId",
    "Manifest",
    "Snapshot",
    "builder_of",
    "current_id",
    "load_snapshot",
    "publish",
    "read_manifest",
    "read_pointer",
    "refuse_foreign",
    "roll_back",
    "settle",
    "sound_snapshot",
    "told",
    "write_snapshot",
]
