"""Portraits and documents as files: checked by content, upright, without metadata, known by their hash, shown anew.

Nothing here recognises a face or asks a network; what is found is a hint that a person may overrule.
"""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from PIL import Image
from pydantic import Field

from domain.identity.file_rules import ContentKind, DocumentLimits, PhotoRules
from domain.identity.fingerprints import fingerprint
from domain.identity.images import (
    DecodedImage,
    ForeignKind,
    ImageLimits,
    ImageProblem,
    decode,
    encoded,
    foreign_kind,
    is_blank,
    is_blank_page,
    sniffed,
)
from domain.identity.pdf import PdfLimits, drawn, drawn_page, rewritten
from domain.values import Frozen, Sha256


class FileProblem(StrEnum):
    """What can be noticed about a file; only those of ``UNUSABLE`` leave nothing to keep."""

    EMPTY = "file_empty"
    TOO_MANY_BYTES = "file_too_large"
    UNKNOWN_FORMAT = "file_format_unknown"
    HEIC = "file_format_heic"
    WEBP = "file_format_webp"
    TIFF = "file_format_tiff"
    FORMAT_NOT_ALLOWED = "file_format_not_allowed"
    OTHER_PICTURE = "file_format_other"
    STOPPED = "file_stops_reading"
    SEVERAL = "file_several"
    PACKED = "file_packed"
    DAMAGED = "file_damaged"
    TOO_MANY_PIXELS = "image_too_many_pixels"
    TOO_FEW_PIXELS = "image_too_few_pixels"
    ASPECT = "image_aspect"
    SEVERAL_FRAMES = "image_several_frames"
    BLANK = "image_blank"
    NOT_COLOUR = "image_not_colour"
    PDF_INCOMPLETE = "pdf_incomplete"
    PDF_ENCRYPTED = "pdf_encrypted"
    PDF_NO_PAGES = "pdf_no_pages"
    PDF_NOTICE_ONLY = "pdf_notice_only"
    PDF_MANY_PAGES = "pdf_many_pages"


UNUSABLE: Final = frozenset(
    {
        FileProblem.EMPTY,
        FileProblem.TOO_MANY_BYTES,
        FileProblem.UNKNOWN_FORMAT,
        FileProblem.HEIC,
        FileProblem.WEBP,
        FileProblem.TIFF,
        FileProblem.FORMAT_NOT_ALLOWED,
        FileProblem.OTHER_PICTURE,
        FileProblem.STOPPED,
        FileProblem.SEVERAL,
        FileProblem.PACKED,
        FileProblem.DAMAGED,
        FileProblem.TOO_MANY_PIXELS,
        FileProblem.PDF_ENCRYPTED,
        FileProblem.PDF_NO_PAGES,
    }
)


class PhotoReport(Frozen):
    """What a portrait is. ``content`` is what may be stored: JPEG, upright, pixels only; ``None`` if unusable.

    Width and height are those of the picture as sent, upright. ``fingerprint`` is a perceptual hash of 256 bits in
    hex; ``taken_on`` is the camera's word, read before it was dropped.
    """

    kind: ContentKind | None = None
    problems: tuple[FileProblem, ...] = ()
    received_sha256: Sha256
    width: int = 0
    height: int = 0
    taken_on: date | None = Field(default=None, repr=False)
    content: bytes | None = Field(default=None, repr=False)
    sha256: Sha256 | None = None
    fingerprint: Sha256 | None = None


class DocumentReport(Frozen):
    """What a document file is. ``content`` is what may be stored: pixels only, ``None`` if unusable.

    A document of one page is kept as a JPEG, a PDF of several as a PDF of pictures.
    """

    kind: ContentKind | None = None
    problems: tuple[FileProblem, ...] = ()
    received_sha256: Sha256
    content: bytes | None = Field(default=None, repr=False)
    sha256: Sha256 | None = None


