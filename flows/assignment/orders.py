"""Officers' orders of where somebody may be placed: a region forbidden, reserved, or such an order lifted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import Application, case_number
from domain.application.events import PlacementOrdered
from domain.assignment.orders import OFFICERS_ORDER, Orders
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Frozen, RegionCode, RuleName, UtcTime
from flows.assignment.plans.problems import NO_ORDERS
from flows.context import database, election_context
from flows.statements.acceptance import ActingOfficer, accept


class PlacementOrder(Frozen):
    """What an officer orders for one person."""

    order: Literal["exclude", "pin", "lift"]
    region: RegionCode
    rule: RuleName = OFFICERS_ORDER

    def deed(self, known: UUID) -> Deed:
        """Return what the officer signs: the order, and whose it is."""
        return Deed(kind=ActKind.PLACE, cases=(known,), terms=self.model_dump(mode="json"))

    def holds_already(self, orders: Orders) -> bool:
        """Whether nothing would change by it."""
        match self.order:
            case "exclude":
                return orders.excluded.get(self.region) == self.rule
            case "pin":
                return orders.pinned == self.region
            case _:
                return self.region not in {*orders.excluded, orders.pinned}


def order_placement(known: UUID, order: PlacementOrder, by: ActingOfficer) -> bool:
    """Record *order*; the next plan obeys it. Returns whether anything changed; repeating an order changes nothing.

    Raises :class:`UnknownThingError` for a region that is not there, :class:`OfficerRefusedError` for an officer
    without the role or recused from the person's organisation, and what proofs and the life of an application refuse.
    """
    context = election_context(by.election, by.now)
    context.geography.region(order.region)
    with open_store(database()) as store:
        application = store.applications.get(known)
        _check_officer(store.officers.get(by.election, by.officer), application)
        if order.holds_already(store.applications.placement_orders(by.election).get(known, NO_ORDERS)):
            return False
        accept(store, by, order.deed(known))
        _record(store, application, order, actor=Actor.officer(by.officer), now=by.now)
    return True


def _record(store: Store, application: Application, order: PlacementOrder, *, actor: Actor, now: UtcTime) -> None:
    event = PlacementOrdered(
        application_id=application.id, at=now, actor=actor, order=order.order, region=order.region, rule=order.rule
    )
    store.applications.record(application, event)


def _check_officer(officer: Officer, application: Application) -> None:
    if not officer.may(OfficerRole.CASE_OFFICER):
        raise OfficerRefusedError(officer.code, "only a case officer in service may order a placement.")
    if application.organisation in officer.recused_from:
        raise OfficerRefusedError(officer.code, f"is recused from cases of {application.organisation}.")


def order_rows(election: ElectionCode) -> list[dict[str, Any]]:
    """Return the orders in force, one row for each person and region."""
    with open_reader(database()) as store:
        standing: Mapping[UUID, Orders] = store.applications.placement_orders(election)
    rows = [
        {"case": case_number(known), "region": region, "order": "forbidden", "because": rule}
        for known, orders in standing.items()
        for region, rule in sorted(orders.excluded.items())
    ]
    rows += [
        {"case": case_number(known), "region": orders.pinned, "order": "reserved", "because": OFFICERS_ORDER}
        for known, orders in standing.items()
        if orders.pinned
    ]
    return sorted(rows, key=lambda row: (str(row["case"]), str(row["region"])))
