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
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import typst

from domain.credential.claims import printable_name
from notifications.badge.badge import Badge
from notifications.badge.code import code_svg
from notifications.badge.scripts import EVERY_FAMILY, drawable, fonts

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


def render_badges(badges: Sequence[Badge]) -> list[bytes]:
    """Return one PDF of a single A6 page for each badge, in order.

    PDF/A-2b declared (not validated), tagged, serial and name in the title. The same badge gives the same bytes:
    the time in the file is the first day of validity. Raises ``CodeFailedError`` when a code does not read back.
    """
    with _compiler("badge.typ") as (compiler, folder):
        return [_pdf(compiler, badge, folder) for badge in badges]


def render_cards(badges: Sequence[Badge]) -> list[bytes]:
    """Return one PDF of two pages for each badge: front and back of a card (ISO/IEC 7810 ID-1, 85.6 x 53.98 mm).

    The code is on the back, 40 mm like on the badge; see :func:`render_badges` for the rest.
    """
    with _compiler("card.typ") as (compiler, folder):
        return [_pdf(compiler, badge, folder) for badge in badges]


def render_pages(template: str, inputs: Mapping[str, object], *, begins: date) -> bytes:
    """Return the PDF of *template*, one of this package, that shows no badge: separators, cut marks."""
    with _compiler(template) as (compiler, _):
        moment = int(datetime.combine(begins, time(), tzinfo=UTC).timestamp())
        content = {"content": json.dumps(inputs, ensure_ascii=False)}
        return _single(compiler.compile(format="pdf", sys_inputs=content, timestamp=moment))


def render_badge_png(badge: Badge, *, dots_per_inch: float = 200) -> bytes:
    """Return the badge as a picture, for the screen and for documentation."""
    with _compiler("badge.typ") as (compiler, folder):
        drawn = compiler.compile(format="png", ppi=dots_per_inch, sys_inputs=_inputs(badge, folder))
    return _single(drawn)


@contextmanager
def _compiler(template: str) -> Generator[tuple[typst.Compiler, Path]]:
    with TemporaryDirectory(prefix="badges-") as folder:
        # typst reads photographs as files below its root; nothing else is there to be read.
        for name in (template, "fitting.typ"):
            (Path(folder) / name).write_bytes((files("notifications.badge") / name).read_bytes())
        main = Path(folder) / template
        yield typst.Compiler(main, root=folder, font_paths=fonts()), Path(folder)


def _pdf(compiler: typst.Compiler, badge: Badge, folder: Path) -> bytes:
    inputs = _inputs(badge, folder)
    begins = int(datetime.combine(badge.valid_from, time(), tzinfo=UTC).timestamp())
    drawn = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-2b"], timestamp=begins)
    for photo in folder.glob("*.jpg"):
        photo.unlink()
    return _single(drawn)


def _single(drawn: bytes | list[bytes] | None) -> bytes:
    if not isinstance(drawn, bytes):
        raise TypeError("typst gave pictures of several pages instead of one file")
    return drawn


def _inputs(badge: Badge, folder: Path) -> dict[str, str]:
    return {"badges": json.dumps([_page(badge, folder)], ensure_ascii=False)}


def _page(badge: Badge, folder: Path) -> dict[str, Any]:
    writing = badge.native_writing
    texts = {field: drawable(str(getattr(badge, field))) for field in _TEXTS}
    return texts | {
        "colour": badge.colour,
        "ink": badge.ink,
        "title": f"{badge.words.title} {badge.serial}: {texts['passport_name']}",
        "native": writing.model_dump() | {"text": printable_name(badge.native_name)} if writing else None,
        "photo": _photo_file(badge, folder),
        "code": code_svg(badge.token),
        "words": {word: drawable(text) for word, text in badge.words.model_dump().items()},
        "families": EVERY_FAMILY,
    }


def _photo_file(badge: Badge, folder: Path) -> str | None:
    if badge.photo is None or not badge.has_usable_photo:
        return None
    photo = folder / f"{badge.serial}.jpg"
    photo.write_bytes(badge.photo)
    return photo.name
