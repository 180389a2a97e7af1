# ruff: noqa: INP001 -- a script beside the pages it writes, not a package
"""The tree of the code for ``docs/architecture.md``: what lives where, and a picture of who imports whom.

Both are made from the code: the lines from the first docstrings of folders and modules, the arrows from the imports.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import escape
from itertools import pairwise
from math import fsum
from pathlib import Path
from typing import Final

import grimp
import rustworkx

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("flows", "db", "notifications", "domain")
BOX, GAP, HIGH, ROW, PAD = 104, 12, 26, 58, 18
"""Pixels: width of a box, room between boxes, height of a box, from row to row, and round a package."""
HUES: Final = {"flows": "#dbe9f6", "db": "#e3f1df", "notifications": "#fbe9d3", "domain": "#efe4f3"}

Arrows = set[tuple[str, str]]


def folders() -> Iterator[tuple[str, str]]:
    """Yield every folder of the code, in reading order, with the first line of its docstring."""
    for package in ("domain", "db", "notifications", "flows"):
        for path in sorted((ROOT / package).rglob("__init__.py")):
            yield path.parent.relative_to(ROOT).as_posix(), first_line(path)


def modules() -> Iterator[tuple[str, str]]:
    """Yield the modules at the top of each package with the first line of their docstrings."""
    for package in ("domain", "db", "notifications", "flows"):
        for path in sorted((ROOT / package).glob("*.py")):
            if path.stem != "__init__":
                yield path.relative_to(ROOT).as_posix(), first_line(path)


def first_line(path: Path) -> str:
    """Return the first paragraph of a module's docstring as Markdown."""
    said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", " ".join(said.split("\n\n", maxsplit=1)[0].split()).replace("``", "`"))


def imports() -> Arrows:
    """Return which module imports which, the types-only imports among them."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    return {(source, target) for source in graph.modules for target in graph.find_modules_directly_imported_by(source)}


def arrows_in(package: str, known: Arrows) -> tuple[list[str], Arrows]:
    """Return the folders and top modules of *package*, and the arrows between them that no other arrows imply."""
    found = {(_member(source), _member(target)) for source, target in known}
    inside = {(a, b) for a, b in found if a != b and {a.split(".")[0], b.split(".")[0]} == {package}}
    inside = {(a, b) for a, b in inside if package not in {a, b}}
    everything = {_member(module) for arrow in known for module in arrow if module.split(".")[0] == package}
    names = sorted(everything - {package, f"{package}.migrations"})
    graph: rustworkx.PyDiGraph[str, None] = rustworkx.PyDiGraph()
    index = dict(zip(names, graph.add_nodes_from(names), strict=True))
    graph.add_edges_from([(index[a], index[b], None) for a, b in sorted(inside)])
    reduced, kept = rustworkx.transitive_reduction(graph)
    back = {new: graph[old] for old, new in kept.items()}
    return names, {(back[a], back[b]) for a, b in reduced.edge_list()}


def _member(module: str) -> str:
    return ".".join(module.split(".")[:2])


Bend = tuple[str, str, int]
"""Where an arrow passes a row between its ends: source, target, row."""


def layers(names: list[str], arrows: Arrows) -> list[list[str | Bend]]:
    """Return *names* in rows, every arrow pointing to a lower row, with a gap wherever an arrow passes a row."""
    depth: dict[str, int] = {}

    def level(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((level(target) for source, target in arrows if source == name), default=-1)
        return depth[name]

    rows: list[list[str | Bend]] = [[] for _ in range(1 + max(map(level, names)))]
    for name in names:
        rows[len(rows) - 1 - depth[name]].append(name)
    for source, target in sorted(arrows):
        for between in range(depth[target] + 1, depth[source]):
            number = len(rows) - 1 - between
            rows[number].append((source, target, number))
    return rows


def ordered(rows: list[list[str | Bend]], chains: list[list[str | Bend]]) -> list[list[str | Bend]]:
    """Return the rows with few crossings: everything near the middle of what it is joined to, looked at both ways."""
    joined: dict[str | Bend, set[str | Bend]] = {}
    for chain in chains:
        for upper, lower in pairwise(chain):
            joined.setdefault(upper, set()).add(lower)
            joined.setdefault(lower, set()).add(upper)
    for sweep in range(12):
        numbers = range(1, len(rows)) if sweep % 2 == 0 else range(len(rows) - 2, -1, -1)
        for number in numbers:
            beside = rows[number - 1 if sweep % 2 == 0 else number + 1]
            where = {thing: (place + 0.5) / len(beside) for place, thing in enumerate(beside)}
            now = {thing: (place + 0.5) / len(rows[number]) for place, thing in enumerate(rows[number])}
            middle = {thing: _mean([where[other] for other in joined.get(thing, ()) if other in where], now[thing])
                      for thing in rows[number]}  # fmt: skip
            rows[number] = sorted(rows[number], key=lambda thing, middle=middle: (middle[thing], str(thing)))
    return rows


def _mean(values: list[float], otherwise: float) -> float:
    # Neighbours come in any order, and a plain sum of floats depends on it.
    return fsum(values) / len(values) if values else otherwise


def _wide(row: list[str | Bend]) -> float:
    return sum(BOX if isinstance(thing, str) else 0 for thing in row) + GAP * (len(row) - 1)


def placed(rows: list[list[str | Bend]], left: float, top: float, wide: float) -> dict[str | Bend, tuple[float, float]]:
    """Return the middle of the upper edge of every box, and where arrows pass, with each row centred in *wide*."""
    places: dict[str | Bend, tuple[float, float]] = {}
    for number, row in enumerate(rows):
        room = min(4 * GAP, (wide - _wide(row)) / (len(row) + 1))
        along = left + (wide - _wide(row) - room * (len(row) - 1)) / 2
        for thing in row:
            broad = BOX if isinstance(thing, str) else 0
            places[thing] = (along + broad / 2, top + number * ROW)
            along += broad + GAP + room
    return places


def package_svg(package: str, known: Arrows, left: float, top: float, wide: float = 0) -> tuple[str, float, float]:
    """Return the picture of *package* with its upper left corner there, its width (*wide* at least) and its height."""
    names, arrows = arrows_in(package, known)
    rows = layers(names, arrows)
    chains = [[source, *(thing for row in rows for thing in row if not isinstance(thing, str)
               and thing[:2] == (source, target)), target] for source, target in sorted(arrows)]  # fmt: skip
    rows = ordered(rows, chains)
    wide = max(wide, max(map(_wide, rows)) + 2 * PAD)
    places = placed(rows, left + PAD, top + PAD + 22, wide - 2 * PAD)
    high = (len(rows) - 1) * ROW + HIGH + 2 * PAD + 22
    frame = _rect(left, top, wide, high, f'rx="8" fill="{HUES[package]}"') + (
        f'<text x="{left + PAD:.0f}" y="{top + 24:.0f}" class="package">{package}/</text>'
    )
    boxes = [_box(name, places[name]) for name in names]
    return "\n".join([frame, *(_arrow([places[thing] for thing in chain]) for chain in chains), *boxes]), wide, high


def _arrow(points: list[tuple[float, float]]) -> str:
    (x, y), *others = points
    path = f"M{x:.0f} {y + HIGH:.0f}"
    above = y + HIGH
    for number, (to, below) in enumerate(others, start=1):
        end = below if number < len(others) else below - 3
        path += f" C{x:.0f} {above + 20:.0f} {to:.0f} {end - 20:.0f} {to:.0f} {end:.0f}"
        x, above = to, end
        if number < len(others):
            above = below + HIGH
            path += f" L{to:.0f} {above:.0f}"
    return f'<path d="{path}"/>'


def _box(name: str, place: tuple[float, float]) -> str:
    path = ROOT / name.replace(".", "/")
    label = path.name + ("/" if path.is_dir() else ".py")
    kind = "folder" if path.is_dir() else "module"
    return _rect(place[0] - BOX / 2, place[1], BOX, HIGH, f'rx="4" class="{kind}"') + (
        f'<text x="{place[0]:.0f}" y="{place[1] + 17:.0f}" class="name">{escape(label)}</text>'
    )


def _rect(left: float, top: float, wide: float, high: float, rest: str) -> str:
    return f'<rect x="{left:.0f}" y="{top:.0f}" width="{wide:.0f}" height="{high:.0f}" {rest}/>'


STYLE: Final = (
    "text{font-family:sans-serif;font-size:12px}.name{text-anchor:middle}.package{font-size:16px;font-weight:bold}"
    ".folder{fill:#fff;stroke:#333}.module{fill:#fff;stroke:#999;stroke-dasharray:3 2}"
    "path{fill:none;stroke:#555;marker-end:url(#tip)}.big{stroke-width:4;stroke:#222;marker-end:url(#big)}"
)
TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto" '
    'markerUnits="userSpaceOnUse"><path d="M0 0L8 4L0 8z" style="fill:#555;stroke:none;marker-end:none"/></marker>'
    '<marker id="big" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="14" markerHeight="14" orient="auto" '
    'markerUnits="userSpaceOnUse"><path d="M0 0L8 4L0 8z" style="fill:#222;stroke:none;marker-end:none"/></marker>'
    "</defs>"
)


def picture() -> str:
    """Return the tree as SVG: four packages, their folders, and who imports whom."""
    known, left, apart = imports(), 10.0, 46.0
    _, db_wide, _ = package_svg("db", known, 0, 0)
    _, out_wide, _ = package_svg("notifications", known, 0, 0)
    wide = max(db_wide + apart + out_wide, *(package_svg(name, known, 0, 0)[1] for name in ("flows", "domain")))
    flows, _, high = package_svg("flows", known, left, 10, wide)
    middle = 10 + high + apart
    db, db_wide, db_high = package_svg("db", known, left, middle)
    out_left = left + db_wide + apart
    out, out_wide, out_high = package_svg("notifications", known, out_left, middle, wide - db_wide - apart)
    low = middle + max(db_high, out_high) + apart
    rules, _, rules_high = package_svg("domain", known, left, low, wide)
    columns = ((left + db_wide / 2, db_high), (out_left + out_wide / 2, out_high))
    big = "".join(_big(x, 10 + high, middle) + _big(x, middle + tall, low) for x, tall in columns)
    size = f"{wide + 20:.0f} {low + rules_high + 10:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img">'
        f"<title>Folders of the code and their imports</title><style>{STYLE}</style>{TIP}"
        f'<rect width="100%" height="100%" fill="#fff"/>\n{flows}\n{db}\n{out}\n{rules}\n{big}\n</svg>\n'
    )


def _big(across: float, start: float, end: float) -> str:
    return f'<path class="big" d="M{across:.0f} {start + 3:.0f} L{across:.0f} {end - 3:.0f}"/>'
