"""Images from outside: told by their bytes, decoded within limits, in ordinary colours, and kept without metadata."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

from PIL import Image, ImageChops, ImageCms, ImageFilter, ImageStat

from domain.identity.file_rules import ContentKind

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
        light = [min(255, round(value * 255 / white)) for value in range(256)]
        return picture.point([value for band in picture.getbands() for value in (range(256) if band == "A" else light)])
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
    """Return the brightest value of any colour; how opaque a picture is says nothing of its light."""
    extremes = picture.convert(picture.mode.removesuffix("A")).getextrema()
    return max(extreme[1] if isinstance(extreme, tuple) else extreme for extreme in extremes)


def _white(highest: int) -> int:
    """Return what counts as white: all bits set, of as many as *highest* takes."""
    return max(1, (1 << highest.bit_length()) - 1)


def _scaled(picture: Image.Image, *, brightest: int) -> Image.Image:
    return picture.convert("I").point(lambda value: value * (255 / max(255, _white(brightest)))).convert("L")


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


_GAMMA: Final = 1 / 2.2
"""What ordinary screens, and pictures made for them, have."""
_ORIENTATION, _EXIF_FOLDER, _TAKEN_AT = 0x0112, 0x8769, 0x9003
_TURNS: Final = MappingProxyType(
    {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
)
"""What makes a picture upright, by its EXIF orientation (Exif 2.32, tag 0x0112)."""

_SIDEWAYS: Final = frozenset({5, 6, 7, 8})
"""EXIF orientations in which width and height change places."""

# What Pillow's decoders raise on damaged bytes; found by feeding them truncations and random changes.
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    AttributeError,
    AssertionError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    ImageCms.PyCMSError,
    Image.DecompressionBombError,
)


class ForeignKind(StrEnum):
    """Pictures that are sent and not taken, by their first bytes."""

    HEIC = "heic"
    WEBP = "webp"
    TIFF = "tiff"
    OTHER = "other"
    """GIF, BMP, AVIF, JPEG XL, JPEG 2000, Photoshop, SVG, raw pictures of cameras."""


class ImageProblem(StrEnum):
    """Why an image cannot be decoded."""

    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"


class ImageLimits(NamedTuple):
    """How many pixels are decoded at most, and the longest side (pixels) that is kept."""

    max_pixels: int
    kept_side: int


class DecodedImage(NamedTuple):
    """An image upright, in sRGB, at most ``kept_side`` long, with the size it came in."""

    picture: Image.Image
    width: int
    height: int
    frames: int
    has_colour: bool
    taken_on: date | None


def sniffed(content: bytes) -> ContentKind | None:
    """Return what *content* is by its magic bytes, or ``None`` for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return ContentKind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ContentKind.PNG
    # ISO 32000-1 appendix H: readers accept the header anywhere in the first 1,024 bytes.
    return ContentKind.PDF if b"%PDF-" in content[:1024] else None


_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
"""Brands of HEIF pictures in HEVC (ISO/IEC 23008-12, B.4), which telephones write."""
_OTHER: Final = (
    b"GIF8", b"BM", b"\xff\x0a", b"\x00\x00\x00\x0cJXL ", b"\x00\x00\x00\x0cjP", b"8BPS", b"<svg", b"FUJIFILM",
)  # fmt: skip


