"""Those who stay accredited from the election that theirs follows: when they have said so, nothing is vetted anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from db.store import Store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.events import AccreditationCarriedOver
from domain.application.nomination import Nomination
from domain.election.following import is_as_decided, stays
from flows.context import ElectionContext

ENGINE: Final = Actor.engine("vetting")


def stay_event(old: Application, context: ElectionContext, happening: dict[str, Any]) -> AccreditationCarriedOver:
    """Return the event by which whoever has *old* in the first election stays accredited."""
    return AccreditationCarriedOver(
        **happening, rules_version=context.rules_version, first_case=old.id, region=old.region
    )


def let_stay(
    store: Store, context: ElectionContext, due: Sequence[Application], people: Mapping[UUID, Nomination]
) -> set[UUID]:
    """Let those of *due* stay accredited of whom nothing differs that was decided upon; returns who they are.

    Whoever lost the first accreditation meanwhile, or says something else now, is vetted like everybody.
    """
    if context.profile.follows is None:
        return set()
    carried = store.applications.carried([case.id for case in due])
    before = store.applications.get_many([*carried.values()])
    then = store.people.current([*carried.values()])
    staying: set[UUID] = set()
    for case in due:
        old = before.get(carried.get(case.id, case.id))
        if old and old.id in then and stays(old) and is_as_decided(people[case.id], then[old.id]):
            happening: dict[str, Any] = {"application_id": case.id, "at": context.now, "actor": ENGINE}
            store.applications.record(case, stay_event(old, context, happening))
            staying.add(case.id)
    return staying
