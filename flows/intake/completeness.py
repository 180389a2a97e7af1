"""Judging whether an application is complete: what lacks is asked for, and the pledge of the person themselves."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from db.store import Store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import CompletenessConfirmed, DeficiencyNoted
from domain.application.findings import Finding, deficiencies
from domain.application.status import Status
from domain.election.pledge import PledgeRequest, PledgeText, lacks_pledge
from domain.intake.cures import cure_due_after_correction, mendings
from domain.letters.asking import link_token
from domain.values import UtcTime
from flows.context import ElectionContext
from flows.letters.application_letters import ApplicationLetters

ENGINE = Actor.engine("intake")


def pledges_asked(store: Store, context: ElectionContext, ids: Sequence[UUID]) -> set[UUID]:
    """Return who of *ids* was asked already to accept the pledge in use: one query for all who are judged together."""
    text = _pledge_in_use(context)
    return store.pledges.asked(ids, text.version) if text and ids else set()


def judge_completeness(
    store: Store,
    context: ElectionContext,
    case: Case,
    findings: Sequence[Finding],
    *,
    before: Sequence[Finding] = (),
    asked: set[UUID] | None = None,
) -> Application:
    """Ask for what is missing, or confirm that nothing is; only a new or incomplete application is judged.

    *before* is what was found on the version before. Where the time is over, nobody is asked to mend by a moment that
    has passed: the case is overdue, and officers are shown it. *asked* is what :func:`pledges_asked` said of many, and
    gets who is asked now.
    """
    application = case.application
    if application.status not in {Status.SUBMITTED, Status.INCOMPLETE}:
        return application
    happening: dict[str, Any] = {"application_id": application.id, "at": context.now, "actor": ENGINE}
    if reasons := deficiencies(tuple(findings)):
        due = _cure_due(store, context, application, findings, before)
        application = store.applications.record(application, DeficiencyNoted(**happening, reasons=reasons, due_at=due))
        if due > context.now:
            letter = ApplicationLetters.at(context).deficiency(Case(application, case.nomination), findings)
            store.outbox.put(context.election, letter, now=context.now)
            if lacks_pledge(findings):
                asked = pledges_asked(store, context, [application.id]) if asked is None else asked
                _ask_for_pledge(store, context, Case(application, case.nomination), due=due, asked=asked)
        return application
    due = context.profile.decision_due(context.now)
    return store.applications.record(application, CompletenessConfirmed(**happening, due_at=due))


def _pledge_in_use(context: ElectionContext) -> PledgeText | None:
    rules = context.profile.pledge
    return rules.on(context.now.astimezone(context.profile.zone).date()) if rules else None


def _ask_for_pledge(store: Store, context: ElectionContext, case: Case, *, due: UtcTime, asked: set[UUID]) -> None:
    """Ask the person themselves, once for each version of the pledge, where a link reaches them."""
    text = _pledge_in_use(context)
    if text is None or case.application.id in asked:
        return
    mark = secrets.token_hex(16)
    if letter := ApplicationLetters.at(context).pledge(case, text, due=due, mark=mark):
        request = PledgeRequest(
            application_id=case.application.id, version=text.version, letter=letter.key, asked_at=context.now,
            due_at=due,
        )  # fmt: skip
        store.pledges.ask(
            context.election, request, token=link_token(store.elections.secret(context.election), letter.key, mark)
        )
        store.outbox.put(context.election, letter, now=context.now)
        asked.add(case.application.id)


def _cure_due(
    store: Store,
    context: ElectionContext,
    application: Application,
    findings: Sequence[Finding],
    before: Sequence[Finding],
) -> UtcTime:
    running = application.due_at if application.status is Status.INCOMPLETE else None
    # What an officer asked in so many words is answered in the time given for it.
    if running and not set(application.reasons) <= set(deficiencies(tuple(before))):
        return running
    if running is None:
        return context.profile.cure_due(context.now)
    left, asked = mendings(findings), mendings(before)
    first = store.people.first_found(application.id) if left.isdisjoint(asked) else {}
    return cure_due_after_correction(running, left, asked, first_found=first, profile=context.profile, now=context.now)
