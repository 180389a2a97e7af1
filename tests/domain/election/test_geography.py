from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError
from support.builders import a_geography, an_office, an_order

from domain.election.geography import Geography, Region

BEGIN, END = date(2027, 1, 1), date(2027, 4, 1)
FEBRUARY, MARCH = date(2027, 2, 1), date(2027, 3, 1)


def test_offices_act_for_each_other_by_date_and_in_chains() -> None:
    offices = (an_office("OF-1", MARCH), an_office("OF-2", closes_on=FEBRUARY), an_office("OF-3"))
    orders = (an_order("OF-1", "OF-2", BEGIN, MARCH), an_order("OF-2", "OF-3", FEBRUARY, END))
    land = a_geography(offices, *orders)
    days = [date(2027, 1, 31), FEBRUARY, date(2027, 2, 28), MARCH, land.last_day()]
    assert [land.serving("OF-1", on=day).code for day in days] == ["OF-2", "OF-3", "OF-3", "OF-1", "OF-1"]


def test_an_order_closes_an_open_office_for_its_days_and_no_longer() -> None:
    land = a_geography((an_office("OF-1"), an_office("OF-2")), an_order("OF-1", "OF-2", FEBRUARY, MARCH))
    days = [date(2027, 1, 31), FEBRUARY, date(2027, 2, 28), MARCH]
    assert [land.serving("OF-1", on=day).code for day in days] == ["OF-1", "OF-2", "OF-2", "OF-1"]
    assert [land.is_open("OF-1", on=day) for day in days] == [True, False, False, True]


CLOSED = an_office("OF-1", END)
REFUSED = [
    ("nobody acts", (CLOSED, an_office("OF-2")), (), "office OF-1, 2027-01-01: closed and nobody acts for it"),
    ("a gap in time", (CLOSED, an_office("OF-2")), (an_order("OF-1", "OF-2", BEGIN, MARCH),),
     "office OF-1, 2027-03-01: closed and nobody acts for it"),
    ("who acts closes", (CLOSED, an_office("OF-2", closes_on=FEBRUARY)), (an_order("OF-1", "OF-2", BEGIN, END),),
     "office OF-2, 2027-02-01: closed and nobody acts for it"),
    ("a circle", (CLOSED, an_office("OF-2", END)),
     (an_order("OF-1", "OF-2", BEGIN, END), an_order("OF-2", "OF-1", BEGIN, END)), "run in a circle: OF-1 → OF-2"),
    ("for itself", (CLOSED,), (an_order("OF-1", "OF-1", BEGIN, END),), "run in a circle: OF-1"),
    ("two at once", (CLOSED, an_office("OF-2"), an_office("OF-3")),
     (an_order("OF-1", "OF-2", BEGIN, END), an_order("OF-1", "OF-3", MARCH, END)),
     "office OF-1, 2027-03-01: two acting orders"),
    ("unknown acting office", (CLOSED,), (an_order("OF-1", "OF-9", BEGIN, END),), "no such office: OF-9; add it"),
    ("unknown office of a region", (an_office("OF-2"),), (), "no such office: OF-1; add it under offices"),
    ("an office twice", (an_office("OF-1"), an_office("OF-1")), (), "office given twice: OF-1"),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "offices", "orders", "problem"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_country_that_is_not_served_on_every_day_is_refused_naming_office_and_day(
    _name: str, offices: tuple[object, ...], orders: tuple[object, ...], problem: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        a_geography(offices, *orders)  # type: ignore[arg-type]  # the table mixes kinds of examples
    assert problem in str(refused.value)


def test_a_region_given_twice_or_wanting_more_than_it_holds_is_refused() -> None:
    land = a_geography((an_office("OF-1"),))
    with pytest.raises(ValidationError, match="region given twice: VD-01"):
        Geography.model_validate({**dict(land), "regions": land.regions * 2})
    with pytest.raises(ValidationError, match="region VD-02: minimum_seats is larger than capacity"):
        Region(code="VD-02", name="B", capacity=1, minimum_seats=2, office="OF-1")
