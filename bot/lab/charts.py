"""A report -> charts as SVG, to stand within a page: shapes alone, no script, no address, no text of a document."""

import io
import re
from collections.abc import Mapping
from itertools import count
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bot.lab import words

# Told apart without colour too: by order, and by hatching or dashes. Okabe & Ito's, which the colour-blind tell apart.
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7")
_HATCHES = ("", "//", "..", "xx")
_SIZE = (6.4, 3.6)
_STYLE: Mapping[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: it can be read out, and found
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "hatch.linewidth": 0.5,
}
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def charts_of(report: Mapping[str, Any]) -> dict[str, str]:
    """A report -> by name, `retrieval`, `risk` and `reliability`: an SVG element each, the same for equal reports."""
    drawn = {"retrieval": _retrieval, "risk": _risk, "reliability": _reliability}
    charts = {}
    for name, draw in drawn.items():
        with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
            figure = Figure(figsize=_SIZE, layout="constrained")
            axes = figure.subplots()
            draw(axes, report)
            axes.grid(color="#dddddd", linewidth=0.6)
            with io.StringIO() as file:
                figure.savefig(file, format="svg", metadata=_NO_METADATA, transparent=True)
                charts[name] = _inline(file.getvalue(), name)
    return charts


def _retrieval(axes: Axes, report: Mapping[str, Any]) -> None:
    """Success at each cutoff, a bar for each system, with its 95% interval."""
    cutoffs = [key for key in words.RETRIEVAL if key.startswith("success@")]
    systems = report["measures"]["retrieval"]
    width = 0.8 / len(systems)
    for number, (system, found) in enumerate(systems.items()):
        places = [at + (number - (len(systems) - 1) / 2) * width for at in range(len(cutoffs))]
        heights = [found[key]["value"] or 0.0 for key in cutoffs]
        below = [(found[key]["value"] or 0.0) - (found[key]["low"] or 0.0) for key in cutoffs]
        above = [(found[key]["high"] or 0.0) - (found[key]["value"] or 0.0) for key in cutoffs]
        axes.bar(
            places,
            heights,
            width,
            # Rounding may put a bound a digit beyond its value.
            yerr=[[max(0.0, gap) for gap in below], [max(0.0, gap) for gap in above]],
            label=words.SYSTEMS[system],
            color=_COLOURS[number],
            hatch=_HATCHES[number],
            edgecolor="white",
            error_kw={"linewidth": 0.8, "capsize": 2},
        )
    axes.set_xticks(range(len(cutoffs)), [words.RETRIEVAL[key] for key in cutoffs])
    axes.set_ylim(0, 1)
    axes.set_ylabel("share of questions")
    axes.legend(frameon=False, ncols=len(systems), loc="lower center", bbox_to_anchor=(0.5, 1))


def _risk(axes: Axes, report: Mapping[str, Any]) -> None:
    """Risk over coverage, its bound, and where the threshold of this run lies."""
    curve = report["curves"]["risk_coverage"]
    coverage = [point["coverage"] for point in curve]
    axes.step(
        coverage, [point["risk"] for point in curve], where="post", color=_COLOURS[0], label="wrong among answered"
    )
    axes.plot(
        coverage,
        [point["bound"] for point in curve],
        color=_COLOURS[1],
        linestyle="--",
        linewidth=1,
        label="not exceeded, with 95% certainty",
    )
    threshold = report["settings"]["threshold"]
    if (here := next((point for point in reversed(curve) if point["threshold"] >= threshold), None)) is not None:
        axes.plot(here["coverage"], here["risk"], "o", color="black", label=f"this run, from {threshold:.2f} on")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("coverage: share of the questions that are answered")
    axes.set_ylabel("risk")
    axes.legend(frameon=False)


def _reliability(axes: Axes, report: Mapping[str, Any]) -> None:
    """Share right over probability, by bins; on the diagonal, a probability is what it says."""
    bins = report["curves"]["reliability"]
    axes.plot([0, 1], [0, 1], color="#777777", linestyle=":", label="as it should be")
    axes.bar(
        [(own["low"] + own["high"]) / 2 for own in bins],
        [own["right"] for own in bins],
        [own["high"] - own["low"] for own in bins],
        color=_COLOURS[0],
        edgecolor="white",
        alpha=0.5,
        label="share right",
    )
    axes.plot(
        [own["probability"] for own in bins], [own["right"] for own in bins], "o-", color=_COLOURS[0], linewidth=1
    )
    for own in bins:
        axes.annotate(
            f"{own['n']:,}", (own["probability"], own["right"]), (0, 5), textcoords="offset points", ha="center"
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.08)
    axes.set_xlabel("probability that Quoth gave (numbers: questions)")
    axes.set_ylabel("share right")
    axes.legend(frameon=False, loc="upper left")


def _inline(svg: str, name: str) -> str:
    """A file -> the element alone: hidden from readers of the screen, its ids no other chart's, its size the page's."""
    element = svg[svg.index("<svg") :]
    numbers: dict[str, str] = {}
    counter = count()
    for found in re.findall(r'\bid="([^"]+)"', element):
        numbers.setdefault(found, f"{name}-{next(counter)}")
    element = re.sub(r'\bid="([^"]+)"', lambda match: f'id="{numbers[match[1]]}"', element)
    element = re.sub(r'(href="#|url\(#)([^")]+)', lambda match: match[1] + numbers[match[2]], element)
    # The page's own styles say how lines join; a style element here would say it for the whole page.
    element = re.sub(r"\s*<style[^>]*>.*?</style>", "", element, count=1, flags=re.DOTALL)
    return re.sub(r'width="[^"]+" height="[^"]+"', 'aria-hidden="true" focusable="false"', element, count=1).strip()
