"""PDF: reading order, running matter, hyphens, pages, and where each character stands."""

import io
from itertools import pairwise

import pytest
from PIL import Image

from index.errors import DocumentError
from index.loaders import pdf_page
from index.loaders.pdf import load
from index.loaders.pdf_page import Line
from index.loaders.picture import draw_page
from index.records import Document, Span
from tests.unit.files import Words, lines, pdf

PROSE = (
    "The harbour of Aldwick was dredged in the year",
    "of the great storm by an engineer from the north",
    "who had never before seen so wide a bay of water",
    "and who used a crane driven by steam for all of it.",
)


def prose(n: int) -> list[str]:
    """The lines of a page that no other page has."""
    return [f"{line.rstrip('.')}, {'abcdefghijklmnopqrstuvwxyz'[n % 26] * (n + 1)}" for line in PROSE]


def words(document: Document) -> list[str]:
    return [document.slice(span) for span in document.paragraphs]


def test_pages_are_counted_from_one_and_empty_ones_count() -> None:
    """A quote is cited by the physical page it stands on; a page without text has its number all the same."""
    document = load("Lease.pdf", pdf(lines("First page."), [], lines("Third page.")))
    assert document.title == "Lease.pdf"
    assert document.n_pages == 3
    assert document.location(document.text.index("First")) == "page 1"
    assert document.location(document.text.index("Third")) == "page 3"


def test_two_columns_are_read_one_after_the_other() -> None:
    """What spans both columns comes where it stands; the left column comes before the right one, however drawn."""
    title = [Words(72, 790, "A title over both of the columns of this page of text", 11)]
    left = lines(*(f"L{n} a line of the left column of this" for n in range(6)), x=60, top=750)
    right = lines(*(f"R{n} a line of the right column of it" for n in range(6)), x=320, top=750)
    last = [Words(72, 600, "And a last line that spans both of the columns again", 11)]
    order = [f"L{n}" for n in range(6)] + [f"R{n}" for n in range(6)]
    row_by_row = [line for pair in zip(left, right, strict=True) for line in pair]
    for drawn in ([*title, *left, *right, *last], [*last, *right, *left, *title], [*title, *row_by_row, *last]):
        text = load("a.pdf", pdf(drawn)).text
        places = [text.index(word) for word in ["A title", *order, "And a last"]]
        assert places == sorted(places), text


