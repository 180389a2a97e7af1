"""Drawn identity pages: what a scan of an invented passport's data page could look like, marked as a specimen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 720, 506
"""Pixels of a page: 125 × 88 mm (ICAO Doc 9303-4) at about 146 dots per inch."""

_INK: Final = (28, 32, 40)
_LABEL: Final = (104, 112, 124)
_ZONE_TOP: Final = 420
_TINTS: Final = ((222, 232, 242), (230, 238, 228), (242, 232, 224), (234, 228, 242), (226, 238, 238), (242, 238, 222))


@dataclass(frozen=True, slots=True)
class Page:
    """What is printed on a page: the state's name, labelled fields in reading order, and the two lines of the zone."""

    state: str
    fields: tuple[tuple[str, str], ...]
    zone: tuple[str, str]


def identity_page(page: Page, portrait: Image.Image) -> Image.Image:
    """Return the page with *portrait* and its zone, :data:`WIDTH` by :data:`HEIGHT` pixels, RGB."""
    labels = tuple(label for label, _ in page.fields)
    sheet = _ground(sum(page.state.encode()) % len(_TINTS), labels).copy()
    draw = ImageDraw.Draw(sheet)
    draw.text((32, 18), page.state.upper(), fill=_INK, font=_font(24))
    sheet.paste(portrait.resize((224, 288), Image.Resampling.BILINEAR), (32, 72))
    for place, (_, value) in enumerate(page.fields):
        left, top = _place(place)
        draw.text((left, top + 15), value, fill=_INK, font=_font(19))
    _print_zone(draw, page.zone)
    return sheet


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the typeface that comes with the drawing library, so that no installed font is needed."""
    return ImageFont.load_default(size)


@cache
def _ground(tint: int, labels: tuple[str, ...]) -> Image.Image:
    """Return the page before a name is printed: waves on a tint, a white band, labels, and the word SPECIMEN."""
    colour = _TINTS[tint]
    sheet = Image.new("RGB", (WIDTH, HEIGHT), colour)
    draw = ImageDraw.Draw(sheet)
    darker = tuple(value - 7 for value in colour)
    for top in range(-160, HEIGHT, 48):
        draw.arc((-240, top, WIDTH + 240, top + 336), 200, 340, fill=darker, width=6)
    draw.rectangle((0, _ZONE_TOP - 16, WIDTH, HEIGHT), fill=(250, 250, 248))
    draw.text((480, 376), "SPECIMEN", fill=(214, 150, 150), font=_font(48), anchor="mm")
    draw.text((WIDTH - 32, 22), "PASSPORT", fill=_LABEL, font=_font(16), anchor="ra")
    for place, label in enumerate(labels):
        draw.text(_place(place), label, fill=_LABEL, font=_font(12))
    return sheet


def _place(number: int) -> tuple[int, int]:
    """Return where field *number* stands: two long ones below each other, the others two to a line."""
    row, column = (number, 0) if number <= 1 else (number // 2 + 1, number % 2)
    return 282 + 216 * column, 72 + 52 * row


_PITCH: Final = 14.9
"""Pixels from one character of the zone to the next: the standard spaces them evenly."""


def _print_zone(draw: ImageDraw.ImageDraw, zone: tuple[str, str]) -> None:
    """Print the lines of the zone, each character in a cell of its own."""
    for number, line in enumerate(zone):
        for place, character in enumerate(line):
            draw.bitmap((round(32 + _PITCH * place), _ZONE_TOP + 35 * number), _glyph(character), fill=_INK)


@cache
def _glyph(character: str) -> Image.Image:
    """Return the mask of one character, in the middle of its cell."""
    cell = Image.new("L", (round(_PITCH), 32), 0)
    ImageDraw.Draw(cell).text((_PITCH / 2, 16), character, fill=255, font=_font(20), anchor="mm")
    return cell
