"""PDF documents from outside, drawn page by page: what is kept is pictures, in which nothing can act or hide.

Scripts, forms that send themselves, embedded files, links and metadata stay behind, however they are written.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from threading import RLock
from typing import Any, Final, NamedTuple

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from domain.identity.images import is_blank_page

PDFIUM: Final = RLock()
"""Held by whoever calls PDFium, which is not safe in several threads at once."""

_PLAIN_SCALE: Final = 200 / 72
"""Pixels a point (1/72 inch) for letters and lines: 200 dots an inch."""
_HEADER_WITHIN: Final = 1024
_LENGTH_STATED: Final = re.compile(rb"/Linearized\b[^>]*?/L\s+(\d+)", re.DOTALL)
_OBJECT: Final = re.compile(rb"\b\d+\s+\d+\s+obj\b")
_END: Final = b"%%EOF"
_LONGEST_NOTICE: Final = 1_500
_MARK: Final = 0.1
"""Share of a page that a mark beside a notice takes at most."""
_OF_READERS: Final = re.compile(r"adobe|acrobat|pdf[ -](viewer|reader|portfolio)|please wait", re.IGNORECASE)
"""What stands on the page that a form or portfolio shows in programs that cannot open it, in every language."""


class PdfProblem(StrEnum):
    """What can be noticed about a PDF."""

    DAMAGED = "file_damaged"
    INCOMPLETE = "pdf_incomplete"
    ENCRYPTED = "pdf_encrypted"
    NO_PAGES = "pdf_no_pages"
    NOTICE_ONLY = "pdf_notice_only"
    TOO_MANY_PAGES = "pdf_many_pages"
    TOO_MANY_PIXELS = "image_too_many_pixels"
    BLANK = "image_blank"


class PdfLimits(NamedTuple):
    """How many pages are drawn, the longest side (pixels) of each, and the pixels of a picture inside at most."""

    pages: int
    kept_side: int
    max_pixels: int


class DrawnPdf(NamedTuple):
    """The pages of a PDF as pictures in RGB; none where nothing can be shown."""

    pages: tuple[Image.Image, ...]
    problems: tuple[PdfProblem, ...]


class _TooManyPixelsError(Exception):
    """A picture inside unfolds into more than may be drawn."""


def drawn(content: bytes, limits: PdfLimits) -> DrawnPdf:
    """Return the pages of *content*, or why there are none; raises on no content.

    A password that only forbids printing or changing is no hindrance (ISO 32000-1, 7.6.3: such a file opens with the
    empty one). What stands behind the end mark is passed over. No script runs: this PDFium is built without an engine.
    """
    with PDFIUM:
        try:
            document: Any = pypdfium2.PdfDocument(_to_its_end(content))
        except pypdfium2.PdfiumError:
            return DrawnPdf((), (_refusal(content),))
        try:
            return _drawn(document, content, limits)
        except _TooManyPixelsError:
            return DrawnPdf((), (PdfProblem.TOO_MANY_PIXELS,))
        finally:
            document.close()


def drawn_page(content: bytes, number: int, limits: PdfLimits) -> tuple[Image.Image, int] | None:
    """Return page *number*, from 1, and how many pages are drawn at most; None where it cannot be; never raises."""
    with PDFIUM:
        try:
            document: Any = pypdfium2.PdfDocument(_to_its_end(content))
        except pypdfium2.PdfiumError:
            return None
        try:
            count = min(len(document), limits.pages)
            found = _page(document, number - 1, limits) if 1 <= number <= count else None
        except _TooManyPixelsError:
            return None
        finally:
            document.close()
    return (found[0], count) if found else None


def rewritten(pages: Sequence[Image.Image], *, quality: int) -> bytes:
    """Return a PDF of nothing but *pages*, the same bytes for the same pages."""
    target = io.BytesIO()
    pages[0].save(
        target, format="PDF", save_all=True, append_images=pages[1:], quality=quality, resolution=200.0,
        creationDate=None, modDate=None,
    )  # fmt: skip
    return target.getvalue()


def _to_its_end(content: bytes) -> bytes:
    """Return *content* without what follows the last end mark; PDFium looks for it in the last 4,096 bytes only."""
    end = content.rfind(_END)
    return content[: end + len(_END)] + b"\n" if end >= 0 else content


def _refusal(content: bytes) -> PdfProblem:
    # PDFium keeps the cause of its last refusal. Where all can be read and the list of pages is empty, it refuses and
    # gives none: then the cause is still that of what was asked just before, which no content has.
    raw.FPDF_LoadDocument(b"", None)
    whole = _to_its_end(content)
    raw.FPDF_LoadMemDocument64(whole, len(whole), None)
    code = raw.FPDF_GetLastError()
    if code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
        return PdfProblem.ENCRYPTED
    if code in {raw.FPDF_ERR_SUCCESS, raw.FPDF_ERR_PAGE, raw.FPDF_ERR_FILE}:
        return PdfProblem.NO_PAGES
    return PdfProblem.INCOMPLETE if _is_cut_off(content) else PdfProblem.DAMAGED


def _is_cut_off(content: bytes) -> bool:
    """Whether the end is missing: no reference to the contents, or less than the file or its last change announces."""
    stated = _LENGTH_STATED.search(content[: 2 * _HEADER_WITHIN])
    if stated and int(stated[1]) > len(content):
        return True
    end = max(content.rfind(_END), content.rfind(b"startxref"))
    return end < 0 or _OBJECT.search(content, end) is not None


def _drawn(document: Any, content: bytes, limits: PdfLimits) -> DrawnPdf:
    count = len(document)
    if count == 0:
        return DrawnPdf((), (PdfProblem.NO_PAGES,))
    document.init_forms()
    numbers = range(min(count, limits.pages))
    found = [page for number in numbers if (page := _page(document, number, limits)) is not None]
    if not found:
        return DrawnPdf((), (PdfProblem.DAMAGED,))
    pictures = tuple(picture for picture, _ in found)
    noticed = {
        PdfProblem.INCOMPLETE: len(found) < len(numbers) or _is_cut_off(content),
        PdfProblem.TOO_MANY_PAGES: count > limits.pages,
        PdfProblem.NOTICE_ONLY: all(is_notice for _, is_notice in found)
        or document.get_formtype() == raw.FORMTYPE_XFA_FULL,
        PdfProblem.BLANK: all(is_blank_page(picture) for picture in pictures),
    }
    return DrawnPdf(pictures, tuple(problem for problem, present in noticed.items() if present))


def _page(document: Any, number: int, limits: PdfLimits) -> tuple[Image.Image, bool] | None:
    """Return a page as a picture, and whether it is only a notice to use another program; None if it is damaged."""
    try:
        page = document[number]
        images = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))
        scale = _scale(page, images, limits)
        picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
        is_scan = any(_covers(image, page) for image in images)
        text = "" if is_scan else str(page.get_textpage().get_text_range())
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return None
    return picture, 0 < len(text) < _LONGEST_NOTICE and _OF_READERS.search(text) is not None


def _covers(image: Any, page: Any) -> bool:
    """Whether a picture takes more of a page than the mark of some program does."""
    left, bottom, right, top = image.get_bounds()
    width, height = page.get_size()
    return bool((right - left) * (top - bottom) > _MARK * width * height)


def _scale(page: Any, images: Sequence[Any], limits: PdfLimits) -> float:
    """Return the pixels a point at which no picture of the page loses detail, if its longest side allows that."""
    longest = max(page.get_size())
    if longest <= 0:
        raise ValueError("a page without an area")
    return float(min(limits.kept_side / longest, max([_PLAIN_SCALE, *_finest(images, limits)])))


def _finest(images: Sequence[Any], limits: PdfLimits) -> Iterator[float]:
    for image in images:
        width, height = image.get_px_size()
        if width * height > limits.max_pixels:
            raise _TooManyPixelsError
        left, _, right, _ = image.get_bounds()
        if right > left:
            yield width / (right - left)
