"""What officers order of places reaches the plan, its explanation and the lists; representatives get no names."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due, everything
from typer.testing import CliRunner

from db.store import open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import case_number
from domain.application.status import Status
from domain.assignment.explanation import WhyNotKind
from domain.errors import UnknownThingError
from domain.letters.envelope import LetterKind
from domain.statements.officers import OfficerRefusedError
from flows.assignment.adoption import StaleDraftError, adopt_plan
from flows.assignment.orders import PlacementOrder, order_placement, order_rows
from flows.assignment.plans.drafts import draft_plan, find_plan, paper_of
from flows.assignment.plans.explanation import explain
from flows.assignment.plans.problems import Choices
from flows.cli.app import app
from flows.context import database, election_context
from flows.statements.acceptance import ActingOfficer

OFFICER = "OFF-DEMO-1"


def order(known: UUID, kind: str, region: str, officer: str = OFFICER) -> bool:
    wanted = PlacementOrder.model_validate({"order": kind, "region": region})
    return order_placement(known, wanted, ActingOfficer(officer, ELECTION, AS_OF))


def test_orders_are_signed_once_obeyed_by_the_next_plan_and_make_drafts_stale(stages: Stages) -> None:
    with stages.copy("decided"):
        kept, sent = due(Status.APPROVED)[:2]
        before = find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=AS_OF)))
        home = before.placements[str(kept)] or "VD-01"
        away = next(code for code in ("VD-01", "VD-05") if code != before.placements[str(sent)])
        assert order(kept, "exclude", home)
        assert order(sent, "pin", away)
        done = everything()
        assert not order(kept, "exclude", home)
        assert everything() == done
        with pytest.raises(StaleDraftError, match="2 people changed"):
            adopt_plan(before, ActingOfficer(OFFICER, ELECTION, AS_OF))
        after = find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=AS_OF)))
        assert after.placements[str(kept)] != home
        assert after.placements[str(sent)] == away
        adopt_plan(after, ActingOfficer(OFFICER, ELECTION, AS_OF))
        answer = explain(ELECTION, kept, home).answer
        assert (answer.verdict, answer.rule) == (WhyNotKind.NOT_ELIGIBLE, "officers_order")
        assert {(row["case"], row["region"]) for row in order_rows(ELECTION)} == {
            (case_number(kept), home), (case_number(sent), away),
        }  # fmt: skip
        assert order(kept, "lift", home)
        assert len(order_rows(ELECTION)) == 1
        with open_reader(database()) as store:
            told = [event for event in store.applications.history(kept) if event.kind == "placement_ordered"]
        assert [event.actor for event in told] == [Actor.officer(OFFICER)] * 2


def test_an_order_about_no_region_or_by_the_wrong_officer_is_refused(stages: Stages) -> None:
    with stages.copy("decided"):
        known = due(Status.APPROVED)[0]
        before = everything()
        with pytest.raises(UnknownThingError, match="There are PA-01"):
            order(known, "pin", "NOWHERE")
        with pytest.raises(OfficerRefusedError, match="only a case officer"):
            order(known, "pin", "VD-01", officer="OFF-DEMO-3")
        ordered = CliRunner().invoke(app, ["plan", "exclude", case_number(known), "VD-01", "--officer", OFFICER])
        assert ordered.exit_code == 0, ordered.output
        assert everything() != before
        rows = json.loads(CliRunner().invoke(app, ["plan", "orders", "--json"]).stdout)
        assert [row["order"] for row in rows] == ["forbidden"]


def test_representatives_of_the_commission_get_numbers_and_no_names(stages: Stages) -> None:
    with stages.copy("assigned"), open_reader(database()) as store:
        placed = store.applications.all_in(ELECTION, Status.ASSIGNED)
        people = store.people.current([one.id for one in placed])
        keys = [
            key for key in store.outbox.keys(ELECTION) if key.startswith("summary:") and ":administration:" not in key
        ]
        letters = [store.letters.get(ELECTION, key).envelope for key in keys]
        rosters = find_plan(ELECTION).rosters
    assert {key.split(":")[1] for key in keys} == {one.region for one in placed if one.region}
    assert {letter.kind for letter in letters} == {LetterKind.SUMMARY}
    said = " ".join(json.dumps(dict(letter.contents), default=str) for letter in letters)
    assert not [person for person in people.values() if person.name in said or person.email in said]
    assert sum(int(str(letter.contents["people"])) for letter in letters) == sum(1 for one in placed if one.region)
    assert any(line["site"] for entry in rosters.values() for line in entry["lines"].values()), "sites stand on lists"


def test_the_profile_orders_the_levels_and_says_from_when_places_are_kept(stages: Stages) -> None:
    with stages.copy("assigned"):
        rules = election_context(ELECTION, AS_OF).profile
        soft = {"order": ("placed", "coverage", "language", "points", "surge"), "site_limits": None}
        kept = rules.assignment.revised(**soft, places_kept_from=rules.calendar.opens)
        with open_store(database()) as store:
            land = store.elections.geography(ELECTION)
            store.elections.put(rules.revised(assignment=kept), land, now=AS_OF)
        free, held = (
            paper_of(find_plan(ELECTION, str(draft_plan(ELECTION, Choices(pin_from=day), now=AS_OF))))
            for day in (date.max, None)
        )
        told = {observer.id: observer.previous for observer in held.problem.observers if observer.previous}
        assert [level.value for level in free.plan.order] == [*soft["order"], "changes"]
        assert {observer.pinned for observer in free.problem.observers} == {None}
        assert {observer.id: observer.pinned for observer in held.problem.observers if observer.pinned} == told
        assert held.problem.policy.site_limits is None
        assert all(region.opens == rules.election.day for region in held.problem.regions)
        with pytest.raises(ValueError, match="names each of"):
            rules.assignment.revised(order=("points",))
