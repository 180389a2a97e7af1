"""Reading a token back from what people send: a badge as PDF, a scan, a photograph."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import pypdfium2
import zxingcpp
from PIL import Image, ImageOps

from domain.credentials.verdict import PREFIX
from domain.identity.pdf import PDFIUM

_PDF: Final = b"%PDF-"
_PDF_SCALES: Final = (200 / 72, 400 / 72)
_ONE_BADGE: Final = 300
"""Points of width of a page for one badge (A6 has 298); sheets are wider."""
_MOST_PAGES: Final = 1000
_MOST_PIXELS: Final = 60_000_000
_SIDES: Final = (None, 1600, 900)


def read_token(content: bytes) -> str | None:
    """Return the first OAC1 token in *content* (PNG, JPEG, WebP, TIFF or PDF, known by its first bytes), or None.

    Text layers and metadata are never consulted: only the code that a station would scan counts. Anything that
    is no picture, or unfolds into more than 60 megapixels, holds no token.
    """
    return next((code for code in read_codes(content) if code.startswith(PREFIX)), None)


def read_codes(content: bytes) -> Iterator[str]:
    """Yield the text of every QR code found in *content*, the same code perhaps more than once."""
    try:
        if content[:1024].lstrip().startswith(_PDF):
            yield from _pdf_codes(content)
        else:
            for picture in _pictures(content):
                yield from _codes(picture)
    except (OSError, ValueError, SyntaxError, pypdfium2.PdfiumError, Image.DecompressionBombError):
        return


def _codes(picture: Image.Image) -> list[str]:
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    barcodes: Any = zxingcpp.read_barcodes(picture, formats=kinds)
    return [str(barcode.text) for barcode in barcodes]


def _pictures(content: bytes) -> Iterator[Image.Image]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP", "TIFF"))
    if image.width * image.height > _MOST_PIXELS:
        return
    grey = ImageOps.exif_transpose(image).convert("RGBA" if image.mode in {"LA", "PA", "P", "RGBA"} else "L")
    if grey.mode == "RGBA":
        grey = Image.alpha_composite(Image.new("RGBA", grey.size, "white"), grey).convert("L")
    for side in _SIDES:
        if side is None:
            yield grey
        elif max(grey.size) > side:
            yield ImageOps.contain(grey, (side, side))


def _pdf_codes(content: bytes) -> Iterator[str]:
    with PDFIUM:
        document: Any = pypdfium2.PdfDocument(content)
        pages = min(len(document), _MOST_PAGES)
    try:
        for number in range(pages):
            with PDFIUM:
                codes = _page_codes(document[number])
            yield from codes
    finally:
        with PDFIUM:
            document.close()


def _page_codes(page: Any) -> list[str]:
    """Return the codes of a page, looked at closely where it may show several or nothing is found at first."""
    found: list[str] = []
    for scale in _PDF_SCALES:
        if page.get_width() * page.get_height() * scale * scale <= _MOST_PIXELS:
            found += _codes(page.render(scale=scale, grayscale=True).to_pil())
            if found and page.get_width() <= _ONE_BADGE:
                break
    return found
