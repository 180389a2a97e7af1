"""Officers' rulings on cases, applied: one path, whether they come from the command line, the desk or Prefect."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from db.store import Store, open_store
from domain.decisions.competence import check_competence
from domain.decisions.rulings import DecisionRefusedError, Order, Outcome, Ruling, check_ruling, deed_of
from domain.values import ElectionCode, UtcTime
from flows.context import database, election_context, right_now
from flows.decisions.rulings import OfficerRulings, Result
from flows.statements.acceptance import AT_ONCE, ActingOfficer, accept


def decide_applications(ids: Sequence[UUID], ruling: Ruling, by: ActingOfficer) -> list[Result]:
    """Apply *ruling* to every case that allows it, in one transaction; returns what became of each.

    Raises for what concerns all of them: a statement that does not hold, an officer without the role, a missing reason.
    """
    return decide_together([Order(ids=tuple(ids), ruling=ruling)], by)


def decide_together(orders: Sequence[Order], by: ActingOfficer) -> list[Result]:
    """Apply several rulings, under one signature for exactly all of them, in one transaction.

    Raises as :func:`decide_applications` does.
    """
    context = election_context(by.election, by.now)
    with open_store(database()) as store:
        officer = store.officers.get(by.election, by.officer)
        for order in orders:
            check_ruling(order.ruling, officer, context.profile, now=by.now)
            check_competence(order.ruling.outcome, context.profile)
        _require_arrival(store, by.election, orders, now=by.now)
        deed = deed_of(orders)
        proved = accept(store, by, deed, rests_on=_last_events(store, deed.cases))
        results: list[Result] = []
        for order in orders:
            bench = OfficerRulings(store, context, proved.officer, order.ruling, proved=proved)
            results += bench.decide(order.ids)
            bench.keep()
    return results


def _require_arrival(store: Store, election: ElectionCode, orders: Sequence[Order], *, now: UtcTime) -> None:
    """Raise for a dated decision of a real election, unless it is an appeal, which may have arrived before."""
    dated = abs(now - right_now()) > AT_ONCE and not store.statements.is_rehearsal(election)
    if dated and any(order.ruling.outcome is not Outcome.LODGE_APPEAL for order in orders):
        raise DecisionRefusedError("Only an appeal can have arrived before today; everything else counts from now.")


def _last_events(store: Store, ids: Sequence[UUID]) -> list[UtcTime]:
    """Return when the last thing happened to each case: nobody decides before that."""
    return [*store.applications.last_moments(ids).values()]
