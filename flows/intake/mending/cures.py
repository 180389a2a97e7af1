"""Deficiency clocks: reminders while they run, and what is proposed for the cases whose time is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from db.letters.letters import LetterFilter
from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import Outcome, Ruling
from domain.intake.cures import Reminder, reminder_due
from domain.letters.envelope import Envelope, LetterKind, OnlyWhile
from domain.values import ElectionCode, OfficerCode, UtcTime
from flows.context import ElectionContext, database
from notifications.letters import contents_of, letter_of

FACTS: Final = "The time to complete the file ended without everything that was asked for."


def remind_of_cures(store: Store, context: ElectionContext) -> Counter[str]:
    """Queue the reminders of deficiencies that are due now; returns how many of each.

    A reminder repeats the letter it reminds of. It is written once for each clock, and held back at the post office
    where its reason vanished meanwhile.
    """
    running = store.applications.all_in(context.election, Status.INCOMPLETE)
    started = _started(store, [application.id for application in running])
    due: dict[UUID, tuple[Application, Reminder]] = {
        case.id: (case, which)
        for case in running
        if case.id in started
        and case.due_at
        and (which := reminder_due(started[case.id], case.due_at, now=context.now))
    }
    keys = {known: _key(application, which) for known, (application, which) in due.items()}
    wanted = LetterFilter(only=tuple(keys.values()))
    written = {letter.envelope.key for letter in store.letters.matching(context.election, wanted, limit=len(keys))}
    asked = store.letters.latest(context.election, LetterKind.DEFICIENCY, [k for k in due if keys[k] not in written])
    for known, envelope in asked.items():
        store.outbox.put(context.election, _again(envelope, keys[known], due[known][0], context.now), now=context.now)
    return Counter(due[known][1] for known in asked)


def _started(store: Store, ids: list[UUID]) -> dict[UUID, datetime]:
    """Return when the time of each of *ids* began: when what asks for it arrived; nothing where it has not."""
    notices = store.notices.requests(ids)
    return {known: notice.accepted_at for known, notice in notices.items() if notice.accepted_at}


def _key(application: Application, which: Reminder) -> str:
    return f"{LetterKind.DEFICIENCY}:{application.id}:{which}:{application.due_at:%Y%m%d%H%M}"


def _again(envelope: Envelope, key: str, application: Application, now: UtcTime) -> Envelope:
    return envelope.revised(
        key=key,
        contents=contents_of(letter_of(envelope).revised(reminder=True, written_at=now, due=application.due_at)),
        only_while=OnlyWhile(statuses=(Status.INCOMPLETE,), version=application.version),
    )


def late_table(election: ElectionCode) -> list[dict[str, str | int | float]]:
    """Return the corrections that came after their time was over, with where their cases stand now."""
    with open_reader(database()) as store:
        late = store.corrections.late(election)
        cases = store.applications.get_many([known for known, _ in late])
    return [
        {
            "case": cases[known].case_number,
            "organisation": cases[known].organisation,
            "corrected (UTC)": f"{at:%Y-%m-%d %H:%M}",
            "status": cases[known].status.value,
        }
        for known, at in late
    ]


def to_propose(found: Iterable[Application], *, facts: str = "") -> tuple[list[UUID], Ruling]:
    """Return the overdue cases that nobody has proposed to refuse, and the ruling that proposes it (R02)."""
    ids = [application.id for application in found if application.proposal is None]
    return ids, Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R02,), facts=facts or FACTS)


def to_confirm(found: Iterable[Application], officer: OfficerCode) -> tuple[list[UUID], Ruling]:
    """Return the overdue cases that another officer than *officer* proposed to refuse, and the confirmation."""
    ids = [
        application.id
        for application in found
        if application.proposal and application.proposal.kind == "refusal" and application.proposal.by != officer
    ]
    return ids, Ruling(outcome=Outcome.CONFIRM)
