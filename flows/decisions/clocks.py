"""Clocks: who is told when half, four fifths and all of a time limit have run, and what is recorded when it is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.states import Completed

from db.bulk import in_batches
from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import Application, case_number
from domain.application.clocks import OWNER, Clock, RunningClock
from domain.application.events import DeadlinePassed, DeferralEnded
from domain.application.status import REVOCABLE, Status
from domain.decisions.casework import Answer
from domain.election.profile import ElectionProfile
from domain.letters.envelope import LetterKind
from domain.numbers import number_of
from domain.values import ElectionCode, UtcTime
from flows.context import ElectionContext, chosen_election, database, election_context, moment
from flows.delivery.notices import start_clocks
from flows.letters.addressing import to_authority
from flows.oversight.open_work_report import publish_open_work
from flows.runtime.elections import scheduled
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import publish_stage_report
from notifications.letters.lines import Letterhead
from notifications.letters.office import EscalationLetter

ENGINE: Final = Actor.engine("clocks")
PASSED: Final = "accreditation.clock.passed"
"""The event that Prefect gets when a clock has run out; its resource is the case."""
RAN_OUT: Final = "accreditation.clocks.ran-out"
"""The one event for all clocks that were found to have run out at once; an automation raises it in the UI."""

_OF_STATUS: Final = {
    Status.IN_VETTING: Clock.DECISION,
    Status.IN_REVIEW: Clock.DECISION,
    Status.DEFERRED: Clock.DEFERRAL,
    Status.UNDER_APPEAL: Clock.APPEAL,
}
_BESIDE: Final[Mapping[Clock, Callable[[Application], datetime | None]]] = {
    Clock.REPLY: lambda case: case.reply_due_at,
    Clock.LOOK: lambda case: case.look_due_at,
    Clock.APPEAL: lambda case: case.appeal_due_at,
}
"""What the commission owes an answer to while the accreditation stands, and until when."""
_STARTS: Final = {
    Clock.REPLY: ("reply_recorded",),
    Clock.LOOK: ("second_look_due",),
    Clock.DECISION: ("completeness_confirmed", "deferral_ended", "appeal_remanded"),
    Clock.DEFERRAL: ("application_deferred",),
    Clock.APPEAL: ("appeal_lodged",),
    Clock.PROPOSAL: ("refusal_proposed", "revocation_proposed", "dismissal_proposed"),
}
_OPEN: Final = (*_OF_STATUS, Status.HELD, Status.INCOMPLETE, *REVOCABLE)
OVER: Final = 100


def running_clocks(store: Store, election: ElectionCode, profile: ElectionProfile) -> dict[RunningClock, Application]:
    """Return every clock of this module that runs, with its case. Cure clocks are minded by the reminders."""
    cases = {application.id: application for application in store.applications.all_in(election, *_OPEN)}
    due = {
        application.id: _OF_STATUS[application.status]
        for application in cases.values()
        if application.status in _OF_STATUS and application.due_at
    }
    proposed = [application.id for application in cases.values() if application.proposal]
    starts = {
        clock: _started(store, [case for case in due if due[case] is clock], clock) for clock in set(due.values())
    }
    found: dict[RunningClock, Application] = {}
    for known, clock in due.items():
        case = cases[known]
        began = starts[clock].get(known, case.received_at)
        found[RunningClock.between(known, clock, began, case.due_at or began)] = case
    for clock, due_of in _BESIDE.items():
        owed = {case.id: end for case in cases.values() if (end := due_of(case))}
        for known, at in _started(store, list(owed), clock).items():
            found[RunningClock.between(known, clock, at, owed[known])] = cases[known]
    for known, at in _started(store, proposed, Clock.PROPOSAL).items():
        proposal = cases[known].proposal
        began = max(at, proposal.reply_until) if proposal and proposal.reply_until else at
        end = began + timedelta(hours=profile.calendar.review_hours)
        found[RunningClock.between(known, Clock.PROPOSAL, began, end)] = cases[known]
    return found


def _started(store: Store, ids: Sequence[UUID], clock: Clock) -> dict[UUID, datetime]:
    """Return when *clock* began on each of *ids*: at the last event that begins it."""
    found: dict[UUID, datetime] = {}
    for part in in_batches(ids):
        for kind in _STARTS[clock]:
            for known, at in store.applications.times_of(part, kind).items():
                found[known] = max(at, found.get(known, at))
    return found


def mind_clocks(election: ElectionCode, *, now: UtcTime) -> tuple[Counter[str], list[RunningClock]]:
    """Queue the letters that are due, in one transaction; returns counts and the clocks that have just run out.

    A deferral whose time is over goes back to the queue; a question to an authority gets "no answer"; a clock that
    ran out is an event of the case and a letter to the officers. A second time there is nothing to tell.
    """
    start_clocks(election, now=now)
    context = election_context(election, now)
    counts: Counter[str] = Counter()
    with open_store(database()) as store:
        counts["deferrals ended"] = _end_deferrals(store, context)
        counts["questions without answer"] = _close_questions(store, context)
        store.applications.flush()
        store.session.flush()
        store.session.expire_all()
        running = running_clocks(store, election, context.profile)
        told = store.casework.marks(sorted({clock.application_id for clock in running}))
        fresh = _fresh(running, told, now)
        store.casework.tell(fresh, now=now)
        over = [clock for clock, mark in fresh.items() if mark == OVER]
        latest = {
            application.id: application for application in running.values()
        }  # two clocks of one case may run out together
        for clock in over:
            known = clock.application_id
            latest[known] = _record_silence(store, context, clock, latest[known])
    counts["warned"] = len(fresh) - len(over)
    counts["ran out"] = len(over)
    return counts, over


def _fresh(
    running: Mapping[RunningClock, Application], told: Mapping[tuple[UUID, str, datetime], int], now: UtcTime
) -> dict[RunningClock, int]:
    marks = {clock: clock.mark(now) for clock in running}
    return {
        clock: mark
        for clock, mark in marks.items()
        if mark > told.get((clock.application_id, clock.clock.value, clock.due_at), 0)
    }


def _end_deferrals(store: Store, context: ElectionContext) -> int:
    over = [
        application
        for application in store.applications.all_in(context.election, Status.DEFERRED)
        if application.due_at and application.due_at <= context.now
    ]
    for application in over:
        due = context.profile.decision_due(context.now)
        event = DeferralEnded(application_id=application.id, at=context.now, actor=ENGINE, due_at=due)
        store.applications.record(application, event)
    return len(over)


def _close_questions(store: Store, context: ElectionContext) -> int:
    """Write "no answer" where an authority let its time pass; that is never an objection."""
    ids = store.applications.ids_in(context.election, *Status)
    silent = store.casework.overdue_clearances(ids, now=context.now)
    for clearance in silent:
        store.casework.answer(clearance.revised(answer=Answer.NO_ANSWER, answered_at=context.now))
    return len(silent)


def _record_silence(store: Store, context: ElectionContext, clock: RunningClock, case: Application) -> Application:
    event = DeadlinePassed(application_id=case.id, at=context.now, actor=ENGINE, clock=clock.clock, due_at=clock.due_at)
    moved = store.applications.record(case, event)
    letter = EscalationLetter(
        head=Letterhead.of(context.profile.election), written_at=context.now, case_number=moved.case_number,
        clock=clock.clock, share=OVER, due=clock.due_at,
    )  # fmt: skip
    key = f"{LetterKind.ESCALATION}:{case.id}:{clock.clock}:{clock.due_at:%Y%m%dT%H%M%S}"
    envelope = to_authority(context.profile, letter, key=key, application_id=case.id)
    store.outbox.put(context.election, envelope, now=context.now)
    return moved


def clocks_table(election: ElectionCode, *, now: UtcTime) -> list[dict[str, str | int | float]]:
    """Return every clock that has run at least half, the latest first: ids, codes and times."""
    with open_reader(database()) as store:
        profile = store.elections.profile(election)
        running = running_clocks(store, election, profile)
    silence = {"grant": "grants", "refusal": "refuses", "nothing": "decides nothing"}
    law = silence.get(profile.decision.silence or "nothing", "decides nothing")
    return [
        {
            "application": str(clock.application_id),
            "case": case_number(clock.application_id),
            "organisation": running[clock].organisation,
            "clock": clock.clock.value,
            "run (%)": clock.share(now),
            "due (UTC)": f"{clock.due_at:%Y-%m-%d %H:%M}",
            "owner": OWNER[clock.clock],
            "silence": law if clock.clock is Clock.DECISION else "decides nothing",
        }
        for clock in sorted(running, key=lambda clock: (clock.due_at, clock.application_id))
        if clock.mark(now)
    ]


@scheduled("clocks")
async def clocks(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Check the time limits: report what is late, return ended deferrals to the queue, note missing answers.

    Args:
        election: Code of the election; left out: all that are loaded, one after the other.
        as_of: The moment at which clocks are read; empty means now.
    """
    started = monotonic()
    code, now = chosen_election(election), moment(as_of)
    counts, over = mind_clocks(code, now=now)
    for clock in over:
        resource = {"prefect.resource.id": f"accreditation.case.{clock.application_id}"}
        emit_event(PASSED, resource=resource, payload={"clock": clock.clock.value, "due": clock.due_at.isoformat()})
    if over:
        payload = {"election": code, "as_of": now.isoformat(), "count": len(over)}
        emit_event(RAN_OUT, resource={"prefect.resource.id": f"accreditation.election.{code}"}, payload=payload)
    rows = clocks_table(code, now=now)
    part = ChunkOutcome(stage="clocks", chunk=1, counts=dict(counts), seconds=monotonic() - started)
    outcome = StageOutcome.of("clocks", [part], applications=len(rows), seconds=part.seconds)
    await publish_open_work(code, now=now)
    await publish_stage_report(outcome, election=code, rows=rows)
    late = sum(row["run (%)"] == OVER for row in rows)
    return Completed(
        message=f"{number_of(counts['ran out'], 'clocks')} ran out, {number_of(counts['warned'], 'warnings')}; "
        f"late in all: {late}."
    )
