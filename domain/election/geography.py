"""Regions, posts abroad and offices of one election, and who serves whom on a given day.

Codes, names and shapes are the operator's data; the engine makes no claim about any territory.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from domain.errors import UnknownThingError
from domain.values import (
    CountryCode,
    Frozen,
    Grown,
    LanguageCode,
    NoticeId,
    OfficeCode,
    OfficerCode,
    RegionCode,
    Sha256,
    SiteCode,
)


class Notice(Grown):
    """A security or status notice; nobody is sent to its region who has not accepted this very version."""

    later: ClassVar = ("translations",)

    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]*$")]
    version: Annotated[int, Field(ge=1)] = 1
    text: str
    issued_on: date
    translations: Annotated[Mapping[LanguageCode, str], Field(description="the same text in other languages")] = {}

    @property
    def id(self) -> NoticeId:
        """What an observer's acceptance names: code and version."""
        return f"{self.code}:{self.version}"

    def said_in(self, language: LanguageCode) -> str:
        """Return the text as it is shown to a reader of *language*."""
        return self.translations.get(language, self.text)

    def sha256_in(self, language: LanguageCode) -> Sha256:
        """Return the hash of exactly that text."""
        return hashlib.sha256(self.said_in(language).encode()).hexdigest()


class Site(Frozen):
    """A place of a region where people observe, such as a polling station or a counting centre."""

    code: SiteCode
    name: str = ""
    people: Annotated[int | None, Field(ge=1, description="most people at once; unset: any number")] = None


class RegionalContact(Frozen):
    """Who gets a region's numbers, dates and the office's contact, and nobody's name."""

    name: Annotated[str, Field(repr=False)] = ""
    email: Annotated[str, Field(repr=False, min_length=3)]
    phone: Annotated[str, Field(repr=False)] = ""


class Region(Grown):
    """A region, or a post abroad, where observers are placed."""

    later: ClassVar = ("local_administration",)

    code: RegionCode
    name: str
    capacity: Annotated[int, Field(ge=0, description="most observers at once")]
    minimum_seats: Annotated[int, Field(ge=0, description="observers wanted at least")] = 0
    weight: Annotated[int, Field(ge=1, le=4, description="how much a minimum seat here counts")] = 1
    languages: tuple[LanguageCode, ...] = ()
    language_quota: Annotated[int, Field(ge=0, description="speakers of its language wanted")] = 0
    security_level: Annotated[int, Field(ge=1, le=4)] = 1
    notice: Notice | None = None
    office: OfficeCode
    abroad: bool = False
    country: Annotated[CountryCode | None, Field(description="a post abroad: the state in which it lies")] = None
    no_deployment: bool = False
    present_from: Annotated[date | None, Field(description="first day observers are needed; unset: the vote")] = None
    present_until: Annotated[date | None, Field(description="last day; unset: first, else day of the vote")] = None
    sites: Annotated[tuple[Site, ...], Field(description="where its people observe; none: not planned here")] = ()
    commission: Annotated[
        RegionalContact | None, Field(description="its representative gets a summary by e-mail; unset: nobody")
    ] = None
    local_administration: Annotated[
        RegionalContact | None,
        Field(description="gets how many come and when, no more; unset: nobody"),
    ] = None

    @model_validator(mode="after")
    def _minimum_fits(self) -> Self:
        if self.minimum_seats > self.capacity:
            raise ValueError(f"region {self.code}: minimum_seats is larger than capacity")
        _refuse_repeated(f"site of region {self.code}", (site.code for site in self.sites))
        return self


class Office(Frozen):
    """A regional office: planned until it opens, closed from the day it closes."""

    code: OfficeCode
    name: str
    address: str = ""
    email: str
    phone: str = ""
    contact: str = ""
    opens_on: date
    closes_on: date | None = None
    staff: Annotated[int, Field(ge=0)]
    observers_per_staff: Annotated[int, Field(ge=1)] = 12
    surge_staff: Annotated[int, Field(ge=0)] = 0

    def is_open(self, on: date) -> bool:
        """Whether its own days include *on*; :meth:`Geography.is_open` also knows orders."""
        return self.opens_on <= on and (self.closes_on is None or on < self.closes_on)


class PoolMember(Grown):
    """One of the central staff who can be sent to an office: an officer by this code, where they are to act there."""

    later: ClassVar = ("name", "email", "phone", "trained_on")

    code: OfficerCode
    name: Annotated[str, Field(repr=False, description="shown to the office; unset: the code is")] = ""
    email: Annotated[str, Field(repr=False, description="where letters about shifts go; nobody is sent without")] = ""
    phone: Annotated[str, Field(repr=False)] = ""
    languages: tuple[LanguageCode, ...] = ()
    available_from: Annotated[date | None, Field(description="unset: from the beginning")] = None
    available_until: Annotated[date | None, Field(description="last day; unset: to the end")] = None
    trained_on: Annotated[date | None, Field(description="day of the training; nobody is sent without")] = None