def foreign_kind(content: bytes) -> ForeignKind | None:
    """Return which kind of picture *content* is that is not taken; None for what is no picture."""
    if content[4:8] == b"ftyp":
        brands = {content[8:12], *(content[place : place + 4] for place in range(16, min(len(content), 64), 4))}
        return ForeignKind.HEIC if brands & _HEIC and b"avif" not in brands else ForeignKind.OTHER
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ForeignKind.WEBP
    if content[:4] in {b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"}:
        return ForeignKind.TIFF
    return ForeignKind.OTHER if content.lstrip()[:16].startswith(_OTHER) else None


def decode(content: bytes, kind: ContentKind, limits: ImageLimits) -> DecodedImage | ImageProblem:
    """Return the image, or the reason why there is none; no content makes it raise.

    The size is read and judged before any pixel is decoded, the structure is verified, then the image is opened
    anew (verification uses it up). Of a JPEG with further pictures behind it, as telephones write, the first counts.
    One that lacks nothing but its end mark is taken.
    """
    found = _decoded(content, kind, limits)
    if found is ImageProblem.DAMAGED and kind is ContentKind.JPEG:
        return _without_end(content, limits)
    return found


def _decoded(content: bytes, kind: ContentKind, limits: ImageLimits) -> DecodedImage | ImageProblem:
    try:
        with Image.open(io.BytesIO(content), formats=[kind.value]) as image:
            if image.width * image.height > limits.max_pixels:
                return ImageProblem.TOO_MANY_PIXELS
            image.verify()
        with Image.open(io.BytesIO(content), formats=[kind.value]) as image:
            return _upright(image, limits, depth=stated_depth(content))
    except Image.DecompressionBombError:
        return ImageProblem.TOO_MANY_PIXELS
    except _DAMAGE:
        return ImageProblem.DAMAGED


_END: Final = b"\xff\xd9"
"""The mark that ends a JPEG (ISO/IEC 10918-1, B.1.1.3)."""
_FILL: Final = b"\x35\xa2\x5b\x14" * 64


def _without_end(content: bytes, limits: ImageLimits) -> DecodedImage | ImageProblem:
    """Return the JPEG that lacks its end mark, if that is all it lacks.

    What stands behind the last block is skipped by a decoder. Where blocks are missing it takes any bytes for them, so
    that two different endings give two different pictures.
    """
    bare = content.removesuffix(_END[:1])
    ended, filled = (_decoded(bare + fill + _END, ContentKind.JPEG, limits) for fill in (b"", _FILL))
    if isinstance(ended, DecodedImage) and isinstance(filled, DecodedImage):
        return ended if ended.picture.tobytes() == filled.picture.tobytes() else ImageProblem.DAMAGED
    return ImageProblem.DAMAGED


def encoded(picture: Image.Image, *, quality: int) -> bytes:
    """Return *picture* as a baseline JPEG that holds pixels and nothing else."""
    fresh = Image.new("RGB", picture.size)
    fresh.paste(picture)
    written = io.BytesIO()
    fresh.save(written, format="JPEG", quality=quality)
    return written.getvalue()


def _upright(image: Image.Image, limits: ImageLimits, *, depth: int) -> DecodedImage:
    exif = image.getexif()
    orientation = exif.get(_ORIENTATION)
    width, height = (image.height, image.width) if orientation in _SIDEWAYS else image.size
    frames = int(getattr(image, "n_frames", 1)) if image.format == "PNG" else 1
    taken_on = _day(exif.get_ifd(_EXIF_FOLDER).get(_TAKEN_AT))
    has_colour = image.mode not in {"1", "L", "LA", "I", "I;16", "F"}
    picture = _flat(image, side=limits.kept_side, depth=depth)
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    upright = picture.transpose(turn) if turn is not None else picture
    return DecodedImage(upright, width, height, frames, has_colour, taken_on)


def _flat(image: Image.Image, *, side: int, depth: int) -> Image.Image:
    """Return *image* in sRGB, at most *side* long, what is transparent laid on white.

    Small first, then its colours, then turned: the large picture is held once, however it is stored. A JPEG can be
    decoded at half, quarter or eighth size, which saves most of the time and memory.
    """
    image.draft("RGB", (side, side))
    image.load()
    profile, gamma = image.info.get("icc_profile"), image.info.get("gamma")
    picture = _with_channels(in_eight_bits(image, stated=depth))
    picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    seen = in_srgb(picture, profile if isinstance(profile, bytes) else None)
    if profile is None and isinstance(gamma, float) and "srgb" not in image.info:
        seen = _lit(seen, gamma)
    if seen.mode == "RGB":
        return seen
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")


def _lit(picture: Image.Image, gamma: float) -> Image.Image:
    """Return *picture* as a screen shows it whose file states *gamma* (ISO/IEC 15948, gAMA) and no colour profile."""
    if not 0.1 < gamma < 1.5 or abs(gamma - _GAMMA) < 0.05:  # noqa: PLR2004 -- of nonsense, and of ordinary screens
        return picture
    light = [round(255 * (value / 255) ** (_GAMMA / gamma)) for value in range(256)]
    return picture.point([value for band in picture.getbands() for value in (range(256) if band == "A" else light)])


def _with_channels(image: Image.Image) -> Image.Image:
    """Return *image* in the mode its colour profile speaks of, if it can be scaled in that; else in RGB or RGBA."""
    if "A" in image.getbands() or ("transparency" in image.info and image.mode in {"1", "L", "P", "RGB"}):
        return image if image.mode == "RGBA" else image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _day(stamp: object) -> date | None:
    """Return the day of an EXIF time stamp (``YYYY:MM:DD hh:mm:ss``), which has no zone."""
    try:
        return datetime.strptime(str(stamp)[:10], "%Y:%m:%d").date()  # noqa: DTZ007 -- EXIF knows no zone
    except ValueError:
        return None
