"""A report -> tables for a terminal."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.counting import counted
from bot.lab import words
from bot.lab.words import interval, milliseconds, share
from bot.terminal import printable
from index.snapshot.layout import at_index

if TYPE_CHECKING:  # what fits, compares and tunes takes seconds to import; who only asks needs none of it
    from bot.lab.calibrate import Calibrated
    from bot.lab.compare import Comparison
    from bot.lab.tune import Tuned

SIGNIFICANT = 0.05


def show_report(report: Mapping[str, Any]) -> RenderableType:
    """A report -> what `quoth eval` prints; where it says 0.612 (0.55–0.67), that is the 95% interval."""
    questions, measures, corpus = report["questions"], report["measures"], report["corpus"]
    lines: list[RenderableType] = [
        Text(
            f"{counted(questions['n'], 'question')}, {questions['n_answerable']:,} answerable; "
            f"{counted(corpus['n_documents'], 'document')}, {counted(corpus['n_passages'], 'passage')}; "
            f"snapshot {report['snapshot']}"
        ),
        *([Text(words.ON_THESE, style="bold")] if report["settings"]["confidence"]["on_these_questions"] else []),
        _retrieval(measures["retrieval"], report["settings"]["ranked"]),
        _two_columns("quotes", [(name, interval(measures["quotes"][key])) for key, name in words.QUOTES.items()]),
        _abstention(measures["abstention"]),
        _at_risk(measures["abstention"]["at_risk"]),
        _speed(measures["speed"]),
        _two_columns(
            "lost at",
            [
                (f"{name}: {words.LOST_MEANS[key]}", f"{report['failures'][key]:,}")
                for key, name in words.LOST.items()
                if report["failures"][key] or key != "not_asked"
            ],
        ),
    ]
    return Group(*lines)


def _retrieval(retrieval: Mapping[str, Any], ranked: str) -> Table:
    table = _table(f"retrieval ({ranked})", [words.SYSTEMS[system] for system in retrieval])
    for key, name in words.RETRIEVAL.items():
        table.add_row(name, *(interval(of_system[key]) for of_system in retrieval.values()))
    return table


def _abstention(abstention: Mapping[str, Any]) -> Table:
    rows = [
        (name, interval(abstention[key]) if isinstance(abstention[key], Mapping) else share(abstention[key]))
        for key, name in words.ABSTENTION.items()
    ]
    return _two_columns("abstention", rows)


def _at_risk(at_risk: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("at a risk of", ["answered", "wrong among them", "from", "answered, with 95% certainty"])
    for entry in at_risk:
        measured, certain = entry["measured"], entry["certain"]
        cells = [share(measured[key]) for key in ("coverage", "risk", "threshold")] if measured else ["none", "–", "–"]
        table.add_row(f"{entry['risk']:.0%}", *cells, share(certain["coverage"]) if certain else "none")
    return table


def _speed(speed: Mapping[str, Any]) -> Table:
    table = _table(f"ms, {speed['asked_at_a_time']} at a time", ["p50", "p95", "p99"])
    for key, name in words.STAGES.items():
        table.add_row(name, *(milliseconds(value) for value in speed["stages_ms"][key].values()))
    return table


def _two_columns(title: str, rows: Sequence[tuple[str, str]]) -> Table:
    table = _table(title, [""])
    for name, value in rows:
        table.add_row(name, value)
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, title_justify="left")
    table.add_column(title, style="bold" if not columns else "", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def show_comparison(found: "Comparison") -> RenderableType:
    """Two runs compared -> what `quoth eval --compare` prints; * marks what chance alone seldom does (p < 0.05)."""
    table = _table("", ["n", "old", "new", "difference", "95% interval", "p", ""])
    for difference in found.differences:
        if not difference.n:
            continue
        change = difference.new - difference.old
        tested = not math.isnan(difference.p)
        table.add_row(
            difference.name,
            f"{difference.n:,}",
            _digits(difference.old),
            _digits(difference.new),
            "–" if math.isnan(change) else f"{change:+.3f}",
            f"{difference.low:+.3f} to {difference.high:+.3f}" if tested else "not paired",
            f"{difference.p:.3f}{'*' if difference.p < SIGNIFICANT else ''}" if tested else "",
            Text("worse", style="bold red") if difference.is_worse else "",
        )
    lines: list[RenderableType] = [Text(f"{counted(found.n_common, 'question')} in both")]
    for n, which in ((found.only_old, "old"), (found.only_new, "new")):
        if n:
            lines.append(Text(f"{n:,} only in the {which} report, not compared"))
    lines.extend(Text(printable(note)) for note in found.notes)
    lines.append(table)
    if found.flips:
        flips = Table(box=None, pad_edge=False)
        for column in ("", "id", "question", "was", "is"):
            flips.add_column(column, overflow="fold")
        for flip in found.flips:
            cells = [printable(text) for text in (flip.id, flip.question, flip.old, flip.new)]
            flips.add_row("better" if flip.is_better else "worse", *map(Text, cells))
        lines += [Text(f"{counted(len(found.flips), 'question')} flipped:"), flips]
    return Group(*lines)


def _digits(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def show_calibrated(found: "Calibrated") -> RenderableType:
    """A fitted confidence -> how it does beside the one before, and which risks the questions support."""
    n = found.n_right + found.n_wrong
    scores = _table(f"{n:,} questions, {found.n_right:,} with the right quote first", ["before", "fitted, held-out"])
    for key, name in (("brier", "Brier score"), ("ece", "calibration error (ECE)")):
        scores.add_row(name, f"{found.before[key]:.3f}", f"{found.after[key]:.3f}")
    risks = _table("at most wrong", ["answers needed without an error", "here: answered", "from"])
    for entry in found.supported:
        if entry.threshold is None:
            cells = ("not supported by so few", "–")
        else:
            cells = (f"{entry.answered:.1%}", f"{entry.threshold:.3f}")
        risks.add_row(f"{entry.risk:.0%}", f"{entry.needed:,}", *cells)
    own = found.fitted.confidence
    return Group(
        scores, risks, Text(f"Quoth now answers from a probability of {own.threshold:.2f} on, if this is kept.")
    )


def show_tuned(found: "Tuned", folder: Path, *, is_kept: bool = False) -> RenderableType:
    """What was tried -> a line each, how the best does on the other half, and what to do with the index in `folder`."""
    n = len(found.tried[0].right)
    tried = _table(f"on {n:,} questions, to choose", ["right first", "MRR@10", ""])
    for entry in found.tried:
        chosen = Text("chosen", style="bold") if entry.candidate == found.chosen else ""
        tried.add_row(entry.candidate.words, *(f"{score:.3f}" for score in entry.score), chosen)
    if not found.is_new:
        return Group(tried, Text("Nothing that was tried does better than what is there.", style="bold"))
    other = _table(f"on the other {len(found.before.right):,}", ["right first", "MRR@10"])
    for name, entry in (("as it is", found.before), ("as chosen", found.after)):
        other.add_row(name, *(f"{score:.3f}" for score in entry.score))
    index, search = found.chosen.index, found.chosen.search
    lines = [Text(f"Chance alone makes a difference as large with p = {found.p:.3f}.")]
    if index != found.before.candidate.index:
        options = f"--passage-tokens {index.passage_tokens} --overlap {index.overlap_sentences}"
        lines.append(Text(f"To have these passages: quoth index FOLDER {options}{at_index(folder)}"))
    if search != found.before.candidate.search and not is_kept:
        lines.append(Text(f"To tune and keep fusion and depth alone: quoth tune QUESTIONS --keep{at_index(folder)}"))
    return Group(tried, other, *lines)