def test_a_page_of_words_strewn_about_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two of a thousand words there may be a gutter: only the best few are looked at closely."""
    n_looked = 0
    real = pdf_page._are_columns

    def counted(segments: list[Line], gutter: float) -> bool:
        nonlocal n_looked
        n_looked += 1
        return real(segments, gutter)

    monkeypatch.setattr(pdf_page, "_are_columns", counted)
    drawn = [Words(n * 7919 % 500, n * 104_729 % 800, f"n{n}", 2) for n in range(1000)]
    text = load("a.pdf", pdf(drawn)).text
    assert all(f"n{n}" in text for n in range(1000))
    assert 0 < n_looked <= 60


def test_the_cells_of_a_row_stay_together() -> None:
    """What stands side by side in short pieces is a table, and is read row by row."""
    rows = [("Item", "Days"), ("Holiday", "30"), ("Sick pay", "42"), ("Moving", "1"), ("Wedding", "2")]
    drawn = [Words(72, 700 - 16 * n, a) for n, (a, _) in enumerate(rows)]
    drawn += [Words(320, 700 - 16 * n, b) for n, (_, b) in enumerate(rows)]
    text = load("a.pdf", pdf(drawn)).text
    assert [" ".join(line.split()) for line in text.split("\n") if line] == [f"{a} {b}" for a, b in rows]


def test_running_matter_is_removed_and_recorded_and_sentences_cross_pages() -> None:
    """Headers, footers and page numbers go, are kept apart, and the sentence that they cut in two is one paragraph."""
    pages = []
    for number in range(1, 4):
        head = [Words(72, 800, f"Annual Report of Aldwick - {number}"), Words(290, 30, str(number))]
        body = lines("and the sentence goes on" if number > 1 else "It begins here", *PROSE[:-1], top=650)
        pages.append([*head, *body])
    document = load("a.pdf", pdf(*pages))
    assert "Annual Report" not in document.text
    assert [(r.page, r.text) for r in document.layout.removed] == [
        (n, text) for n in (1, 2, 3) for text in (f"Annual Report of Aldwick - {n}", str(n))
    ]
    assert len(document.paragraphs) == 1
    assert "bay of water\nand the sentence goes on" in document.text
    over = document.text.index("bay of water")
    assert document.place(Span(over, over + 30)) == "pages 1–2"


def moved(page: list[Words], x: float, y: float) -> list[Words]:
    return [Words(word.x + x, word.y + y, word.text, word.size) for word in page]


@pytest.mark.parametrize("x", [-300, 0, 1000])
@pytest.mark.parametrize("y", [-421, 700])
@pytest.mark.parametrize("outer", [0, 90])
def test_running_matter_is_removed_wherever_a_pages_box_begins(x: int, y: int, outer: int) -> None:
    """The margins are those of what is shown, whether the box begins at 0, 0 or is cut out of a larger one."""
    pages = [
        [Words(72, 800, "Annual Report of Aldwick"), Words(290, 30, str(n)), *lines(*prose(n), top=650)]
        for n in range(1, 5)
    ]
    media = f"/MediaBox[{x - outer} {y - outer} {x + 595 + outer} {y + 842 + outer}]"
    crop = f"/CropBox[{x} {y} {x + 595} {y + 842}]" if outer else ""
    document = load("a.pdf", pdf(*(moved(page, x, y) for page in pages), box=media + crop))
    plain = load("a.pdf", pdf(*pages))
    assert document.text == plain.text
    assert document.layout == plain.layout
    assert "Annual" not in document.text


# What is shown of a page whose lower left is here, once turned: A4 lying on its side, where it is turned by 90 or 270.
_SIDE = {0: "595 842", 90: "842 595", 180: "595 842", 270: "842 595"}


def turned(page: list[Words], rotation: int, x: float, y: float) -> bytes:
    """Words as they are to be seen on a page of A4 -> a PDF that draws them so, turned, on a page from x, y on."""
    cos, sin = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[rotation]
    width, height = map(int, _SIDE[rotation].split())
    # The corner that is the lower left once the page is turned clockwise.
    left, bottom = {0: (0, 0), 90: (width, 0), 180: (width, height), 270: (0, height)}[rotation]
    box = f"/MediaBox[{x - 50} {y - 50} {x + width + 50} {y + height + 50}]"
    box += f"/CropBox[{x} {y} {x + width} {y + height}]/Rotate {rotation}"
    return pdf(page, box=box, turn=(cos, sin, -sin, cos, x + left, y + bottom))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(("x", "y"), [(0, 0), (400, -700)])
def test_a_turned_page_is_read_as_it_is_shown(rotation: int, x: int, y: int) -> None:
    """Its lines come from top to bottom as one sees them, and the boxes of its words lie where its picture has ink."""
    page = [*lines("Half way up,", "and below.", x=100, top=421), Words(300, 20, "7")]
    page += [Words(-40, 421, "Left"), Words(100, 860, "Above"), Words(100, -30, "Below"), Words(610, 421, "Right")]
    data = turned(page, rotation, x, y)
    document = load("a.pdf", data)
    assert document.text == "Half way up,\nand below.\n\n7"
    run = document.layout.runs[0]
    picture = draw_page(data, 1, [(run.first, run.length)])
    (box,) = picture.boxes[0]
    left, top, width, height = box
    assert left == pytest.approx(100 / 595, abs=0.01)
    assert top + height / 2 == pytest.approx(0.5, abs=0.02)
    image = Image.open(io.BytesIO(picture.png)).convert("L")
    edges = (left * image.width, top * image.height, (left + width) * image.width, (top + height) * image.height)
    assert min(image.crop(edges).tobytes()) < 128


def test_what_a_page_does_not_show_is_not_quoted() -> None:
    """What lies outside of the crop box is on no picture and no print of the page; the rest keeps its places."""
    beyond = [
        Words(72, 60, "Printer's slug."),
        Words(72, 820, "Job 7."),
        Words(560, 500, "Aside."),
        Words(-90, 500, "Out."),
    ]
    data = pdf([*beyond, *lines(*PROSE, top=600)], box="/MediaBox[0 0 595 842]/CropBox[40 100 550 800]")
    document = load("a.pdf", data)
    assert document.text == "\n".join(PROSE)
    assert document.layout.removed == ()
    boxes = [box for run in document.layout.runs for box in draw_page(data, 1, [(run.first, run.length)]).boxes[0]]
    assert all(0 <= left <= 1 and 0 <= top <= 1 for left, top, _, _ in boxes)
    with pytest.raises(DocumentError, match="no text"):
        load("a.pdf", pdf(beyond, box="/MediaBox[0 0 595 842]/CropBox[40 100 550 800]"))


@pytest.mark.parametrize("top", [760, 780])
@pytest.mark.parametrize("gap", ["", None])
@pytest.mark.parametrize(
    "headings",
    [
        ("Question 1", "Question 2", "Question 3"),
        ("Question 1", "Question 4", "Question 9"),
        ("1. Parties", "2. Parties", "3. Parties"),
    ],
)
def test_headings_at_the_tops_of_pages_stay(headings: tuple[str, ...], gap: str | None, top: int) -> None:
    """A heading with a number is none of a page, whether it counts pages or not: it belongs to what stands below it."""
    gaps = [] if gap is None else [gap]
    document = load("a.pdf", pdf(*(lines(heading, *gaps, *prose(n), top=top) for n, heading in enumerate(headings))))
    assert document.layout.removed == ()
    assert [document.text.count(heading) for heading in headings] == [1, 1, 1]


def test_the_same_heading_on_every_page_stays() -> None:
    """What stands close to the text below it is its heading, though every page begins so."""
    document = load("a.pdf", pdf(*(lines("Notes", *prose(n)) for n in range(4))))
    assert document.layout.removed == ()
    assert document.text.count("Notes") == 4


def test_what_stands_at_the_edge_of_many_pages_goes() -> None:
    """Five pages in a row that begin at their edge with the same words have a header, however close to the text."""
    document = load("a.pdf", pdf(*(lines("May 3, 2016", *prose(n), top=780) for n in range(5))))
    assert [removed.text for removed in document.layout.removed] == ["May 3, 2016"] * 5


def test_pages_of_a_few_lines_have_headers_too() -> None:
    """Where all that stands on a page lies near its top, its header is told from the rest."""
    pages = [[Words(72, 800, "Statement 2019"), *lines(f"Paid {n * 7} on a day", "and no more")] for n in range(4)]
    assert [removed.text for removed in load("a.pdf", pdf(*pages)).layout.removed] == ["Statement 2019"] * 4


def test_what_repeats_here_and_there_is_text() -> None:
    """Running matter stands on page after page; the same words at the same height on three of thirty are text."""
    pages = [[*([Words(72, 800, "Annex")] if n in {1, 12, 25} else []), *lines(*prose(n))] for n in range(30)]
    assert load("a.pdf", pdf(*pages)).text.count("Annex") == 3


@pytest.mark.parametrize(
    "header",
    ["Form 10-K of 2019", "Form 10-K, page {n} of 40", "Aldwick {n}", "Confidential"],
)
def test_headers_apart_from_the_text_go(header: str) -> None:
    """What stands at the edge on page after page goes, with numbers that stay or count; beside it, on odd ones too."""
    pages = [[*([Words(72, 800, header.format(n=n))] if n % 2 else []), *lines(*prose(n))] for n in range(7, 14)]
    document = load("a.pdf", pdf(*pages))
    assert [removed.text for removed in document.layout.removed] == [header.format(n=n) for n in (7, 9, 11, 13)]


def test_a_page_that_stands_there_again_and_again_is_text() -> None:
    """A form that is filled in on every page is no running matter, though each of its lines repeats."""
    document = load("a.pdf", pdf(*([lines(*PROSE, *PROSE, *PROSE, top=780)] * 6)))
    assert document.layout.removed == ()
    assert document.text.count("dredged") == 18


def test_what_repeats_on_two_pages_only_is_text() -> None:
    """Two like pages are two pages of text; and a figure at the bottom that does not count pages is text too."""
    document = load("a.pdf", pdf(*([[Words(72, 800, "To whom it may concern."), Words(72, 30, "1904")]] * 2)))
    assert document.text.count("concern") == 2
    assert document.text.count("1904") == 2
    assert document.layout.removed == ()


def test_a_hyphen_at_a_line_end_is_kept_and_folded_away() -> None:
    """In the text it stands as on the page, with the line's end; in the folded copy the word is whole."""
    document = load("a.pdf", pdf(lines("He spoke of certain mat-", "ters and of more of them.")))
    assert "mat-\nters" in document.text
    assert "certain matters and" in document.folded.text


