"""Pictures of a plan as SVG, written by hand: coverage by region, wishes met, load by office, and a map of tiles.

Colours are from the Okabe-Ito palette, told apart also by people who see colours differently; every bar says its
number, so that no picture depends on colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typst
from pydantic import Field

from domain.values import Frozen
from notifications.badge.fonts import fonts

BLUE, ORANGE, GREEN, RED, GREY, INK = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#D5DBE1", "#15202b"
RANKS: Final = ("#00566B", "#0072B2", "#3E9BCB", "#7FBFE0", "#B7DCEF", "#E69F00", "#D55E00")

_LINE, _LABEL, _WIDTH, _HEAD, _TILES = 22, 270, 760, 58, 6
_FONT: Final = "font-family='Noto Sans, Helvetica, Arial, sans-serif'"

Places = Annotated[int, Field(ge=0)]


class RegionBar(Frozen):
    """One region: people, seats, and the seats wanted at least."""

    code: str
    name: str
    office: str
    placed: Places
    minimum: Places
    capacity: Places


class OfficeBar(Frozen):
    """One office: people served, what its own staff can serve, and what surge staff could add."""

    code: str
    name: str
    placed: Places
    base: Places
    surge: Places


class Wishes(Frozen):
    """How many people got which choice."""

    by_rank: tuple[Places, Places, Places, Places, Places]
    unranked: Places
    at_large: Places


def coverage_chart(title: str, regions: Sequence[RegionBar]) -> str:
    """Return people and seats by region: the bar is who is placed, the tick what is wanted at least."""
    most = max((max(region.capacity, region.placed) for region in regions), default=1) or 1
    rows: list[str] = []
    for place, bar in enumerate(regions):
        top, short = _HEAD + place * _LINE, bar.placed < bar.minimum
        rows += [
            _label(top, f"{bar.code} {bar.name}"),
            _bar(top, 0, bar.capacity / most, GREY),
            _bar(top, 0, bar.placed / most, ORANGE if short else BLUE),
            _tick(top, bar.minimum / most) if bar.minimum else "",
            _number(top, f"{bar.placed} of {bar.capacity}" + (f", {bar.minimum - bar.placed} short" if short else "")),
        ]
    key = ((BLUE, "placed"), (ORANGE, "placed, below the minimum"), (GREY, "seats"), (INK, "minimum"))
    return _picture(title, rows, key, lines=len(regions))


def load_chart(title: str, offices: Sequence[OfficeBar]) -> str:
    """Return people served by office: own staff's places, surge places, and who is above both."""
    most = max((max(office.base + office.surge, office.placed) for office in offices), default=1) or 1
    rows: list[str] = []
    for place, bar in enumerate(offices):
        top, over = _HEAD + place * _LINE, max(0, bar.placed - bar.base)
        rows += [
            _label(top, f"{bar.code} {bar.name}"),
            _bar(top, 0, (bar.base + bar.surge) / most, GREY),
            _bar(top, 0, min(bar.placed, bar.base) / most, GREEN),
            _bar(top, bar.base / most, over / most, ORANGE) if over else "",
            _tick(top, bar.base / most),
            _number(top, f"{bar.placed} of {bar.base}" + (f" + {bar.surge}" if bar.surge else "")),
        ]
    key = ((GREEN, "served by own staff"), (ORANGE, "by surge staff"), (GREY, "places"), (INK, "end of own places"))
    return _picture(title, rows, key, lines=len(offices))


def wishes_chart(title: str, wishes: Wishes) -> str:
    """Return how many people got their first to fifth choice, another region, or none."""
    names = ("first choice", "second", "third", "fourth", "fifth", "not asked for", "at large")
    counts = (*wishes.by_rank, wishes.unranked, wishes.at_large)
    everybody, most = sum(counts) or 1, max(counts) or 1
    rows: list[str] = []
    for place, (name, count, colour) in enumerate(zip(names, counts, RANKS, strict=True)):
        top = _HEAD + place * _LINE
        rows += [
            _label(top, name),
            _bar(top, 0, count / most, colour),
            _number(top, f"{count} ({100 * count / everybody:.0f} %)"),
        ]
    return _picture(title, rows, (), lines=len(names))


def staffing_chart(title: str, levels: Sequence[tuple[str, int, int]]) -> str:
    """Return decisions that came too late by staffing level: on the usual curve, and in the last two days."""
    most = max((max(usual, worst) for _, usual, worst in levels), default=0) or 1
    rows: list[str] = []
    for place, (name, usual, worst) in enumerate(levels):
        top = _HEAD + 2 * place * _LINE
        rows += [
            _label(top, name),
            _bar(top, 0, usual / most, BLUE),
            _number(top, "none" if not usual else f"{usual:,} late"),
            _bar(top + _LINE, 0, worst / most, RED),
            _number(top + _LINE, "none" if not worst else f"{worst:,} late"),
        ]
    key = ((BLUE, "as files arrive"), (RED, "2,344 in the last two days, 324 of them in the last session"))
    return _picture(title, rows, key, lines=2 * len(levels))


