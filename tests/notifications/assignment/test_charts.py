"""Pictures of plans: well formed whatever the names are, equal for equal plans, and nothing drawn outside."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.assignment.charts import (
    OfficeBar,
    RegionBar,
    Wishes,
    coverage_chart,
    load_chart,
    tile_map,
    wishes_chart,
)

SVG = "{http://www.w3.org/2000/svg}"
names = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=40)
counts = st.integers(0, 500)
regions = st.lists(
    st.builds(RegionBar, code=names, name=names, office=names, placed=counts, minimum=counts, capacity=counts),
    max_size=25,
)
offices = st.lists(st.builds(OfficeBar, code=names, name=names, placed=counts, base=counts, surge=counts), max_size=25)


def within(picture: str) -> ET.Element:
    """Return the root of a well-formed picture after finding every shape inside it."""
    root = ET.fromstring(picture)  # noqa: S314 -- our own picture
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for shape in root.iter(f"{SVG}rect"):
        left, top = float(shape.attrib.get("x", 0)), float(shape.attrib.get("y", 0))
        assert 0 <= left <= left + float(shape.attrib["width"]) <= width + 0.1
        assert 0 <= top <= top + float(shape.attrib["height"]) <= height + 0.1
    return root


@given(names, regions, offices)
def test_any_name_and_number_makes_a_well_formed_picture_with_everything_inside(
    title: str, land: list[RegionBar], desks: list[OfficeBar]
) -> None:
    for picture in (coverage_chart(title, land), tile_map(title, land), load_chart(title, desks)):
        assert within(picture).find(f"{SVG}title") is not None


def test_the_numbers_stand_in_the_pictures_and_not_only_the_colours() -> None:
    region = RegionBar(code="VD-01", name="Valdhaven", office="OF-01", placed=3, minimum=5, capacity=9)
    office = OfficeBar(code="OF-01", name="Coast", placed=30, base=24, surge=12)
    wishes = Wishes(by_rank=(6, 2, 1, 0, 0), unranked=1, at_large=2)
    assert "3 of 9, 2 short" in coverage_chart("Coverage", [region])
    assert "30 of 24 + 12" in load_chart("Load", [office])
    assert "6 (50 %)" in wishes_chart("Wishes", wishes)
    assert "3/9" in tile_map("Map", [region])


@pytest.mark.parametrize("count", [0, 1, 200])
def test_no_region_and_two_hundred_are_drawn_alike(count: int) -> None:
    land = [
        RegionBar(code=f"R{n}", name="x", office=f"O{n // 20}", placed=n, minimum=3, capacity=50) for n in range(count)
    ]
    assert coverage_chart("Coverage", land) == coverage_chart("Coverage", land)
    texts = [text.text or "" for text in within(tile_map("Map", land)).iter(f"{SVG}text")]
    assert sum("/" in text for text in texts) == count
