"""A plan's pictures: drawn, written beside the database, and shown in the stage's report."""

from __future__ import annotations

import csv
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from domain.assignment.overview import Numbers, in_numbers
from domain.election.geography import Geography
from flows.assignment.plans.drafts import PlanPaper
from flows.settings import settings
from notifications.assignment.charts import (
    OfficeBar,
    RegionBar,
    Wishes,
    as_png,
    coverage_chart,
    load_chart,
    tile_map,
    wishes_chart,
)

LARGEST_SHOWN: Final = 60_000
"""Characters of a picture that still goes into a report."""


def pictures(paper: PlanPaper, geography: Geography) -> dict[str, str]:
    """Return the plan's pictures as SVG, by file name."""
    numbers = in_numbers(paper.problem, paper.settled)
    names = {region.code: region.name for region in geography.regions}
    offices = {office.code: office.name for office in geography.offices}
    regions = [
        RegionBar(
            code=region.region, name=names.get(region.region, ""),
            office=offices.get(region.office or "", "no open office"),
            placed=region.placed, minimum=region.minimum, capacity=region.capacity,
        )
        for region in numbers.regions
    ]  # fmt: skip
    desks = [
        OfficeBar(
            code=office.office, name=offices.get(office.office, ""), placed=office.placed, base=office.base_places,
            surge=office.surge_places,
        )
        for office in numbers.offices
    ]  # fmt: skip
    return {
        "coverage.svg": coverage_chart("Coverage by region", regions),
        "wishes.svg": wishes_chart("Wishes met", _wishes(numbers)),
        "load.svg": load_chart("Load by office", desks),
        "map.svg": tile_map("Regions by serving office", regions),
    }


def _wishes(numbers: Numbers) -> Wishes:
    first, second, third, fourth, fifth = (
        sum(organisation.by_rank[rank] for organisation in numbers.organisations) for rank in range(5)
    )
    return Wishes(
        by_rank=(first, second, third, fourth, fifth),
        unranked=sum(organisation.unranked for organisation in numbers.organisations),
        at_large=sum(organisation.unplaced for organisation in numbers.organisations),
    )


def write_pictures(paper: PlanPaper, drawn: Mapping[str, str]) -> Path:
    """Write *drawn* into the plan's folder, as SVG and as PNG, and return the folder."""
    folder = _folder(paper)
    for name, picture in drawn.items():
        (folder / name).write_text(picture, encoding="utf-8")
    for name, drawing in as_png(drawn).items():
        (folder / name).with_suffix(".png").write_bytes(drawing)
    return folder


def write_tables(paper: PlanPaper, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Write each of *tables* as CSV into the plan's folder; an empty one is left out."""
    for name, rows in tables.items():
        if rows:
            with (_folder(paper) / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


def _folder(paper: PlanPaper) -> Path:
    folder = settings().home / "plans" / str(paper.id)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def picture_notes(paper: PlanPaper, drawn: Mapping[str, str]) -> Iterable[str]:
    """Yield what the report says: where the pictures lie, and those that are small enough themselves."""
    yield f"Plan `{paper.id}`. Its pictures lie in `plans/{paper.id}` below the engine's folder."
    for name, picture in drawn.items():
        if len(picture) <= LARGEST_SHOWN:
            yield f"![{name.removesuffix('.svg')}](data:image/svg+xml;base64,{b64encode(picture.encode()).decode()})"
