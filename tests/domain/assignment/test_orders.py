"""Orders, declared conflicts and own posts: where somebody must not be placed, and by which rule."""

from __future__ import annotations

from support.builders import NOW, a_nomination, an, an_organisation

from domain.application.events import PlacementOrdered
from domain.assignment.orders import (
    DECLARED_CONFLICT,
    OFFICERS_ORDER,
    OWN_STATE_POST,
    Orders,
    exclusions,
    standing_orders,
)
from domain.assignment.staffing import Need, sendings
from domain.election.geography import PoolMember
from domain.organisations.organisation import OrganisationKind


def ordered(*orders: tuple[str, str]) -> Orders:
    return standing_orders(an(PlacementOrdered, order=order, region=region) for order, region in orders)


def test_the_last_order_about_a_region_holds_until_it_is_lifted() -> None:
    assert ordered(("exclude", "R1"), ("pin", "R2")) == Orders(excluded={"R1": OFFICERS_ORDER}, pinned="R2")
    assert ordered(("exclude", "R1"), ("pin", "R1")) == Orders(pinned="R1")
    assert ordered(("pin", "R1"), ("exclude", "R1")) == Orders(excluded={"R1": OFFICERS_ORDER})
    assert ordered(("pin", "R1"), ("pin", "R2")).pinned == "R2"
    assert not ordered(("exclude", "R1"), ("pin", "R2"), ("lift", "R1"), ("lift", "R2")).given


def test_own_posts_conflicts_and_orders_exclude_each_by_its_rule() -> None:
    posts = {"P1": "XAA", "P2": "XAB", "P3": "XAC"}
    person = a_nomination(nationalities=("XAA",), conflict_regions=("R7", "P1"))
    sponsor = an_organisation().revised(country="XAB")
    assert exclusions(person, sponsor, Orders(), posts=posts) == {"P1": DECLARED_CONFLICT, "R7": DECLARED_CONFLICT}
    embassy = sponsor.revised(kind=OrganisationKind.EMBASSY)
    found = exclusions(person, embassy, Orders(excluded={"P3": OFFICERS_ORDER}), posts=posts)
    assert found == {"P1": DECLARED_CONFLICT, "P2": OWN_STATE_POST, "P3": OFFICERS_ORDER, "R7": DECLARED_CONFLICT}


def test_the_pool_sends_as_many_as_it_can_and_the_fitting_ones_first() -> None:
    begins, ends = NOW.date(), NOW.date().replace(day=20)
    short = begins.replace(day=9)
    pool = [
        PoolMember(code="POOL-1", languages=("qaa",)),
        PoolMember(code="POOL-2", available_until=short),
        PoolMember(code="POOL-3", available_from=ends.replace(day=25)),
    ]
    needs = [
        Need(office="OF-1", staff=2, begins=begins, ends=ends, languages=("qaa",)),
        Need(office="OF-2", staff=1, begins=begins, ends=short),
    ]
    sent = {(sending.office, sending.member): sending for sending in sendings(needs, pool)}
    assert sent.keys() == {("OF-1", "POOL-1"), ("OF-1", None), ("OF-2", "POOL-2")}
    assert sent["OF-1", "POOL-1"].speaks
    assert (sent["OF-2", "POOL-2"].ends, sent["OF-2", "POOL-2"].whole_time) == (short, True)
