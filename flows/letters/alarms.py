"""Alarms told to the officers: one letter for each kind within an hour."""

from __future__ import annotations

from collections.abc import Iterable

from db.letters.letters import LetterFilter
from db.store import Store
from domain.election.profile import ElectionProfile
from domain.oversight.alarms import Alarm
from domain.values import UtcTime
from flows.letters.addressing import to_authority
from notifications.letters.lines import Letterhead
from notifications.letters.office import AlarmLetter


def tell_officers(store: Store, profile: ElectionProfile, alarms: Iterable[Alarm], *, now: UtcTime) -> int:
    """Queue a letter for each of *alarms* that officers were not told of within its hour; returns how many letters."""
    first = {alarm.key: alarm for alarm in reversed([*alarms])}
    fresh = [
        alarm for key, alarm in first.items() if not store.letters.count(alarm.election, LetterFilter(only=(key,)))
    ]
    for alarm in fresh:
        letter = AlarmLetter(
            head=Letterhead.of(profile.election), written_at=now, alarm=alarm.kind, about=alarm.about, at=alarm.at
        )
        store.outbox.put(alarm.election, to_authority(profile, letter, key=alarm.key), now=now)
    return len(fresh)
