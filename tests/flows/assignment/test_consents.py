"""Consent to notices: the person's own, for one version, by a link that serves once, by reply or on signed paper."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from mailbox import Maildir
from uuid import UUID

import pytest
from support.builders import ELECTION
from support.signing import rewritten
from support.stages import AS_OF, Stages, assign, deliver, due, issue
from typer.testing import CliRunner

from db.store import open_reader
from domain.application.application import Application
from domain.application.status import PLACED, Status
from domain.assignment.consents import Consent
from domain.election.geography import Notice
from domain.errors import UnknownThingError
from domain.letters.envelope import LetterKind
from domain.statements.officers import OfficerRefusedError
from flows.assignment.adoption import adopt_plan
from flows.assignment.consents import answer_by_link, ask_now, asked_by_link, consent_rows, record_answers
from flows.assignment.misplaced import misplaced
from flows.assignment.orders import PlacementOrder, order_placement
from flows.assignment.plans.drafts import draft_plan, find_plan
from flows.assignment.plans.problems import Choices
from flows.cli.app import app
from flows.context import database
from flows.issuance.life import replace_left
from flows.oversight.contradictions import check_election
from flows.oversight.overview import audit
from flows.oversight.reminders import remind
from flows.settings import change_settings, settings
from flows.statements.acceptance import ActingOfficer

BY = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)
TOO_LATE = AS_OF + timedelta(days=3)
DESK = "https://desk.commission.example"
LINK = re.compile(rf"{DESK}/consent/([a-z]+)#([\w-]{{43}})")


@pytest.fixture
def vetted(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("vetted"):
        yield


@pytest.fixture
def assigned(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("assigned"):
        change_settings({"desk_url": DESK})
        yield


def noticed(version: int = 1) -> tuple[str, str]:
    """Give the region with most people this version of a new notice; returns the codes of region and notice."""
    with open_reader(database()) as store:
        land = store.elections.geography(ELECTION)
        placed = [case.region for case in store.applications.all_in(ELECTION, *PLACED) if case.region]
    code = next((region.code for region in land.regions if region.notice and region.notice.code == "SEC-NEW"), "")
    code = code or max(sorted(set(placed)), key=placed.count)
    notice = Notice(
        code="SEC-NEW", version=version, text=f"The bridge is closed ({version}).", issued_on=date(2027, 3, 9)
    )
    regions = [region.revised(notice=notice) if region.code == code else region for region in land.regions]
    rewritten(geography=land.revised(regions=tuple(regions)))
    return code, notice.id


def everybody() -> list[Application]:
    with open_reader(database()) as store:
        return store.applications.all_in(ELECTION, *PLACED)


def people_in(region: str) -> list[Application]:
    with open_reader(database()) as store:
        return [case for case in store.applications.all_in(ELECTION, *PLACED) if case.region == region]


def stands(known: UUID, notice: str) -> Consent:
    with open_reader(database()) as store:
        return store.consents.standing(ELECTION).of(known, notice, now=AS_OF)


def links() -> dict[str, str]:
    """Return the tokens that were sent, by the number of the case."""
    found: dict[str, str] = {}
    for message in Maildir(settings().maildir):
        (part,) = [part for part in message.walk() if part.get_content_type() == "text/plain"]
        text = bytes(part.get_payload(decode=True)).decode()  # type: ignore[arg-type] -- of a text part
        if told := LINK.search(text):
            number = re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4})\b", text)
            found[number[1] if number else ""] = told[2]
    return found


@pytest.mark.usefixtures("vetted")
def test_what_an_organisation_announces_places_nobody_until_the_person_has_answered() -> None:
    with open_reader(database()) as store:
        land = store.elections.geography(ELECTION)
        people = store.people.current(due(Status.APPROVED))
    (region, notice) = next((region.code, region.notice.id) for region in land.regions if region.notice)
    announced = sorted(known for known, person in people.items() if notice in person.accepted_notices)
    asked = ask_now(ELECTION, now=AS_OF)
    assert asked == sum(len(person.accepted_notices) for person in people.values()) > 0
    assert ask_now(ELECTION, now=AS_OF) == 0
    with open_reader(database()) as store:
        (letter,) = [
            found.envelope for found in store.outbox.of_application(announced[0])
            if found.envelope.kind is LetterKind.CONSENT and found.envelope.key.endswith(notice)
        ]  # fmt: skip
    assert (letter.copy_to, letter.contents["link"]) == ("", ""), "the desk is on this machine only"
    willing, silent = announced[0], next(known for known in sorted(people) if known not in announced)
    assert record_answers([willing], notice, BY, accepted=True, way="paper")
    assert record_answers([willing], notice, BY, accepted=True, way="paper") == []
    for known in (willing, silent):
        order_placement(known, PlacementOrder(order="pin", region=region), BY)
    assign()
    placed = {case.id for case in people_in(region)}
    assert placed == {willing}, "no plan and no order places who has not answered"
    assert not any(people_in(other.code) for other in land.regions if other.notice and other.code != region)
    assert check_election(ELECTION, now=AS_OF) == ()


@pytest.mark.usefixtures("assigned")
def test_a_changed_notice_asks_everybody_again_and_who_does_not_accept_in_time_is_moved() -> None:
    code, _ = noticed()
    here = people_in(code)
    assert {told.about for told in check_election(ELECTION, now=AS_OF)} == {case.case_number for case in here}
    assert ask_now(ELECTION, now=AS_OF) == len(here)
    assert check_election(ELECTION, now=TOO_LATE) == (), "no time runs before the letter has arrived"
    deliver()
    tokens = links()
    willing, unwilling, *silent = [case for case in here if case.case_number in tokens]
    answer_by_link(ELECTION, tokens[willing.case_number], accepted=True, language="en", now=AS_OF)
    answer_by_link(ELECTION, tokens[unwilling.case_number], accepted=False, language="en", now=AS_OF)
    assert misplaced(ELECTION, now=AS_OF) == 1
    plan = find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=AS_OF)))
    assert plan.placements[str(unwilling.id)] != code
    assert all(plan.placements[str(case.id)] == code for case in (willing, *silent)), "their time runs"
    assert {told.rule for told in check_election(ELECTION, now=TOO_LATE)} == {"consent_to_notice"}
    assert misplaced(ELECTION, now=TOO_LATE) == len(here) - 1
    plan = find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=TOO_LATE)))
    adopt_plan(plan, ActingOfficer("OFF-DEMO-1", ELECTION, TOO_LATE))
    assert [case.id for case in people_in(code)] == [willing.id]
    assert check_election(ELECTION, now=TOO_LATE) == ()
    assert not audit(ELECTION).links
    with open_reader(database()) as store:
        assert all(
            case.status is Status.ASSIGNED for case in store.applications.get_many([c.id for c in here]).values()
        )


def test_who_has_a_badge_and_does_not_accept_is_moved_by_the_next_plan_and_gets_a_new_badge(
    sqlite_stages: Stages,
) -> None:
    with sqlite_stages.copy("issued"):
        code, notice = noticed()
        unwilling, *others = (case for case in people_in(code) if case.status is Status.CREDENTIALED)
        ask_now(ELECTION, now=AS_OF)
        record_answers([case.id for case in others], notice, BY, accepted=True, way="paper")
        record_answers([unwilling.id], notice, BY, accepted=False, way="reply")
        assign()
        assert unwilling.id in {case.id for case in people_in(code)}, "the engine alone moves nobody"
        plan = find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=AS_OF)))
        assert plan.placements[str(unwilling.id)] != code
        assert adopt_plan(plan, BY)["badges"] == 1
        assert {case.id for case in others} <= {case.id for case in people_in(code)} - {unwilling.id}
        (found,) = check_election(ELECTION, now=AS_OF)
        assert (found.rule, found.about) == ("badge_and_place", unwilling.case_number)
        (done,) = replace_left(ELECTION, now=AS_OF)
        assert (done.applied, done.application_id) == (True, unwilling.id)
        assert replace_left(ELECTION, now=AS_OF) == []
        assert check_election(ELECTION, now=AS_OF) == ()
        assert not audit(ELECTION).links


def test_a_badge_that_the_adoption_left_is_replaced_by_what_runs_every_hour(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("issued"):
        code, notice = noticed()
        unwilling = next(case for case in people_in(code) if case.status is Status.CREDENTIALED)
        ask_now(ELECTION, now=AS_OF)
        record_answers([unwilling.id], notice, BY, accepted=False, way="reply")
        adopt_plan(find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=AS_OF))), BY)
        assert remind(ELECTION, now=AS_OF)["drawn anew"] == 1
        with open_reader(database()) as store:
            after = store.applications.get(unwilling.id)
            written = store.outbox.of_application(unwilling.id)
        assert after.serial != unwilling.serial
        assert f"credential:{unwilling.id}:{after.version}" in {letter.envelope.key for letter in written}


@pytest.mark.usefixtures("assigned")
def test_a_link_serves_its_person_its_version_once_and_for_its_time() -> None:
    code, first = noticed(1)
    ask_now(ELECTION, now=AS_OF)
    with open_reader(database()) as store:
        kept = str([letter.envelope.contents for case in people_in(code) for letter in
                    store.outbox.of_application(case.id)])  # fmt: skip
    deliver()
    tokens = links()
    assert tokens
    assert not any(token in kept for token in tokens.values()), "the outbox holds no link that opens anything"
    mine, other = sorted(tokens)[:2]
    answered = answer_by_link(ELECTION, tokens[mine], accepted=True, language="ar", now=AS_OF)
    assert answered.case_number == mine
    (by_other,) = [case.id for case in people_in(code) if case.case_number == other]
    assert (stands(answered.id, first), stands(by_other, first)) == (Consent.ACCEPTED, Consent.ASKED)
    guessed = tokens[other][:-1] + ("A" if tokens[other][-1] != "A" else "B")
    for token, now in ((tokens[mine], AS_OF), (guessed, AS_OF), ("", AS_OF), (tokens[other], TOO_LATE)):
        with pytest.raises(UnknownThingError):
            answer_by_link(ELECTION, token, accepted=False, language="en", now=now)
    assert asked_by_link(ELECTION, tokens[other], language="en", now=AS_OF).text == "The bridge is closed (1)."
    noticed(2)
    with pytest.raises(UnknownThingError):  # the version is no longer in force, before anybody is asked again
        answer_by_link(ELECTION, tokens[other], accepted=True, language="en", now=AS_OF)
    assert ask_now(ELECTION, now=AS_OF) == len(people_in(code)), "who accepted the first version is asked as well"
    with pytest.raises(UnknownThingError):
        asked_by_link(ELECTION, tokens[other], language="en", now=AS_OF)
    assert stands(by_other, first) is Consent.NOT_ASKED, "another version took its place"


@pytest.mark.usefixtures("assigned")
def test_an_officer_records_what_a_person_answered_for_the_version_in_force_only() -> None:
    code, notice = noticed()
    case = people_in(code)[0]
    said = ["consent", "record", case.case_number, "--notice", notice.lower(), "--way", "reply", "--declined",
            "--officer", "OFF-DEMO-1", "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"]  # fmt: skip
    done = CliRunner().invoke(app, said)
    assert (done.exit_code, done.stdout.strip()) == (0, "1 recorded."), done.output
    rows = [row for row in consent_rows(ELECTION, now=AS_OF) if row["case"] == case.case_number and row["placed"]]
    assert [(row["stands"], row["next"]) for row in rows if row["notice"] == notice] == [
        ("declined", "accredit plan draft")
    ]
    with pytest.raises(UnknownThingError, match="SEC-NEW:9"):
        record_answers([case.id], "SEC-NEW:9", BY, accepted=True, way="paper")
    with pytest.raises(OfficerRefusedError):
        record_answers([case.id], notice, ActingOfficer("OFF-ADMIN-1", ELECTION, AS_OF), accepted=True, way="paper")


@pytest.mark.usefixtures("assigned")
def test_a_version_that_comes_back_is_asked_about_again_and_nothing_asks_about_one_that_is_gone() -> None:
    code, first = noticed(1)
    asked = ask_now(ELECTION, now=AS_OF)
    deliver()
    noticed(2)
    ask_now(ELECTION, now=AS_OF)
    person = people_in(code)[0].id
    noticed(1)
    assert stands(person, first) is Consent.NOT_ASKED
    assert ask_now(ELECTION, now=AS_OF) == asked
    assert stands(person, first) is Consent.ASKED
    with open_reader(database()) as store:
        land = store.elections.geography(ELECTION)
        letters = [one for one in store.outbox.of_application(person) if one.envelope.kind is LetterKind.CONSENT]
    assert Counter(letter.state for letter in letters) == {"sent": 1, "cancelled": 1, "queued": 1}
    regions = [region.revised(notice=None) if region.code == code else region for region in land.regions]
    rewritten(geography=land.revised(regions=tuple(regions)))
    ask_now(ELECTION, now=AS_OF)
    with open_reader(database()) as store:
        states = {one.state for one in store.outbox.of_application(person) if one.envelope.kind is LetterKind.CONSENT}
    assert states == {"sent", "cancelled"}


def shut(code: str) -> None:
    """Send nobody to a region any more."""
    with open_reader(database()) as store:
        land = store.elections.geography(ELECTION)
    regions = [region.revised(no_deployment=region.code == code) for region in land.regions]
    rewritten(geography=land.revised(regions=tuple(regions)))


def test_who_is_in_a_region_that_is_shut_stays_for_newcomers_is_listed_and_moved_by_the_next_plan(
    sqlite_stages: Stages,
) -> None:
    with sqlite_stages.copy("decided"):
        approved = due(Status.APPROVED)
        assign(approved[: len(approved) // 2])
        issue()
        first = {case.id: case.region for case in everybody()}
        code = max(sorted(filter(None, first.values())), key=[*first.values()].count)
        shut(code)
        here = {case.id for case in people_in(code)}
        assign()
        assert {case.id: case.region for case in everybody() if case.id in first} == first, "newcomers move nobody"
        assert {case.id for case in people_in(code)} == here, "and none of them comes there"
        issue()
        found = {told.about for told in check_election(ELECTION, now=AS_OF) if told.rule == "region_is_open"}
        assert found == {row["case"] for row in consent_rows(ELECTION, now=AS_OF) if row["placed"] == code}
        assert len(found) == misplaced(ELECTION, now=AS_OF) == len(here)
        adopt_plan(find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=AS_OF))), BY)
        assert people_in(code) == []
        assert {result.application_id for result in replace_left(ELECTION, now=AS_OF) if result.applied} == here
        assert {told.rule for told in check_election(ELECTION, now=AS_OF)} <= {"list_acknowledged"}
        assert not audit(ELECTION).links
