"""Another election day: signed by two officers, and carried out so that everything that counts from it moves.

The rules, the clocks and the letters move in one transaction, with the second signature. Credentials that do not fit
the new day are drawn anew after it, chunk by chunk; whoever runs the move again, and the daily reminders, go on where
that was cut off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from db.election.elections import rules_sha256
from db.letters.letters import LetterFilter
from db.letters.outbox import QueuedLetter, Settlement
from db.store import Store, open_store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import ClockMoved
from domain.application.status import PLACED, Status
from domain.election.moving import Move
from domain.errors import BadInputError
from domain.letters.envelope import Attachment, LetterKind, LetterState
from domain.statements.officer_acts import Step
from domain.statements.statement import ActKind, Deed, plain
from domain.values import ElectionCode, Frozen, UtcTime
from flows.assignment.announcements import renew_rosters
from flows.assignment.takeovers import follow_offices
from flows.context import ElectionContext, database
from flows.election.move_drafts import CONCERNED, MovePlan, organisations_told, planned
from flows.issuance.life import outdated, replace_outdated
from flows.letters.calendar_letters import CalendarLetters, tell_person
from flows.statements.acceptance import ActingOfficer, accept
from flows.statements.proposals import ground_signed

ENGINE: Final = Actor.engine("calendar")
_WAITING: Final = (LetterState.QUEUED, LetterState.HELD, LetterState.DEFERRED, LetterState.GATHERED)
_OVERTAKEN: Final = "overtaken: election day was moved again"
_MANY: Final = 1_000_000
_PDF: Final = "application/pdf"


class MoveOutcome(Frozen):
    """What became of a move."""

    day: date
    proposed: bool = False
    """Whether nothing was changed, because a second administrator has to sign."""
    was_there: bool = False
    """Whether election day was this day already: what was left was done."""
    letters: int = 0
    replaced: int = 0


def move_election(move: Move, by: ActingOfficer, *, mark: str = "") -> MoveOutcome:
    """Propose *move*, or carry it out where another administrator has proposed exactly this one.

    Where election day is that day already, nobody signs anything: what an earlier run left is done. With *mark* only
    where it would still move what it did when that was shown (:func:`draft_move`). Raises :class:`BadInputError`
    otherwise and for a day that cannot be moved so, and what proofs refuse.
    """
    with open_store(database()) as store:
        profile, _ = store.elections.as_loaded(by.election)
        if profile.election.day == move.day and profile.former_calendars:
            letters = None
        else:
            plan = planned(store, by.election, _grounded(store, move, by), now=by.now)
            if mark and plan.sha256 != mark:
                what = "The rules were changed since you looked."
                raise BadInputError("calendar", what, remedy="Look again at what would move.")
            step = _sign(store, plan, by)
            if step is Step.PROPOSED:
                return MoveOutcome(day=move.day, proposed=True)
            letters = _carry_out(store, plan, by)
    replaced = follow_calendar(by.election, now=by.now)
    return MoveOutcome(day=move.day, was_there=letters is None, letters=letters or 0, replaced=replaced)


def _grounded(store: Store, move: Move, by: ActingOfficer) -> Move:
    """Return *move* on its ground, or on that of the administrator who proposed it."""
    ground = ground_signed(
        store, by, move.ground, ActKind.RULES,
        lambda first: (planned(store, by.election, move.revised(ground=first), now=by.now).sha256,),
    )  # fmt: skip
    if not ground:
        raise BadInputError("--ground", "says nothing.", remedy="Name the act or resolution that moves it.")
    return move.revised(ground=ground)


def _sign(store: Store, plan: MovePlan, by: ActingOfficer) -> Step:
    authority = store.statements.authority(by.election)
    step = Step.CONFIRMED if authority.proposer_of_rules(plan.sha256) else Step.PROPOSED
    terms: dict[str, JsonValue] = {
        "step": step.value,
        "package_sha256": plan.sha256,
        "rules_sha256": rules_sha256(plan.after.profile, plan.after.land),
        "officers": [officer.model_dump(mode="json") for officer in authority.officers],
        "changes": plain(plan.changes),
        "rests_on": store.elections.rules_hash(by.election),
        "ground": plan.move.ground,
        "rehearsal": authority.rehearsal,
        "move": plan.move.model_dump(mode="json"),
    }
    accept(store, by, Deed(kind=ActKind.RULES, terms=terms))
    return step


def _carry_out(store: Store, plan: MovePlan, by: ActingOfficer) -> int:
    """Put the rules into force, move the clocks and write to everybody whose credential stays; return how many."""
    before = len(store.outbox.keys(by.election))
    store.elections.put(plan.after.profile, plan.after.land, now=by.now)
    context = ElectionContext.of(store, by.election, now=by.now)
    moving = store.applications.get_many(list(plan.dues))
    for known in sorted(moving):
        event = ClockMoved(application_id=known, at=by.now, actor=ENGINE, due_at=plan.dues[known])
        store.applications.record(moving[known], event)
    store.flush()
    badges = _overtake(store, context)
    concerned = store.applications.ids_in(by.election, *CONCERNED)
    store.letters.overtake(by.election, (LetterKind.VISA,), concerned, now=by.now)
    anew = {case.id for case in outdated(store, context.profile, Status.CREDENTIALED)}
    cases = [case for case in store.applications.all_in(by.election, *CONCERNED) if case.id not in anew]
    _tell_people(store, context, cases, cut=plan.cut, badges=badges)
    _tell_others(store, context)
    store.flush()
    return len(store.outbox.keys(by.election)) - before


def _overtake(store: Store, context: ElectionContext) -> dict[UUID, Attachment]:
    """Cancel letters about an earlier move that wait; return the badges that were in them, by case."""
    election = context.election
    waiting = [letter for state in _WAITING for letter in _letters(store, election, state)]
    about = sorted({letter.envelope.application_id for letter in waiting if letter.envelope.application_id})
    store.letters.overtake(election, (LetterKind.CALENDAR,), about, now=context.now)
    others = [letter for letter in waiting if not letter.envelope.application_id]
    store.outbox.settle(
        [Settlement(letter.envelope.key, LetterState.CANCELLED, _OVERTAKEN) for letter in others], now=context.now
    )  # fmt: skip
    gone = {letter.envelope.key for letter in _letters(store, election, LetterState.CANCELLED)}
    return {
        letter.envelope.application_id: file
        for letter in waiting
        if letter.envelope.application_id and letter.envelope.key in gone
        for file in letter.envelope.attachments
        if file.media_type == _PDF
    }


def _letters(store: Store, election: ElectionCode, state: LetterState) -> list[QueuedLetter]:
    return store.letters.matching(election, LetterFilter(kind=LetterKind.CALENDAR, state=state), limit=_MANY)


def _tell_people(
    store: Store, context: ElectionContext, cases: Sequence[Application], *,
    cut: frozenset[UUID], badges: Mapping[UUID, Attachment],
) -> None:  # fmt: skip
    people = store.people.current([case.id for case in cases])
    placed = [case.id for case in cases if case.status in PLACED]
    collections = store.letters.latest(context.election, LetterKind.COLLECTION, placed)
    for case in cases:
        if case.id in people:
            tell_person(
                store, context, Case(case, people[case.id]), cut=case.id in cut, collections=collections,
                badge=badges.get(case.id),
            )  # fmt: skip


def _tell_others(store: Store, context: ElectionContext) -> None:
    letters = CalendarLetters.at(context)
    cases = store.applications.all_in(context.election, *CONCERNED)
    for code in organisations_told(context):
        theirs = sum(case.organisation == code for case in cases)
        store.outbox.put(
            context.election, letters.organisation(context.organisations[code], cases=theirs), now=context.now
        )  # fmt: skip
    for office in context.geography.offices:
        here = sum(case.office == office.code for case in cases)
        store.outbox.put(context.election, letters.regional_office(office, cases=here), now=context.now)


def follow_calendar(election: ElectionCode, *, now: UtcTime) -> int:
    """Let everything follow that is not done in the act of moving; returns how many credentials were drawn anew.

    Credentials that do not fit the new day, whoever's suspension has ended among them; offices that change today; lists
    with the new serials. A second time there is nothing to do.
    """
    replaced = sum(result.applied for result in replace_outdated(election, now=now))
    follow_offices(election, now=now)
    renew_rosters(election, now=now)
    return replaced
