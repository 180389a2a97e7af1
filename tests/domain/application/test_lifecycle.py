from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
from support.builders import SECOND, a_proposal, an, an_application

from domain.application import events as e
from domain.application.application import TransitionRefusedError
from domain.application.lifecycle import TRANSITIONS, Kind, Restored
from domain.application.status import FINAL, Status

KINDS: tuple[Kind, ...] = (*get_args(e.CourseEvent), *get_args(e.DecisionEvent))
ALLOWED = sorted(TRANSITIONS, key=lambda pair: (pair[0], pair[1].__name__))
REFUSED = [pair for pair in product(Status, KINDS) if pair not in TRANSITIONS]
RESTORED = {
    Restored.BEFORE_SUSPENSION: Status.CREDENTIALED,
    Restored.AS_DECIDED: Status.REVOKED,
    Restored.TAKEN_AWAY: Status.ASSIGNED,
    Restored.BEFORE_REFUSAL: Status.IN_REVIEW,
    Restored.UNLESS_LIFTED: Status.SUSPENDED,
}
PROPOSED = {e.ApplicationRefused: "refusal", e.AccreditationRevoked: "revocation", e.AppealDismissed: "dismissal"}


@pytest.mark.parametrize(("status", "kind"), ALLOWED)
def test_a_move_of_the_table_ends_where_the_table_says_and_counts_one_version(status: Status, kind: Kind) -> None:
    proposal = a_proposal(PROPOSED.get(kind, "refusal"))
    free = {"region": None, "office": None} if kind is e.RegionAssigned else {}
    before = an_application(status, version=7, proposal=proposal, **free)
    after = before.after(an(kind, SECOND))
    target = TRANSITIONS[status, kind]
    assert after.status == (target if isinstance(target, Status) else RESTORED[target])
    assert after.version == 8


def test_only_who_is_at_large_is_given_a_place_after_the_badge() -> None:
    placed, event = an_application(Status.CREDENTIALED), an(e.RegionAssigned)
    with pytest.raises(TransitionRefusedError):
        placed.after(event)
    with pytest.raises(TransitionRefusedError):
        placed.revised(region=None).after(event.revised(region=None))


def test_every_other_move_is_refused() -> None:
    for status, kind in REFUSED:
        with pytest.raises(TransitionRefusedError, match=f"is {status}: "):
            an_application(status, proposal=a_proposal("refusal")).after(an(kind, SECOND))
    assert len(REFUSED) == len(Status) * len(KINDS) - len(TRANSITIONS)


def test_every_event_but_the_first_has_a_place_in_the_table() -> None:
    assert set(KINDS) - {kind for _, kind in TRANSITIONS} == {e.NominationRecorded}


def test_whoever_is_not_final_can_withdraw_and_whoever_is_final_can_do_nothing() -> None:
    assert {status for status, kind in TRANSITIONS if kind is e.ApplicationWithdrawn} == set(Status) - FINAL
    assert not FINAL & {status for status, _ in TRANSITIONS}


def test_only_a_confirmed_proposal_refuses_or_revokes() -> None:
    harsh = {kind for (_, kind), target in TRANSITIONS.items() if target in {Status.REFUSED, Status.REVOKED}}
    assert harsh == {e.ApplicationRefused, e.AccreditationRevoked}
    restores = {kind for (_, kind), target in TRANSITIONS.items() if target is Restored.AS_DECIDED}
    assert restores == {e.AppealDismissed}


def test_every_status_can_be_reached_from_a_recorded_nomination() -> None:
    ends = [(status, end if isinstance(end, Status) else RESTORED[end]) for (status, _), end in TRANSITIONS.items()]
    reached = {Status.SUBMITTED, Status.HELD}
    while more := {end for start, end in ends if start in reached} - reached:
        reached |= more
    assert reached == set(Status)
