"""Whatever changes in the middle, and in whatever order: after each step nothing contradicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import Phase
from hypothesis import settings as trials
from hypothesis.stateful import run_state_machine_as_test
from support.changes import BEGINNINGS, Changes
from support.stages import Stages

from db.credentials.serials import Credentials
from domain.application.events import RegionAssigned
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions import effects
from domain.decisions.rulings import Outcome
from domain.organisations import organisation
from domain.organisations.organisation import OrganisationActKind, OrganisationStatus
from flows.assignment import placements
from flows.context import ElectionContext
from flows.decisions import rulings as bench
from flows.election import rule_effects
from flows.intake import withdrawal

Lead = Callable[[Changes, int], object]


def walk(
    stages: Stages, *, walks: int, steps: int, always_the_same: bool = False, begin_with: Sequence[str] = BEGINNINGS,
    lead: Lead | None = None,
) -> None:  # fmt: skip
    """Walk at random through an election, so many *walks* of so many *steps*; a failure names its steps.

    With *lead* each walk begins with that, and goes on at random.
    """
    machine = type("Walk", (Changes,), {"stages": stages, "begin_with": begin_with, "lead": lead})
    chosen = trials(
        max_examples=walks, stateful_step_count=steps, derandomize=always_the_same, phases=(Phase.generate,),
        database=None, print_blob=False, report_multiple_bugs=False,
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=chosen)


def test_whatever_changes_nothing_contradicts(stages: Stages) -> None:
    walk(stages, walks=3, steps=8, always_the_same=True)


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("_part", range(4))
def test_whatever_changes_nothing_contradicts_in_many_walks(stages: Stages, _part: int) -> None:
    walk(stages, walks=12, steps=25)


def nothing(*_: object, **__: object) -> None:
    """Stand for a rule that was taken out."""


def letters_of_who_withdrew_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(withdrawal, "cancel_overtaken", nothing)


def the_ledger_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Credentials, "move", nothing)


def nobody_follows_an_order(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rule_effects, "take_over", nothing)


def people_are_sent_to_closed_offices(patch: pytest.MonkeyPatch) -> None:
    moved = placements.moved_to

    def to_its_own(context: ElectionContext, *known: Any, **besides: Any) -> RegionAssigned:
        event = moved(context, *known, **besides)
        home = context.geography.region(event.region).office if event.region else None
        return event.revised(office=home)

    patch.setattr(placements, "moved_to", to_its_own)


def who_was_not_told_is_refused(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(effects, "_refuse_before_the_clock", nothing)
    patch.setattr(bench, "require_told", nothing)


def reply_is_passed_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(effects, "require_answered", nothing)


def a_granted_appeal_lifts_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(effects, "lifted", nothing)


def an_appeal_is_heard_by_anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(organisation, "took_part", lambda _: frozenset())


def an_appeal_comes_back_to_the_same_officer(walk: Changes, place: int) -> None:
    """Refuse an organisation that was invited twice, and let one officer hear both appeals."""
    if code := walk.an_organisation_that_is(place, OrganisationStatus.INVITED):
        for back in (OrganisationActKind.REMAND_APPEAL, OrganisationActKind.GRANT_APPEAL):
            walk.about(code, OrganisationActKind.PROPOSE_REFUSAL, "OFF-DEMO-1", ReasonCode.R03)
            walk.about(code, OrganisationActKind.REFUSE, "OFF-DEMO-3")
            walk.about(code, OrganisationActKind.LODGE_APPEAL, "OFF-DEMO-2")
            walk.about(code, back, "OFF-DEMO-4")


def a_busy_office_closes(walk: Changes, place: int) -> None:
    """Close one of two offices with people, which the walk does once in a hundred steps."""
    walk.an_office_closes(("OF-01", "OF-05")[place % 2], "OF-02", 0)


def somebody_replies_and_is_suspended(walk: Changes, place: int) -> None:
    """Warn, take the reply down, and go on to the next measure, which takes three steps about one person."""
    if case := walk.some(place, Status.CREDENTIALED):
        for outcome in (Outcome.WARN, Outcome.RECORD_REPLY, Outcome.SUSPEND):
            walk.attempt(outcome, partial(walk.decide, case, outcome, "OFF-DEMO-1"))


def a_suspension_is_taken_back(walk: Changes, place: int) -> None:
    walk.a_measure_is_appealed(place, Outcome.SUSPEND, Outcome.GRANT_APPEAL, open_=False)


def somebody_who_may_mend_is_refused(walk: Changes, place: int) -> None:
    walk.two_officers_refuse_who_may_mend(place, wait=False)


MUTATIONS: Mapping[Callable[[pytest.MonkeyPatch], None], tuple[str, Lead | None]] = {
    letters_of_who_withdrew_stay: ("decided", None),
    the_ledger_is_forgotten: ("issued", None),
    nobody_follows_an_order: ("issued", a_busy_office_closes),
    people_are_sent_to_closed_offices: ("decided", None),
    who_was_not_told_is_refused: ("vetted", somebody_who_may_mend_is_refused),
    reply_is_passed_over: ("issued", somebody_replies_and_is_suspended),
    a_granted_appeal_lifts_nothing: ("issued", a_suspension_is_taken_back),
    an_appeal_is_heard_by_anybody: ("vetted", an_appeal_comes_back_to_the_same_officer),
}
"""Rules that are taken out, where the walk begins, and where it is led first, if chance seldom goes there."""


@pytest.mark.full
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_an_engine_without_one_of_its_rules_is_found_out(
    sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch, mutation: Callable[[pytest.MonkeyPatch], None]
) -> None:
    mutation(monkeypatch)
    stage, lead = MUTATIONS[mutation]
    with pytest.raises(AssertionError):
        walk(sqlite_stages, walks=5 if lead else 100, steps=12, begin_with=(stage,), lead=lead)
