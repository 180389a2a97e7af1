"""Adopting a draft: an officer's decision that moves people and queues letters and rosters, all or nothing."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from db.assignment.plans import PlanState, StoredPlan
from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import Application, case_number
from domain.application.status import ACCREDITED, Status
from domain.errors import AccreditationError, ConcurrentChangeError
from domain.numbers import number_of
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode
from flows.assignment.misplaced import leaving
from flows.assignment.placements import moved_to, on_lists, partner_letters, placed_by, queue_lists, told_before
from flows.assignment.plans.agreement import elsewhere, require_agreement
from flows.assignment.plans.drafts import PlanRefusedError, check_stored
from flows.assignment.plans.places import Places, who_they_are
from flows.assignment.plans.problems import Choices, changed_since
from flows.assignment.rosters import OfficeList, last_lists, office_lists
from flows.assignment.shifts import staff_sent
from flows.context import ElectionContext, database, election_context
from flows.statements.acceptance import ActingOfficer, accept

MOST_NAMED: Final = 5
"""Codes and cases named in a refusal; that there are more is said."""


class StaleDraftError(AccreditationError):
    """What the draft was drawn up from has changed since; it must be drafted again."""

    exit_code = 2


def deed_of_plan(stored: StoredPlan) -> Deed:
    """Return what the officer signs: the plan's id, and the hash of its problem, its places and its teams."""
    papers = json.dumps([stored.problem, stored.body, stored.teams], sort_keys=True, separators=(",", ":"))
    terms = {"plan": str(stored.id), "sha256": hashlib.sha256(papers.encode()).hexdigest()}
    return Deed(kind=ActKind.ADOPT_PLAN, terms=terms)


def adopt_plan(stored: StoredPlan, by: ActingOfficer) -> Counter[str]:
    """Put the draft into force in one transaction; returns how many moved, are at large and stay, and rosters.

    It is checked after itself, within the same transaction: a plan in force and the cases agree.

    Raises :class:`PlanRefusedError` for a plan that fails its independent check or takes people out of the region on
    their badges, :class:`StaleDraftError` where people changed since it was drafted, and what
    :func:`flows.decisions.rulings.decide_applications` raises for a proof. Repeating an adoption changes nothing; a
    plan that another has replaced is refused.
    """
    if stored.state is PlanState.FINISHED:
        _require_in_force(stored, by)
        return Counter(moved=0, at_large=0, rosters=0)
    if faults := check_stored(stored):
        raise PlanRefusedError(
            f"The plan fails its independent check ({number_of(len(faults), 'faults')}); nobody was moved."
        )
    context, places = election_context(by.election, by.now), Places.of(stored)
    actor = Actor.officer(by.officer)
    with open_reader(database()) as store:
        moving = _moving(store, context, stored)
        ended = leaving(store, by.election, now=by.now)
        require_agreement(store.applications.all_in(by.election, *ACCREDITED), stored.placements, leaving=ended)
        before = last_lists(store.plans.with_rosters(by.election), but=stored.id)
        moved = {
            application.id: application.after(moved_to(context, places, application, actor=actor, ended=ended))
            for application in moving
        }
        people, staff = on_lists(store, by.election, before.values()) | moved, staff_sent(store, context)
    lists = office_lists(context, places, people, who_they_are, before, staff=staff)
    letters = partner_letters(context, places, people, told_before(before.values()))
    with open_store(database()) as store:
        officer = store.officers.get(by.election, by.officer)
        _check_officer(officer, moving)
        accept(store, by, deed_of_plan(stored))
        counts = _carry_out(store, context, places, moving, actor=actor, lists=lists)
        for letter in letters:
            store.outbox.put(by.election, letter, now=by.now)
    return counts


def _require_in_force(stored: StoredPlan, by: ActingOfficer) -> None:
    """Raise :class:`PlanRefusedError` where another plan came into force since."""
    with open_reader(database()) as store:
        latest = store.plans.latest(by.election)
    if latest is not None and latest.id != stored.id:
        raise PlanRefusedError(f"Plan {latest.id} has replaced this one. Draft a new one: accredit plan draft")


