"""What a package holds besides nominations: regions and offices, organisations, officers, the watch list."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import count, islice
from typing import Any, Final

from domain.election.geography import (
    ActingOrder,
    Geography,
    Office,
    PoolMember,
    Region,
    RegionalContact,
    Site,
)
from domain.election.profile import ElectionProfile
from domain.organisations.organisation import FocalPoint, Liaison, Organisation, OrganisationStatus
from domain.statements.officers import Officer
from flows.rehearsal.package.batches import NominatingOrganisation, shared_out
from flows.rehearsal.package.cases import RehearsalCase
from flows.rehearsal.package.people import host, person
from flows.rehearsal.package.resources import read
from flows.rehearsal.package.separation import Crowd

_PLACES_PER_ACCREDITATION: Final = 1.04
_MINIMUM_SHARE: Final = 0.6
_QUOTA_SHARE: Final = 0.2
_OBSERVERS_PER_STAFF: Final = 12
_OTHERS_LISTED: Final = 30
_PEOPLE_AT_A_SITE: Final = 4
_FOCAL_POINTS_FROM, _LISTED_FROM, _LIAISONS_FROM = 10_000_000, 20_000_000, 30_000_000
"""People who are not nominated are numbered from here, so that nobody is drawn twice."""


def geography(approved: int, profile: ElectionProfile) -> Geography:
    """Return regions, posts and offices with places for slightly more people than the *approved* expected.

    Not everybody accepts the notices of the regions that have one, so some are left without a place.
    """
    said = read("land.yaml")
    day = profile.election.day
    begins, ends = day - timedelta(days=60), day + timedelta(days=23)
    sizes = shared_out(round(approved * _PLACES_PER_ACCREDITATION), [region["share"] for region in said["regions"]])
    regions = tuple(_region(region, size) for region, size in zip(said["regions"], sizes, strict=True))
    orders = tuple(_order(order, begins, ends) for order in said["acting_orders"])
    return Geography(
        serves_from=begins,
        serves_until=ends,
        regions=regions,
        offices=tuple(_office(office, begins, regions, orders) for office in said["offices"]),
        acting_orders=orders,
        central_pool=tuple(PoolMember.model_validate(member) for member in said["central_pool"]),
        source="Invented for the rehearsal of Valdara's election of 14 March 2027; 8 January 2027",
    )


def _region(said: dict[str, Any], size: int) -> Region:
    """Return the region with *size* places; a post abroad keeps at least two, for observers work in pairs."""
    capacity = max(size, 2) if said.get("abroad") else size
    quota = round(capacity * _QUOTA_SHARE) if said["languages"] != ["en"] else 0
    own = {key: value for key, value in said.items() if key != "share"}
    post = f"{said['code'].lower()}@commission.valdara.example"
    town_hall = RegionalContact(name="Prefecture", email=f"{said['code'].lower()}@prefectures.valdara.example")
    least = math.floor(capacity * _MINIMUM_SHARE)
    weight = min(4, 1 + capacity // 40)
    return Region(
        **own, capacity=capacity, minimum_seats=least, weight=weight, language_quota=quota,
        sites=_sites(said, capacity), commission=RegionalContact(name="Regional commission", email=post),
        local_administration=None if said.get("abroad") else town_hall,
    )  # fmt: skip


def _sites(said: dict[str, Any], capacity: int) -> tuple[Site, ...]:
    """Return enough polling stations for two teams each; a post abroad is one."""
    if said.get("abroad"):
        return ()
    number = math.ceil(capacity / _PEOPLE_AT_A_SITE)
    return tuple(Site(code=f"{said['code']}/{place:02d}") for place in range(1, number + 1))


def _office(said: dict[str, Any], begins: date, regions: Iterable[Region], orders: Iterable[ActingOrder]) -> Office:
    """Return the office with staff for its own regions and those of offices it acts for."""
    served = {said["code"]} | {order.office for order in orders if order.acting == said["code"]}
    places = sum(region.capacity for region in regions if region.office in served)
    number = said["code"].removeprefix("OF-")
    return Office(
        **_opening(said, begins),
        email=f"office{number}@regions.valdara.example",
        phone=f"+999 100 {number}00",
        contact="Observer desk",
        staff=math.ceil(places / _OBSERVERS_PER_STAFF) + 1,
        observers_per_staff=_OBSERVERS_PER_STAFF,
        surge_staff=1,
    )


def _opening(said: dict[str, Any], begins: date) -> dict[str, Any]:
    """Return the office as described; where nothing else is said it opens with the service period."""
    return {"opens_on": begins, **said}


def _order(said: dict[str, Any], begins: date, ends: date) -> ActingOrder:
    return ActingOrder(
        office=said["office"],
        acting=said["acting"],
        begins_on=said.get("since", begins),
        ends_on=said.get("until", ends),
        ground=said["ground"],
    )


def organisations(sponsors: list[NominatingOrganisation], seed: int, profile: ElectionProfile) -> list[Organisation]:
    """Return the organisations as the commission knows them, each with a focal point."""
    return [_organisation(sponsor, place, seed, profile) for place, sponsor in enumerate(sponsors)]


def _organisation(sponsor: NominatingOrganisation, place: int, seed: int, profile: ElectionProfile) -> Organisation:
    day = profile.election.day
    name = person(_FOCAL_POINTS_FROM + place, seed=seed, election_day=day).name
    return Organisation(
        code=sponsor.code,
        name=sponsor.name,
        kind=sponsor.kind,
        country=sponsor.country,
        focal_point=FocalPoint(name=f"{name.given_names} {name.surname}", email=f"focal.point@{sponsor.domain}"),
        liaison=_liaison(place, seed, profile),
        standing=OrganisationStatus.ADMITTED if sponsor.admitted else OrganisationStatus.INVITED,
        invited_on=day - timedelta(days=80),
        admitted_on=day - timedelta(days=61) if sponsor.admitted else None,
    )


def _liaison(place: int, seed: int, profile: ElectionProfile) -> Liaison:
    """Return the commission's contact for a delegation: four people share them all, each the deputy of the next."""
    day = profile.election.day
    liaison, other = (
        person(_LIAISONS_FROM + (place + turn) % 4, seed=seed, election_day=day, state=host()).name for turn in (0, 1)
    )
    return Liaison(
        name=f"{liaison.given_names} {liaison.surname}",
        phone=f"+999 100 9{place % 4}",
        email=f"liaison{place % 4 + 1}@commission.valdara.example",
        deputy=f"{other.given_names} {other.surname}",
        deputy_phone=f"+999 100 9{(place + 1) % 4}",
        hours="08:00 to 20:00; from 12 to 16 March day and night",
    )


