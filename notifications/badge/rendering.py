"""From badges to PDF files, by typst.

Each badge is its own run of a warm compiler. Setting 500 in one run and cutting the file apart is a third
faster, but every cut loses the PDF/A declaration, the tags and the title, and carries the letters of all other
names in its fonts.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

import typst

from domain.credentials.claims import printable_name
from notifications.badge.code import code_svg
from notifications.badge.contents import Badge
from notifications.badge.fonts import fonts
from notifications.badge.scripts import EVERY_FAMILY, drawable

_TEXTS: Final = (
    "passport_name",
    "role",
    "organisation",
    "region",
    "region_notice",
    "validity",
    "serial",
    "issuer",
    "election",
)
_SHARED: Final = ("election", "issuer", "role", "organisation", "region", "region_notice", "validity", "notice")
"""The boxes of both templates whose texts stand on many badges."""

_FAMILIES: Final = json.dumps(EVERY_FAMILY)
_MOST_KNOWN: Final = 20_000

_Page: TypeAlias = dict[str, Any]
_Sizes: TypeAlias = dict[tuple[str, str], float | None]
"""Points by name of a box and text; None where no size fits and the template must break or narrow."""


def render_badges(badges: Sequence[Badge]) -> list[bytes]:
    """Return one PDF of a single A6 page for each badge, in order.

    PDF/A-2b declared (not validated), tagged, serial and name in the title. The same badge gives the same bytes:
    the time in the file is the first day of validity. Raises ``CodeFailedError`` when a code does not read back.
    """
    return _drawn("badge.typ", badges)


def render_cards(badges: Sequence[Badge]) -> list[bytes]:
    """Return one PDF of two pages for each badge: front and back of a card (ISO/IEC 7810 ID-1, 85.6 x 53.98 mm).

    The code is on the back, 40 mm like on the badge; see :func:`render_badges` for the rest.
    """
    return _drawn("card.typ", badges)


def render_pages(template: str, inputs: Mapping[str, object], *, begins: date) -> bytes:
    """Return the PDF of *template*, one of this package, that shows no badge: separators, cut marks."""
    with _compiler(template) as (compiler, _):
        moment = int(datetime.combine(begins, time(), tzinfo=UTC).timestamp())
        content = {"content": json.dumps(inputs, ensure_ascii=False)}
        return _single(compiler.compile(format="pdf", sys_inputs=content, timestamp=moment))


def render_badge_png(badge: Badge, *, dots_per_inch: float = 200) -> bytes:
    """Return the badge as a picture, for the screen and for documentation."""
    with _compiler("badge.typ") as (compiler, folder):
        drawn = compiler.compile(
            format="png", ppi=dots_per_inch, sys_inputs=_inputs(_page(badge, folder, number=0), {})
        )
    return _single(drawn)


def _drawn(template: str, badges: Sequence[Badge]) -> list[bytes]:
    with _compiler(template) as (compiler, folder):
        pages = [_page(badge, folder, number=number) for number, badge in enumerate(badges)]
        sizes = _sizes_of(template, folder, pages)
        return [_pdf(compiler, page, sizes, badge) for page, badge in zip(pages, badges, strict=True)]


@contextmanager
def _compiler(template: str) -> Generator[tuple[typst.Compiler, Path]]:
    with TemporaryDirectory(prefix="badges-") as folder:
        # typst reads photographs as files below its root; nothing else is there to be read.
        for name in (template, "fitting.typ"):
            (Path(folder) / name).write_bytes((files("notifications.badge") / name).read_bytes())
        main = Path(folder) / template
        yield typst.Compiler(main, root=folder, font_paths=fonts()), Path(folder)


def _pdf(compiler: typst.Compiler, page: _Page, sizes: _Sizes, badge: Badge) -> bytes:
    begins = int(datetime.combine(badge.valid_from, time(), tzinfo=UTC).timestamp())
    inputs = _inputs(page, sizes)
    return _single(compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-2b"], timestamp=begins))


def _single(drawn: bytes | list[bytes] | None) -> bytes:
    if not isinstance(drawn, bytes):
        raise TypeError("typst gave pictures of several pages instead of one file")
    return drawn


def _inputs(page: _Page, sizes: _Sizes) -> dict[str, str]:
    chosen = {field: sizes.get((field, page[field])) for field in _SHARED}
    return {"badges": json.dumps([page | {"sizes": chosen}], ensure_ascii=False), "families": _FAMILIES}


def _sizes_of(template: str, folder: Path, pages: Sequence[_Page]) -> _Sizes:
    """Return the size in points of every text that badges share; what no badge had before is measured in one run."""
    known = _known_sizes(template)
    asked = [*dict.fromkeys((field, page[field]) for page in pages for field in _SHARED)]
    if len(known) > _MOST_KNOWN:
        known.clear()
    if unknown := [pair for pair in asked if pair not in known]:
        inputs = {"badges": "[]", "asked": json.dumps(unknown, ensure_ascii=False), "families": _FAMILIES}
        measuring = typst.Compiler(folder / template, root=folder, font_paths=fonts(), sys_inputs=inputs)
        known |= zip(unknown, json.loads(measuring.query("<size>", field="value")), strict=True)
    return {pair: known[pair] for pair in asked}


@cache
def _known_sizes(template: str) -> _Sizes:  # noqa: ARG001 -- each template has its own
    return {}


def _page(badge: Badge, folder: Path, *, number: int) -> _Page:
    writing = badge.native_writing
    texts = {field: drawable(str(getattr(badge, field))) for field in _TEXTS}
    return texts | {
        "colour": badge.colour,
        "ink": badge.ink,
        "title": f"{badge.words.title} {badge.serial}: {texts['passport_name']}",
        "native": writing.model_dump() | {"text": printable_name(badge.native_name)} if writing else None,
        "photo": _photo_file(badge, folder / f"{number}.jpg"),
        "code": code_svg(badge.token),
        "words": (words := _drawable_words(tuple(badge.words.model_dump().items()))),
        "notice": words["notice"],
    }


@lru_cache(maxsize=8)
def _drawable_words(words: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {word: drawable(text) for word, text in words}


def _photo_file(badge: Badge, photo: Path) -> str | None:
    if badge.photo is None or not badge.has_usable_photo:
        return None
    photo.write_bytes(badge.photo)
    return photo.name
