"""One round: each receiver is told what is due, in order, until it took everything or fails again and again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from db.letters.webhooks import WaitingEvent
from db.locks import exclusive
from db.store import Store, open_reader, open_store
from domain.application.application import Application
from domain.letters.cloud_events import CloudEvent, Notice, cloud_event, notice_event
from domain.letters.webhooks import EventState, next_attempt
from domain.values import ElectionCode, UtcTime
from flows.context import database, right_now
from flows.delivery.webhooks.receivers import Receiver, receivers
from flows.delivery.webhooks.sending import Answer, Line

_AT_ONCE: Final = 50
_FAILURES: Final = 3
"""So many events one after another that a receiver does not take end its round."""


async def tell_everybody(election: ElectionCode, *, now: UtcTime) -> Counter[str]:
    """Tell every receiver what is due; returns how many events were taken, put off, or given up.

    Only one process at a time does so. An event is recorded as told after its answer: who is killed between the two
    tells it once more, under the same id.
    """
    named = listen(election, now=now)
    with open_reader(database()) as store:
        stopped = {known.receiver for known in store.webhooks.receivers(election) if known.stopped_at}
    with exclusive(database(), f"webhooks-{election}") as mine:
        if not mine:
            return Counter({"left to another round": 1})
        rounds = [_tell(election, receiver, now=now) for receiver in named if receiver.code not in stopped]
        counts: Counter[str] = Counter(sent=0)
        for told in await asyncio.gather(*rounds):
            counts.update(told)
        return counts


def listen(election: ElectionCode, *, now: UtcTime) -> list[Receiver]:
    """Return who is told of *election*; from now on events are kept for exactly those."""
    named = [receiver for receiver in receivers() if receiver.hears(election)]
    with open_store(database()) as store:
        store.webhooks.listen(election, {receiver.code: receiver.kinds for receiver in named}, now=now)
    return named


async def _tell(election: ElectionCode, receiver: Receiver, *, now: UtcTime) -> Counter[str]:
    counts: Counter[str] = Counter()
    failures = 0
    async with Line(receiver) as line:
        while failures < _FAILURES and (waiting := _due(election, receiver, now=now)):
            for known, event in waiting:
                answer = await line.post(event, now=right_now())
                counts[_settle(election, receiver, known, answer)] += 1
                failures = 0 if answer.taken else failures + 1
                if answer.gone or failures == _FAILURES:
                    return counts
    return counts


def _due(election: ElectionCode, receiver: Receiver, *, now: UtcTime) -> list[tuple[WaitingEvent, CloudEvent]]:
    with open_reader(database()) as store:
        waiting = store.webhooks.due(election, receiver.code, now=now, limit=_AT_ONCE)
        told = dict(_told(store, election, waiting, receiver))
    return [(known, told[known.number]) for known in waiting]


def _told(
    store: Store, election: ElectionCode, waiting: Sequence[WaitingEvent], receiver: Receiver
) -> Iterator[tuple[int, CloudEvent]]:
    """Yield each event with its number: beside the application as it left it, or as it was noted of something else."""
    wanted = {event.application_id for event in waiting if event.application_id}
    histories = {known: store.applications.history(known) for known in wanted}
    for event in waiting:
        if event.application_id is None or event.link is None:
            notice = Notice.model_validate(event.told, strict=False)
            yield event.number, notice_event(election, notice, with_reasons=receiver.reasons)
            continue
        history = histories[event.application_id][: event.sequence]
        after = Application.replayed(history)
        yield event.number, cloud_event(after, history[-1], event.link, with_reasons=receiver.reasons)


def _settle(election: ElectionCode, receiver: Receiver, event: WaitingEvent, answer: Answer) -> str:
    """Record the answer, and return what it is counted as."""
    now = right_now()
    failures = event.failures + (not answer.taken)
    next_at = None if answer.taken else next_attempt(failures, now=now, asked=answer.wait)
    state = EventState.SENT if answer.taken else EventState.QUEUED if next_at else EventState.DEAD
    with open_store(database()) as store:
        store.webhooks.settle(event.number, state, answer=answer.said, failures=failures, now=now, next_at=next_at)
        if answer.gone:
            store.webhooks.stop(election, receiver.code, now=now)
    return "put off" if state is EventState.QUEUED else state.value
