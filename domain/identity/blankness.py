"""Whether a picture shows anything."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageStat

_LEAST_DEVIATION: Final = 3.0
"""Standard deviation of grey (0 to 255) below which a picture shows nothing."""
_LEAST_DETAIL: Final = 2.5
"""The same for what is left when the slow changes of light over a page are taken away; one line of print has 4."""
_SIDE: Final = 240
"""Pixels to which a page is reduced: a scanner's grain is gone, a line of print is not."""
_SHADING: Final = 12
_MARGIN: Final = 0.04
"""Share of each side that is not looked at: the shadow of the lid."""


def is_blank(picture: Image.Image) -> bool:
    """Say whether *picture* is of one colour."""
    return ImageStat.Stat(picture.convert("L")).stddev[0] < _LEAST_DEVIATION


def is_blank_page(picture: Image.Image) -> bool:
    """Say whether a page shows nothing but paper, its grain and its shading."""
    if is_blank(picture):
        return True
    grey = picture.convert("L")
    grey.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    across, down = (round(side * _MARGIN) for side in grey.size)
    inner = grey.crop((across, down, grey.width - across, grey.height - down))
    shading = inner.filter(ImageFilter.BoxBlur(_SHADING))
    detail = ImageChops.subtract(shading, inner, scale=1, offset=128)
    return ImageStat.Stat(detail).stddev[0] < _LEAST_DETAIL
