"""Where in their region teams observe: sites, with few people of one organisation at one site.

A rule for teams and sites, applied after the regions are chosen: it moves nobody to another region and limits no
accreditation. Without site limits teams are only spread evenly.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.assignment.plan import Teaming
from domain.assignment.planner.lottery import drawn_order
from domain.assignment.policy import SiteLimits
from domain.assignment.problem import Observer, ObserverId, Problem, Region
from domain.values import OrganisationCode, RegionCode, RuleName, SiteCode

ORGANISATION_AT_LIMIT: Final[RuleName] = "organisation_at_site_limit"
SITES_FULL: Final[RuleName] = "all_sites_full"

_TEAM: Final = 2

Unit = tuple[ObserverId, ...]
"""A team and its interpreter, or somebody without a partner: whoever goes to one site together."""

Kind = tuple[OrganisationCode, bool]
"""An organisation, and whether its interpreters are meant."""


def sited(problem: Problem, teaming: Teaming, before: Mapping[ObserverId, SiteCode] | None = None) -> Teaming:
    """Return *teaming* with a site for everybody whose region has sites, or the rule that left none.

    Who had a site *before* keeps it where the limits permit; the others go where fewest people are, organisations
    with many people first and otherwise in lottery order. One other team moves aside where that makes room, and an
    interpreter goes elsewhere than the team where no site takes all three.
    """
    if not any(region.sites for region in problem.regions):
        return teaming
    people = {observer.id: observer for observer in problem.observers}
    units = _units(teaming)
    sites: dict[ObserverId, SiteCode] = {}
    siteless: dict[ObserverId, RuleName] = {}
    for region in problem.regions:
        if not region.sites or region.code not in units:
            continue
        ground = _Ground.of(region, people, problem.policy.site_limits)
        for unit in _in_turn(ground, units[region.code], before or {}, seed=problem.policy.seed):
            for part in ground.settled_in_parts(unit, (before or {}).get(unit[0])):
                siteless |= dict.fromkeys(part, ground.reason(part))
        sites |= ground.places()
    return teaming.revised(sites=dict(sorted(sites.items())), siteless=dict(sorted(siteless.items())))


def fewest_without_site(problem: Problem, teaming: Teaming) -> int:
    """Return how many people no arrangement could give a site, counted organisation by organisation."""
    limits = problem.policy.site_limits
    if limits is None:
        return 0
    number = {region.code: len(region.sites) for region in problem.regions if region.sites}
    there: Counter[tuple[RegionCode, Kind]] = Counter()
    for observer in problem.observers:
        region = teaming.placements.get(observer.id)
        if region in number:
            there[region, (observer.organisation, observer.interpreter)] += 1
    most = {True: limits.interpreters, False: limits.observers}
    return sum(max(0, count - most[kind[1]] * number[region]) for (region, kind), count in there.items())


def _units(teaming: Teaming) -> dict[RegionCode, list[Unit]]:
    units: defaultdict[RegionCode, list[Unit]] = defaultdict(list)
    beside = {pair: interpreter for interpreter, pair in teaming.accompanying.items()}
    for team in teaming.teams:
        third = beside.get(team.members)
        units[team.region].append((*team.members, third) if third else team.members)
    for person in teaming.unpaired:
        region = teaming.placements[person]
        if region is not None:
            units[region].append((person,))
    return units


@dataclass(slots=True)
class _Ground:
    """The sites of one region while they fill."""

    people: Mapping[ObserverId, Observer]
    limits: SiteLimits | None
    room: dict[SiteCode, int | None]
    there: dict[SiteCode, list[Unit]]
    count: dict[SiteCode, Counter[Kind]]
    known: dict[Unit, Counter[Kind]] = field(default_factory=dict[Unit, Counter[Kind]])

    @classmethod
    def of(cls, region: Region, people: Mapping[ObserverId, Observer], limits: SiteLimits | None) -> _Ground:
        room = {site.code: site.people for site in sorted(region.sites, key=lambda site: site.code)}
        return cls(people, limits, room, {code: [] for code in room}, {code: Counter() for code in room})

    def kinds(self, unit: Unit) -> Counter[Kind]:
        """Return how many of each organisation and kind *unit* brings; every site is asked with the same."""
        if unit not in self.known:
            members = (self.people[code] for code in unit)
            self.known[unit] = Counter((member.organisation, member.interpreter) for member in members)
        return self.known[unit]

    def settled_in_parts(self, unit: Unit, wished: SiteCode | None) -> list[Unit]:
        """Give *unit* a site, or its team and its interpreter one each; returns the parts that found none."""
        if self.settle(unit, wished):
            return []
        parts = [unit[:_TEAM], unit[_TEAM:]] if len(unit) > _TEAM else []
        return [part for part in parts if not self.settle(part, wished)] if parts else [unit]

    def settle(self, unit: Unit, wished: SiteCode | None) -> bool:
        """Give *unit* its wished site, else the emptiest that may take it, else one that another unit can leave."""
        if wished in self.room and self.takes(wished, unit):
            self._put(wished, unit)
            return True
        open_ = [site for site in self.room if self.takes(site, unit)]
        if open_:
            self._put(min(open_, key=lambda site: (self._load(site), site)), unit)
            return True
        return any(self._swapped(site, aside, unit) for site in self.room for aside in tuple(self.there[site]))

    def takes(self, site: SiteCode, unit: Unit) -> bool:
        """Return whether *unit* may come to *site* besides who is there."""
        room, count = self.room[site], self.count[site]
        if room is not None and self._load(site) + len(unit) > room:
            return False
        return all(count[kind] + number <= self._most(kind) for kind, number in self.kinds(unit).items())

    def reason(self, unit: Unit) -> RuleName:
        """Return what keeps *unit* away from every site."""
        has_room = any(room is None or self._load(site) + len(unit) <= room for site, room in self.room.items())
        return ORGANISATION_AT_LIMIT if has_room else SITES_FULL

    def places(self) -> Iterator[tuple[ObserverId, SiteCode]]:
        """Yield everybody's site."""
        return ((member, site) for site, units in self.there.items() for unit in units for member in unit)

    def _most(self, kind: Kind) -> int:
        if self.limits is None:
            return len(self.people)
        return self.limits.interpreters if kind[1] else self.limits.observers

    def _load(self, site: SiteCode) -> int:
        return self.count[site].total()

    def _put(self, site: SiteCode, unit: Unit) -> None:
        self.there[site].append(unit)
        self.count[site] += self.kinds(unit)

    def _take(self, site: SiteCode, unit: Unit) -> None:
        self.there[site].remove(unit)
        self.count[site] -= self.kinds(unit)

    def _swapped(self, site: SiteCode, aside: Unit, unit: Unit) -> bool:
        """Send *aside* to another site if *unit* then fits here; leave all as it was if not."""
        self._take(site, aside)
        if self.takes(site, unit):
            self._put(site, unit)
            free = [other for other in self.room if other != site and self.takes(other, aside)]
            if free:
                self._put(min(free, key=lambda other: (self._load(other), other)), aside)
                return True
            self._take(site, unit)
        self._put(site, aside)
        return False


def _in_turn(ground: _Ground, units: Iterable[Unit], before: Mapping[ObserverId, SiteCode], *, seed: str) -> list[Unit]:
    """Return *units* in the order in which they choose: who had a site, then the hardest to place, then by lot."""
    waiting = list(units)
    crowd: Counter[Kind] = Counter()
    for unit in waiting:
        crowd += ground.kinds(unit)

    def turn(unit: Unit) -> tuple[bool, int, bytes]:
        kept = len({before.get(member) for member in unit} - {None}) == 1 and all(member in before for member in unit)
        return not kept, -max(crowd[kind] for kind in ground.kinds(unit)), drawn_order(seed, f"site {min(unit)}")

    return sorted(waiting, key=turn)
