"""What moving election day would change, worked out against the database as it stands: nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from db.store import Store, open_reader
from domain.application.application import Application, case_number
from domain.application.clocks import Clock
from domain.application.nomination import Nomination
from domain.application.status import ON_LISTS, REVOCABLE, UNDECIDED, Status
from domain.election.differences import differences
from domain.election.moving import (
    OLD_TITLE,
    Move,
    Movement,
    Rules,
    decision_due,
    is_outdated,
    keeps_old_title,
    moved,
    movements,
)
from domain.election.profile import ElectionProfile
from domain.organisations.organisation import OrganisationStatus
from domain.statements.canonical import digest_of
from domain.statements.record import EntryKind
from domain.statements.statement import ActKind, Statement
from domain.values import ElectionCode, Frozen, OfficerCode, Sha256, UtcTime
from flows.context import ElectionContext, database
from flows.decisions.clocks import running_clocks

CONCERNED: Final = (*sorted(UNDECIDED | REVOCABLE),)
"""Whose application or accreditation goes on: everybody who gets a letter."""


class Touched(Frozen):
    """Whom a move touches in one way: how many, and which."""

    what: str
    count: int
    which: tuple[str, ...] = ()
    """Case numbers, or codes."""


class OpenMove(Frozen):
    """A move that one administrator has signed, and that waits for a second one."""

    move: Move
    by: OfficerCode


class MoveDraft(Frozen):
    """What a move would change; nothing has."""

    election: ElectionCode
    movements: tuple[Movement, ...]
    touched: tuple[Touched, ...]
    changes: tuple[str, ...]
    """What differs in the rules, in the words that two officers sign."""
    mark: Sha256
    """Stands for exactly this move of exactly these rules."""


@dataclass(frozen=True, slots=True)
class MovePlan:
    """A move, worked out against the database as it stands."""

    move: Move
    before: Rules
    after: Rules
    sha256: Sha256
    dues: Mapping[UUID, UtcTime]
    """The new last moment of each case whose clock moves."""
    cut: frozenset[UUID]
    """Those of them whose time to mend ends earlier, as the ground says."""

    @property
    def changes(self) -> list[str]:
        """What differs, in words; that the former calendar is kept is no difference."""
        old, new = (_as_json(rules) for rules in (self.before, self.after))
        return [told for was, will in zip(old, new, strict=True) for told in differences(was, will)]


def _as_json(rules: Rules) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    profile = rules.profile.model_dump(mode="json", exclude={"former_calendars"})
    return profile, rules.land.model_dump(mode="json")


def planned(store: Store, election: ElectionCode, move: Move, *, now: UtcTime) -> MovePlan:
    """Return *move* worked out; its hash is what the second signature has to match."""
    profile, land = store.elections.as_loaded(election)
    before = Rules(profile, land)
    after = moved(before, move, now=now)
    said = [move.model_dump_json(), *map(str, _as_json(after)), store.elections.rules_hash(election)]
    dues, cut = _clocks(store, before.profile, after.profile, move)
    return MovePlan(move, before, after, digest_of(said), dues, cut)


def _clocks(
    store: Store, before: ElectionProfile, after: ElectionProfile, move: Move
) -> tuple[dict[UUID, UtcTime], frozenset[UUID]]:
    """Return the new ends of the clocks that move, and whose time to mend is cut."""
    election = before.election.code
    running = running_clocks(store, election, before)
    dues = {
        clock.application_id: decision_due(before, after, began=clock.started_at, due=clock.due_at)
        for clock in running
        if clock.clock is Clock.DECISION
    }
    asked = store.applications.all_in(election, Status.INCOMPLETE) if move.mend_until else []
    cut = {
        case.id: move.mend_until for case in asked if move.mend_until and case.due_at and case.due_at > move.mend_until
    }
    old = {clock.application_id: clock.due_at for clock in running if clock.clock is Clock.DECISION}
    return {known: due for known, due in dues.items() if due != old[known]} | cut, frozenset(cut)


def draft_move(election: ElectionCode, move: Move, *, now: UtcTime) -> MoveDraft:
    """Return what *move* would change: every day that moves, and whom it touches. Nothing is changed.

    Raises :class:`BadInputError` for a day that cannot be moved so.
    """
    with open_reader(database()) as store:
        plan = planned(store, election, move, now=now)
        return MoveDraft(
            election=election,
            movements=tuple(movements(plan.before, plan.after, now=now)),
            touched=tuple(_touched(store, plan, now=now)),
            changes=tuple(plan.changes),
            mark=plan.sha256,
        )


def _touched(store: Store, plan: MovePlan, *, now: UtcTime) -> list[Touched]:
    election, profile = plan.after.profile.election.code, plan.after.profile
    cases = store.applications.all_in(election, *CONCERNED)
    people = store.people.current([case.id for case in cases])
    waits = [case for case in cases if case.status is Status.INCOMPLETE and case.id not in plan.cut]
    found = [
        *_of_clocks(plan, cases),
        _of_cases("the time to mend stays as it is", waits),
        _of_cases("the time to mend ends earlier, as the ground says", [case for case in cases if case.id in plan.cut]),
        *_of_credentials(store, profile, cases),
        _of_cases("the stay does not include the new day", _away(cases, people, profile.election.day)),
        _of_cases("the document expires before the new day", _expiring(cases, people, profile.election.day)),
        _of("lists of offices", sorted({case.office for case in cases if case.office and case.status in ON_LISTS})),
        _of("letters to organisations", organisations_told(ElectionContext.of(store, election, now=now))),
        _of("letters to offices", [office.code for office in plan.after.land.offices]),
        _of_cases("letters to people", cases),
        _of("shifts that end before the new day", _shifts(store, profile)),
        _of(OLD_TITLE, [profile.election.title] if keeps_old_title(plan.before, plan.after) else []),
    ]
    return [touched for touched in found if touched.count]


def _of(what: str, which: Sequence[str]) -> Touched:
    return Touched(what=what, count=len(which), which=tuple(which))


def _of_cases(what: str, cases: Sequence[Application]) -> Touched:
    return _of(what, sorted(case_number(case.id) for case in cases))


def _of_clocks(plan: MovePlan, cases: Sequence[Application]) -> list[Touched]:
    decided = {case.id: case for case in cases if case.id in plan.dues and case.id not in plan.cut and case.due_at}
    later = [case for case in decided.values() if case.due_at and plan.dues[case.id] > case.due_at]
    sooner = [case for case in decided.values() if case.due_at and plan.dues[case.id] < case.due_at]
    return [_of_cases("the decision is due later", later), _of_cases("the decision is due sooner", sooner)]


def _of_credentials(store: Store, profile: ElectionProfile, cases: Sequence[Application]) -> list[Touched]:
    held = {case.id: case for case in cases if case.serial and case.status in {Status.CREDENTIALED, Status.SUSPENDED}}
    lines = store.credentials.of_serials([str(case.serial) for case in held.values()])
    times = {case.id: lines[str(case.serial)] for case in held.values() if str(case.serial) in lines}
    new = {
        known for known, line in times.items()
        if is_outdated(profile, issued_at=line.issued_at, valid_from=line.valid_from, valid_until=line.valid_until)
    }  # fmt: skip
    longer = {known for known, line in times.items() if line.valid_until > profile.valid_until(line.valid_from)} - new
    aside = {known for known in new if held[known].status is Status.SUSPENDED}
    return [
        _of_cases("credentials drawn anew", [held[known] for known in new - aside]),
        _of_cases("credentials drawn anew once a suspension ends", [held[known] for known in aside]),
        _of_cases("credentials that keep a later end", [held[known] for known in longer]),
    ]


def _away(cases: Sequence[Application], people: Mapping[UUID, Nomination], day: date) -> list[Application]:
    def is_away(person: Nomination) -> bool:
        late = person.arrival is not None and person.arrival > day
        return late or (person.departure is not None and person.departure < day)

    return [case for case in cases if case.id in people and is_away(people[case.id])]


def _expiring(cases: Sequence[Application], people: Mapping[UUID, Nomination], day: date) -> list[Application]:
    def expires(person: Nomination) -> bool:
        return person.document_expiry is not None and person.document_expiry < day

    return [case for case in cases if case.id in people and expires(people[case.id])]


def organisations_told(context: ElectionContext) -> list[str]:
    """Return the organisations that are in the process."""
    out = {OrganisationStatus.WITHDRAWN, OrganisationStatus.NOT_ADMITTED}
    return sorted(code for code, organisation in context.organisations.items() if organisation.standing not in out)


def _shifts(store: Store, profile: ElectionProfile) -> list[str]:
    first = profile.working_days.first_moment(profile.election.day)
    return sorted(
        officer.code for officer in store.officers.all_in(profile.election.code) if officer.is_surge
        for shift in officer.shifts if not shift.cut and shift.ends <= first
    )  # fmt: skip


def calendar_versions(election: ElectionCode) -> list[tuple[int, ElectionProfile, str, UtcTime | None]]:
    """Return each calendar the election had: number, rules, ground of its end, and that end; the last one counts."""
    with open_reader(database()) as store:
        profile, _ = store.elections.as_loaded(election)
    former = [
        (number, profile.in_force_before(number), was.ground, was.until)
        for number, was in enumerate(profile.former_calendars, start=1)
    ]
    return [*former, (len(former) + 1, profile, "", None)]


def open_moves(election: ElectionCode) -> list[OpenMove]:
    """Return the moves that wait for a second administrator, as the first one signed them."""
    with open_reader(database()) as store:
        authority = store.statements.authority(election)
        found: dict[str, OpenMove] = {}
        for entry in store.statements.entries(election, kinds=(ActKind.RULES.value,)):
            if entry.entry is EntryKind.SIGNED:
                terms = Statement.read(entry.document.encode()).terms
                by = authority.proposer_of_rules(package := str(terms["package_sha256"]))
                if by and terms.get("move"):
                    found[package] = OpenMove(move=Move.model_validate(terms["move"], strict=False), by=by)
    return list(found.values())
