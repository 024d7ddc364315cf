"""A page of a PDF -> its picture, and where characters stand on it."""

import ctypes
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium_c

from index.errors import DocumentError
from index.loaders.pdf import open_pdf

# Pixels for a point: 144 to the inch, sharp on most screens.
_SCALE = 2.0
# Of the longer side: a page may be as large as it says.
_MAX_PIXELS = 2_400


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as PNG.

    Attributes:
        png: the file.
        width, height: in pixels.
        boxes: around the words of each line that was asked for: left, top, width, height, as shares of the page's.
            The list is as long as the list of runs, each with the boxes of its run.
    """

    png: bytes
    width: int
    height: int
    boxes: list[list[tuple[float, float, float, float]]]


def draw_page(data: bytes, page: int, runs: Sequence[tuple[int, int]]) -> PagePicture:
    """A PDF, a page (from 1), and runs of its characters (first, length) -> the picture and their boxes.

    Raises:
        DocumentError: the file cannot be opened, or has no such page.
    """
    document = open_pdf(data)
    try:
        if not 1 <= page <= len(document):
            raise DocumentError(f"has {len(document)} pages; page {page} was asked for")
        opened = document[page - 1]
        width, height = opened.get_size()
        scale = min(_SCALE, _MAX_PIXELS / max(width, height, 1.0))
        bitmap = opened.render(scale=scale, may_draw_forms=False)
        image = bitmap.to_pil()
        file = io.BytesIO()
        image.convert("RGB").save(file, "PNG")
        textpage = opened.get_textpage()
        boxes = [_boxes(opened, textpage, first, length) for first, length in runs]
        return PagePicture(file.getvalue(), image.width, image.height, boxes)
    finally:
        document.close()


def _boxes(page: Any, textpage: Any, first: int, length: int) -> list[tuple[float, float, float, float]]:
    """A run of characters -> a box for each line that it lies on."""
    rect = pdfium_c.FS_RECTF()
    lines: list[list[float]] = []
    n = textpage.count_chars()
    for number in range(max(0, first), min(n, first + length)):
        if chr(pdfium_c.FPDFText_GetUnicode(textpage.raw, number)).isspace():
            continue
        if not pdfium_c.FPDFText_GetLooseCharBox(textpage.raw, number, ctypes.byref(rect)):
            continue
        corners = [_on_page(page, x, y) for x, y in ((rect.left, rect.bottom), (rect.right, rect.top))]
        left, right = sorted(corner[0] for corner in corners)
        top, bottom = sorted(corner[1] for corner in corners)
        if lines and abs(lines[-1][1] - top) < (bottom - top) / 2 and left >= lines[-1][0]:
            lines[-1] = [lines[-1][0], min(lines[-1][1], top), max(lines[-1][2], right), max(lines[-1][3], bottom)]
        else:
            lines.append([left, top, right, bottom])
    return [(left, top, right - left, bottom - top) for left, top, right, bottom in lines]


_FINE = 100_000


def _on_page(page: Any, x: float, y: float) -> tuple[float, float]:
    """A point of the file's own space -> its place on the page as shown, as shares from the left and the top."""
    at_x, at_y = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDF_PageToDevice(page.raw, 0, 0, _FINE, _FINE, 0, x, y, ctypes.byref(at_x), ctypes.byref(at_y))
    return at_x.value / _FINE, at_y.value / _FINE
