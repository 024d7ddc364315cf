"""Answer -> the HTML of its turn in the conversation.

Every word is either one of the fixed labels below or cut from the question and the documents, and then escaped.
"""

from collections.abc import Iterator, Sequence

from bot.answer import Answer, Quote
from bot.page.copying import copied
from bot.page.escape import escape
from bot.page.places import place_of, write_range
from bot.page.words import FORGOTTEN, REFUSAL, as_sentence, in_words
from bot.percent import below, percent
from bot.question import WITH_PREVIOUS, Kind, kind_of
from index.records import Document, Span

# How much of the paragraph around a quote "In context" shows, to either side, in characters.
_AROUND = 700


def turn(answer: Answer, number: int, *, forgotten: bool = False) -> str:
    """An answer -> its turn: question, how it was read, and quotes, refusal or error.

    Args:
        answer: what came back.
        number: counts the turns of a conversation; makes the ids in it unique. The turn carries it where it is
            remembered under it.
        forgotten: say that turns before it are not remembered.
    """
    lost = f'<p class="note">{FORGOTTEN}</p>' if forgotten else ""
    return (
        f'<section class="turn" data-number="{number}" aria-labelledby="asked-{number}">'
        f'<h3 class="asked" id="asked-{number}"><span class="lead">You asked</span> {_asked(answer.question)}</h3>'
        f"{lost}{_read_as(answer)}{_body(answer, number)}</section>"
    )


def broken_turn(question: str, number: int) -> str:
    """A question that met a defect of ours -> its turn."""
    return (
        f'<section class="turn" aria-labelledby="asked-{number}">'
        f'<h3 class="asked" id="asked-{number}"><span class="lead">You asked</span> {_asked(question)}</h3>'
        f'<article class="card error" role="alert" aria-label="Error"><p class="verdict">Something went wrong.</p>'
        f'<p class="why">This is a defect of Quoth’s; its terminal shows the details. You can ask something else.</p>'
        f"</article></section>"
    )


def _body(answer: Answer, number: int) -> str:
    if answer.verdict == "error":
        return _error(answer)
    return _quotes(answer, number) if answer.verdict == "answered" else _refusal(answer, number)


def _asked(question: str) -> str:
    return f'<span class="words" dir="auto">{escape(question)}</span>'


def _read_as(answer: Answer) -> str:
    lines = []
    if answer.verdict != "error" and answer.resolved_question != " ".join(answer.question.split()):
        lines.append(f'Read as: <span class="words" dir="auto">{escape(answer.resolved_question)}</span>')
    # How it was read with the question before it, the line above has told.
    notes = [note for note in answer.notes if note != WITH_PREVIOUS]
    lines += [f'<span class="words" dir="auto">{escape(note)}</span>' for note in notes]
    return "".join(f'<p class="note">{line}</p>' for line in lines)


def _quotes(answer: Answer, number: int) -> str:
    # The pieces of a list are one answer; of anything else, the first quote is the answer and the others add to it.
    shown = len(answer.quotes) if kind_of(answer.resolved_question) is Kind.LIST else 1
    first, more = answer.quotes[:shown], answer.quotes[shown:]
    cards = "".join(_card(quote, f"{number}-{n}", "Quote", _sure(quote)) for n, quote in enumerate(first, start=1))
    if more:
        label = "1 more quote" if len(more) == 1 else f"{len(more)} more quotes"
        folded = "".join(
            _card(quote, f"{number}-{n}", "Quote", _sure(quote)) for n, quote in enumerate(more, start=shown + 1)
        )
        cards += f'<details class="more"><summary>{label}</summary>{folded}</details>'
    return cards


def _refusal(answer: Answer, number: int) -> str:
    why = f'<p class="why">{escape(answer.reason)}</p>' if answer.reason else ""
    nearest = ""
    if answer.nearest:
        folded = "".join(
            # Its score in the words of the reason above it.
            _card(quote, f"{number}-{n}", "Passage, not an answer", _scored(quote, answer.threshold), plain=True)
            for n, quote in enumerate(answer.nearest, start=1)
        )
        nearest = f'<details class="more"><summary>Closest passages, not answers</summary>{folded}</details>'
    return (
        f'<article class="card refusal" aria-label="No answer"><p class="verdict">{REFUSAL}</p>{why}{nearest}</article>'
    )


