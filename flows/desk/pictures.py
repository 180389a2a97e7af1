"""Photographs and documents as pictures that a browser may show: made anew from the pixels, never passed through."""

from __future__ import annotations

import io
from functools import lru_cache
from threading import Lock
from typing import Any, Final

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from domain.errors import BadInputError
from domain.values import Sha256
from flows.file_store import file_store

KIND: Final = "image/jpeg"
LONGEST_SIDE: Final = 1400
"""Pixels: enough to read an identity page on a large screen."""
MOST_PAGES: Final = 10
MOST_PIXELS: Final = 64_000_000
_QUALITY: Final = 86
_ONE_AT_A_TIME: Final = Lock()  # PDFium is not made for threads


@lru_cache(maxsize=64)
def picture(name: Sha256, page: int = 1) -> tuple[bytes, int]:
    """Return page *page* of the stored content called *name* as JPEG, and how many pages there are.

    Raises :class:`UnknownThingError` for content that is gone and :class:`BadInputError` for what is no picture.
    """
    content = file_store().get(name)
    try:
        image, pages = _page(content, page) if content[:1024].lstrip().startswith(b"%PDF") else (_image(content), 1)
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError, pypdfium2.PdfiumError) as error:
        remedy = "Ask the organisation for a new copy."
        raise BadInputError("document", "this file cannot be shown as a picture.", remedy=remedy) from error
    return _jpeg(image), pages


def _image(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
    if image.width * image.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    turned = ImageOps.exif_transpose(image)
    return turned or image


def _page(content: bytes, page: int) -> tuple[Image.Image, int]:
    with _ONE_AT_A_TIME:
        document: Any = pypdfium2.PdfDocument(content)
        try:
            pages = min(len(document), MOST_PAGES)
            if not 1 <= page <= pages:
                raise ValueError("no such page")
            sheet = document[page - 1]
            width, height = sheet.get_size()
            if width < 1 or height < 1:
                raise ValueError("no page")
            image: Image.Image = sheet.render(scale=LONGEST_SIDE / max(width, height)).to_pil()
        finally:
            document.close()
    return image, pages


def _jpeg(image: Image.Image) -> bytes:
    shown = image.convert("RGB")
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