def _carry_out(
    store: Store,
    context: ElectionContext,
    places: Places,
    moving: list[Application],
    *,
    actor: Actor,
    lists: list[OfficeList],
) -> Counter[str]:
    if store.plans.unfinished(context.election):
        raise ConcurrentChangeError("Another plan is being carried out. Run: accredit assign")
    found = store.applications.get_many([application.id for application in moving])
    if any(found.get(application.id) != application for application in moving):
        raise ConcurrentChangeError("Somebody changed a case at the same moment. Run the command again.")
    ended = leaving(store, context.election, now=context.now)
    store.plans.adopt(places.plan, by=str(actor), now=context.now)
    counts = placed_by(store, context, places, moving, actor=actor, ended=ended)
    store.plans.discard_drafts(context.election)
    store.flush()
    queue_lists(store, context, places.plan, lists)
    store.session.flush()
    store.session.expire_all()
    _check_itself(store, context.election)
    badges = sum(application.status is Status.CREDENTIALED for application in moving if application.id in ended)
    return Counter(moved=counts["placed"], at_large=counts["at_large"], rosters=len(lists), badges=badges)


def _check_itself(store: Store, election: ElectionCode) -> None:
    """Raise where the plan now in force and the cases do not agree: then nothing of the adoption is kept."""
    if wrong := [application.case_number for application in elsewhere(store, election)]:
        named = ", ".join(wrong[:MOST_NAMED])
        raise PlanRefusedError(
            f"{number_of(len(wrong), 'cases are')} not where the plan puts them ({named}); nobody was moved."
        )


def _moving(store: Store, context: ElectionContext, stored: StoredPlan) -> list[Application]:
    """Return whom the plan moves; raises :class:`StaleDraftError` where anybody is not as drafted."""
    versions: Mapping[str, int] = stored.numbers.get("versions", {})
    current = store.plans.latest(context.election)
    if stored.state is not PlanState.DRAFT or stored.numbers.get("compared_with") != (
        str(current.id) if current else None
    ):
        raise StaleDraftError("Another plan came into force after this one was drafted. Draft it again.")
    choices = Choices.model_validate(stored.policy.get("choices", {}), strict=False)
    if changed := changed_since(context, stored.problem, choices):
        named = ", ".join(changed[:MOST_NAMED]) + (" and others" if changed[MOST_NAMED:] else "")
        raise StaleDraftError(f"Regions, offices or rules changed since this was drafted: {named}. Draft it again.")
    now = {str(application.id): application for application in store.applications.all_in(context.election, *ACCREDITED)}
    drifted = [known for known, version in versions.items() if known not in now or now[known].version != version]
    late = [
        known for known, application in now.items() if application.status is Status.APPROVED and known not in versions
    ]
    if drifted or late:
        cases = ", ".join(case_number(UUID(known)) for known in [*drifted, *late][:MOST_NAMED])
        raise StaleDraftError(
            f"{number_of(len(drifted), 'people')} changed or left and {len(late)} arrived since this was drafted "
            f"({cases}{' and others' if len(drifted) + len(late) > MOST_NAMED else ''}). Draft it again."
        )
    return [now[known] for known in sorted(versions) if _moves(now[known], stored)]


def _moves(application: Application, stored: StoredPlan) -> bool:
    """Whether the plan changes where somebody is."""
    return application.status is Status.APPROVED or application.region != stored.placements[str(application.id)]


def _check_officer(officer: Officer, moving: list[Application]) -> None:
    """Raise :class:`OfficerRefusedError` for an officer without the role, or recused from somebody who is moved."""
    if not officer.may(OfficerRole.CASE_OFFICER):
        raise OfficerRefusedError(officer.code, "only a case officer in service may adopt a plan.")
    theirs = sorted({application.organisation for application in moving} & set(officer.recused_from))
    if theirs:
        raise OfficerRefusedError(officer.code, f"is recused from cases of {', '.join(theirs)}, whom the plan moves.")
