"""Whom a change of the rules concerns: the draft names exactly those for whom something changes when it is adopted."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
import yaml
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from support.builders import ELECTION
from support.stages import AS_OF, Stages, assign, deliver

from db.letters.letters import LetterFilter
from db.letters.outbox import QueuedLetter
from db.store import open_reader, open_store
from domain.application.application import case_number
from domain.application.status import PLACED
from domain.letters.envelope import LetterKind, LetterState
from flows.assignment.consents import ask_now
from flows.assignment.takeovers import follow_offices
from flows.context import database
from flows.election.loading import Loaded, init_election
from flows.oversight.contradictions import check_election
from flows.oversight.overview import audit

Files = Mapping[str, Any]
TOMORROW: Final = AS_OF + timedelta(days=1)
NOBODY: Final = frozenset({"staff", "capacity", "commission"})
"""Changes that concern nobody who is placed."""


def busiest(what: str) -> str:
    with open_reader(database()) as store:
        found: list[str] = [getattr(case, what) or "" for case in store.applications.all_in(ELECTION, *PLACED)]
    return max(sorted({*found} - {""}), key=found.count)


def region(files: Files) -> dict[str, Any]:
    return next(one for one in files["geography"]["regions"] if one["code"] == busiest("region"))


def office(files: Files) -> dict[str, Any]:
    return next(one for one in files["geography"]["offices"] if one["code"] == busiest("office"))


def closes(files: Files, *, on: str) -> None:
    closed = office(files)
    acting = next(one["code"] for one in files["geography"]["offices"] if one["code"] != closed["code"])
    closed["closes_on"] = on
    order = {"office": closed["code"], "acting": acting, "begins_on": on, "ground": "Order 9"}
    files["geography"].setdefault("acting_orders", []).append(order | {"ends_on": files["geography"]["serves_until"]})


def a_notice(files: Files) -> None:
    region(files)["notice"] = {"code": "SEC-N", "text": "The bridge is closed.", "issued_on": "2027-03-09"}


def another_version(files: Files) -> None:
    for one in files["geography"]["regions"]:
        if one.get("notice"):
            one["notice"]["version"] = one["notice"].get("version", 1) + 1


def an_age(files: Files) -> None:
    files["election"]["eligibility"]["minimum_age"] = 40


CHANGES: Final[Mapping[str, Callable[[Files], object]]] = {
    "address": lambda files: office(files).update(address="9 New Road"),
    "email": lambda files: office(files).update(email="new@office.example"),
    "region name": lambda files: region(files).update(name="Otherwise"),
    "closes": lambda files: closes(files, on=f"{AS_OF:%Y-%m-%d}"),
    "closes tomorrow": lambda files: closes(files, on=f"{TOMORROW:%Y-%m-%d}"),
    "notice": a_notice,
    "version": another_version,
    "age": an_age,
    "staff": lambda files: office(files).update(staff=40),
    "capacity": lambda files: region(files).update(capacity=400),
    "commission": lambda files: region(files).update(commission={"email": "c@commission.example"}),
}


def facts() -> dict[UUID, object]:
    """Return what is so of each case: its version, findings, letters, and what it is asked."""
    with open_reader(database()) as store:
        cases = store.applications.all_in(ELECTION)
        found = store.people.findings_on([case.id for case in cases])
        asked = store.consents.standing(ELECTION).requests
        return {
            case.id: (
                (case.version, len(found.get(case.id, ()))),
                sorted(letter.envelope.key for letter in store.outbox.of_application(case.id)),
                sorted(one.letter for (known, _), one in asked.items() if known == case.id and not one.closed),
            )
            for case in cases
        }


def folder_with(stages: Stages, folder: Path, changes: Sequence[str]) -> Path:
    shutil.copytree(stages.package, folder, ignore=shutil.ignore_patterns("nominations"))
    files = {name: yaml.safe_load((folder / f"{name}.yaml").read_text()) for name in ("election", "geography")}
    for change in changes:
        CHANGES[change](files)
    for name, said in files.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(said))
    return folder


def adopted(folder: Path) -> list[Loaded]:
    return [
        init_election(folder, now=AS_OF, by=officer, ground="Order 9/2027")
        for officer in ("OFF-ADMIN-1", "OFF-ADMIN-2")
    ]


@trials(max_examples=3, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(changes=["address"])
@example(changes=["version"])
@example(changes=["closes tomorrow"])
@example(changes=["age"])
@example(changes=sorted(NOBODY))
@given(changes=st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=3, unique_by=lambda one: one[:6]))
def test_the_draft_names_exactly_those_for_whom_something_changes(
    sqlite_stages: Stages, tmp_path_factory: pytest.TempPathFactory, changes: list[str]
) -> None:
    with sqlite_stages.copy("delivered"):
        ask_now(ELECTION, now=AS_OF)
        folder = folder_with(sqlite_stages, tmp_path_factory.mktemp("rules") / "changed", changes)
        before = facts()
        draft, confirmed = adopted(folder)
        now = TOMORROW if "closes tomorrow" in changes else AS_OF
        follow_offices(ELECTION, now=now)
        after = facts()
        differ = {case_number(known) for known in before if before[known] != after[known]}
        assert set(draft.touched) == set(confirmed.touched) == differ
        assert bool(differ) == (not {*changes} <= NOBODY)
        assert len(differ) < len(before) or "age" in changes
        assert {told.rule for told in check_election(ELECTION, now=now)} <= {"list_acknowledged"}


@pytest.mark.parametrize("is_sent", [False, True])
def test_what_waits_for_an_old_address_goes_to_the_new_one_and_a_list_that_came_back_goes_again(
    sqlite_stages: Stages, tmp_path: Path, *, is_sent: bool
) -> None:
    with sqlite_stages.copy("decided"):
        assign()
        if is_sent:
            deliver(acknowledged=False)
        folder = folder_with(sqlite_stages, tmp_path / "changed", ["email", "commission"])
        before = {letter.envelope.key: letter.envelope.to for letter in lists_sent()}
        with open_store(database()) as store:
            for key in before if is_sent else ():
                assert store.letters.bounce(ELECTION, key, "5.1.1 nobody here", now=AS_OF)
        adopted(folder)
        moved = [letter for letter in lists_sent() if before.get(letter.envelope.key, "") != letter.envelope.to]
        again = [letter for letter in moved if letter.envelope.key in before]
        assert {letter.envelope.to for letter in again} == {"new@office.example", "c@commission.example"}
        assert {letter.state for letter in again} == {LetterState.QUEUED}
        stayed = [letter.state for letter in lists_sent() if letter.envelope.to == before.get(letter.envelope.key)]
        assert {*stayed} == {LetterState.FAILED if is_sent else LetterState.QUEUED}
        adopted(folder)
        deliver(acknowledged=False)
        assert audit(ELECTION).is_whole


def lists_sent() -> list[QueuedLetter]:
    with open_reader(database()) as store:
        kinds = (LetterKind.ROSTER, LetterKind.SUMMARY)
        return [found for kind in kinds for found in store.letters.matching(ELECTION, LetterFilter(kind=kind))]
