"""The photograph as it is printed; its hash is in the credential, so the same file always gives the same bytes."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from domain.errors import BadInputError

PRINTED_SIZE: Final = (280, 360)
"""Pixels of the 35 x 45 mm portrait: 203 dots an inch, about 12 kB."""

_QUALITY: Final = 82
_MOST_PIXELS: Final = 40_000_000


class PhotoUnusableError(BadInputError):
    """A file that is not a photograph, or unfolds into more than a photograph."""


def printed_photo(original: bytes) -> bytes:
    """Return the JPEG that goes on the badge: upright, cropped to 7:9, without camera data.

    Raises PhotoUnusableError for anything that is not JPEG or PNG of at most 40 megapixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(original), formats=("JPEG", "PNG")) as image:
                return _printed(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoUnusableError("photo", "is not a readable picture.", remedy="Send a JPEG or PNG.") from error


def _printed(image: Image.Image) -> bytes:
    if image.width * image.height > _MOST_PIXELS:
        raise ValueError("too many pixels")
    image.draft("RGB", (PRINTED_SIZE[0] * 2, PRINTED_SIZE[1] * 2))
    upright = ImageOps.exif_transpose(image).convert("RGB")
    portrait = ImageOps.fit(upright, PRINTED_SIZE, Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    out = BytesIO()
    portrait.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
