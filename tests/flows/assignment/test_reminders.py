"""What people are reminded of, and when letters rest: from the profile's rules to the letters that left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from unicodedata import normalize
from uuid import UUID

import pytest
from openpyxl import load_workbook
from support.builders import ELECTION, WEIGHED
from support.signing import rewritten
from support.stages import AS_OF, Stages

from db.letters.letters import LetterFilter
from db.letters.outbox import QueuedLetter
from db.store import open_reader, open_store
from domain.application.actors import Actor
from domain.application.case import Case
from domain.application.events import ApplicationWithdrawn, RegionAssigned
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import Outcome, Ruling
from domain.election.geography import ActingOrder
from domain.election.profile import Briefing, ElectionProfile, LetterRules, QuietHours
from domain.letters.envelope import Envelope, LetterKind, LetterState
from flows.assignment.announcements import (
    announce_office_changes,
    placed_cases,
    remind_of_briefings,
    remind_of_stays,
    renew_rosters,
)
from flows.context import ElectionContext, database, election_context
from flows.decisions.rulings import decide_applications
from flows.delivery import postman
from flows.delivery.correspondence import letter_with_code
from flows.letters.application_letters import ApplicationLetters
from flows.oversight.reminders import remind, send_digest
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store


@pytest.fixture
def issued(stages: Stages) -> Iterator[Stages]:
    """Every stage done but the delivery."""
    with stages.copy("issued"):
        yield stages


@pytest.fixture
def placed(stages: Stages) -> Iterator[Stages]:
    """Everybody has a region, nobody a credential."""
    with stages.copy("assigned"):
        yield stages


def with_rules(rules: LetterRules) -> ElectionContext:
    context = election_context(ELECTION, AS_OF)
    return replace(context, profile=context.profile.revised(letters=rules))


def letters(kind: LetterKind) -> list[QueuedLetter]:
    with open_reader(database()) as store:
        return store.letters.matching(ELECTION, LetterFilter(kind=kind))


def deliver(profile: ElectionProfile, hours: int = 0) -> None:
    for _ in postman.send_due(ELECTION, profile, now=AS_OF + timedelta(hours=hours)):
        pass


def arrived() -> list[EmailMessage]:
    folder: Path = settings().maildir / "new"
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.iterdir())]


BRIEFING = Briefing(code="B1", title="Briefing for observers", begins=AS_OF + timedelta(days=2), place="Hall 2")


def test_reminders_are_written_once_and_not_sent_to_somebody_who_has_withdrawn(issued: Stages) -> None:
    del issued
    context = with_rules(LetterRules(briefings=(BRIEFING,), stay_reminder_days=60))
    for occasion in (remind_of_briefings, remind_of_stays) * 2:
        with open_store(database()) as store:
            occasion(store, context)
    reminders = letters(LetterKind.REMINDER)
    assert len({reminder.envelope.key for reminder in reminders}) == len(reminders)
    topics = {str(reminder.envelope.contents["topic"]) for reminder in reminders}
    assert topics == {"briefing", "stay"}
    gone = reminders[0].envelope.application_id
    assert gone is not None
    with open_store(database()) as store:
        withdrawal = ApplicationWithdrawn(application_id=gone, at=AS_OF, actor=Actor.engine("test"), by="applicant")
        store.applications.record(store.applications.get(gone), withdrawal)
    deliver(context.profile)
    of_the_gone = [letter for letter in letters(LetterKind.REMINDER) if letter.envelope.application_id == gone]
    assert {(one.state, one.answer) for one in of_the_gone} == {(LetterState.CANCELLED, postman.VANISHED)}
    others = [letter for letter in letters(LetterKind.REMINDER) if letter.envelope.application_id != gone]
    assert {other.state for other in others} == {LetterState.SENT}


def test_who_is_placed_elsewhere_before_a_reminder_leaves_is_told_of_the_new_region_once(placed: Stages) -> None:
    del placed
    context = with_rules(LetterRules(stay_reminder_days=60, briefings=(BRIEFING,)))

    def remind() -> None:
        for _ in range(2):
            with open_store(database()) as store:
                remind_of_stays(store, context)
                remind_of_briefings(store, context)

    remind()
    with open_store(database()) as store:
        assigned = next(
            application for application in store.applications.all_in(ELECTION, Status.ASSIGNED) if application.region
        )
        other = next(region for region in context.geography.regions if region.code != assigned.region)
        moved = RegionAssigned(
            application_id=assigned.id, at=AS_OF, actor=Actor.engine("test"), region=other.code, office=other.office,
            plan_id=assigned.plan_id or UUID(int=1),
        )  # fmt: skip
        store.applications.record(assigned, moved)
    remind()
    deliver(context.profile, hours=1)
    remind()
    deliver(context.profile, hours=24)

    told = [letter for letter in letters(LetterKind.REMINDER) if letter.envelope.application_id == assigned.id]
    stays = {one.state: one.envelope.contents["region"] for one in told if one.envelope.contents["topic"] == "stay"}
    assert stays[LetterState.SENT] == other.name
    assert stays[LetterState.CANCELLED] != other.name
    assert len(told) == 3


def test_a_reminder_that_could_not_leave_in_time_is_not_sent(issued: Stages) -> None:
    del issued
    context = with_rules(LetterRules(briefings=(BRIEFING,)))
    with open_store(database()) as store:
        remind_of_briefings(store, context)

    deliver(context.profile, hours=48)

    assert {letter.state for letter in letters(LetterKind.REMINDER)} == {LetterState.CANCELLED}


def test_letters_that_can_wait_rest_until_the_quiet_hours_are_over(issued: Stages) -> None:
    del issued
    context = election_context(ELECTION, AS_OF)
    local = AS_OF.astimezone(context.profile.zone)
    quiet = QuietHours(
        begins=(local - timedelta(hours=1)).time(),
        ends=(local + timedelta(hours=2)).time(),
        urgent=(LetterKind.REFUSAL,),
    )
    profile = context.profile.revised(letters=LetterRules(quiet_hours=quiet))
    resting = postman.rest_at_night(ELECTION, profile, now=AS_OF)
    assert resting > 0
    assert postman.rest_at_night(ELECTION, profile, now=AS_OF) == 0
    deliver(profile)
    assert {letter.state for letter in letters(LetterKind.REFUSAL)} == {LetterState.SENT}
    assert {letter.next_at for letter in letters(LetterKind.APPROVAL)} == {AS_OF + timedelta(hours=2)}
    assert postman.rest_at_night(ELECTION, profile, now=AS_OF + timedelta(hours=2)) == 0
    deliver(profile, hours=2)
    assert {letter.state for letter in letters(LetterKind.APPROVAL)} == {LetterState.SENT}


def test_officers_get_one_digest_a_day_and_offices_what_changed_on_their_lists(issued: Stages) -> None:
    del issued
    for hours, expected in ((-9, 0), (0, 1), (1, 1), (24, 2)):
        with open_store(database()) as store:
            send_digest(store, election_context(ELECTION, AS_OF + timedelta(hours=hours)))
        assert len(letters(LetterKind.DIGEST)) == expected
    rosters = len(letters(LetterKind.ROSTER))
    renewed = renew_rosters(ELECTION, now=AS_OF)
    assert renewed > 0, "credentials were issued after the plan's own rosters"
    assert renew_rosters(ELECTION, now=AS_OF) == 0
    found = letters(LetterKind.ROSTER)
    assert len(found) == rosters + renewed
    assert {one.envelope.contents["version"] for one in found} == {1, 2}
    sheets = [rows_of(one.envelope) for one in found if one.envelope.contents["version"] == 2]
    lines = [line for sheet in sheets for line in sheet]
    assert all(line["Serial"] for line in lines if line["Credential"] == "issued")
    assert {line["Credential"] for line in lines} >= {"issued"}
    assert any(line["Arrival"] for line in lines)
    for sheet in sheets:
        names = [normalize("NFKD", str(line["Name"])).casefold() for line in sheet if line["Change"] != "removed"]
        assert names == sorted(names)
        teams: dict[object, set[object]] = {}
        for line in sheet:
            teams.setdefault(line["Team"], set()).add(line["Name"])
        paired = [line for line in sheet if line["Together with"] and "," not in str(line["Together with"])]
        assert all(line["Together with"] in teams[line["Team"]] for line in paired)
    digest = letters(LetterKind.DIGEST)[0].envelope
    assert digest.to == election_context(ELECTION, AS_OF).profile.election.officers_email
    assert str(digest.contents["in_review"]).isdigit()


@pytest.mark.parametrize("digest_at", [None, time(23)], ids=["no digest", "its hour is to come"])
def test_lists_wait_for_the_digests_hour_but_not_where_officers_get_none(
    issued: Stages, digest_at: time | None
) -> None:
    del issued
    profile = election_context(ELECTION, AS_OF).profile
    rewritten(profile=profile.revised(letters=profile.letters.revised(digest_at=digest_at)))
    renewed = remind(ELECTION, now=AS_OF)["rosters"]
    assert (renewed > 0) == (digest_at is None)
    assert remind(ELECTION, now=AS_OF)["rosters"] == 0


def rows_of(letter: Envelope) -> list[dict[str, object]]:
    """Return the lines of the workbook that *letter* carries."""
    book = next(part for part in letter.attachments if part.filename.endswith(".xlsx"))
    sheet = load_workbook(BytesIO(file_store().get(book.content))).worksheets[0]
    heads, *rows = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=4))
    return [dict(zip(map(str, heads), row, strict=True)) for row in rows]


def test_a_suspended_person_stays_on_the_list_and_is_marked(issued: Stages) -> None:
    del issued
    renew_rosters(ELECTION, now=AS_OF)
    with open_reader(database()) as store:
        one = next(found for found in store.applications.all_in(ELECTION, Status.CREDENTIALED) if found.office)
    facts = f"A report. {WEIGHED}"
    ruling = Ruling(outcome=Outcome.SUSPEND, reasons=(ReasonCode.V02,), until=AS_OF + timedelta(days=2), facts=facts)
    decide_applications([one.id], ruling, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    assert renew_rosters(ELECTION, now=AS_OF + timedelta(hours=1)) == 1
    newest = max(letters(LetterKind.ROSTER), key=lambda letter: int(str(letter.envelope.contents["version"]))).envelope
    (line,) = [line for line in rows_of(newest) if line["Serial"] == one.serial]
    assert (line["Credential"], line["Change"]) == ("suspended", "changed")


def test_an_acting_order_is_announced_to_both_offices_and_to_those_with_people_there(issued: Stages) -> None:
    del issued
    context = election_context(ELECTION, AS_OF)
    land, begins = context.geography, AS_OF.date() + timedelta(days=2)
    steady = {office.code for office in land.offices if office.is_open(AS_OF.date()) and office.closes_on is None}
    with open_reader(database()) as store:
        placed = next(
            application for application in store.applications.all_in(ELECTION) if application.office in steady
        )
    home = next(region.office for region in land.regions if region.code == placed.region)
    acting = min(steady - {home})
    order = ActingOrder(office=home, acting=acting, begins_on=begins, ends_on=land.serves_until, ground="order 7")
    shut = [office.revised(closes_on=begins) if office.code == home else office for office in land.offices]
    others = [one for one in land.acting_orders if one.office != home]
    land = land.revised(offices=tuple(shut), acting_orders=(*others, order))
    for _ in range(2):
        with open_store(database()) as store:
            announce_office_changes(store, replace(context, geography=land))
    announced = [letter.envelope for letter in letters(LetterKind.OFFICE_CHANGE)]
    assert {one.contents["change"] for one in announced if one.key.startswith(f"office_change:{home}:")} == {"acting"}
    assert placed.organisation in {one.organisation for one in announced}
    assert {land.office(home).email, land.office(acting).email} <= {one.to for one in announced}


def test_a_letter_carries_its_code_the_official_language_and_links_to_big_files(issued: Stages) -> None:
    del issued
    rules = LetterRules(
        official_language_beneath=True, download_base="https://files.commission.example/d", attached_up_to=1000
    )
    profile = with_rules(rules).profile.revised(languages=("fr", "en", "ar"))
    deliver(profile)
    bodies = {letter: str(letter.get_body(("plain",))).lower() for letter in arrived()}
    credential = next(letter for letter, said in bodies.items() if "badge" in said and rules.download_base in said)
    body = credential.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    text = body.get_content()
    assert "Code of this letter: " in text
    assert "Code de cette lettre" in text
    code = text.partition("Code of this letter: ")[2][:19]
    found = letter_with_code(ELECTION, code.lower().replace("-", " "))
    assert found is not None
    assert found.kind is LetterKind.CREDENTIAL
    assert letter_with_code(ELECTION, "AAAA-AAAA-AAAA-AAAA") is None
    assert not list(credential.iter_attachments())
    address = next(word for word in text.split() if word.startswith(rules.download_base))
    assert (settings().home / "downloads" / address.removeprefix(f"{rules.download_base}/")).stat().st_size > 1000


def test_a_briefing_that_moves_cancels_the_reminder_that_waits_and_tells_the_new_time(issued: Stages) -> None:
    del issued
    moved = BRIEFING.revised(begins=BRIEFING.begins - timedelta(hours=3), place="Hall 7")
    for briefing in (BRIEFING, moved):
        with open_store(database()) as store:
            remind_of_briefings(store, with_rules(LetterRules(briefings=(briefing,))))
    deliver(with_rules(LetterRules(briefings=(moved,))).profile)
    became = Counter(
        (str(letter.envelope.contents["place"]), letter.state.value) for letter in letters(LetterKind.REMINDER)
    )
    assert became.keys() == {("Hall 2", "cancelled"), ("Hall 7", "sent")}


def test_each_is_written_to_in_a_language_of_their_own(placed: Stages) -> None:
    del placed
    context = with_rules(LetterRules())
    profile = context.profile.revised(languages=("es", "ar", "fr"))
    with open_reader(database()) as store:
        case = placed_cases(store, context)[0]
    organisation = context.organisations[case.application.organisation].revised(language="fr")
    house = replace(context, profile=profile, organisations={organisation.code: organisation})
    person = case.nomination.revised(letter_language="ar")

    def languages(**changes: str | None) -> tuple[str, str | None]:
        letter = ApplicationLetters.at(house).approval(Case(case.application, person.revised(**changes)))
        return letter.language, letter.copy_language

    assert languages() == ("ar", "fr")
    assert languages(letter_language="fr") == ("fr", None)
    assert languages(letter_language="ru") == ("es", "fr")
    assert languages(letter_language=None) == ("fr", None), "nobody chose: as the organisation reads"
    assert languages(email="") == ("fr", None)
    assert ApplicationLetters.at(house).receipt(case, ()).language == "fr"
    assert ApplicationLetters.at(house).referral(case, ()).language == "es"
    both = ApplicationLetters.at(house).approval(Case(case.application, person))
    with open_store(database()) as store:
        store.outbox.put(ELECTION, both.revised(key="both"), now=AS_OF)
    deliver(profile)
    (message,) = [one for one in arrived() if one["Content-Language"] == "ar, fr"]
    text = " ".join(message.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]  # it has one
    assert text.startswith("La même lettre en français suit ci-dessous.")
    assert "accréditation ci-dessous a été accordée" in text
    assert "الاعتماد" in text
