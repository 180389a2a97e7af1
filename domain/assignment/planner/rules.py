"""The hard rules that keep an observer out of a region, each with a name that can be cited."""

from __future__ import annotations

from typing import Final

from domain.assignment.problem import Observer, Region
from domain.values import RuleName

NO_OPEN_OFFICE: Final[RuleName] = "no_open_office"
PINNED_ELSEWHERE: Final[RuleName] = "pinned_elsewhere"
SECURITY_CONSENT: Final[RuleName] = "security_consent"
NOTICE_NOT_ACCEPTED: Final[RuleName] = "notice_not_accepted"
STAY_TOO_SHORT: Final[RuleName] = "stay_too_short"

REGIONS_FULL: Final[RuleName] = "regions_full"
OFFICES_FULL: Final[RuleName] = "offices_full"
PIN_DOES_NOT_FIT: Final[RuleName] = "pin_does_not_fit"
OUTWEIGHED: Final[RuleName] = "outweighed_by_a_higher_level"
NO_REGIONS: Final[RuleName] = "no_regions"
SEATS_HELD_BY_PINS: Final[RuleName] = "seats_held_by_pins"


def rule_against(observer: Observer, region: Region) -> RuleName | None:
    """Return the first hard rule that forbids the pair, or ``None`` if the observer may serve there.

    The observer's stay must cover the region's window; every notice must be accepted by its own id.
    """
    forbidden = next((exclusion.rule for exclusion in observer.excluded if exclusion.region == region.code), None)
    if forbidden is not None:
        return forbidden
    if observer.pinned not in {None, region.code}:
        return PINNED_ELSEWHERE
    if region.office is None:
        return NO_OPEN_OFFICE
    if observer.consent_level < region.security_level:
        return SECURITY_CONSENT
    if not set(region.notices) <= set(observer.accepted_notices):
        return NOTICE_NOT_ACCEPTED
    return STAY_TOO_SHORT if _misses_days(observer, region) else None


def _misses_days(observer: Observer, region: Region) -> bool:
    first, last = region.first_day, region.last_day
    late = observer.arrives is not None and first is not None and observer.arrives > first
    early = observer.leaves is not None and last is not None and observer.leaves < last
    return late or early
