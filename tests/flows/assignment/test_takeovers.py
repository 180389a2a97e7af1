"""The acting office takes over whenever the order comes, and everything goes back when the office opens again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from support.builders import ELECTION, an, an_order
from support.stages import AS_OF, Stages, deliver, everything
from typer.testing import CliRunner

from db.credentials.prints import PrintedCopies
from db.letters.letters import LetterFilter
from db.letters.outbox import QueuedLetter
from db.store import open_reader, open_store
from domain.application.application import Application
from domain.application.events import CredentialSuspended
from domain.application.reasons import ReasonCode
from domain.application.status import PLACED, Status
from domain.assignment.acknowledgements import Recipient
from domain.decisions.rulings import Outcome, Ruling
from domain.letters.envelope import LetterKind, LetterState
from flows.assignment.acknowledgements import record_acknowledgement
from flows.assignment.takeovers import follow_offices, foreseen
from flows.cli.app import app
from flows.context import database
from flows.decisions.rulings import decide_applications
from flows.issuance.prints import print_office, record_printed
from flows.oversight.contradictions import check_election
from flows.oversight.open_work import list_rows
from flows.oversight.reminders import remind
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store
from notifications.badge.sheets import SheetLayout

CLOSED, ACTING = "OF-05", "OF-04"
DAY = timedelta(days=1)
_FACTS = "Two reports. Proportionality: A word changed nothing."


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("issued"):
        deliver()
        yield


@pytest.fixture
def issued_on_either(stages: Stages) -> Iterator[None]:
    with stages.copy("issued"):
        deliver()
        yield


def decree(*, closes_on: date | None) -> None:
    """Write the offices as an order that is adopted has them."""
    with open_store(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        offices = tuple(
            office.revised(closes_on=closes_on) if office.code == CLOSED else office for office in land.offices
        )
        orders = [order for order in land.acting_orders if order.office != CLOSED]
        if closes_on:
            orders.append(an_order(CLOSED, ACTING, closes_on, land.serves_until))
        store.elections.put(profile, land.revised(offices=offices, acting_orders=tuple(orders)), now=AS_OF)


def served_by(office: str) -> dict[UUID, Application]:
    with open_reader(database()) as store:
        return {case.id: case for case in store.applications.all_in(ELECTION, *PLACED) if case.office == office}


def letters(kind: LetterKind, *, state: LetterState | None = None) -> list[QueuedLetter]:
    with open_reader(database()) as store:
        return store.letters.matching(ELECTION, LetterFilter(kind=kind, state=state))


def lines_of(office: str) -> int:
    with open_reader(database()) as store:
        last = [rosters[office] for _, rosters in store.plans.with_rosters(ELECTION) if office in rosters][-1]
    return len(last["lines"])


@pytest.mark.usefixtures("issued")
def test_an_office_that_closes_hands_over_people_lists_badges_and_letters_in_one_act() -> None:
    moving, before = served_by(CLOSED), served_by(ACTING)
    assert moving
    printed = print_office(ELECTION, CLOSED, SheetLayout.A6, now=AS_OF)
    record_printed(printed, ELECTION, SheetLayout.A6, now=AS_OF)
    decree(closes_on=AS_OF.date())
    assert {told.rule for told in check_election(ELECTION, now=AS_OF)} >= {"office_of_case", "list_of_open_office"}
    (takeover,) = foreseen(ELECTION, now=AS_OF)
    assert {case.id for case in takeover.people} == moving.keys()
    assert set(takeover.stock) == {str(case.serial) for case in moving.values()}
    assert served_by(CLOSED) == moving, "looking moves nobody"
    follow_offices(ELECTION, now=AS_OF)
    assert served_by(CLOSED) == {}
    assert served_by(ACTING).keys() == moving.keys() | before.keys()
    assert (lines_of(CLOSED), lines_of(ACTING)) == (0, len(moving) + len(before))
    with open_reader(database()) as store:
        assert {copy.office for copy in PrintedCopies(store.session).latest(takeover.stock).values()} == {ACTING}
    again = print_office(ELECTION, ACTING, SheetLayout.A6, now=AS_OF, again=True)
    assert set(again.serials) == {str(case.serial) for case in served_by(ACTING).values()}
    assert check_election(ELECTION, now=AS_OF + 2 * DAY) == ()
    kept = everything()
    assert follow_offices(ELECTION, now=AS_OF) == []
    assert everything() == kept


@pytest.mark.usefixtures("issued")
def test_offices_delegations_and_everybody_concerned_are_told_once_and_nothing_names_the_closed_office() -> None:
    moving = served_by(CLOSED)
    printed = print_office(ELECTION, CLOSED, SheetLayout.A6, now=AS_OF)
    record_printed(printed, ELECTION, SheetLayout.A6, now=AS_OF)
    decree(closes_on=AS_OF.date())
    with open_reader(database()) as store:
        land = store.elections.geography(ELECTION)
    closed, acting = land.office(CLOSED), land.office(ACTING)
    follow_offices(ELECTION, now=AS_OF)
    told = letters(LetterKind.PLACEMENT, state=LetterState.QUEUED)
    assert {letter.envelope.application_id for letter in told} == moving.keys()
    assert {str(dict(letter.envelope.contents["serving"])["name"]) for letter in told} == {acting.name}  # type: ignore[call-overload]
    collection = letters(LetterKind.COLLECTION)
    waiting = [letter for letter in collection if letter.state is LetterState.QUEUED]
    assert {letter.envelope.application_id for letter in waiting} == moving.keys()
    assert all(str(letter.envelope.contents["place"]).startswith(acting.name) for letter in waiting)
    assert {letter.state for letter in collection} == {LetterState.QUEUED, LetterState.CANCELLED}
    changed = [letter.envelope for letter in letters(LetterKind.OFFICE_CHANGE)]
    assert {letter.to for letter in changed if not letter.organisation} == {closed.email, acting.email}
    assert {letter.organisation for letter in changed if letter.organisation} == {
        case.organisation for case in moving.values()
    }
    (receipt,) = {letter.attachments for letter in changed if not letter.organisation}
    rows = file_store().get(receipt[0].content).decode().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == sorted(str(case.serial) for case in moving.values())
    assert all(row.split(",")[1:3] == [CLOSED, ACTING] for row in rows)


@pytest.mark.usefixtures("issued")
def test_badges_that_change_hands_have_a_receipt_which_is_late_like_any_clock_until_it_is_given() -> None:
    record_printed(print_office(ELECTION, CLOSED, SheetLayout.A6, now=AS_OF), ELECTION, SheetLayout.A6, now=AS_OF)
    decree(closes_on=AS_OF.date())
    follow_offices(ELECTION, now=AS_OF)
    deliver(acknowledged=False)
    later = AS_OF + 3 * DAY

    def stands() -> list[str | int]:
        return [row["stands"] for row in list_rows(ELECTION, now=later) if row["recipient"] == Recipient.STOCK]

    def missed() -> set[str]:
        return {told.about for told in check_election(ELECTION, now=later) if "badges" in told.problem}

    assert (stands(), missed()) == (["late"], {CLOSED})
    (asked,) = [letter for letter in letters(LetterKind.OFFICE_CHANGE) if letter.envelope.contents["due"]]
    with open_reader(database()) as store:
        assert asked.envelope.to == store.elections.geography(ELECTION).office(ACTING).email
    by = ActingOfficer("OFF-DEMO-1", ELECTION, later)
    assert record_acknowledgement(Recipient.STOCK, CLOSED, 1, by, way="paper")
    assert (stands(), missed()) == (["acknowledged by paper"], set())


@pytest.mark.usefixtures("issued_on_either")
def test_when_the_office_opens_again_everything_goes_back() -> None:
    moving = served_by(CLOSED).keys()
    decree(closes_on=AS_OF.date())
    follow_offices(ELECTION, now=AS_OF)
    decree(closes_on=None)
    (takeover,) = follow_offices(ELECTION, now=AS_OF + DAY)
    assert (takeover.leaves, takeover.enters) == (ACTING, CLOSED)
    assert served_by(CLOSED).keys() == moving
    assert lines_of(CLOSED) == len(moving)
    assert check_election(ELECTION, now=AS_OF + 3 * DAY) == ()


@pytest.mark.usefixtures("issued")
def test_an_order_alone_closes_an_open_office_and_lets_it_open_again_on_its_last_day() -> None:
    here = set(served_by(CLOSED))
    with open_store(database()) as store:
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        order, home = an_order(CLOSED, ACTING, AS_OF.date(), AS_OF.date() + 2 * DAY), land.office(CLOSED)
        store.elections.put(profile, land.revised(acting_orders=(*land.acting_orders, order)), now=AS_OF)
    for later, office in enumerate((ACTING, ACTING, CLOSED)):
        remind(ELECTION, now=AS_OF + later * DAY)
        assert here <= set(served_by(office)), later
        found = {one.rule for one in check_election(ELECTION, now=AS_OF + later * DAY)}
        assert found <= {"list_acknowledged"}, later
    lists = [one.envelope.contents["office"] for one in letters(LetterKind.ROSTER) if one.envelope.to == home.email]
    assert land.office(ACTING).name in {named["name"] for named in lists}, "while it is closed, no letter names it"
    opened = [one for one in letters(LetterKind.OFFICE_CHANGE) if one.envelope.contents["change"] == "opens"]
    assert {one.envelope.to for one in opened} > {land.office(CLOSED).email, land.office(ACTING).email}


@pytest.mark.usefixtures("issued")
def test_an_order_for_a_later_day_moves_nobody_before_it_and_the_reminders_carry_it_out() -> None:
    moving = served_by(CLOSED)
    later = AS_OF + 2 * DAY
    decree(closes_on=later.date())
    remind(ELECTION, now=AS_OF)
    assert served_by(CLOSED).keys() == moving.keys()
    shown = CliRunner().invoke(app, ["office", "changes", "--on", f"{later:%Y-%m-%d}", "--as-of", f"{AS_OF:%Y-%m-%d}"])
    assert (shown.exit_code, ACTING in shown.output) == (0, True), shown.output
    remind(ELECTION, now=later)
    assert served_by(CLOSED) == {}
    assert check_election(ELECTION, now=later) == ()
    announced = [letter.envelope for letter in letters(LetterKind.OFFICE_CHANGE) if letter.envelope.organisation]
    assert len({(letter.organisation, letter.contents["change"]) for letter in announced}) == len(announced)


@pytest.mark.usefixtures("issued")
def test_a_suspended_person_moves_with_the_office_and_gets_no_letter_of_a_place() -> None:
    known = next(iter(served_by(CLOSED)))
    with open_store(database()) as store:
        case = store.applications.get(known)
        store.applications.record(case, an(CredentialSuspended, application_id=known, at=AS_OF))
    decree(closes_on=AS_OF.date())
    follow_offices(ELECTION, now=AS_OF)
    with open_reader(database()) as store:
        assert (store.applications.get(known).office, store.applications.get(known).status) == (
            ACTING,
            Status.SUSPENDED,
        )
    told = {letter.envelope.application_id for letter in letters(LetterKind.PLACEMENT, state=LetterState.QUEUED)}
    assert known not in told


@pytest.mark.usefixtures("issued")
def test_what_waits_for_a_closed_office_about_a_badge_goes_to_the_acting_one() -> None:
    case = next(iter(served_by(CLOSED)))
    ruling = Ruling(outcome=Outcome.SUSPEND, reasons=(ReasonCode.V02,), facts=_FACTS, until=AS_OF + DAY)
    (done,) = decide_applications([case], ruling, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    assert done.applied, done
    decree(closes_on=AS_OF.date())
    assert "letter_overtaken" in {told.rule for told in check_election(ELECTION, now=AS_OF)}
    follow_offices(ELECTION, now=AS_OF)
    with open_reader(database()) as store:
        acting = store.elections.geography(ELECTION).office(ACTING).email
    (told,) = letters(LetterKind.CREDENTIAL_CHANGE, state=LetterState.QUEUED)
    assert told.envelope.to == acting
    assert check_election(ELECTION, now=AS_OF) == ()
