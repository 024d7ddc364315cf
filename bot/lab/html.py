"""A report -> one page that opens with no network: tables, charts, and the failures, which a script only sorts.

Questions and documents are hostile text: whatever is not ours passes `escape`, and the page forbids every script but
its own, by hash, and every address.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape as escape_html
from importlib.resources import files
from typing import Any

from bot.counting import counted
from bot.lab import words
from bot.lab.charts import charts_of
from bot.lab.words import interval, milliseconds, share

# Enough to see what went wrong; the whole text stands in report.json.
_LONGEST = 600
_MOST_PIECES = 3
_COLUMNS = ("id", "lost at", "probability", "question", "gold", "shown")
_CHARTS = {
    "retrieval": "Retrieval: success at each cutoff, with 95% intervals",
    "risk": "Risk and coverage",
    "reliability": "Reliability: are the probabilities what they say?",
}


def page_of(report: Mapping[str, Any]) -> str:
    """A report -> HTML."""
    style, script = (files("bot.lab").joinpath("assets", name).read_text(encoding="utf-8") for name in _ASSETS)
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_hash(script)}'"
    questions = report["questions"]
    title = f"Accuracy of Quoth on {questions['file']}"
    return "".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n",
            f"<h1>{escape(title)}</h1>\n",
            body_of(report),
            "</main>\n",
            f"<script>{script}</script>\n</body>\n</html>\n",
        )
    )


def body_of(
    report: Mapping[str, Any],
    address: Callable[[Mapping[str, Any]], str] | None = None,
    *,
    most_failures: int | None = None,
) -> str:
    """A report -> its figures, charts and failures as HTML, to stand within a page.

    Args:
        report: as `read_report` gives it.
        address: a place -> where a link to it leads; by default, places are text.
        most_failures: how many are listed at most.
    """
    return _summary(report) + "".join(_sections(report, address, most_failures))


_ASSETS = ("report.css", "report.js")


def escape(text: object) -> str:
    """Whatever it is -> text for HTML, also within an attribute; what is no character becomes U+FFFD."""
    return escape_html(str(text).encode("utf-8", "replace").decode().replace("\0", "\ufffd"), quote=True)


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _summary(report: Mapping[str, Any]) -> str:
    questions, corpus, settings = report["questions"], report["corpus"], report["settings"]
    index, search = settings["index"], settings["search"]
    kind = questions["format"] + (f", split {questions['split']}" if questions["split"] else "")
    made_with = (
        f"{settings['encoder']}, passages of {counted(index['passage_tokens'], 'token')}, "
        f"{counted(index['overlap_sentences'], 'sentence')} shared; reader {settings['reader']}, "
        f"{counted(search['passages'], 'passage')} read; answers from a probability of "
        f"{settings['threshold']} on, fitted on {settings['confidence']['fitted_on']}"
        + (f" – {words.ON_THESE}" if settings["confidence"]["on_these_questions"] else "")
    )
    facts = [
        ("made", report["made_at"]),
        (
            "questions",
            f"{questions['n']:,} of {questions['file']} ({kind}), {questions['n_answerable']:,} of them answerable",
        ),
        ("corpus", f"{counted(corpus['n_documents'], 'document')}, {counted(corpus['n_passages'], 'passage')}"),
        ("snapshot", report["snapshot"]),
        ("settings", made_with),
        ("versions", ", ".join(f"{name} {found}" for name, found in report["versions"].items() if found)),
    ]
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f'<dl class="run">{rows}</dl>\n'


def _sections(
    report: Mapping[str, Any], address: Callable[[Mapping[str, Any]], str] | None, most_failures: int | None
) -> Iterable[str]:
    measures = report["measures"]
    charts = charts_of(report)
    retrieval = measures["retrieval"]
    ranked = report["settings"]["ranked"]
    yield _section(
        "Retrieval",
        f"What is ranked are {ranked}; relevant are those that hold gold. Means over the answerable questions, with "
        "bootstrapped 95% intervals. The reader’s ranking puts those it read first, by their best sentence.",
        _figure("retrieval", charts),
        _table(
            ["", *(words.SYSTEMS[system] for system in retrieval)],
            [
                [name, *(interval(of_system[key]) for of_system in retrieval.values())]
                for key, name in words.RETRIEVAL.items()
            ],
        ),
    )
    yield _section(
        "Quotes",
        "The first quote, or the nearest passage where Quoth refused, beside the gold that it fits best. Exact match "
        "and F1 are SQuAD’s, of the marked phrase, over all questions; they say something where gold is a phrase.",
        _table(["", "mean"], [[name, interval(measures["quotes"][key])] for key, name in words.QUOTES.items()]),
    )
    yield _abstention(measures["abstention"], charts)
    speed = measures["speed"]
    yield _section(
        "Speed",
        f"Milliseconds of wall time a question, {speed['asked_at_a_time']} asked at a time; the whole run took "
        f"{counted(round(speed['seconds']), 'second')}.",
        _table(
            ["", "p50", "p95", "p99"],
            [[name, *map(milliseconds, speed["stages_ms"][key].values())] for key, name in words.STAGES.items()],
        ),
    )
    yield _failures(report, address, most_failures)


def _abstention(abstention: Mapping[str, Any], charts: Mapping[str, str]) -> str:
    def cells(point: Mapping[str, Any] | None) -> list[str]:
        return [share(point[key]) for key in ("coverage", "risk", "threshold")] if point else ["none", "–", "–"]

    return _section(
        "Abstention",
        "An answer is wrong when its first quote overlaps no gold, or nothing answers the question.",
        _figure("risk", charts),
        _figure("reliability", charts),
        _table(
            ["", "value"],
            [
                [name, interval(found) if isinstance(found := abstention[key], Mapping) else share(found)]
                for key, name in words.ABSTENTION.items()
            ],
        ),
        _table(
            ["at a risk of", "answered", "wrong among them", "from a probability of", "answered with 95% certainty"],
            [
                [f"{entry['risk']:.0%}", *cells(entry["measured"]), cells(entry["certain"])[0]]
                for entry in abstention["at_risk"]
            ],
        ),
    )


def _failures(report: Mapping[str, Any], address: Callable[[Mapping[str, Any]], str] | None, most: int | None) -> str:
    lost = [entry for entry in report["outcomes"] if entry["lost"]]
    counts = "".join(
        f"<li><b>{report['failures'][key]:,}</b> {escape(name)}: {escape(words.LOST_MEANS[key])}</li>"
        for key, name in words.LOST.items()
    )
    ordered = sorted(lost, key=lambda entry: list(words.LOST).index(entry["lost"]))[:most]
    rows = "".join(_failure(entry, address) for entry in ordered)
    rest = f"<p>The other {len(lost) - len(ordered):,} stand in report.html.</p>" if len(ordered) < len(lost) else ""
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    table = (
        f'<div class="wide"><table class="sortable" id="failures"><caption class="unseen">Failures</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    return _section(
        f"Failures ({len(lost):,})", "", f"<ul>{counts}</ul>", table + rest if lost else "<p>There are none.</p>"
    )


def _failure(entry: Mapping[str, Any], address: Callable[[Mapping[str, Any]], str] | None) -> str:
    gold = "".join(_place(piece, address) for piece in entry["gold"][:_MOST_PIECES]) or "<p>nothing answers it</p>"
    if len(entry["gold"]) > _MOST_PIECES:
        gold += f"<p>and {counted(len(entry['gold']) - _MOST_PIECES, 'other place')}</p>"
    shown = "".join(_place(quote, address) for quote in entry["shown"]) or "<p>nothing</p>"
    verb = "answered" if entry["verdict"] == "answered" else f"refused: {entry['reason']}"
    cells = (
        escape(entry["id"]),
        escape(words.LOST[entry["lost"]]),
        share(entry["probability"]),
        f'<p dir="auto">{escape(entry["question"])}</p>',
        gold,
        f"<p>{escape(verb)}</p>{shown}",
    )
    # Where there is no room for columns, each cell stands by itself, and says which one it is.
    named = zip(_COLUMNS, cells, strict=True)
    return "<tr>" + "".join(f'<td data-name="{name}">{cell}</td>' for name, cell in named) + "</tr>"


def _place(piece: Mapping[str, Any], address: Callable[[Mapping[str, Any]], str] | None) -> str:
    text = piece["text"]
    cut = text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
    where = f"{piece['title']}, {piece['location']} ({piece['document']} {piece['start']}:{piece['end']})"
    linked = f'<a href="{escape(address(piece))}">{escape(where)}</a>' if address is not None else escape(where)
    return f'<blockquote dir="auto">{escape(cut)}</blockquote><p class="where">{linked}</p>'


def _section(title: str, words_before: str, *parts: str) -> str:
    lead = f"<p>{escape(words_before)}</p>\n" if words_before else ""
    return f"<section>\n<h2>{escape(title)}</h2>\n{lead}{''.join(parts)}\n</section>\n"


def _figure(name: str, charts: Mapping[str, str]) -> str:
    return f"<figure>{charts[name]}<figcaption>{escape(_CHARTS[name])}</figcaption></figure>\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{escape(cells[0])}</th>'
        + "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells[1:])
        + "</tr>"
        for cells in rows
    )
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>\n'
