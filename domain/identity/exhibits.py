"""Photographs and documents drawn anew for an officer's eyes: a JPEG of nothing but pixels, whatever the file was."""

from __future__ import annotations

from typing import Final, NamedTuple

from PIL import Image

from domain.identity.file_rules import ContentKind
from domain.identity.images import ImageLimits, ImageProblem, decode, encoded, sniffed
from domain.identity.pdf import PdfLimits, drawn_page

LONGEST_SIDE: Final = 1400
"""Pixels: enough to read an identity page on a large screen."""
MOST_PAGES: Final = 10
MOST_PIXELS: Final = 64_000_000
_QUALITY: Final = 86


class Exhibit(NamedTuple):
    """One page as JPEG, and how many pages the file has."""

    content: bytes
    pages: int


def exhibit(content: bytes, page: int) -> Exhibit | None:
    """Return page *page*, from 1, of a file; None for what is no picture, for damage and for a page there is not."""
    kind = sniffed(content)
    if kind is ContentKind.PDF:
        found = drawn_page(content, page, PdfLimits(MOST_PAGES, LONGEST_SIDE, MOST_PIXELS))
    else:
        found = _image(content, kind) if kind is not None and page == 1 else None
    return Exhibit(encoded(found[0], quality=_QUALITY), found[1]) if found else None


def _image(content: bytes, kind: ContentKind) -> tuple[Image.Image, int] | None:
    decoded = decode(content, kind, ImageLimits(MOST_PIXELS, LONGEST_SIDE))
    return None if isinstance(decoded, ImageProblem) else (decoded.picture, 1)
