"""Where an election stands, in numbers: what ``accredit status`` prints and the demo's tables show."""

from __future__ import annotations

from typing import Any

from db.store import Store, open_reader
from domain.intake.message_states import MessageState
from domain.letters.webhooks import EventState
from domain.values import ElectionCode
from flows.context import database
from flows.intake.collection.drop_folder import all_files
from flows.intake.collection.working import waiting_in
from flows.runtime.alarms import heard_alarms
from flows.settings import settings


def status_of(election: ElectionCode) -> dict[str, Any]:
    """Return counts of applications, letters, credentials and rows: the documented JSON of ``accredit status``."""
    with open_reader(database()) as store:
        store.loaded.require(election)
        found = {
            "election": election,
            "applications": {status.value: count for status, count in store.counts.applications(election).items()},
            "letters": store.counts.letters(election),
            "credentials": store.counts.credentials(election),
            "intake": store.counts.rows(election),
            "waiting": _waiting(store, election),
            "webhooks": _webhooks(store, election),
        }
    return found | {"alarms": [alarm.model_dump(mode="json", exclude={"election"}) for alarm in heard_alarms(election)]}


def _waiting(store: Store, election: ElectionCode) -> dict[str, int]:
    """Return what reached the office and is not taken in yet; files as the drop folder holds them now."""
    folder = settings().drop_folder
    return {
        "messages_held": store.counts.messages(election, MessageState.HELD),
        "messages_to_take_in": store.counts.messages(election, MessageState.ARRIVED, MessageState.RELEASED),
        "files_in_drop_folder": len(all_files(folder)) + waiting_in(folder) if folder and folder.is_dir() else 0,
        "files_not_finished": store.counts.unfinished_files(election),
    }


def _webhooks(store: Store, election: ElectionCode) -> dict[str, int]:
    """Return what other systems have still to be told, what was given up, and how many of them want nothing more."""
    found = store.webhooks.receivers(election)
    counts = {state.value: sum(receiver.counts[state] for receiver in found) for state in EventState}
    return counts | {"stopped": sum(receiver.stopped_at is not None for receiver in found)}


def reasons_of(election: ElectionCode) -> list[dict[str, str | int]]:
    """Return how many applications stand where for which reason, and what was found on those in review."""
    with open_reader(database()) as store:
        counts = store.counts.reasons(election)
    return [
        {"status": status.value, "reason": code, "applications": count}
        for (status, code), count in sorted(counts.items())
    ]
