"""Which part of the queue an officer looks at: read from the address of the page, narrowed to what may be opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self
from urllib.parse import urlencode

from db.decisions.waiting_cases import APPEALS, CONFIRM, DECIDE, LANES, OWN, Wanted
from db.store import Store
from domain.decisions.competence import HOURS_SOON, Priority
from domain.election.profile import ElectionProfile
from domain.statements.officers import Officer, OfficerRole
from domain.values import UtcTime
from flows.desk.access import regions_of, scope_of

PAGE: Final = 40
_FILTERS: Final = ("lane", "organisation", "region", "office", "priority", "rule", "who", "page")


@dataclass(frozen=True, slots=True)
class Listing:
    """A part of the queue, as the address names it."""

    lane: str
    organisation: str = ""
    region: str = ""
    office: str = ""
    priority: str = ""
    rule: str = ""
    who: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str], officer: Officer) -> Self:
        """Return what *query* asks for; what makes no sense is left out."""
        said = {name: query.get(name, "")[:64] for name in _FILTERS}
        lanes = lanes_of(officer)
        lane = said["lane"] if said["lane"] in lanes else lanes[0]
        page = int(said["page"]) if said["page"].isascii() and said["page"].isdigit() and len(said["page"]) < 6 else 1  # noqa: PLR2004
        priority = said["priority"] if said["priority"] in {*Priority} else ""
        return cls(
            lane=lane, organisation=said["organisation"], region=said["region"], office=said["office"],
            priority=priority, rule=said["rule"], who=said["who"], page=max(1, page),
        )  # fmt: skip

    def address(self, path: str = "/queue", **changes: str | int) -> str:
        """Return the address of this part of the queue with *changes*, at *path*."""
        said = {name: getattr(self, name) for name in _FILTERS} | changes
        return f"{path}?{urlencode({name: one for name, one in said.items() if one and one != 1})}"

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter is set."""
        return bool(self.organisation or self.region or self.office or self.priority or self.rule or self.who)

    def wanted(self, store: Store, officer: Officer, profile: ElectionProfile, *, now: UtcTime) -> Wanted:
        """Return the query: the filters, and what the officer may not open left out."""
        soon = now + timedelta(hours=HOURS_SOON)
        due = {"late": (None, now), "soon": (now, soon), "usual": (soon, None)}.get(self.priority, (None, None))
        geography = store.elections.geography(profile.election.code)
        return Wanted(
            officer=officer.code, lane=self.lane, now=now,
            scope=scope_of(store, officer, profile, now=now),
            recused_from=officer.recused_from, recused_cases=officer.recused_cases,
            known_regions=tuple(region.code for region in geography.regions),
            organisation=self.organisation or None, regions=self._regions(store, profile, now),
            rule=self.rule or None, due_from=due[0], due_before=due[1],
            free=self.who == "free", mine=self.who == "mine",
        )  # fmt: skip

    def _regions(self, store: Store, profile: ElectionProfile, now: UtcTime) -> tuple[str, ...] | None:
        if self.region:
            return (self.region,)
        return regions_of(store, [self.office], profile, now) if self.office else None


def lanes_of(officer: Officer) -> tuple[str, ...]:
    """Return the lanes in which the officer has a part, in order; an auditor sees what waits for anybody."""
    parts = {
        DECIDE: officer.is_auditor or officer.may(OfficerRole.CASE_OFFICER),
        CONFIRM: officer.is_auditor or officer.may(OfficerRole.CONFIRMING_OFFICER),
        APPEALS: officer.is_auditor or officer.may(OfficerRole.APPEALS_OFFICER),
        OWN: not officer.is_auditor,
    }
    return tuple(lane for lane in LANES if parts[lane])
