"""Plans as objects: drafted, compared, adopted all or nothing, checked from what is stored alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from support.builders import ELECTION, an
from support.signing import rewritten
from support.stages import AS_OF, Stages, assign, due, everything, issue
from typer.testing import CliRunner

from db.assignment.plans import PlanState, StoredPlan
from db.store import open_reader, open_store
from db.tables.assignment import PlanRow
from domain.application.application import Application
from domain.application.events import ApplicationWithdrawn
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.assignment.policy import Replanning
from domain.errors import AccreditationError, ConcurrentChangeError, UnknownThingError
from domain.statements.officers import OfficerRefusedError
from flows.assignment.adoption import StaleDraftError, adopt_plan
from flows.assignment.placements import plan_notes
from flows.assignment.plans.drafts import (
    PlanRefusedError,
    check_stored,
    discard_plan,
    draft_plan,
    find_plan,
    paper_of,
    plan_rows,
)
from flows.assignment.plans.problems import Choices
from flows.assignment.plans.views import compared, plan_report
from flows.cli.app import app
from flows.context import database, election_context
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer

FIRST, CONFIRMING = "OFF-DEMO-1", "OFF-DEMO-3"


@pytest.fixture
def decided(stages: Stages) -> Iterator[Stages]:
    with stages.copy("decided"):
        yield stages


def drafted(choices: Choices | None = None) -> StoredPlan:
    return find_plan(ELECTION, str(draft_plan(ELECTION, choices or Choices(), now=AS_OF)))


def adopt(plan: StoredPlan, officer: str = FIRST) -> dict[str, int]:
    return dict(adopt_plan(plan, ActingOfficer(officer, ELECTION, AS_OF)))


def people() -> dict[UUID, Application]:
    with open_reader(database()) as store:
        return {application.id: application for application in store.applications.all_in(ELECTION)}


def withdraw(*ids: UUID) -> None:
    with open_store(database()) as store:
        for known, one in store.applications.get_many(list(ids)).items():
            event = an(ApplicationWithdrawn, application_id=known, at=AS_OF, reasons=(ReasonCode.W01,))
            store.applications.record(one, event)


def letters(prefix: str) -> list[dict[str, Any]]:
    with open_reader(database()) as store:
        keys = [key for key in store.outbox.keys(ELECTION) if key.startswith(prefix)]
    return [{"key": key} for key in keys]


@pytest.mark.usefixtures("decided")
def test_a_draft_moves_nobody_and_drafting_again_gives_the_same_one() -> None:
    before = everything()
    first, again = drafted(), drafted()
    assert (first.id, first.state) == (again.id, PlanState.DRAFT)
    assert first == again
    assert len(plan_rows(ELECTION)) == 1
    assert everything() == before


@pytest.mark.usefixtures("decided")
def test_an_adopted_draft_places_everybody_with_letters_partners_and_rosters_once() -> None:
    plan, approved = drafted(), due(Status.APPROVED)
    counts = adopt(plan)
    assert counts["moved"] + counts["at_large"] == len(approved)
    placed = people()
    together = {one: [other] for team in plan.teams["teams"] for one, other in (team["members"], team["members"][::-1])}
    together |= plan.teams["accompanying"]
    with open_reader(database()) as store:
        nominations = store.people.current(approved)
        for known in approved:
            assert placed[known].region == plan.placements[str(known)]
            (letter,) = [one.envelope for one in store.outbox.of_application(known) if one.envelope.kind == "placement"]
            mates = [nominations[UUID(mate)].name for mate in together.get(str(known), ())]
            assert letter.contents["partner_name"] == ", ".join(mates)
            assert letter.contents["site"] == plan.teams["sites"].get(str(known), "")
            (event,) = [one for one in store.applications.history(known) if one.kind == "region_assigned"]
            assert str(event.actor) == f"officer:{FIRST}"
    offices = {one.office for one in placed.values() if one.office}
    assert len(letters("roster:")) == counts["rosters"] == len(offices)
    done = everything()
    again = find_plan(ELECTION, str(plan.id))
    assert adopt(again)["moved"] == 0
    unchanged = drafted()
    assert (unchanged.numbers["moves"], unchanged.teams["teams"]) == (0, plan.teams["teams"])
    discard_plan(unchanged.id)
    done = everything()
    assert assign() == 0
    assert everything() == done


def with_seats(seats: int) -> None:
    """Give every region *seats* seats."""
    land = election_context(ELECTION, AS_OF).geography
    regions = tuple(region.revised(capacity=seats, minimum_seats=0, language_quota=0) for region in land.regions)
    rewritten(geography=land.revised(regions=regions))


@pytest.mark.usefixtures("decided")
def test_who_is_at_large_is_offered_a_place_when_seats_appear_with_or_without_a_credential() -> None:
    with_seats(1)
    everybody = assign()
    at_large = [person.id for person in people().values() if person.plan_id and not person.region]
    assert at_large
    holders = at_large[: len(at_large) // 2]
    issue(holders)
    assert assign() == 0, "no seat is free"
    with_seats(everybody)
    draft = drafted()
    placed = {one for one in at_large if draft.placements[str(one)]}
    assert placed & set(holders)
    assert assign() == len(placed)
    now = people()
    assert all(now[one].region for one in placed)
    assert {now[holder].status for holder in holders} == {Status.CREDENTIALED}
    assert {now[holder].status for holder in placed - set(holders)} == {Status.ASSIGNED}
    with open_reader(database()) as store:
        for one in placed:
            kinds = [letter.envelope.kind for letter in store.outbox.of_application(one)]
            assert kinds.count("placement") == 2
    assert assign() == 0


@pytest.mark.usefixtures("decided")
def test_an_adoption_that_cannot_be_whole_changes_nothing() -> None:
    plan = drafted()
    before = everything()
    with pytest.raises(OfficerRefusedError, match="only a case officer"):
        adopt(plan, CONFIRMING)
    with pytest.raises(UnknownThingError):
        adopt_plan(plan, ActingOfficer(FIRST, ELECTION, AS_OF, signed="0" * 64))
    with open_store(database()) as store:
        officer = store.officers.get(ELECTION, FIRST)
        theirs = people()[due(Status.APPROVED)[0]].organisation
    rewritten(officer.revised(recused_from=(theirs,)))
    with pytest.raises(OfficerRefusedError, match="recused"):
        adopt(plan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.assignment.adoption.queue_lists", _broken)
        with pytest.raises(ConcurrentChangeError):
            adopt(plan, "OFF-DEMO-2")
    assert everything() == before
    assert find_plan(ELECTION, str(plan.id)).state is PlanState.DRAFT


def _broken(*_: object) -> None:
    raise ConcurrentChangeError("in the middle")


@pytest.mark.usefixtures("decided")
def test_a_draft_of_people_who_changed_since_is_not_adopted() -> None:
    plan = drafted()
    withdraw(due(Status.APPROVED)[0])
    before = everything()
    with pytest.raises(StaleDraftError, match="1 person changed or left and 0 arrived"):
        adopt(plan)
    assert everything() == before


@pytest.mark.usefixtures("decided")
def test_a_plan_that_another_has_replaced_is_not_adopted_again() -> None:
    first = drafted()
    adopt(first)
    with_seats(3)
    second = drafted()
    adopt(second)
    before = everything()
    with pytest.raises(PlanRefusedError, match=f"{second.id} has replaced this one"):
        adopt(find_plan(ELECTION, str(first.id)))
    assert adopt(find_plan(ELECTION, str(second.id)))["moved"] == 0
    assert everything() == before


@pytest.mark.usefixtures("decided")
def test_a_draft_for_regions_that_changed_since_is_not_adopted() -> None:
    plan = drafted()
    with_seats(3)
    before = everything()
    with pytest.raises(StaleDraftError, match="Regions, offices or rules changed since"):
        adopt(plan)
    assert everything() == before


def test_replanning_after_withdrawals_and_arrivals_moves_few_and_offers_every_way_with_its_price(
    stages: Stages,
) -> None:
    with stages.copy("decided"):
        late, *others = due(Status.APPROVED)
        assign(others)
        first = find_plan(ELECTION)
        withdraw(due(Status.ASSIGNED)[0])
        told = {known: one.region for known, one in people().items() if one.status is Status.ASSIGNED}
        ways = {way: drafted(Choices(replanning=way)) for way in Replanning}
        moves = {way: paper_of(plan).plan.moves for way, plan in ways.items()}
        assert moves[Replanning.NO_MOVES] <= moves[Replanning.FEWEST_CHANGES] <= moves[Replanning.FROM_SCRATCH]
        assert moves[Replanning.FEWEST_CHANGES] <= 0.25 * len(told)
        report = plan_report(paper_of(ways[Replanning.FEWEST_CHANGES]), election_context(ELECTION, AS_OF))
        assert set(report["alternatives"]) == set(ways)
        assert len(report["moves"]) == moves[Replanning.FEWEST_CHANGES]
        assert all(row["because"] for row in report["moves"])
        side = compared(paper_of(ways[Replanning.NO_MOVES]), paper_of(ways[Replanning.FROM_SCRATCH]))
        assert {row["level"] for row in side["levels"]} >= {"coverage", "points", "people moved"}
        adopt(ways[Replanning.NO_MOVES])
        now = people()
        elsewhere = [known for known, region in told.items() if now[known].region != region]
        assert len(elsewhere) == moves[Replanning.NO_MOVES]
        assert now[late].status is Status.ASSIGNED
        assert {row["state"] for row in plan_rows(ELECTION)} == {"finished", "discarded"}
        kept = {frozenset(team["members"]) for team in first.teams["teams"]}
        still = {frozenset(team["members"]) for team in find_plan(ELECTION).teams["teams"]}
        assert len(kept & still) >= len(kept) - 2, "who has a partner keeps them where both stay"
        versions = {entry["version"] for entry in find_plan(ELECTION).rosters.values()}
        assert versions <= {1, 2}
        assert len(find_plan(ELECTION).rosters) < len(first.rosters), "only lists that changed go out again"


def test_from_a_day_on_nobody_who_was_told_a_place_is_moved(stages: Stages) -> None:
    with stages.copy("assigned"):
        issue(due(Status.ASSIGNED)[:2])
        pinned = drafted(Choices(replanning=Replanning.FROM_SCRATCH, pin_from=AS_OF.date()))
        free = drafted(Choices(replanning=Replanning.FROM_SCRATCH))
        told = {str(known): one.region for known, one in people().items() if one.region}
        assert all(pinned.placements[known] == region for known, region in told.items())
        held = [person for person in people().values() if person.status is Status.CREDENTIALED and person.region]
        assert all(free.placements[str(one.id)] == one.region for one in held), "a printed region stays"


@pytest.mark.parametrize("tampering", ["place", "loss", "certificate", "team", "rule"])
def test_a_stored_plan_that_was_tampered_with_fails_its_check(stages: Stages, tampering: str) -> None:
    with stages.copy("assigned"):
        known = str(find_plan(ELECTION).id)
        assert check_stored(find_plan(ELECTION)) == []
        assert CliRunner().invoke(app, ["plan", "check"]).exit_code == 0
        with database().begin() as session:
            row = session.get(PlanRow, UUID(known))
            assert row is not None
            body, teams, problem = (json.loads(json.dumps(one)) for one in (row.body, row.teams, row.problem))
            match tampering:
                case "place":
                    one, other = _two_places(body["placements"])
                    body["placements"] |= {
                        one: body["placements"][other], other: body["placements"][one],
                    }  # fmt: skip
                case "loss":
                    body["losses"][-2]["amount"] -= 1
                case "certificate":
                    body["certificate"]["potentials"]["outside"] += 10**12
                case "team":
                    teams["teams"][0]["members"][0] = teams["teams"][1]["members"][0]
                case _:
                    problem["observers"][0]["languages"] = ["qaa"]
            row.body, row.teams, row.problem = body, teams, problem
        assert check_stored(find_plan(ELECTION))
        answer = CliRunner().invoke(app, ["plan", "check", known[:8], "--json"])
        assert answer.exit_code == 1
        assert json.loads(answer.stdout)["faults"]


def _two_places(placements: dict[str, str | None]) -> tuple[str, str]:
    """Return two people whom the plan puts into different regions."""
    one = next(known for known, region in sorted(placements.items()) if region)
    return one, next(known for known, region in sorted(placements.items()) if region not in {None, placements[one]})


@pytest.mark.usefixtures("decided")
def test_the_commands_draft_show_compare_adopt_and_draw(capsys: pytest.CaptureFixture[str]) -> None:
    del capsys
    run = CliRunner().invoke
    made = run(app, ["plan", "draft", "--fairness", "--fewest-staff", "--json"])
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    assert report["order"] == ["coverage", "language", "placed", "surge", "points", "changes"]
    assert sum(row["placed"] for row in report["regions"]) == report["placed"]
    assert sum(row["placed"] for row in report["organisations"]) == report["placed"]
    assert sum(row["staff_needed"] for row in report["offices"]) == report["staffing"]["needed"]
    assert report["fairness_goal"]["fall"] == 0.25
    for name in ("coverage", "wishes", "load", "map"):
        ET.fromstring((settings().home / "plans" / report["plan"] / f"{name}.svg").read_text("utf-8"))  # noqa: S314 -- ours
    together = max(report["organisations"], key=lambda row: row["placed"])["code"]
    other = json.loads(run(app, ["plan", "draft", "--together", together, "--json"]).stdout)
    assert {row["delegation"] for row in other["together"]["kept"]} | set(other["together"]["apart"]) == {together}
    for command in (["list"], ["show", report["plan"][:8]], ["compare", report["plan"], other["plan"]]):
        shown = run(app, ["plan", *command])
        assert shown.exit_code == 0, shown.output
        assert shown.stdout.strip()
    assert run(app, ["plan", "discard", other["plan"]]).exit_code == 0
    adopted = run(app, ["plan", "adopt", report["plan"], "--officer", FIRST, "--as-of", "2027-03-10T08:00", "--json"])
    assert adopted.exit_code == 0, adopted.output
    assert json.loads(adopted.stdout)["moved"] == report["placed"]
    (row,) = [row for row in json.loads(run(app, ["plan", "list", "--json"]).stdout) if row["state"] == "finished"]
    assert (row["in regions"], row["adopted by"]) == (report["placed"], f"officer:{FIRST}")


@pytest.mark.usefixtures("decided")
def test_an_organisation_without_people_cannot_ask_to_stay_together() -> None:
    with pytest.raises(AccreditationError, match="has nobody to place"):
        drafted(Choices(together=("ORG-NOBODY",)))


@pytest.mark.usefixtures("decided")
def test_tables_beside_a_plan_name_nobody() -> None:
    assign()
    plan_notes(ELECTION, now=AS_OF)
    written = [path.read_text("utf-8") for path in (settings().home / "plans").rglob("*.csv")]
    with open_reader(database()) as store:
        liaisons = [found.liaison for found in store.organisations.all_in(ELECTION).values() if found.liaison]
    assert any("delegation" in text for text in written)
    for told in {text for contact in liaisons for text in (contact.name, contact.phone, contact.deputy) if text}:
        assert not any(told in text for text in written)