def _error(answer: Answer) -> str:
    return (
        '<article class="card error" aria-label="Error"><p class="verdict">This can’t be asked as it stands.</p>'
        f'<p class="why">{escape(as_sentence(answer.reason or ""))}</p></article>'
    )


def _sure(quote: Quote) -> str:
    return f"{in_words(quote.probability)}, {percent(quote.probability)}"


def _scored(quote: Quote, threshold: float) -> str:
    return f"scored {below(quote.probability, threshold)[0]}"


def _card(quote: Quote, number: str, label: str, sure: str, *, plain: bool = False) -> str:
    said = f'<span class="said" id="said-{number}">{_marked(quote)}</span>'
    return (
        f'<article class="{"passage" if plain else "card quote"}" aria-label="{label}">'
        f'<blockquote dir="auto">{_context(quote)}{said}</blockquote>'
        f'<div class="cite">{_link(quote, number)}<div class="acts">'
        f'<button type="button" class="copy" data-copy="{escape(copied(quote))}" '
        f'aria-describedby="said-{number}">Copy with citation</button>'
        f'<span class="sure">{sure}</span></div></div>'
        f"{_also_in(quote, number)}{_in_context(quote)}</article>"
    )


def _link(quote: Quote, number: str) -> str:
    place = place_of(quote.document, quote.span)
    return (
        f'<a class="words" dir="auto" id="cite-{number}" href="#{place.address}" '
        f'data-path="{escape(quote.document.path)}" '
        f'data-answer="{write_range(quote.answer)}" data-context="{write_range(quote.context)}">'
        f"{escape(quote.citation)}</a>"
    )


def _context(quote: Quote) -> str:
    if quote.context is None:
        return ""
    gap = '<span class="gap"> […] </span>' if _leaves_out(quote.document, quote.context, quote.span) else " "
    return f'<span class="context">{escape(quote.document.slice(quote.context))}</span>{gap}'


def _leaves_out(document: Document, one: Span, other: Span) -> bool:
    """Whether there are words between two spans."""
    return bool(document.slice(Span(one.end, other.start)).strip())


def _marked(quote: Quote) -> str:
    text = quote.document.text
    if quote.answer is None:
        return escape(quote.text)
    before, answer, after = (
        text[quote.span.start : quote.answer.start],
        text[quote.answer.start : quote.answer.end],
        text[quote.answer.end : quote.span.end],
    )
    return f"{escape(before)}<mark>{escape(answer)}</mark>{escape(after)}"


def _also_in(quote: Quote, number: str) -> str:
    if not quote.also_in:
        return ""
    named = [f"{o.document.title}, {o.document.location(o.span.start)}" for o in quote.also_in]
    links = []
    for n, (occurrence, name) in enumerate(zip(quote.also_in, named, strict=True), start=1):
        document, span = occurrence.document, occurrence.span
        # Copies of a text can be told apart by their files alone.
        label = f"{name} ({document.path})" if [*named, quote.citation].count(name) > 1 else name
        links.append(
            f'<li><a class="words" dir="auto" id="also-{number}-{n}" href="#{place_of(document, span).address}" '
            f'data-path="{escape(document.path)}">{escape(label)}</a></li>'
        )
    return f'<div class="also">Also in<ul>{"".join(links)}</ul></div>'


def _in_context(quote: Quote) -> str:
    pieces = list(_surroundings(quote))
    if not pieces:
        return ""
    return (
        '<details class="around"><summary>In context</summary>'
        f'<blockquote dir="auto">{"".join(pieces)}</blockquote></details>'
    )


def _surroundings(quote: Quote) -> Iterator[str]:
    """The quote's paragraph, cut where it is long; nothing where the quote is all of it."""
    document, span = quote.document, quote.span
    paragraph = _paragraphs(document.paragraphs, document, span)
    start, end = max(paragraph.start, span.start - _AROUND), min(paragraph.end, span.end + _AROUND)
    if start == span.start and end == span.end:
        return
    if start > paragraph.start:
        yield "… "
    yield escape(document.text[start : span.start])
    yield f'<span class="inq">{_marked(quote)}</span>'
    yield escape(document.text[span.end : end])
    if end < paragraph.end:
        yield " …"


def _paragraphs(paragraphs: Sequence[Span], document: Document, span: Span) -> Span:
    """A quote's span -> that of the paragraphs it stands in."""
    first = paragraphs[document.paragraph_at(span.start)]
    last = paragraphs[document.paragraph_at(max(span.start, span.end - 1))]
    return span.cover(first).cover(last)
