"""Election day moves when half of the badges are out: everything follows, once, also after a crash, and back again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from icalendar import Calendar
from support.builders import ELECTION
from support.stages import AS_OF, Stages, deliver, everything
from typer.testing import CliRunner

from db.letters.letters import LetterFilter
from db.letters.outbox import QueuedLetter
from db.store import open_reader, open_store
from domain.application.status import Status
from domain.credentials.states import CredentialStatus
from domain.election.moving import Move
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError, UnknownThingError
from domain.letters.envelope import LetterKind, LetterState
from flows.cli.app import app
from flows.context import database
from flows.delivery.notices import start_clocks
from flows.delivery.parcels import set_apart
from flows.election import moving
from flows.election.files import write_rules
from flows.election.loading import PackageDiffersError, init_election
from flows.election.move_drafts import CONCERNED, calendar_versions, draft_move
from flows.election.moving import MoveOutcome, follow_calendar, move_election
from flows.issuance import life
from flows.oversight.contradictions import check_election
from flows.oversight.overview import audit
from flows.oversight.reminders import remind
from flows.settings import reset_settings
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store
from notifications.mail.message import letter_code

FIRST, SECOND = "OFF-ADMIN-1", "OFF-ADMIN-2"
OLD = date(2027, 3, 14)
LATER = Move(day=date(2027, 4, 11), ground="Decree 12/2027")
SOONER = Move(day=date(2027, 3, 12), ground="Decree 13/2027")
DAY = timedelta(days=1)


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("delivered"):
        yield


@pytest.fixture
def moved(sqlite_stages: Stages) -> Iterator[None]:
    """Give an election that was moved to the later day, once for all tests that begin there."""
    sqlite_stages.further("moved", lambda: adopt(LATER), after="delivered")
    with sqlite_stages.copy("moved"):
        yield


@pytest.fixture
def issued_on_either(stages: Stages) -> Iterator[None]:
    with stages.copy("delivered"):
        yield


def by(officer: str, now: datetime = AS_OF) -> ActingOfficer:
    return ActingOfficer(officer, ELECTION, now)


def adopt(move: Move, now: datetime = AS_OF) -> MoveOutcome:
    proposed = move_election(move, by(FIRST, now))
    assert proposed.proposed
    return move_election(move, by(SECOND, now))


def rules() -> ElectionProfile:
    with open_reader(database()) as store:
        return store.elections.profile(ELECTION)


def letters(state: LetterState | None = LetterState.QUEUED) -> list[QueuedLetter]:
    with open_reader(database()) as store:
        return store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.CALENDAR, state=state))


def concerned() -> set[object]:
    with open_reader(database()) as store:
        return set(store.applications.ids_in(ELECTION, *CONCERNED))


def nothing_is_wrong(now: datetime = AS_OF) -> None:
    assert check_election(ELECTION, now=now) == ()
    with open_reader(database()) as store:
        held = store.applications.all_in(ELECTION, Status.CREDENTIALED)
        profile = store.elections.profile(ELECTION)
    assert held
    assert all(
        case.valid_until and case.valid_until >= profile.valid_until(now).replace(microsecond=0) for case in held
    )
    assert audit(ELECTION).is_whole, audit(ELECTION)


@pytest.mark.usefixtures("issued")
def test_a_draft_shows_what_moves_and_whom_it_touches_and_changes_nothing() -> None:
    kept = everything()
    draft = draft_move(ELECTION, LATER, now=AS_OF)
    assert everything() == kept
    told = {f"{movement.subject} {movement.what}": (movement.before, movement.after) for movement in draft.movements}
    assert told["election election day"] == ("2027-03-14", "2027-04-11")
    assert told["deadline persons_close"] == ("2027-03-09 18:00", "2027-04-06 18:00")
    assert told["validity ends"] == ("2027-04-04 23:59", "2027-05-02 23:59")
    assert told["office service"][1].endswith("2027-05-03")
    counts = {touched.what: touched.count for touched in draft.touched}
    with open_reader(database()) as store:
        assert counts["credentials drawn anew"] == len(store.applications.ids_in(ELECTION, Status.CREDENTIALED))
    assert counts["letters to people"] == len(concerned())
    assert any(what.startswith("the title of the election") for what in counts)
    titled = draft_move(ELECTION, LATER.revised(title="Election of Valdara, 11 April 2027"), now=AS_OF)
    assert not any(touched.what.startswith("the title of the election") for touched in titled.touched)
    assert any(change.startswith("election.day: 2027-03-14 → 2027-04-11") for change in draft.changes)


@pytest.mark.usefixtures("issued_on_either")
def test_two_officers_move_it_later_and_everybody_concerned_gets_one_letter() -> None:
    with open_reader(database()) as store:
        before = {case.id: case for case in store.applications.all_in(ELECTION, Status.CREDENTIALED)}
    done = adopt(LATER)
    assert done.replaced == len(before)
    assert rules().election.day == LATER.day
    people = Counter(letter.envelope.application_id for letter in letters() if letter.envelope.application_id)
    assert set(people) == concerned()
    assert set(people.values()) == {1}
    with open_reader(database()) as store:
        after = {case.id: case for case in store.applications.all_in(ELECTION, Status.CREDENTIALED)}
        offices = {office.email for office in store.elections.geography(ELECTION).offices}
        states = Counter(store.credentials.standings(ELECTION).values())
        replaced_other_mail = [
            letter for kind in (LetterKind.CREDENTIAL, LetterKind.CREDENTIAL_CHANGE)
            for letter in store.letters.matching(ELECTION, LetterFilter(kind=kind, state=LetterState.QUEUED))
        ]  # fmt: skip
    assert replaced_other_mail == []
    assert offices <= {letter.envelope.to for letter in letters()}
    assert all(after[known].serial != before[known].serial for known in before)
    assert states[CredentialStatus.REPLACED] == len(before)
    badges = [letter for letter in letters() if letter.envelope.contents["standing"] == "replaced"]
    assert all({file.media_type for file in letter.envelope.attachments} >= {"application/pdf"} for letter in badges)
    assert len(badges) == len(before)
    nothing_is_wrong()
    kept = everything()
    assert move_election(LATER, by(SECOND)).was_there
    assert remind(ELECTION, now=AS_OF)["drawn anew"] == 0
    assert {known: head for known, head in kept.items() if known != "letters"}["heads"] == everything()["heads"]


@pytest.mark.usefixtures("issued")
def test_one_officer_alone_moves_nothing_and_another_ground_is_another_act() -> None:
    assert move_election(LATER, by(FIRST)).proposed
    other = LATER.revised(ground="Another decree")
    assert move_election(other, by(SECOND)).proposed, "nobody has proposed this one"
    assert rules().election.day == OLD
    assert letters() == []


@pytest.mark.usefixtures("moved")
def test_a_second_move_and_a_move_back_work_and_earlier_calendars_stay_readable() -> None:
    first_events = _events()
    further = Move(day=date(2027, 5, 9), ground="Decree 14/2027")
    adopt(further, AS_OF + DAY)
    nothing_is_wrong(AS_OF + DAY)
    second_events = _events()
    assert first_events
    assert {sequence for sequence, _ in first_events.values()} == {1}, "calendar files keep their uid, and rise"
    assert {second_events[uid][0] for uid in first_events} == {2}
    overtaken = letters(LetterState.CANCELLED)
    assert overtaken
    people = Counter(letter.envelope.application_id for letter in letters() if letter.envelope.application_id)
    assert set(people.values()) == {1}, "what waited about the first move is overtaken"
    back = Move(day=OLD, ground="Judgment 3/2027")
    done = adopt(back, AS_OF + 2 * DAY)
    assert done.replaced == 0, "a later end than needed stays as printed"
    nothing_is_wrong(AS_OF + 2 * DAY)
    carried = [letter for letter in letters() if letter.envelope.contents["standing"] == "replaced"]
    assert all(any(file.media_type == "application/pdf" for file in one.envelope.attachments) for one in carried)
    assert carried, "the badge of an overtaken letter goes with the next"
    days = [profile.election.day for _, profile, _, _ in calendar_versions(ELECTION)]
    assert days == [OLD, LATER.day, further.day, OLD]
    first, last = calendar_versions(ELECTION)[0][1], rules()
    assert first.calendar == last.calendar


@pytest.mark.usefixtures("issued")
def test_an_earlier_day_works_and_nobody_who_filed_in_time_is_late() -> None:
    adopt(SOONER)
    profile = rules()
    assert check_election(ELECTION, now=AS_OF) == ()
    assert not profile.is_late(AS_OF - 2 * DAY), "in time when it came"
    with open_reader(database()) as store:
        held = store.applications.all_in(ELECTION, Status.CREDENTIALED)
    assert {case.valid_until.date() for case in held if case.valid_until} == {date(2027, 4, 4)}, "no end is taken back"


class _CutOffError(Exception):
    pass


@pytest.mark.usefixtures("issued")
@pytest.mark.parametrize("chunks", [pytest.param(0, marks=pytest.mark.full), 2])
def test_a_move_that_is_cut_off_anywhere_ends_the_same(monkeypatch: pytest.MonkeyPatch, chunks: int) -> None:
    monkeypatch.setenv("ACCREDIT_CHUNK_SIZE", "15")
    reset_settings()
    move_election(LATER, by(FIRST))
    replaced, done = life._replaced, iter(range(100))  # pyright: ignore[reportPrivateUsage] -- a kill point

    def cut_off(*given: object) -> object:
        if next(done) >= chunks:
            raise _CutOffError
        return replaced(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(life, "_replaced", cut_off)
        with pytest.raises(_CutOffError):
            move_election(LATER, by(SECOND))
    left = follow_calendar(ELECTION, now=AS_OF)
    assert left > 0
    assert move_election(LATER, by(SECOND)) == MoveOutcome(day=LATER.day, was_there=True)
    people = Counter(letter.envelope.application_id for letter in letters() if letter.envelope.application_id)
    assert set(people) == concerned()
    assert set(people.values()) == {1}
    nothing_is_wrong()


@pytest.mark.usefixtures("issued")
def test_a_move_that_is_cut_off_within_the_act_has_changed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    move_election(LATER, by(FIRST))
    kept = everything()

    def cut_off(*_: object) -> None:
        raise _CutOffError

    with monkeypatch.context() as patch:
        patch.setattr(moving, "_tell_others", cut_off)
        with pytest.raises(_CutOffError):
            move_election(LATER, by(SECOND))
    assert everything() == kept
    assert rules().election.day == OLD
    assert move_election(LATER, by(SECOND)).replaced


def _events() -> dict[str, tuple[int, str]]:
    files = [file for letter in letters() for file in letter.envelope.attachments if file.filename == "dates.ics"]
    events = [
        event for file in files for event in Calendar.from_ical(file_store().get(file.content).decode()).walk("VEVENT")
    ]
    return {str(event["uid"]): (int(str(event["sequence"])), str(event["status"])) for event in events}


@pytest.mark.usefixtures("moved")
def test_the_folder_says_what_is_loaded_again_once_it_is_written(small_package: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="election day is"):
        init_election(small_package, now=AS_OF)
    folder = tmp_path / "package"
    folder.mkdir()
    for file in small_package.iterdir():
        (folder / file.name).symlink_to(file)
    for name in ("election.yaml", "geography.yaml"):
        (folder / name).unlink()
    write_rules(ELECTION, folder)
    try:
        assert not init_election(folder, now=AS_OF).changes
    except PackageDiffersError as differs:
        pytest.fail(str(differs))


@pytest.mark.usefixtures("issued")
def test_the_command_shows_a_draft_signs_in_two_steps_and_shows_each_calendar() -> None:
    run, when = CliRunner(), ["--as-of", "2027-03-10T08:00"]
    order = ["election", "move", "2027-04-11", "--ground", "Decree 12/2027", *when]
    shown = run.invoke(app, order, env={"COLUMNS": "80"})
    assert shown.exit_code == 0, shown.output
    assert "persons_close" in shown.output
    assert max(map(len, shown.output.splitlines())) <= 80
    assert "Proposed" in run.invoke(app, [*order, "--officer", FIRST]).output
    done = run.invoke(app, [*order, "--officer", SECOND])
    assert re.search(r"Election day is now 2027-04-11: \d+ letters, \d+ credentials", done.output), done.output
    old = run.invoke(app, ["election", "calendar", "--version", "1"])
    assert "2027-03-14" in old.output
    assert "Decree 12/2027" in old.output
    assert "2027-04-11" in run.invoke(app, ["election", "calendar"]).output
    assert isinstance(run.invoke(app, ["election", "calendar", "--version", "3"]).exception, UnknownThingError)


@pytest.mark.usefixtures("issued")
def test_a_time_to_mend_is_cut_only_where_the_ground_says_so_and_no_arriving_letter_makes_it_longer() -> None:
    def running() -> dict[object, datetime | None]:
        with open_reader(database()) as store:
            return {case.id: case.due_at for case in store.applications.all_in(ELECTION, Status.INCOMPLETE)}

    before = running()
    assert before
    adopt(SOONER)
    assert running() == before, "nobody loses time by a move"
    until = AS_OF + timedelta(hours=30)
    adopt(Move(day=date(2027, 3, 13), ground="Decree 16/2027, art. 2", mend_until=until))
    assert set(running().values()) == {until}
    cut = [letter for letter in letters() if letter.envelope.contents["cut"]]
    assert {letter.envelope.application_id for letter in cut} == before.keys()
    deliver()
    start_clocks(ELECTION, now=AS_OF + DAY)
    assert set(running().values()) == {until}
    assert check_election(ELECTION, now=AS_OF) == ()


@pytest.mark.usefixtures("issued")
def test_a_letter_for_the_consulate_goes_once_again_for_a_new_day_and_its_code_says_what_holds_today() -> None:
    with open_store(database()) as store:
        profile, land = store.elections.as_loaded(ELECTION)
        letters_rules = profile.letters.revised(visa_support={"ground": "Observers Act of Valdara, art. 13"})
        store.elections.put(profile.revised(letters=letters_rules), land, now=AS_OF)

    def visas(state: LetterState) -> dict[UUID, QueuedLetter]:
        with open_reader(database()) as store:
            found = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.VISA, state=state))
        return {one.envelope.application_id: one for one in found if one.envelope.application_id}

    assert remind(ELECTION, now=AS_OF)["visa letters"]
    assert remind(ELECTION, now=AS_OF)["visa letters"] == 0
    first = visas(LetterState.QUEUED)
    with open_reader(database()) as store:
        people, secret = store.people.current(list(first)), store.elections.secret(ELECTION)
    said = [str(letter.envelope.contents) for letter in first.values()]
    assert not any(person.document_number in text for person, text in zip(people.values(), said, strict=True))
    adopt(SOONER)
    assert visas(LetterState.CANCELLED).keys() == first.keys()
    remind(ELECTION, now=AS_OF)
    second = visas(LetterState.QUEUED)
    assert second.keys() == first.keys()
    known, letter = next(iter(second.items()))
    verify = ["letters", "verify", letter_code(letter.envelope.key, secret), "--document"]
    theirs = CliRunner().invoke(app, verify, input=f"{people[known].document_number}\n")
    assert (theirs.exit_code, "The accreditation stands." in theirs.output) == (0, True), theirs.output
    other = CliRunner().invoke(app, verify, input="X0000000\n")
    assert (other.exit_code, "is not the one" in other.output) == (1, True)
    old = CliRunner().invoke(app, ["letters", "verify", letter_code(first[known].envelope.key, secret)])
    assert "newer letter" in old.output


@pytest.mark.usefixtures("moved")
def test_an_organisation_gets_one_letter_of_its_own_and_the_badges_of_its_people_together() -> None:
    set_apart(ELECTION, rules())
    told = [letter.envelope for letter in letters(None)]
    own = [letter for letter in told if letter.contents["standing"] == "organisation"]
    assert set(Counter(letter.organisation for letter in own).values()) == {1}
    assert not any(letter.copy_to for letter in told)
    with open_reader(database()) as store:
        apart = {one.letter for one in store.parcels.apart(ELECTION)}
        credentialed = store.applications.ids_in(ELECTION, Status.CREDENTIALED)
    assert {key.split(":")[1] for key in apart if key.startswith("calendar:")} >= {str(known) for known in credentialed}
