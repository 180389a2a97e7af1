"""What the checker counts again, from the plan and the problem alone: rules, seats, places, losses, reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from domain.assignment.plan import Plan
from domain.assignment.policy import Level
from domain.assignment.problem import Observer, Office, Problem, Region
from domain.values import Frozen, OfficeCode, RegionCode, RuleName


class Violation(Frozen):
    """One thing wrong with a plan; the subject is a code or an id."""

    fault: RuleName
    subject: str


@dataclass(frozen=True, slots=True)
class Tally:
    """People counted by region and office under a plan."""

    regions: dict[RegionCode, Region]
    offices: dict[OfficeCode, Office]
    load: Counter[RegionCode]
    spoken: Counter[RegionCode]
    carried: Counter[OfficeCode]
    pinned: Counter[RegionCode]
    pinned_desks: Counter[OfficeCode]


def tallied(problem: Problem, plan: Plan) -> Tally:
    """Return the counts of *plan*; placements in unknown regions are left out (``misplaced`` reports them)."""
    regions = {region.code: region for region in problem.regions}
    tally = Tally(
        regions,
        {office.code: office for office in problem.offices},
        Counter(),
        Counter(),
        Counter(),
        Counter(),
        Counter(),
    )
    for observer in problem.observers:
        region = regions.get(plan.placements.get(observer.id) or "")
        if region is None:
            continue
        tally.load[region.code] += 1
        tally.spoken[region.code] += region.language in observer.languages
        if region.office:
            tally.carried[region.office] += 1
        if observer.pinned == region.code:
            tally.pinned[region.code] += 1
            tally.pinned_desks[region.office or ""] += 1
    return tally


def forbids(observer: Observer, region: Region) -> set[RuleName]:
    """Return the names of all hard rules against the pair."""
    broken = {exclusion.rule for exclusion in observer.excluded if exclusion.region == region.code}
    if observer.pinned and observer.pinned != region.code:
        broken.add("pinned_elsewhere")
    if not region.office:
        broken.add("no_open_office")
    if region.security_level > observer.consent_level:
        broken.add("security_consent")
    if any(notice not in observer.accepted_notices for notice in region.notices):
        broken.add("notice_not_accepted")
    days = [day for day in (region.opens, region.closes) if day]
    if days and ((observer.arrives or days[0]) > days[0] or (observer.leaves or days[-1]) < days[-1]):
        broken.add("stay_too_short")
    return broken


def misplaced(problem: Problem, plan: Plan, tally: Tally) -> Iterator[Violation]:
    """Yield people missing, unknown, or where they may not be; regions and offices over their places."""
    people = {observer.id: observer for observer in problem.observers}
    for missing in sorted(people.keys() - plan.placements.keys()):
        yield Violation(fault="person_missing", subject=missing)
    for stranger in sorted(plan.placements.keys() - people.keys()):
        yield Violation(fault="person_unknown", subject=stranger)
    for person in sorted(people.keys() & plan.placements.keys()):
        yield from _wrong_place(people[person], plan.placements[person], tally)
    for code, region in tally.regions.items():
        if tally.load[code] > region.capacity:
            yield Violation(fault="region_overfull", subject=code)
    for code, office in tally.offices.items():
        if tally.carried[code] > office.base_places + office.surge_places:
            yield Violation(fault="office_overfull", subject=code)


def _wrong_place(observer: Observer, code: RegionCode | None, tally: Tally) -> Iterator[Violation]:
    if code is None:
        if observer.pinned and _pin_fits(observer, tally):
            yield Violation(fault="pin_dropped", subject=observer.id)
    elif code not in tally.regions:
        yield Violation(fault="region_unknown", subject=code)
    else:
        for rule in sorted(forbids(observer, tally.regions[code])):
            yield Violation(fault=rule, subject=observer.id)


def _pin_fits(observer: Observer, tally: Tally) -> bool:
    """Return whether the rules and the other pins leave room for this pinned observer."""
    region = tally.regions[observer.pinned or ""]
    if forbids(observer, region) or region.office is None:
        return False
    desk = tally.offices[region.office]
    room = tally.pinned_desks[desk.code] < desk.base_places + desk.surge_places
    return room and tally.pinned[region.code] < region.capacity


def recounted_losses(problem: Problem, plan: Plan, tally: Tally) -> dict[Level, int]:
    """Return what *plan* loses at each level, counted from the definitions of ``Level``."""
    regions, offices = tally.regions.values(), tally.offices.values()
    points = moves = homeless = 0
    for observer in problem.observers:
        code = plan.placements.get(observer.id)
        homeless += code is None
        moves += observer.previous is not None and code != observer.previous
        if code is not None:
            ranks = dict(zip(observer.preferences, (0, 1, 3, 6, 10), strict=False))
            tenths = problem.policy.fairness.get(observer.organisation, 10) if problem.policy.fairness else 1
            points += tenths * ranks.get(code, 15)
    return {
        Level.COVERAGE: sum(region.weight * max(0, region.minimum - tally.load[region.code]) for region in regions),
        Level.LANGUAGE: sum(
            max(0, region.language_quota - tally.spoken[region.code])
            for region in regions
            if region.language is not None
        ),
        Level.PLACED: homeless,
        Level.SURGE: sum(max(0, tally.carried[office.code] - office.base_places) for office in offices),
        Level.POINTS: points,
        Level.CHANGES: moves,
    }


def miscounted(problem: Problem, plan: Plan, tally: Tally) -> Iterator[Violation]:
    """Yield losses, moves and reasons that are not what the placements say."""
    losses = recounted_losses(problem, plan, tally)
    for loss in plan.losses:
        if loss.amount != losses[loss.level]:
            yield Violation(fault="wrong_loss", subject=loss.level)
    if plan.moves != losses[Level.CHANGES]:
        yield Violation(fault="wrong_moves", subject=str(plan.moves))
    without = {person for person, code in plan.placements.items() if code is None}
    for person in sorted(without ^ plan.unplaced.keys()):
        yield Violation(fault="reason_missing_or_idle", subject=person)
    for observer in problem.observers:
        reason = plan.unplaced.get(observer.id)
        if reason is not None and reason not in _honest_reasons(observer, tally):
            yield Violation(fault="wrong_reason", subject=observer.id)


def _honest_reasons(observer: Observer, tally: Tally) -> set[RuleName]:
    barred = [forbids(observer, region) for region in tally.regions.values()]
    possible = [region for region, rules in zip(tally.regions.values(), barred, strict=True) if not rules]
    if observer.pinned:
        return forbids(observer, tally.regions[observer.pinned]) or {"pin_does_not_fit"}
    if not possible:
        return {rule for rules in barred for rule in rules} or {"no_regions"}
    if all(tally.load[region.code] >= region.capacity for region in possible):
        return {"regions_full"}
    return {"offices_full"} if all(_shut(region, tally) for region in possible) else {"outweighed_by_a_higher_level"}


def _shut(region: Region, tally: Tally) -> bool:
    desk = tally.offices[region.office or ""]
    places = desk.base_places + desk.surge_places
    return tally.load[region.code] >= region.capacity or tally.carried[desk.code] >= places