def officers() -> list[Officer]:
    """Return the demonstration officers."""
    return [Officer.model_validate(said) for said in read("land.yaml")["officers"]]


def watch_list(
    marked: Iterable[RehearsalCase], seed: int, profile: ElectionProfile, *, every: Iterable[RehearsalCase] = ()
) -> list[list[str]]:
    """Return the rows id, name, birth date and country: the *marked* people, among others who applied nowhere.

    Nobody among *every* could be taken for one of those others.
    """
    day, crowd = profile.election.day, Crowd(case.person for case in every)
    drawn = (person(_LISTED_FROM + place, seed=seed, election_day=day) for place in count())
    others = islice((somebody for somebody in drawn if crowd.has_nobody_like(somebody)), _OTHERS_LISTED)
    named = sorted(
        (f"{somebody.name.given_names} {somebody.name.surname}", somebody.birth_date.isoformat(), somebody.issuer)
        for somebody in (*others, *(case.person for case in marked))
    )
    return [[f"EXC-{place:04d}", *entry] for place, entry in enumerate(named, start=1)]


def watch_list_terms(profile: ElectionProfile) -> dict[str, Any]:
    """Return what must be known of the list before it may be used: whose it is, on what ground, and how long."""
    return {
        "title": "Observers whose accreditation was revoked at earlier elections",
        "owner": profile.election.host_body,
        "legal_basis": "Observers Act of Valdara, art. 13 (4)",
        "valid_from": date(profile.election.day.year, 1, 1),
        "valid_until": profile.election.day,
    }