def tile_map(title: str, regions: Sequence[RegionBar]) -> str:
    """Return regions as tiles in rows of their office, the fuller the darker; it shows no borders and claims none."""
    rows: list[str] = []
    top = _HEAD
    for office in sorted({region.office for region in regions}):
        own = [region for region in regions if region.office == office]
        rows.append(_label(top + 14, office))
        for place, bar in enumerate(own):
            rows += _tile(bar, left=_LABEL + 84 * (place % _TILES), top=top + 50 * (place // _TILES))
        top += 50 * ceil(len(own) / _TILES)
    height = max(top - _HEAD, _LINE)
    key = ((_share(1.0), "full"), (_share(0.0), "empty"), (ORANGE, "frame: below the minimum"))
    return _picture(title, rows, key, lines=ceil(height / _LINE))


def _tile(one: RegionBar, *, left: int, top: int) -> Iterable[str]:
    share = one.placed / one.capacity if one.capacity else 0.0
    edge, wide = (ORANGE, 3) if one.placed < one.minimum else ("#ffffff", 1)
    ink = "#ffffff" if share > 0.55 else INK  # noqa: PLR2004 -- where white letters become readable
    yield (
        f"<g><title>{escape(one.name)}: {one.placed} of {one.capacity}, minimum {one.minimum}</title>"
        f"<rect x='{left}' y='{top}' width='78' height='44' rx='4' fill='{_share(share)}' stroke='{edge}' "
        f"stroke-width='{wide}'/>"
    )
    middle = f"<text x='{left + 39}' text-anchor='middle' font-size='11' fill='{ink}'"
    yield f"{middle} y='{top + 18}'>{escape(one.code)}</text>"
    yield f"{middle} y='{top + 34}'>{one.placed}/{one.capacity}</text></g>"


def _share(share: float) -> str:
    """Return a blue from pale (0) to deep (1)."""
    part = min(max(share, 0.0), 1.0)
    return "#" + "".join(
        f"{round(pale + (deep - pale) * part):02x}" for pale, deep in ((226, 0), (238, 86), (246, 140))
    )


def _label(top: int, text: str) -> str:
    shown = text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 -- what fits before the bars
    return f"<text x='{_LABEL - 8}' y='{top + 15}' text-anchor='end' font-size='12' fill='{INK}'>{escape(shown)}</text>"


def _span() -> int:
    return _WIDTH - _LABEL - 120


def _bar(top: int, begin: float, length: float, colour: str) -> str:
    left, width = _LABEL + begin * _span(), max(0.0, length * _span())
    return f"<rect x='{left:.1f}' y='{top + 3}' width='{width:.1f}' height='{_LINE - 7}' fill='{colour}'/>"


def _tick(top: int, at: float) -> str:
    left = _LABEL + at * _span()
    return (
        f"<line x1='{left:.1f}' x2='{left:.1f}' y1='{top + 1}' y2='{top + _LINE - 2}' stroke='{INK}' stroke-width='2'/>"
    )


def _number(top: int, text: str) -> str:
    return f"<text x='{_WIDTH - 112}' y='{top + 15}' font-size='11' fill='{INK}'>{escape(text)}</text>"


def _picture(title: str, rows: Sequence[str], key: Sequence[tuple[str, str]], *, lines: int) -> str:
    width, height = _WIDTH + 60, _HEAD + lines * _LINE + 16
    size = f"viewBox='0 0 {width} {height}' width='{width}' height='{height}'"
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' {_FONT}>",
        f"<title>{escape(title)}</title><rect width='{width}' height='{height}' fill='#ffffff'/>",
        f"<text x='16' y='24' font-size='16' font-weight='700' fill='{INK}'>{escape(title)}</text>",
        *_key(key),
        *rows,
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _key(key: Sequence[tuple[str, str]]) -> Iterable[str]:
    left = 16
    for colour, meaning in key:
        yield f"<rect x='{left}' y='35' width='12' height='12' fill='{colour}'/>"
        yield f"<text x='{left + 17}' y='45' font-size='11' fill='{INK}'>{escape(meaning)}</text>"
        left += 34 + 7 * len(meaning)


DOTS_PER_INCH: Final = 144
"""Twice the size on a screen, so that letters stay sharp on paper."""


def as_png(pictures: Mapping[str, str]) -> dict[str, bytes]:
    """Return *pictures* (SVG by name) as PNG by the same names; equal pictures give equal bytes."""
    names = sorted(pictures)
    if not names:
        return {}
    with TemporaryDirectory(prefix="pictures-") as folder:
        place = Path(folder)
        for number, name in enumerate(names):
            (place / f"{number}.svg").write_text(pictures[name], encoding="utf-8")
        pages = [f'#image("{number}.svg")' for number in range(len(names))]
        main = place / "pictures.typ"
        main.write_text("#set page(width: auto, height: auto, margin: 0pt)\n" + "\n#pagebreak()\n".join(pages))
        compiler = typst.Compiler(main, root=folder, font_paths=fonts())
        drawn = compiler.compile(format="png", ppi=DOTS_PER_INCH)
    found = [drawn] if isinstance(drawn, bytes) else list(drawn or ())
    return dict(zip(names, found, strict=True))
