"""Index folder -> what is wrong with it, by name, and what to do. Reads everything, changes nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from shlex import quote

import numpy as np

from index.encoder import Encoder
from index.errors import EncoderError, SnapshotDamaged, SnapshotError
from index.passages import prefix_of
from index.settings import IndexSettings
from index.snapshot import Contents, Manifest
from index.snapshot.files import Files
from index.snapshot.layout import at_index, generation_of
from index.snapshot.manifest import BUILD, NAME, read_build, read_generation
from index.snapshot.pointer import Pointer
from index.snapshot.read import hold_named, read_snapshot
from index.snapshot.spans import key_of
from index.words import Words

# Of so many passages, evenly spread, the vectors are made again; so far may they differ, on another processor too.
_SAMPLED, _SAME = 8, 1e-3
_UNIT = 1e-3
# So many terms have their postings in memory.
_TERMS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what, in which generation, and what is wrong with it; None: nothing."""

    subject: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, and what to do: empty where everything is sound."""

    findings: tuple[Finding, ...]
    remedy: str = ""

    @property
    def problems(self) -> list[str]:
        """What is wrong, a line each."""
        return [finding.problem for finding in self.findings if finding.problem is not None]


def examine(folder: Path, load: Callable[[str], Encoder]) -> Diagnosis:
    """Index folder -> its diagnosis.

    Args:
        folder: the index folder.
        load: a model's name -> the model.

    Raises:
        SnapshotMissing, SnapshotForeign: there is no index to examine.
    """
    try:
        pointer, _held = hold_named(folder)  # a rebuild takes nothing away that is being examined
    except SnapshotDamaged as error:
        return Diagnosis((Finding("current", str(error)),), f"Build it again: quoth index FOLDER{at_index(folder)}")
    living = _generation(folder, pointer.current, "current")
    contents = None
    if not any(finding.problem for finding in living):
        contents, more = _contents(folder, pointer.current)
        living += more
    before = _generation(folder, pointer.previous, "earlier") if pointer.previous is not None else []
    model, is_here = _model(contents, load) if contents is not None else ([], True)
    build = _build(folder, pointer, with_model=is_here)
    return Diagnosis((*living, *model, *before), _remedy(folder, pointer, build, living, model, before))


def _generation(folder: Path, id: str, name: str) -> list[Finding]:
    """A generation -> a finding for its manifest, and one for each of its files that is damaged, or for all."""
    generation = generation_of(folder, id)
    subject = f"{name} generation {id}"
    if not generation.is_dir():
        return [Finding(subject, f"the file current names generations/{id}, which is not there")]
    try:
        manifest = read_generation(generation)
    except SnapshotError as error:
        return [Finding(f"{subject}: {NAME}", f"{subject}: {error}")]
    files = Files(generation, manifest.files)
    checks: dict[str, Callable[[], object]] = {file: partial(files.verify, file) for file in files.names}
    checks[BUILD] = partial(read_build, generation)
    findings = []
    for file, check in checks.items():
        try:
            check()
        except SnapshotError as error:
            findings.append(Finding(f"{subject}: {file}", f"{subject}: {error}"))
    return findings or [Finding(f"{subject}: {len(checks) + 1} files, by size and sha256")]


def _contents(folder: Path, id: str) -> tuple[Contents | None, list[Finding]]:
    """A generation whose files are as they were written -> what it holds, and whether that holds together."""
    generation = generation_of(folder, id)
    try:
        contents = read_snapshot(generation, None).contents
        manifest = read_generation(generation)
        checks = [
            ("counts", f"{len(contents.documents):,} documents, {len(contents.passages):,} passages", _counts),
            ("spans", f"{len(contents.sentences):,} sentences in their paragraphs, passages of whole ones", _spans),
            ("quotes", "every sentence is text of its document", _quotes),
            ("places", "pages and tables where the texts have them", _places),
            ("passages", "what the model read is what stands there", _keys),
            (
                "vectors",
                f"{len(contents.vectors):,} of {contents.vectors.dimension} numbers; search: {contents.vectors.kind}",
                _vectors,
            ),
            ("terms", f"{len(contents.terms.postings.terms):,} terms", _terms),
        ]
        findings = []
        for name, sound, check in checks:
            problem = next(check(contents, manifest), None)
            findings.append(Finding(f"{name}: {sound}", f"{name}: {problem}" if problem else None))
    except (SnapshotError, ValueError, IndexError) as error:
        return None, [Finding("contents", f"contents: {error}")]
    return contents, findings


def _counts(contents: Contents, manifest: Manifest) -> Iterator[str]:
    found = {
        "documents": len(contents.documents),
        "sentences": len(contents.sentences),
        "passages": len(contents.passages),
        "terms": len(contents.terms.postings.terms),
        "postings": len(contents.terms.postings),
        "words": len(contents.words),
        "stems": len(Words.of(contents.words).stems),
    }
    if found != dict(manifest.counts):
        yield f"{found}, expected {dict(manifest.counts)}"
    if any(one.path >= other.path for one, other in pairwise(contents.documents)):
        yield "the documents are not in the order of their paths"
    if not len(contents.keys) == len(contents.vectors) == len(contents.terms) == len(contents.passages):
        yield f"{len(contents.vectors)} vectors, {len(contents.terms)} rows of terms, {len(contents.passages)} passages"


def _spans(contents: Contents, _: Manifest) -> Iterator[str]:
    for number, sentence in enumerate(contents.sentences):
        paragraphs = contents.documents[sentence.document].paragraphs
        if not (0 <= sentence.paragraph < len(paragraphs) and paragraphs[sentence.paragraph].contains(sentence.span)):
            yield f"sentence {number} does not lie in its paragraph"
    covered = 0
    for number, passage in enumerate(contents.passages):
        own = contents.sentences[passage.sentences.start : passage.sentences.stop]
        if not own or {sentence.document for sentence in own} != {passage.document}:
            yield f"passage {number} names sentences of another document"
        elif not own[0].span.cover(own[-1].span).contains(passage.span) or passage.sentences.start > covered:
            yield f"passage {number} does not cover its sentences"
        covered = max(covered, passage.sentences.stop)
    if covered != len(contents.sentences):
        yield f"{len(contents.sentences) - covered} sentences are in no passage"


def _places(contents: Contents, _: Manifest) -> Iterator[str]:
    for document in contents.documents:
        layout, end = document.layout, len(document.text)
        runs = [(run.start, run.start + run.length) for run in layout.runs]
        if not _rising([0, *layout.pages, end]) or not _rising([0, *(edge for run in runs for edge in run), end]):
            yield f"the pages of {document.path} do not follow one another in its text"
        elif layout.rows and not 0 <= min(layout.rows) <= max(layout.rows) < len(document.paragraphs):
            yield f"a row of a table in {document.path} is no paragraph of it"


def _rising(numbers: Sequence[int]) -> bool:
    return all(one <= other for one, other in pairwise(numbers))


def _quotes(contents: Contents, _: Manifest) -> Iterator[str]:
    for number, sentence in enumerate(contents.sentences):
        document = contents.documents[sentence.document]
        if sentence.span.end > len(document.text) or not document.slice(sentence.span).strip():
            yield f"sentence {number} is no text of {document.path}"


def _keys(contents: Contents, _: Manifest) -> Iterator[str]:
    for number, passage in enumerate(contents.passages):
        if _read_by_model(contents, number) is None:
            yield f"passage {number} of {contents.documents[passage.document].path} is not what the model read"


def _read_by_model(contents: Contents, number: int) -> str | None:
    """A passage -> what the model read of it by its key: with its prefix, or without one that is too long."""
    passage = contents.passages[number]
    document = contents.documents[passage.document]
    text = document.readable(passage.span)
    prefix = prefix_of(document, contents.sentences[passage.sentences.start].span.start)
    return next((read for read in (prefix + text, text) if key_of(read) == contents.keys[number]), None)


def _vectors(contents: Contents, _: Manifest) -> Iterator[str]:
    norms = np.linalg.norm(contents.vectors.rows, axis=1)
    if len(wrong := np.flatnonzero(~(np.abs(norms - 1.0) < _UNIT))):
        kind = f"has length {norms[wrong[0]]:.3f}, not 1"
        yield f"the vector of passage {wrong[0]} {kind} ({len(wrong):,} of {len(norms):,} like it)"


def _terms(contents: Contents, _: Manifest) -> Iterator[str]:
    postings = contents.terms.postings
    lengths = postings.lengths.whole.astype(np.int64)
    added = np.zeros(len(lengths), np.int64)
    if list(postings.terms) != sorted(set(postings.terms)):
        yield "the terms are not in order"
        return
    if (postings.frequencies.whole < 1).any():
        yield "a term stands in no passage"
    for first in range(0, len(postings.terms), _TERMS_AT_ONCE):
        found = postings.between(first, min(first + _TERMS_AT_ONCE, len(postings.terms)))
        if len(found.rows) and not found.rows.max() < len(lengths):
            yield "a posting names a passage that is not there"
            return
        added += np.bincount(found.rows, found.counts, len(lengths)).astype(np.int64)
    if (added != lengths).any():
        yield "the postings of a passage do not add up to its length"


def _model(contents: Contents, load: Callable[[str], Encoder]) -> tuple[list[Finding], bool]:
    """The model that questions will be encoded with -> whether it made the vectors, and whether it is here."""
    built_with = contents.encoder
    try:
        encoder = load(built_with.name)
    except EncoderError as error:
        return [Finding("model", f"model: {error}")], False
    if encoder.fingerprint != built_with.fingerprint:
        return [Finding("model", f"model: {built_with.name} has changed since the index was built")], True
    rows = range(0, len(contents.passages), max(1, len(contents.passages) // _SAMPLED))
    again = encoder.encode([_read_by_model(contents, row) or "" for row in rows])
    away = float(np.abs(again - contents.vectors.take(np.array(rows, np.int64))).max(initial=0.0))
    if away > _SAME:
        problem = f"model: {built_with.name} makes other vectors than those stored (by {away:.3f})"
        return [Finding("model", problem)], True
    return [Finding(f"model: {built_with.name}, the one that made the vectors")], True


def _remedy(  # noqa: PLR0917 - all that was found
    folder: Path, pointer: Pointer, build: str, living: list[Finding], model: list[Finding], before: list[Finding]
) -> str:
    if any(finding.problem for finding in living):
        goes_back = pointer.previous is not None and not any(finding.problem for finding in before)
        how = f", or go back to the one before: quoth index --rollback{at_index(folder)}" if goes_back else ""
        return f"Build it again: {build} --force{how}"
    if any(finding.problem for finding in model):
        return f"Build with a model that is here: {build} --force"
    if any(finding.problem for finding in before):
        return (
            f"The index itself is sound; only the one before cannot be gone back to. It goes once something else has "
            f"been built: {build}"
        )
    return ""


def _build(folder: Path, pointer: Pointer, *, with_model: bool) -> str:
    """The command that builds the living generation again, as far as that says what it was built of, and how."""
    try:
        manifest = read_generation(generation_of(folder, pointer.current))
    except SnapshotError:
        return f"quoth index FOLDER{at_index(folder)}"
    sources = " ".join(map(quote, manifest.named)) or "FOLDER"
    return f"quoth index {sources}{at_index(folder)}{_options(manifest.settings, with_model=with_model)}"


def _options(settings: IndexSettings, *, with_model: bool) -> str:
    """Settings -> the options of `quoth index` that make them, where they are not those that it has without."""
    default = IndexSettings()
    options = ""
    if with_model and settings.model != default.model:
        options += f" --model {quote(settings.model)}"
    if settings.passage_tokens != default.passage_tokens:
        options += f" --passage-tokens {settings.passage_tokens}"
    if settings.overlap_sentences != default.overlap_sentences:
        options += f" --overlap {settings.overlap_sentences}"
    return options
