"""What files of portraits and documents may be, as the profile sets it; checking them needs what draws pictures."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from domain.values import Frozen


class ContentKind(StrEnum):
    """What a file is by its first bytes, whatever its name says."""

    JPEG = "JPEG"
    PNG = "PNG"
    PDF = "PDF"


_PORTRAIT: Final = 35 / 45


class PhotoRules(Frozen):
    """What a portrait must be like. Sizes in pixels and bytes; the aspect is width divided by height."""

    formats: tuple[ContentKind, ...] = (ContentKind.JPEG, ContentKind.PNG)
    max_bytes: Annotated[int, Field(ge=1_000, description="of the file as sent")] = 5_000_000
    max_pixels: Annotated[int, Field(ge=10_000, description="decoded at most; 8 bytes of memory each")] = 25_000_000
    min_short_side: Annotated[int, Field(ge=1, description="pixels")] = 300
    aspect: Annotated[float, Field(gt=0, description="width / height, 35:45 by default")] = _PORTRAIT
    aspect_tolerance: Annotated[float, Field(ge=0, le=1, description="share of the aspect")] = 0.12
    colour_required: bool = False
    kept_side: Annotated[int, Field(ge=64, le=4_096, description="longest side kept, pixels")] = 900
    kept_quality: Annotated[int, Field(ge=40, le=95, description="JPEG quality kept")] = 88


class DocumentLimits(Frozen):
    """What a document file may be. Sizes in pixels and bytes; the sides and qualities are those of each page."""

    formats: tuple[ContentKind, ...] = (ContentKind.PDF, ContentKind.JPEG, ContentKind.PNG)
    max_bytes: Annotated[int, Field(ge=1_000)] = 10_000_000
    max_pixels: Annotated[int, Field(ge=10_000)] = 25_000_000
    max_pages: Annotated[int, Field(ge=1, description="of a PDF, that are kept")] = 20
    max_pixels_in_pdf: Annotated[int, Field(ge=10_000, description="A4 at 600 dots an inch has 35 million")] = (
        40_000_000
    )
    kept_side: Annotated[int, Field(ge=64)] = 2_400
    kept_quality: Annotated[int, Field(ge=40, le=95)] = 88
