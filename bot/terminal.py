"""Answers and reports -> what a terminal shows. Nothing from a document reaches the terminal as a command to it."""

import unicodedata
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from bot.answer import Answer, Quote
from bot.counting import counted
from bot.percent import percent
from bot.question import WITH_PREVIOUS
from index.build import BuildReport
from index.doctor import Diagnosis
from index.records import LeftOut

# Marks that turn the direction of the text that follows, ours included.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


def printable(text: str) -> str:
    """A text -> the same in one line, with control and direction characters replaced by U+FFFD."""
    line = " ".join(text.split())
    return "".join("\ufffd" if unicodedata.category(c) in {"Cc", "Cs"} or c in _BIDI else c for c in line)


def show_answer(answer: Answer) -> RenderableType:
    """An answer -> its quotes with their citations, or why there are none."""
    lines: list[RenderableType] = []
    if answer.verdict == "error":
        return Text(f"quoth: {answer.reason}")
    if answer.resolved_question != answer.question:
        lines.append(Text(f"Read as: {printable(answer.resolved_question)}", style="italic"))
    # How it was read with the question before it, the line above has told.
    lines.extend(Text(printable(note), style="dim") for note in answer.notes if note != WITH_PREVIOUS)
    if answer.verdict == "not_found":
        lines.append(Text("The documents don’t answer this.", style="bold"))
        lines.append(Text(answer.reason or ""))
        if answer.nearest:
            lines.append(Text("Closest passages, not answers:", style="dim"))
    lines.extend(
        _show_quote(quote, is_answer=answer.verdict == "answered") for quote in answer.quotes or answer.nearest
    )
    return Group(*lines)


def show_report(report: BuildReport) -> RenderableType:
    """A build -> what it made, what it left out, what the model serves badly."""
    lines = [
        Text(
            f"Indexed {counted(report.n_documents, 'document')}, {counted(report.n_sentences, 'sentence')}, "
            f"{counted(report.n_passages, 'passage')}, dimension {report.dimension}, in {report.seconds:.1f} seconds."
        )
    ]
    lines.append(Text(f"Search by vectors: {report.search}."))
    if report.n_encoded < report.n_passages:
        lines.append(Text(f"{report.n_encoded:,} of the passages were new; the others kept their vectors."))
    lines.extend(left_out_lines(report.left_out))
    lines.extend(Text(f"warning: {printable(path)}: {reason}") for path, reason in report.warnings)
    return Group(*lines)


def show_diagnosis(diagnosis: Diagnosis) -> RenderableType:
    """A diagnosis -> a line for each finding, and what to do."""
    lines = [
        Text(f"wrong: {printable(finding.problem)}" if finding.problem else f"sound: {printable(finding.subject)}")
        for finding in diagnosis.findings
    ]
    return Group(*lines, Text(diagnosis.remedy or "Nothing is wrong with this index.", style="bold"))


def left_out_lines(items: Iterable[LeftOut]) -> list[Text]:
    """Files that were not indexed -> a line each."""
    return [Text(f"left out: {printable(item.path)}: {item.reason}") for item in items]


def _show_quote(quote: Quote, *, is_answer: bool) -> RenderableType:
    words = Text()
    if quote.context is not None:
        gap = "" if quote.document.text[quote.context.end : quote.span.start].isspace() else " …"
        words.append(printable(quote.document.slice(quote.context)) + gap + " ", style="dim")
    words.append("“" if is_answer else "", style="bold")
    words.append(printable(quote.text), style="bold" if is_answer else "")
    words.append("”" if is_answer else "", style="bold")
    place = f"{quote.document.path} {quote.span.start}:{quote.span.end}"
    cited = Text(f"{printable(quote.citation)} ({printable(place)}), {percent(quote.probability)}", style="cyan")
    also = [
        Text(f"also in {printable(other.document.path)} {other.span.start}:{other.span.end}", style="cyan")
        for other in quote.also_in
    ]
    return Group(Text(), Padding(words, (0, 0, 0, 2)), *(Padding(line, (0, 0, 0, 4)) for line in [cited, *also]))