class ActingOrder(Frozen):
    """A dated order: *acting* stands in for *office* from *begins_on* until the day before *ends_on*.

    It also closes an office that would be open on these days; it opens again on *ends_on*.
    """

    office: OfficeCode
    acting: OfficeCode
    begins_on: date
    ends_on: date
    ground: str

    def covers(self, on: date) -> bool:
        """Whether the order is in force on the day *on*."""
        return self.begins_on <= on < self.ends_on


class Geography(Frozen):
    """All regions and offices of an election, served without gap or cycle in its service period."""

    serves_from: date
    serves_until: Annotated[date, Field(description="first day after the service period")]
    regions: tuple[Region, ...]
    offices: tuple[Office, ...]
    acting_orders: tuple[ActingOrder, ...] = ()
    central_pool: Annotated[tuple[PoolMember, ...], Field(description="trained staff who can be sent")] = ()
    source: Annotated[str, Field(description="where codes, names and numbers come from, and their date")]

    @model_validator(mode="after")
    def _is_served_throughout(self) -> Self:
        _refuse_repeated("region", (region.code for region in self.regions))
        _refuse_repeated("office", (office.code for office in self.offices))
        _refuse_repeated("central_pool", (member.code for member in self.central_pool))
        self._refuse_unknown_offices()
        for office in sorted({region.office for region in self.regions}):
            for day in self.days_of_change():
                self.serving(office, on=day)
        return self

    def _refuse_unknown_offices(self) -> None:
        known = {office.code for office in self.offices}
        named = {region.office for region in self.regions}
        named |= {code for order in self.acting_orders for code in (order.office, order.acting)}
        if missing := sorted(named - known):
            raise ValueError(f"no such office: {', '.join(missing)}; add it under offices or correct the code")

    def days_of_change(self) -> list[date]:
        """Return the days on which who serves whom can change; between them it cannot."""
        days = {self.serves_from}
        for office in self.offices:
            days |= {office.opens_on, office.closes_on or self.serves_until}
        for order in self.acting_orders:
            days |= {order.begins_on, order.ends_on}
        return sorted(day for day in days if self.serves_from <= day < self.serves_until)

    def region(self, code: RegionCode) -> Region:
        """Return the region *code*; raises :class:`UnknownThingError`."""
        regions = {region.code: region for region in self.regions}
        if code not in regions:
            raise UnknownThingError("region", code, known=regions)
        return regions[code]

    def noticed(self, notice: NoticeId) -> tuple[Region, Notice]:
        """Return *notice* and where it is in force; raises :class:`UnknownThingError` for an earlier version."""
        found = {region.notice.id: (region, region.notice) for region in self.regions if region.notice}
        if notice not in found:
            raise UnknownThingError("notice in force", notice, known=found)
        return found[notice]

    def office(self, code: OfficeCode) -> Office:
        """Return the office *code*; raises :class:`UnknownThingError`."""
        offices = {office.code: office for office in self.offices}
        if code not in offices:
            raise UnknownThingError("office", code, known=offices)
        return offices[code]

    def orders_for(self, office: OfficeCode, *, on: date) -> list[ActingOrder]:
        """Return the orders that put another office in the place of *office* on the day *on*: at most one, if right."""
        return [order for order in self.acting_orders if order.office == office and order.covers(on)]

    def is_open(self, office: OfficeCode, *, on: date) -> bool:
        """Whether *office* works on the day *on*: by its own days, and no order puts another in its place."""
        return self.office(office).is_open(on) and not self.orders_for(office, on=on)

    def serving(self, office: OfficeCode, *, on: date) -> Office:
        """Return the open office competent for *office* on the day *on*: itself, or who acts for it.

        Raises ValueError for a gap (nobody acts), a cycle, or two orders at once.
        """
        seen = [office]
        current = self.office(office)
        while not self.is_open(current.code, on=on):
            orders = self.orders_for(current.code, on=on)
            if len(orders) != 1:
                problem = "two acting orders" if orders else "closed and nobody acts for it"
                raise ValueError(f"office {current.code}, {on}: {problem}; correct acting_orders or its dates")
            current = self.office(orders[0].acting)
            if current.code in seen:
                raise ValueError(f"office {office}, {on}: acting orders run in a circle: {' → '.join(seen)}")
            seen.append(current.code)
        return current

    def day_served(self, today: date) -> date:
        """Return the day whose offices count: today in the service period, else its first or its last day."""
        return min(max(today, self.serves_from), self.last_day())

    def last_day(self) -> date:
        """Return the last day of the service period."""
        return self.serves_until - timedelta(days=1)


def _refuse_repeated(kind: str, codes: Iterable[str]) -> None:
    repeated = sorted(code for code, count in Counter(codes).items() if count > 1)
    if repeated:
        raise ValueError(f"{kind} given twice: {', '.join(repeated)}; every code occurs once")