def check_photo(content: bytes, rules: PhotoRules) -> PhotoReport:
    """Return what *content* is under *rules*; raises on no content, and decodes nothing beyond the limits."""
    received = _sha256(content)
    kind = sniffed(content)
    problem = _refused(content, kind, allowed=rules.formats, max_bytes=rules.max_bytes)
    if kind is None or problem:
        return PhotoReport(kind=kind, problems=_present(problem), received_sha256=received)
    found = decode(content, kind, ImageLimits(rules.max_pixels, rules.kept_side))
    if isinstance(found, ImageProblem):
        return PhotoReport(kind=kind, problems=(_PROBLEMS[found],), received_sha256=received)
    kept = encoded(found.picture, quality=rules.kept_quality)
    return PhotoReport(
        kind=kind,
        problems=_photo_problems(found, rules),
        received_sha256=received,
        width=found.width,
        height=found.height,
        taken_on=found.taken_on,
        content=kept,
        sha256=_sha256(kept),
        fingerprint=fingerprint(found.picture),
    )


def check_document(content: bytes, limits: DocumentLimits) -> DocumentReport:
    """Return what *content* is under *limits*: a PDF or an image that can be seen; raises on no content."""
    received = _sha256(content)
    kind = sniffed(content)
    problem = _refused(content, kind, allowed=limits.formats, max_bytes=limits.max_bytes)
    if kind is None or problem:
        return DocumentReport(kind=kind, problems=_present(problem), received_sha256=received)
    pages, problems = _pages(content, kind, limits)
    kept = _kept(pages, quality=limits.kept_quality)
    return DocumentReport(
        kind=kind, problems=problems, received_sha256=received, content=kept, sha256=_sha256(kept) if kept else None
    )


def _pages(
    content: bytes, kind: ContentKind, limits: DocumentLimits
) -> tuple[tuple[Image.Image, ...], tuple[FileProblem, ...]]:
    if kind is ContentKind.PDF:
        pdf = drawn(content, PdfLimits(limits.max_pages, limits.kept_side, limits.max_pixels_in_pdf))
        return pdf.pages, tuple(FileProblem(problem.value) for problem in pdf.problems)
    found = decode(content, kind, ImageLimits(limits.max_pixels, limits.kept_side))
    if isinstance(found, ImageProblem):
        return (), (_PROBLEMS[found],)
    return (found.picture,), (FileProblem.BLANK,) if is_blank_page(found.picture) else ()


def _kept(pages: tuple[Image.Image, ...], *, quality: int) -> bytes | None:
    if len(pages) > 1:
        return rewritten(pages, quality=quality)
    return encoded(pages[0], quality=quality) if pages else None


_PROBLEMS: Final = {
    ImageProblem.DAMAGED: FileProblem.DAMAGED,
    ImageProblem.TOO_MANY_PIXELS: FileProblem.TOO_MANY_PIXELS,
}


_FOREIGN: Final = {
    ForeignKind.HEIC: FileProblem.HEIC,
    ForeignKind.WEBP: FileProblem.WEBP,
    ForeignKind.TIFF: FileProblem.TIFF,
    ForeignKind.OTHER: FileProblem.OTHER_PICTURE,
}


def _refused(
    content: bytes, kind: ContentKind | None, *, allowed: tuple[ContentKind, ...], max_bytes: int
) -> FileProblem | None:
    if not content:
        return FileProblem.EMPTY
    if len(content) > max_bytes:
        return FileProblem.TOO_MANY_BYTES
    if kind is None:
        foreign = foreign_kind(content)
        return _FOREIGN[foreign] if foreign else FileProblem.UNKNOWN_FORMAT
    return None if kind in allowed else FileProblem.FORMAT_NOT_ALLOWED


def _present(problem: FileProblem | None) -> tuple[FileProblem, ...]:
    return (problem,) if problem else ()


def _photo_problems(found: DecodedImage, rules: PhotoRules) -> tuple[FileProblem, ...]:
    off = abs(found.width / found.height - rules.aspect) / rules.aspect
    noticed = {
        FileProblem.TOO_FEW_PIXELS: min(found.width, found.height) < rules.min_short_side,
        FileProblem.ASPECT: off > rules.aspect_tolerance,
        FileProblem.SEVERAL_FRAMES: found.frames > 1,
        FileProblem.BLANK: is_blank(found.picture),
        FileProblem.NOT_COLOUR: rules.colour_required and not found.has_colour,
    }
    return tuple(problem for problem, present in noticed.items() if present)


def _sha256(content: bytes) -> Sha256:
    return hashlib.sha256(content).hexdigest()


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
