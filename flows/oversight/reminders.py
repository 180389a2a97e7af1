"""Reminders: what is due to be said again, each once, and the cases whose time is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any, Final

from prefect.client.schemas.objects import State

from db.letters.letters import LetterFilter
from db.store import Store, open_store
from domain.application.application import Application
from domain.application.status import WITH_OFFICERS, Status
from domain.letters.envelope import LetterState
from domain.numbers import number_of
from domain.values import ElectionCode, UtcTime
from flows.assignment.announcements import announce_office_changes, remind_of_briefings, remind_of_stays, renew_rosters
from flows.assignment.consents import ask_for_consents
from flows.assignment.takeovers import follow_offices
from flows.context import ElectionContext, chosen_election, database, election_context, moment
from flows.intake.mending.cures import remind_of_cures
from flows.intake.mending.overdue import overdue_cases, overdue_table
from flows.issuance.life import replace_left, replace_outdated
from flows.letters.addressing import to_authority
from flows.letters.alarms import tell_officers
from flows.letters.visa_letters import support_visas
from flows.runtime.alarms import heard_alarms
from flows.runtime.chunks import final_state
from flows.runtime.elections import scheduled
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import publish_stage_report, publish_table
from flows.vetting.second_looks import look_at_policies
from notifications.letters.lines import Letterhead, OpenCase
from notifications.letters.office import DigestLetter

_OPEN: Final = (*WITH_OFFICERS, Status.INCOMPLETE, Status.DEFERRED, Status.IN_VETTING)
_SHOWN: Final = 10


def is_digest_due(context: ElectionContext) -> bool:
    """Whether the hour of the day has come at which officers get their digest, where they get one."""
    at = context.profile.letters.digest_at
    return at is not None and context.now.astimezone(context.profile.zone).time() >= at


def send_digest(store: Store, context: ElectionContext) -> Counter[str]:
    """Queue the digest once a day, from the hour on that the profile names."""
    profile = context.profile
    local = context.now.astimezone(profile.zone)
    if not is_digest_due(context):
        return Counter()
    key = f"digest:{context.election}:{local:%Y-%m-%d}"
    if store.letters.count(context.election, LetterFilter(only=(key,))):
        return Counter()
    envelope = to_authority(profile, digest(store, context), key=key)
    store.outbox.put(context.election, envelope, now=context.now)
    return Counter(digests=1)


def digest(store: Store, context: ElectionContext) -> DigestLetter:
    """Return the state of the election at the context's moment."""
    still_open = store.applications.all_in(context.election, *_OPEN)
    status = Counter(application.status for application in still_open)
    return DigestLetter(
        head=Letterhead.of(context.profile.election),
        written_at=context.now,
        in_review=sum(status[standing] for standing in WITH_OFFICERS),
        second_officer=sum(application.proposal is not None for application in still_open),
        incomplete=status[Status.INCOMPLETE],
        late=sum(_is_late(application, store, context) for application in still_open)
        + sum(asked.is_late(context.now) for asked in store.acknowledgements.last(context.election)),
        undelivered=store.letters.count(context.election, LetterFilter(state=LetterState.FAILED)),
        next_due=tuple(_next_due(still_open)),
    )


def _is_late(application: Application, store: Store, context: ElectionContext) -> bool:
    """Whether its time, or that for an answer, is over; that to mend begins when the letter that asks has arrived."""
    if application.answer_due_at is not None and application.answer_due_at < context.now:
        return True
    if application.due_at is None or application.due_at >= context.now:
        return False
    if application.status is not Status.INCOMPLETE:
        return True
    notice = store.notices.requests([application.id]).get(application.id)
    ends = notice.ends(application.due_at) if notice else application.due_at
    return ends is not None and ends < context.now


def _next_due(still_open: list[Application]) -> list[OpenCase]:
    waiting = [
        OpenCase(case_number=application.case_number, due=due)
        for application in still_open
        for due in (application.due_at, application.answer_due_at)
        if due
    ]
    return sorted(waiting, key=lambda case: (case.due, case.case_number))[:_SHOWN]


Occasion = Callable[[Store, ElectionContext], Counter[str]]

OCCASIONS: Final[tuple[Occasion, ...]] = (
    remind_of_cures,
    remind_of_briefings,
    remind_of_stays,
    support_visas,
    announce_office_changes,
    ask_for_consents,
    look_at_policies,
    send_digest,
)
"""What people are reminded of: each queues what is due at its moment, once."""


def remind(election: ElectionCode, *, now: UtcTime) -> Counter[str]:
    """Queue all reminders that are due; returns how many of each kind. A second time there are none."""
    context, heard = election_context(election, now), heard_alarms(election)
    with open_store(database()) as store:
        counts = sum((occasion(store, context) for occasion in OCCASIONS), Counter[str]())
        if told := tell_officers(store, context.profile, heard, now=now):
            counts["alarms"] = told
    drawn = (*replace_outdated(election, now=now), *replace_left(election, now=now))
    counts["drawn anew"] = sum(result.applied for result in drawn)
    counts["taken over"] = sum(len(takeover.people) for takeover in follow_offices(election, now=now))
    # Once a day, with the digest where there is one, and never in the same transaction: lists are drawn.
    if counts["digests"] or context.profile.letters.digest_at is None:
        counts["rosters"] = renew_rosters(election, now=now)
    return counts


@scheduled("reminders")
async def reminders(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Remind of what is due, and list the cases whose time to mend is over in the artifact overdue.

    Args:
        election: Code of the election; left out: all that are loaded, one after the other.
        as_of: The moment by which things are due; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    started = monotonic()
    counts = remind(code, now=now)
    part = ChunkOutcome(stage="reminders", chunk=1, counts=dict(counts), seconds=monotonic() - started)
    outcome = StageOutcome.of("reminders", [part], applications=counts.total(), seconds=part.seconds)
    await publish_stage_report(outcome.revised(things="letters"), election=code)
    await publish_overdue(code, now=now)
    return final_state(outcome, name="Reminded")


async def publish_overdue(election: ElectionCode, *, now: UtcTime) -> None:
    """Show the cases whose time to mend is over, under one key of the UI."""
    rows = overdue_table(overdue_cases(election, now=now), now=now)
    description = (
        f"{number_of(len(rows), 'cases are')} past their time to mend; accredit overdue proposes refusals in bulk."
    )
    await publish_table(rows, stage="overdue", election=election, kind="table", description=description)
