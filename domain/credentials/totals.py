"""The figures that a profile publishes: how many are accredited, by what; small cells are pooled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.election.profile import Publication, PublicField
from domain.organisations.organisation import OrganisationKind
from domain.values import CountryCode, Frozen

SMALLEST: Final = 5
"""No figure about people is below it: smaller cells are one cell, *other* (practice, section 10)."""
OTHER: Final = "other"


class Accredited(Frozen):
    """What figures count of somebody accredited: codes, no name."""

    organisation: str
    kind: OrganisationKind
    role: Role
    nationalities: tuple[CountryCode, ...] = ()
    sex: str = ""


Totals = Mapping[str, int | Mapping[str, int]]


def totals(people: Sequence[Accredited], refusals: Iterable[ReasonCode], publication: Publication) -> Totals:
    """Return the figures that *publication* names. Who holds two citizenships counts under both."""
    found: dict[str, int | Mapping[str, int]] = {}
    if publication.shows(PublicField.TOTALS):
        found["all"] = len(people)
    if publication.shows(PublicField.ORGANISATION_TOTALS):
        found["by_organisation"] = dict(sorted(Counter(person.organisation for person in people).items()))
    cells: dict[PublicField, tuple[str, Iterable[str]]] = {
        PublicField.TOTALS_BY_CATEGORY: ("by_category", (person.kind.value for person in people)),
        PublicField.TOTALS_BY_NATIONALITY: (
            "by_nationality",
            (code for member in people for code in member.nationalities),
        ),
        PublicField.TOTALS_BY_SEX: ("by_sex", (person.sex or "not stated" for person in people)),
        PublicField.REFUSALS_BY_REASON: ("refusals_by_reason", (code.value for code in refusals)),
    }
    shown = {field: cell for field, cell in cells.items() if publication.shows(field)}
    return found | {name: pooled(Counter(values)) for name, values in shown.values()}


def pooled(counts: Mapping[str, int]) -> dict[str, int]:
    """Return *counts* with those below :data:`SMALLEST` as one, and with the next one where that is still too few.

    >>> pooled({"XAA": 40, "XAB": 9, "XAC": 2})
    {'XAA': 40, 'other': 11}
    """
    kept = dict(sorted(counts.items(), key=lambda cell: (-cell[1], cell[0])))
    pool = 0
    while kept and (0 < pool < SMALLEST or min(kept.values()) < SMALLEST):
        pool += kept.popitem()[1]
    return kept | ({OTHER: pool} if pool else {})