def test_paragraphs_end_at_gaps_and_list_items() -> None:
    """A wider gap, a short last line and an item's mark begin a paragraph; a line's end within one does not."""
    document = load("a.pdf", pdf(lines(*PROSE, "", "A second paragraph.", "(a) an item of it;", "(b) another item.")))
    assert words(document) == ["\n".join(PROSE), "A second paragraph.", "(a) an item of it;", "(b) another item."]


def test_larger_lines_are_headings() -> None:
    """A line in larger letters is a heading, and what follows stands under it."""
    document = load("a.pdf", pdf([Words(72, 780, "Leave", 18), *lines(*PROSE), *lines(*PROSE, top=660)]))
    assert [document.heading_text(h) for h in document.headings] == ["Leave"]
    assert document.section(document.text.index("The harbour")) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pdf([], []), r"^no text \(scanned\?\)"),
        (pdf(lines("Secret."), encrypt=True), "encrypted: needs a password"),
        (b"%PDF-1.7\n", "damaged: is no whole PDF"),
        (pdf(lines("Words."))[:200], "damaged: is no whole PDF"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, said: str) -> None:
    """A PDF without text, with a password, or cut short, says so."""
    with pytest.raises(DocumentError, match=said):
        load("a.pdf", data)


def test_every_character_knows_where_it_stands() -> None:
    """Runs cover every visible character of the text, and the page's own characters there are the same."""
    data = pdf(lines(*PROSE), [*lines(*PROSE, x=60), *lines(*PROSE, x=330)])
    document = load("a.pdf", data)
    covered = {n for run in document.layout.runs for n in range(run.start, run.start + run.length)}
    assert {n for n, character in enumerate(document.text) if not character.isspace()} <= covered
    assert all(one.start + one.length <= other.start for one, other in pairwise(document.layout.runs))


def test_a_pages_picture_has_a_box_around_the_words() -> None:
    """The picture is a PNG of the page; the boxes of a run lie where its words were drawn, as shares of the page."""
    data = pdf([], [Words(100, 421, "Half way up.")])
    document = load("a.pdf", data)
    run = document.layout.runs[0]
    picture = draw_page(data, 2, [(run.first, run.length), (run.first, 4)])
    assert picture.png.startswith(b"\x89PNG")
    assert (picture.width, picture.height) == (1190, 1684)
    (left, top, width, height), (_, _, shorter, _) = picture.boxes[0][0], picture.boxes[1][0]
    assert left == pytest.approx(100 / 595, abs=0.01)
    assert top + height / 2 == pytest.approx(0.5, abs=0.02)
    assert shorter < width < 0.2
    with pytest.raises(DocumentError, match="page 3 was asked for"):
        draw_page(data, 3, [])
