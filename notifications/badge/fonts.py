"""The fonts of the wheels: which characters they can draw (OpenType, table cmap), and how the typesetter holds them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import typst

FONT_PACKS: Final = (
    ("justmytype_western_core", "fonts"),
    ("justmytype_intl_rtl", "fonts"),
    ("justmytype_intl_south_asia", "fonts"),
    ("justmytype_intl_cjk", "fonts"),
    ("manimgx_fonts", ""),
    ("weblate_fonts", "static/weblate_fonts/kurinto/ttf"),
)
"""Packages, and where in each its fonts lie. Of a family that two have, typst takes the first.

The last has Kurinto, for scripts that no wheel has Noto for; it does not join the letters of India as they are joined.
"""
_REGULAR: Final = re.compile(r"(\[.*\]|-Regular|-Rg)\.ttf$")
_SEGMENTS, _GROUPS = 4, 12
_JOINERS: Final = frozenset(range(0x200C, 0x200E))


def font_folders() -> list[str]:
    """Return the folders that hold the fonts, wherever the wheels were installed."""
    return [str(files(pack).joinpath(folder)) for pack, folder in FONT_PACKS]


@lru_cache(maxsize=1)
def _font_files() -> dict[str, Path]:
    """Return each font file by the beginning of its name, which is its family without blanks."""
    found = (path for folder in reversed(font_folders()) for path in Path(folder).rglob("*.ttf"))
    return {_REGULAR.sub("", path.name): path for path in found}


def font_file(family: str) -> Path:
    """Return the file of *family*, one that a wheel brings."""
    return _font_files()[family.replace(" ", "")]


@lru_cache(maxsize=32)
def characters_of(family: str) -> frozenset[int]:
    """Return the code points that *family* has a glyph for; empty when there is no such family."""
    path = _font_files().get(family.replace(" ", ""))
    if path is None:
        return frozenset()
    return frozenset(_mapped(_table(path, b"cmap"))) | _JOINERS


def can_draw(text: str, families: tuple[str, ...]) -> bool:
    """Whether every character of *text* is in one of *families*."""
    return all(any(ord(letter) in characters_of(family) for family in families) for letter in text)


def _table(path: Path, name: bytes) -> bytes:
    with path.open("rb") as font:
        count = struct.unpack(">4xH6x", font.read(12))[0]
        for tag, _, offset, length in struct.iter_unpack(">4sIII", font.read(16 * count)):
            if tag == name:
                font.seek(offset)
                return font.read(length)
    return b""


def _mapped(cmap: bytes) -> Iterator[int]:
    count = struct.unpack_from(">H", cmap, 2)[0] if cmap else 0
    for offset in {struct.unpack_from(">I", cmap, 8 + 8 * number)[0] for number in range(count)}:
        kind = struct.unpack_from(">H", cmap, offset)[0]
        if kind == _GROUPS:
            groups = struct.unpack_from(">I", cmap, offset + 12)[0]
            for first, last, _ in struct.iter_unpack(">III", cmap[offset + 16 : offset + 16 + 12 * groups]):
                yield from range(first, last + 1)
        elif kind == _SEGMENTS:
            yield from _segments(cmap, offset)


def _segments(cmap: bytes, offset: int) -> Iterator[int]:
    double = struct.unpack_from(">H", cmap, offset + 6)[0]
    ends = struct.unpack_from(f">{double // 2}H", cmap, offset + 14)
    starts = struct.unpack_from(f">{double // 2}H", cmap, offset + 16 + double)
    for first, last in zip(starts, ends, strict=True):
        if last != 0xFFFF:  # noqa: PLR2004 -- the closing segment of format 4 maps nothing
            yield from range(first, last + 1)


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Return the fonts of the wheels, read once a process; no system font is among them."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*font_folders()])
