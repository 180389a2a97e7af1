"""Competence: which cases an officer serves, by the offices, regions and organisations registered for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from domain.application.application import Application
from domain.statements.officers import Officer, OfficerRefusedError
from domain.values import Frozen, OfficeCode, OrganisationCode, RegionCode, UtcTime

if TYPE_CHECKING:
    from domain.application.nomination import Nomination
    from domain.election.geography import Geography
    from domain.election.profile import ElectionProfile
    from domain.organisations.organisation import Organisation


HOURS_SOON: Final = 24


class Priority(StrEnum):
    """How urgent a waiting case is."""

    LATE = "late"
    SOON = "soon"
    USUAL = "usual"

    @classmethod
    def of(cls, due_at: UtcTime | None, *, now: UtcTime) -> Self:
        """Return *late* past the due time, *soon* within its last 24 hours, else *usual*."""
        if due_at is None:
            return cls("usual")
        hours = (due_at - now).total_seconds() / 3600
        return cls("late" if hours < 0 else "soon" if hours <= HOURS_SOON else "usual")


class Place(Frozen):
    """Where a case belongs: its organisation, the region it is in or asks for first, and the offices of that region."""

    organisation: OrganisationCode
    region: RegionCode | None = None
    offices: tuple[OfficeCode, ...] = ()

    @classmethod
    def of(cls, application: Application, nomination: Nomination | None, geography: Geography, *, on: date) -> Self:
        """Return where *application* belongs on the day *on*; an office that stands in for another counts as well."""
        asked = nomination.preferred_regions if nomination else ()
        known = {region.code: region for region in geography.regions}
        region = next((known[code] for code in (application.region, *asked) if code in known), None)
        if region is None:
            return cls(organisation=application.organisation)
        served = geography.serves_from <= on < geography.serves_until
        acting = geography.serving(region.office, on=on).code if served else region.office
        offices = tuple(dict.fromkeys((region.office, acting)))
        return cls(organisation=application.organisation, region=region.code, offices=offices)


def is_scoped(officer: Officer) -> bool:
    """Whether the officer serves some cases only."""
    return bool(officer.offices or officer.regions or officer.organisations)


def serves(officer: Officer, place: Place) -> bool:
    """Whether a case at *place* is the officer's; one without a scope serves every case."""
    by_place = place.region in officer.regions or bool({*place.offices} & {*officer.offices})
    return not is_scoped(officer) or by_place or place.organisation in officer.organisations


def check_scope(officer: Officer, place: Place, profile: ElectionProfile, *, case_number: str) -> None:
    """Raise :class:`OfficerRefusedError` for a case outside the officer's scope, where the profile says scopes bind.

    Surge staff are bound by their shift in any event.
    """
    if (profile.desk.scope == "binding" or officer.is_surge) and not serves(officer, place):
        told = f"{case_number} of {place.organisation}, region {place.region or 'none'}, is outside of what you serve."
        raise OfficerRefusedError(officer.code, told)


def serving(officer: Officer, codes: Iterable[str], geography: Geography) -> Officer:
    """Return *officer* serving what *codes* name: offices, regions, organisations, and nothing else; none: every case.

    What the election does not have is taken for an organisation, so that ``unknown_scope`` names it.
    """
    offices, regions = {office.code for office in geography.offices}, {region.code for region in geography.regions}
    wanted = {*codes}
    return officer.revised(
        offices=tuple(sorted(wanted & offices)),
        regions=tuple(sorted((wanted & regions) - offices)),
        organisations=tuple(sorted(wanted - offices - regions)),
    )


def unknown_scope(officer: Officer, geography: Geography, organisations: Iterable[Organisation]) -> list[str]:
    """Return the codes of the officer's scope that the election does not know."""
    known: set[str] = {office.code for office in geography.offices}
    regions = {region.code for region in geography.regions}
    sponsors = {organisation.code for organisation in organisations}
    return [
        *(code for code in officer.offices if code not in known),
        *(code for code in officer.regions if code not in regions),
        *(code for code in officer.organisations if code not in sponsors),
    ]
