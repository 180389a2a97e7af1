"""Surge staff are people: two officers give a shift; they prepare during it; it follows the office that acts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

import pytest
from support.builders import ELECTION, an_order
from support.stages import AS_OF, Stages, deliver, due
from typer.testing import CliRunner

from db.letters.letters import LetterFilter
from db.store import open_reader, open_store
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import Outcome, Ruling
from domain.errors import AccreditationError, BadInputError, UnknownThingError
from domain.letters.envelope import Envelope, LetterKind, LetterState
from domain.statements.officer_acts import StaffAct
from domain.statements.officers import OfficerRefusedError
from flows.assignment.shifts import shift_rows
from flows.assignment.takeovers import follow_offices
from flows.cli.app import app
from flows.context import database
from flows.decisions.casework import write_note
from flows.decisions.officer_acts import Act, propose_or_confirm
from flows.decisions.rulings import decide_applications
from flows.desk.access import scope_of
from flows.oversight.contradictions import check_election
from flows.oversight.overview import audit
from flows.statements.acceptance import ActingOfficer

DAY = timedelta(days=1)
SURGE, HOME, ACTING = "POOL-01", "OF-05", "OF-04"
FIRST, LAST = AS_OF.date(), AS_OF.date() + 4 * DAY


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("issued"):
        deliver()
        yield


def by_two(act: StaffAct, detail: str, *, officer: str = SURGE, now: datetime = AS_OF) -> str:
    """Let two administrators give the same command."""
    wanted = Act(act=act, officer=officer, detail=detail)
    propose_or_confirm(wanted, ActingOfficer("OFF-ADMIN-1", ELECTION, now))
    return propose_or_confirm(wanted, ActingOfficer("OFF-ADMIN-2", ELECTION, now))


@pytest.fixture
def sent(issued: None) -> None:  # noqa: ARG001 -- the installation
    """Somebody is at work at an office for five days."""
    assert "done" in by_two(StaffAct.SHIFT, f"{HOME} {FIRST} {LAST}")


def told() -> list[Envelope]:
    with open_reader(database()) as store:
        found = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.SHIFT))
    return sorted((letter.envelope for letter in found), key=lambda letter: letter.key)


def staff_on(office: str) -> list[str]:
    with open_reader(database()) as store:
        last = [rosters[office] for _, rosters in store.plans.with_rosters(ELECTION) if office in rosters][-1]
    return list(last.get("staff", []))


def decree(*, closes_on: date | None) -> None:
    with open_store(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        offices = tuple(one.revised(closes_on=closes_on) if one.code == HOME else one for one in land.offices)
        orders = [order for order in land.acting_orders if order.office != HOME]
        if closes_on:
            orders.append(an_order(HOME, ACTING, closes_on, land.serves_until))
        store.elections.put(profile, land.revised(offices=offices, acting_orders=tuple(orders)), now=AS_OF)


def case_at(office: str) -> UUID:
    with open_reader(database()) as store:
        return next(case.id for case in store.applications.all_in(ELECTION, *Status) if case.office == office)


def note(now: datetime = AS_OF, officer: str = SURGE, *, of_office: str = HOME) -> None:
    write_note(case_at(of_office), "The papers are here.", ActingOfficer(officer, ELECTION, now))


def nothing(*_: object, **__: object) -> None:
    """Stand for a rule that was taken out."""


@pytest.mark.usefixtures("issued")
def test_two_administrators_make_a_shift_by_the_same_command_and_one_alone_makes_none() -> None:
    command = [
        "office",
        "shift",
        SURGE,
        HOME,
        "--from",
        f"{FIRST}",
        "--until",
        f"{LAST}",
        "--as-of",
        f"{AS_OF:%Y-%m-%d}",
    ]
    for officer, said in (("OFF-ADMIN-1", "Proposed"), ("OFF-ADMIN-1", "Proposed")):
        done = CliRunner().invoke(app, [*command, "--officer", officer])
        assert (done.exit_code, said in done.output) == (0, True), done.output
    with pytest.raises(OfficerRefusedError):
        note()
    assert [row["stands"] for row in shift_rows(ELECTION, now=AS_OF)] == ["to be confirmed: proposed by OFF-ADMIN-1"]
    done = CliRunner().invoke(app, [*command, "--officer", "OFF-ADMIN-2"])
    assert (done.exit_code, "done" in done.output) == (0, True), done.output
    assert [row["stands"] for row in shift_rows(ELECTION, now=AS_OF)] == ["runs"]


REFUSED: Final = (
    ("OFF-DEMO-1", f"{HOME} {FIRST} {LAST}", "is no surge staff"),
    (SURGE, f"{HOME} 2027-02-01 {LAST}", "is not trained by then"),
    (SURGE, f"{HOME} {LAST} {FIRST}", "no span of days"),
    (SURGE, f"{HOME} {FIRST} soon", "names no office and days"),
    (SURGE, f"OF-99 {FIRST} {LAST}", "no office OF-99"),
)


@pytest.mark.usefixtures("issued")
def test_who_cannot_be_sent_is_not_sent_and_the_message_says_why() -> None:
    for officer, detail, why in REFUSED:
        with pytest.raises((BadInputError, UnknownThingError), match=why):
            by_two(StaffAct.SHIFT, detail, officer=officer)


@pytest.mark.usefixtures("sent")
def test_surge_staff_are_told_stand_on_the_list_prepare_and_decide_nothing() -> None:
    (letter,) = told()
    assert letter.to == "tamsin.orrel@commission.valdara.example"
    assert [place["office"] for place in letter.contents["places"]] == ["Eastern Regional Office"]  # type: ignore[attr-defined]
    assert staff_on(HOME) == [f"{SURGE} {FIRST} {LAST}"]
    note()
    case = due(Status.CREDENTIALED)[:1]
    ruling = Ruling(outcome=Outcome.SUSPEND, reasons=(ReasonCode.V02,), facts="Seen.", until=AS_OF + DAY)
    with pytest.raises(OfficerRefusedError, match="who prepare"):
        decide_applications(case, ruling, ActingOfficer(SURGE, ELECTION, AS_OF))
    with open_reader(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        scope = scope_of(store, store.officers.get(ELECTION, SURGE), profile, now=AS_OF)
    assert scope
    assert {*scope.regions} == {region.code for region in land.regions if region.office == HOME}
    with pytest.raises(BadInputError, match="has a shift on these days"):
        by_two(StaffAct.SHIFT, f"{ACTING} {LAST} {LAST + DAY}")
    assert check_election(ELECTION, now=AS_OF) == ()
    assert not audit(ELECTION).links


@pytest.mark.usefixtures("sent")
def test_during_a_shift_only_cases_of_that_office_are_touched() -> None:
    with pytest.raises(OfficerRefusedError, match="is outside of what you serve"):
        note(of_office=ACTING)
    note()


@pytest.mark.usefixtures("issued")
def test_a_shift_that_was_called_off_can_be_given_anew_and_none_is_given_for_a_day_that_is_over() -> None:
    with pytest.raises(BadInputError, match="a day that is over"):
        by_two(StaffAct.SHIFT, f"{HOME} {FIRST - DAY} {LAST}")
    for first in (FIRST, FIRST + DAY):
        by_two(StaffAct.SHIFT, f"{HOME} {first} {LAST}")
        by_two(StaffAct.END_SHIFT, f"{HOME} {first}")
    for first, letters in ((FIRST + DAY, 5), (FIRST, 6)):
        by_two(StaffAct.SHIFT, f"{HOME} {first} {LAST}" if first > FIRST else f"{HOME} {FIRST} {FIRST}")
        assert len(told()) == letters
    assert [bool(letter.contents["again"]) for letter in told() if not letter.contents["ended"]].count(False) == 2
    note()
    assert check_election(ELECTION, now=AS_OF) == ()


@pytest.mark.usefixtures("sent")
def test_access_opens_and_ends_with_the_shift_and_two_officers_end_it_before_its_time() -> None:
    with pytest.raises(OfficerRefusedError, match="has no shift now"):
        note(datetime(2027, 3, 15, tzinfo=UTC) + DAY)
    by_two(StaffAct.END_SHIFT, f"{HOME} {FIRST}", now=AS_OF + DAY)
    with pytest.raises(OfficerRefusedError, match="has no shift now"):
        note(AS_OF + DAY)
    note(AS_OF + DAY / 2)
    assert [bool(letter.contents["ended"]) for letter in told()] == [False, True]
    assert staff_on(HOME) == []
    with pytest.raises(AccreditationError):
        by_two(StaffAct.END_SHIFT, f"{HOME} {FIRST}", now=AS_OF + DAY)


@pytest.mark.usefixtures("sent")
def test_when_the_office_closes_the_shift_ends_there_and_is_handed_on_to_the_acting_one_and_back() -> None:
    closes = FIRST + 2 * DAY
    decree(closes_on=closes)
    assert {found.rule for found in check_election(ELECTION, now=AS_OF)} == {"shift_at_open_office"}
    follow_offices(ELECTION, now=AS_OF)
    assert check_election(ELECTION, now=AS_OF) == ()
    *_, letter = told()
    places = [(place["office"], place["first_day"]) for place in letter.contents["places"]]  # type: ignore[attr-defined]
    assert places == [("Eastern Regional Office", f"{FIRST}"), ("Brightwater Regional Office", f"{closes}")]
    assert (staff_on(HOME), staff_on(ACTING)) == (
        [f"{SURGE} {FIRST} {closes - DAY}"],
        [f"{SURGE} {closes} {LAST}"],
    )
    with open_reader(database()) as store:
        served = [store.officers.at_work(ELECTION, SURGE, now=AS_OF + days * DAY).offices for days in (0, 3)]
    assert served == [(HOME,), (ACTING,)]
    decree(closes_on=None)
    follow_offices(ELECTION, now=AS_OF)
    assert staff_on(HOME) == [f"{SURGE} {FIRST} {LAST}"]
    assert len(told()) == 3
    assert follow_offices(ELECTION, now=AS_OF) == []
    assert len(told()) == 3


@pytest.mark.usefixtures("sent")
def test_the_check_finds_an_act_outside_of_a_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.statements.authority.Authority._check_shift", nothing)
    note(AS_OF + 9 * DAY)
    found = [
        contradiction.about
        for contradiction in check_election(ELECTION, now=AS_OF)
        if contradiction.rule == "act_in_shift"
    ]
    assert found == [SURGE]


@pytest.mark.usefixtures("issued")
def test_the_check_finds_an_act_on_another_offices_case(monkeypatch: pytest.MonkeyPatch) -> None:
    home, other = free_offices()
    by_two(StaffAct.SHIFT, f"{home} {FIRST} {LAST}")
    note(of_office=home)
    assert check_election(ELECTION, now=AS_OF) == ()
    monkeypatch.setattr("flows.statements.acceptance.check_shift_serves", nothing)
    note(of_office=other)
    (found,) = check_election(ELECTION, now=AS_OF)
    assert (found.rule, found.about, f"on a case of {other}" in found.problem) == ("act_in_shift", SURGE, True)


def free_offices() -> list[str]:
    """Return two offices with people that no order names."""
    with open_reader(database()) as store:
        land = store.elections.geography(ELECTION)
        people = {case.office for case in store.applications.all_in(ELECTION, Status.CREDENTIALED)}
    ordered = {code for order in land.acting_orders for code in (order.office, order.acting)}
    return sorted({office for office in people if office} - ordered)[:2]


@pytest.mark.usefixtures("sent")
def test_a_shift_of_somebody_who_left_the_pool_is_found() -> None:
    with open_store(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        others = tuple(member for member in land.central_pool if member.code != SURGE)
        store.elections.put(profile, land.revised(central_pool=others), now=AS_OF)
    assert {(found.rule, found.about) for found in check_election(ELECTION, now=AS_OF)} == {("shift_of_pool", SURGE)}
    assert staff_on(HOME) != []
    by_two(StaffAct.END_SHIFT, f"{HOME} {FIRST}")
    with open_reader(database()) as store:
        letters = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.SHIFT))
    assert [letter.state for letter in letters] == [LetterState.CANCELLED], "nobody is sent to a shift that was ended"
    assert check_election(ELECTION, now=AS_OF) == ()
