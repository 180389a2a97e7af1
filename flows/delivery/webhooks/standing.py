"""How it stands with receivers: what waits, what was given up, who wants nothing more; and what to do about it."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from db.store import open_reader, open_store
from domain.letters.cloud_events import trial_event
from domain.letters.webhooks import EventState
from domain.values import ElectionCode
from flows.context import database, right_now
from flows.delivery.webhooks.receivers import receiver
from flows.delivery.webhooks.rounds import listen
from flows.delivery.webhooks.sending import Answer, Line

Row = dict[str, str | int]


def receivers_table(election: ElectionCode) -> list[Row]:
    """Return every receiver that is named or was, with what it has still to be told."""
    listen(election, now=right_now())
    with open_reader(database()) as store:
        return [
            {
                "receiver": receiver.receiver, "since (UTC)": f"{receiver.since:%Y-%m-%d %H:%M}",
                "kinds": ", ".join(receiver.kinds) or "all",
                **{state.value: receiver.counts[state] for state in EventState},
                "last failure": receiver.last_answer,
                "standing": f"stopped {receiver.stopped_at:%Y-%m-%d %H:%M}" if receiver.stopped_at else "is told",
            }
            for receiver in store.webhooks.receivers(election)
        ]  # fmt: skip


async def try_out(election: ElectionCode, code: str) -> Answer:
    """Send an event about nothing to a receiver; nothing is recorded."""
    now = right_now()
    async with Line(receiver(code)) as line:
        return await line.post(trial_event(election, uuid4(), now=now), now=now)


def replay(election: ElectionCode, code: str, *, since: datetime | None = None) -> int:
    """Queue anew what was given up for a receiver and, with *since*, also what it took since; returns how many.

    Events keep their ids. A receiver that said it is gone is told again.
    """
    receiver(code)
    states = (EventState.DEAD, EventState.SENT) if since else (EventState.DEAD,)
    listen(election, now=right_now())
    with open_store(database()) as store:
        store.webhooks.stop(election, code, now=None)
        return store.webhooks.requeue(election, code, states, since=since)
