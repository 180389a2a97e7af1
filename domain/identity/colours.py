"""Colours of pictures from outside, made those of an ordinary screen: sRGB, eight bits a channel."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any, Final, cast

from PIL import Image, ImageCms

_SIXTEEN_BITS: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_PNG_DEPTH: Final = 24
"""Where a PNG says how many bits a channel has (ISO/IEC 15948, IHDR)."""

_SCREEN: Final = ImageCms.ImageCmsProfile(cast("Any", ImageCms.createProfile("sRGB")))


def in_eight_bits(picture: Image.Image, *, stated: int) -> Image.Image:
    """Return *picture* with channels of eight bits, the brightest that its scanner could tell being white.

    Scanners of 10, 12 or 14 bits write files of 16 without stretching; read plainly, those are black. *stated* is the
    number of bits that the file states, of which Pillow has kept the upper eight in colour pictures.
    """
    if picture.mode in _SIXTEEN_BITS:
        return _scaled(picture, brightest=int(_highest(picture)))
    if stated == 16 and _highest(picture) <= 127:  # noqa: PLR2004 -- 16 bits, of which the topmost is never used
        white = _white(int(_highest(picture)))
        return picture.point([min(255, round(value * 255 / white)) for value in range(256)] * len(picture.getbands()))
    return picture


def stated_depth(content: bytes) -> int:
    """Return the bits a channel that a PNG states; 8 for everything else."""
    return content[_PNG_DEPTH] if content.startswith(b"\x89PNG") and len(content) > _PNG_DEPTH else 8


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return *picture*, of mode L, RGB, RGBA or CMYK, in RGB or RGBA as an ordinary screen shows it.

    *profile* is the ICC profile of its file (ISO 15076-1). One that is damaged, or meant for other channels, is
    passed over, as every viewer does.
    """
    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    transform = _transform(profile, picture.mode.removesuffix("A")) if profile else None
    if transform is None:
        return picture if picture.mode == target else picture.convert(target)
    if picture.mode != "RGBA":
        return transform.apply(picture)
    seen = transform.apply(picture.convert("RGB"))
    seen.putalpha(picture.getchannel("A"))
    return seen


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the way from *profile* to sRGB, kept because the same few cameras make most pictures."""
    try:
        return ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            _SCREEN,
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _highest(picture: Image.Image) -> float:
    extremes = picture.getextrema()
    return max(extreme[1] if isinstance(extreme, tuple) else extreme for extreme in extremes)


def _white(highest: int) -> int:
    """Return what counts as white: all bits set, of as many as *highest* takes."""
    return max(1, (1 << highest.bit_length()) - 1)


def _scaled(picture: Image.Image, *, brightest: int) -> Image.Image:
    return picture.convert("I").point(lambda value: value * (255 / max(255, _white(brightest)))).convert("L")
