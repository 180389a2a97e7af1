"""Pictures on the sheets of XLSX workbooks: those that lie over cells and those that are placed in cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from flows.intake.reading.ooxml import elements, id_of, local, parsed, relations
from flows.intake.reading.sheet_oddities import Pasted

_POINTS: Final = 12_700
"""English Metric Units in a point (ECMA-376, 20.1.2.1), of which heights of rows are given."""
_CELL_IMAGES: Final = "xl/cellimages.xml"
_HEIGHT: Final = 15.0
"""Points of a row that does not say its height."""


def pictures(
    archive: ZipFile, sheet: str, heights: dict[int, float], valued: dict[tuple[int, int], str]
) -> Iterator[Pasted]:
    """Yield the pictures that lie over cells (drawing parts) and those placed in cells (rich values)."""
    for kind, drawing in relations(archive, sheet).values():
        if kind == "drawing" and drawing in archive.namelist():
            related = relations(archive, drawing)
            for anchor in ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor"):
                for element in elements(archive, drawing, anchor):
                    yield from _anchored(element, related, heights)
    if valued:
        placed = _placed(archive) | _named(archive)
        for (row, column), number in valued.items():
            if member := placed.get(number):
                yield Pasted(row, column, member)


def _anchored(anchor: Element, related: dict[str, tuple[str, str]], heights: dict[int, float]) -> Iterator[Pasted]:
    """Yield the pictures of *anchor*, several where they are grouped; row 0, nobody's, of those that lie on no cell."""
    members = dict.fromkeys(related.get(embedded, ("", ""))[1] for embedded in _embedded(anchor))
    corners = {local(part.tag): {local(number.tag): int(number.text or 0) for number in part} for part in anchor
               if local(part.tag) in {"from", "to"}}  # fmt: skip
    if "from" not in corners:
        yield from (Pasted(0, 0, member) for member in members)
        return
    start, end = corners["from"], corners.get("to", corners["from"])
    row = max(range(start["row"], min(end["row"], start["row"] + 50) + 1),
              key=lambda row: _covered(row, start, end, heights))  # fmt: skip
    yield from (Pasted(row + 1, start["col"], member) for member in members)


def _embedded(element: Element) -> Iterator[str]:
    """Yield the relations of the pictures in *element*."""
    for part in element.iter():
        if local(part.tag) == "blip" and (embedded := id_of(part, "embed")):
            yield embedded


def _covered(row: int, start: dict[str, int], end: dict[str, int], heights: dict[int, float]) -> float:
    """Return how much of *row* (from 0) a picture covers, in English Metric Units."""
    height = heights.get(row + 1, _HEIGHT) * _POINTS
    top = start.get("rowOff", 0) if row == start["row"] else 0
    bottom = min(end.get("rowOff", 0), height) if row == end["row"] and end is not start else height
    return bottom - top


def _named(archive: ZipFile) -> dict[str, str]:
    """Return the pictures that WPS Office places in cells, by the name in such a cell's formula, DISPIMG."""
    if _CELL_IMAGES not in archive.namelist():
        return {}
    related = relations(archive, _CELL_IMAGES)
    named: dict[str, str] = {}
    for image in elements(archive, _CELL_IMAGES, "cellImage"):
        name = next((part.get("name", "") for part in image.iter() if local(part.tag) == "cNvPr"), "")
        for embedded in _embedded(image):
            named[name] = related.get(embedded, ("", ""))[1]
    return named


def _placed(archive: ZipFile) -> dict[str, str]:
    """Return the pictures placed in cells by the number that such a cell bears (vm): metadata, value, relation."""
    names = set(archive.namelist())
    if not {"xl/metadata.xml", "xl/richData/rdrichvalue.xml", "xl/richData/richValueRel.xml"} <= names:
        return {}
    related = relations(archive, "xl/richData/richValueRel.xml")
    members = [
        related.get(id_of(element), ("", ""))[1] for element in elements(archive, "xl/richData/richValueRel.xml", "rel")
    ]
    values = [next((int(child.text or 0) for child in value if (child.text or "").isdigit()), -1)
              for value in elements(archive, "xl/richData/rdrichvalue.xml", "rv")]  # fmt: skip
    kinds = [int(element.get("i", "-1")) for element in elements(archive, "xl/metadata.xml", "rvb")]
    with archive.open("xl/metadata.xml") as packed:
        root = next(element for _, element in parsed(packed) if local(element.tag) == "metadata")
    group = next((child for child in root if local(child.tag) == "valueMetadata"), None)
    cells = [int(cell.get("v", "-1")) for block in (group if group is not None else ()) for cell in block]
    placed: dict[str, str] = {}
    for number, kind in enumerate(cells, start=1):
        value = kinds[kind] if 0 <= kind < len(kinds) else -1
        relation = values[value] if 0 <= value < len(values) else -1
        if 0 <= relation < len(members):
            placed[str(number)] = members[relation]
    return placed
