"""Perceptual hashes: telling that two files show the same picture, re-saved or resized, without looking at faces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageChops, ImageStat

from domain.values import Sha256

SAME_PICTURE: Final = 6
"""Bits of 256 up to which two fingerprints are taken for one picture.

Measured on 300 drawn portraits: the nearest of 44,850 pairs of different ones differed in 8 bits; of 240 copies
(resized, saved at quality 40 to 80) the median differed in 1 bit, all but 4 in at most 6.
"""

SAME_PIXELS: Final = 6.0
"""Mean difference of a channel (0 to 255), at 72 by 96 pixels, up to which near fingerprints are one picture.

Measured on 320 drawn portraits: of the 25 pairs nearest by fingerprint (8 to 12 bits) the least was 11.7; of 60 copies
(resized to 50 to 130 %, saved at quality 40 to 80) the most was 2.5.
"""

PARTS: Final = SAME_PICTURE + 1
"""Parts of a fingerprint: two that differ in at most ``SAME_PICTURE`` bits agree in at least one (pigeonholes)."""

_COMPARED_AT: Final = (72, 96)
_GRADIENT_SIDE: Final = 8
_COLOUR_SIDE: Final = 4
_WORKING_SIDE: Final = 144
"""Pixels to which a picture is averaged first; eight and nine cells divide it evenly."""

_BLUE_LEVELS: Final = (112, 120, 128, 136)
_RED_LEVELS: Final = (124, 132, 140, 148)
"""Chroma levels that part skins, hair, clothes and grounds; 128 is grey."""


def fingerprint(picture: Image.Image) -> Sha256:
    """Return 256 bits in hex: 128 of brightness falling rightwards and downwards, 128 of coarse colour."""
    light, blue, red = picture.resize((_WORKING_SIDE, _WORKING_SIDE), Image.Resampling.BOX).convert("YCbCr").split()
    bits = [*_falls(light), *_falls(light.transpose(Image.Transpose.TRANSPOSE))]
    bits += [*_above(blue, _BLUE_LEVELS), *_above(red, _RED_LEVELS)]
    return f"{sum(bit << place for place, bit in enumerate(bits)):064x}"


def fingerprint_distance(one: Sha256, other: Sha256) -> int:
    """Return in how many of 256 bits two fingerprints differ; ``SAME_PICTURE`` says what that means."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def fingerprint_parts(print_: Sha256) -> tuple[int, ...]:
    """Return ``PARTS`` numbers below 2**63, each of every seventh bit, so that no part is of one quality alone.

    Of 124,750 pairs of different drawn portraits 753 agreed in a part: that many are compared, not all.
    """
    bits = f"{int(print_, 16):0256b}"
    return tuple(int(bits[place::PARTS], 2) for place in range(PARTS))


def is_same_picture(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures with near fingerprints are one, resized or saved anew; see ``SAME_PIXELS``."""
    first, second = (picture.convert("RGB").resize(_COMPARED_AT, Image.Resampling.BOX) for picture in (one, other))
    means = ImageStat.Stat(ImageChops.difference(first, second)).mean
    return sum(means) / len(means) <= SAME_PIXELS


def _falls(channel: Image.Image) -> Iterator[bool]:
    """Yield for each of 8 x 8 cells whether it is brighter than its right-hand neighbour by more than noise."""
    width = _GRADIENT_SIDE + 1
    cells = channel.resize((width, _GRADIENT_SIDE), Image.Resampling.BOX).tobytes()
    for place, value in enumerate(cells):
        if place % width < _GRADIENT_SIDE:
            yield value > cells[place + 1] + 1


def _above(channel: Image.Image, levels: tuple[int, ...]) -> Iterator[bool]:
    """Yield for each of 4 x 4 cells whether its value lies above each of *levels*."""
    cells = channel.resize((_COLOUR_SIDE, _COLOUR_SIDE), Image.Resampling.BOX).tobytes()
    return (value > level for value in cells for level in levels)
