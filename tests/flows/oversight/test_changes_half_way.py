"""Whatever changes in the middle, and in whatever order: after each step nothing contradicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import Phase
from hypothesis import settings as trials
from hypothesis.stateful import run_state_machine_as_test
from support.changes import BEGINNINGS, Changes
from support.stages import Stages

from db.credentials.serials import Credentials
from domain.application.events import RegionAssigned
from domain.decisions import rulings
from flows.assignment import placements
from flows.context import ElectionContext
from flows.decisions import rulings as bench
from flows.election import loading
from flows.intake import withdrawal


def walk(
    stages: Stages, *, walks: int, steps: int, always_the_same: bool = False, begin_with: Sequence[str] = BEGINNINGS
) -> None:
    """Walk at random through an election, so many *walks* of so many *steps*; a failure names its steps."""
    machine = type("Walk", (Changes,), {"stages": stages, "begin_with": begin_with})
    chosen = trials(
        max_examples=walks, stateful_step_count=steps, derandomize=always_the_same, phases=(Phase.generate,),
        database=None, print_blob=False,
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=chosen)


def test_whatever_changes_nothing_contradicts(stages: Stages) -> None:
    walk(stages, walks=3, steps=8, always_the_same=True)


@pytest.mark.full
def test_whatever_changes_nothing_contradicts_in_many_walks(stages: Stages) -> None:
    walk(stages, walks=80, steps=25)


def nothing(*_: object, **__: object) -> None:
    """Stand for a rule that was taken out."""


def letters_of_who_withdrew_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(withdrawal, "cancel_overtaken", nothing)


def the_ledger_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Credentials, "move", nothing)


def nobody_follows_an_order(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loading, "follow_offices", nothing)


def people_are_sent_to_closed_offices(patch: pytest.MonkeyPatch) -> None:
    moved = placements.moved_to

    def to_its_own(context: ElectionContext, *known: Any, **besides: Any) -> RegionAssigned:
        event = moved(context, *known, **besides)
        home = context.geography.region(event.region).office if event.region else None
        return event.revised(office=home)

    patch.setattr(placements, "moved_to", to_its_own)


def who_was_not_told_is_refused(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulings, "_refuse_before_the_clock", nothing)
    patch.setattr(bench, "require_told", nothing)


MUTATIONS: Mapping[Callable[[pytest.MonkeyPatch], None], str] = {
    letters_of_who_withdrew_stay: "decided",
    the_ledger_is_forgotten: "issued",
    nobody_follows_an_order: "issued",
    people_are_sent_to_closed_offices: "decided",
    who_was_not_told_is_refused: "vetted",
}
"""Rules that are taken out, and the stage at which the walk begins."""


@pytest.mark.full
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_an_engine_without_one_of_its_rules_is_found_out(
    sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch, mutation: Callable[[pytest.MonkeyPatch], None]
) -> None:
    mutation(monkeypatch)
    with pytest.raises(AssertionError):
        walk(sqlite_stages, walks=100, steps=12, begin_with=(MUTATIONS[mutation],))
