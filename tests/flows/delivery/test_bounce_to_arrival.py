"""A letter that came back, from the mail server's report to the corrected address: the applicant's time begins anew."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due
from typer.testing import CliRunner

from db.letters.outbox import QueuedLetter
from db.store import open_reader
from domain.application.application import Application
from domain.application.status import Status
from domain.letters.envelope import LetterKind, LetterState
from flows.cli.app import app
from flows.context import database, election_context
from flows.delivery.bounces import read_bounces
from flows.delivery.notices import start_clocks
from flows.delivery.postman import send_due
from flows.oversight.contradictions import check_election
from flows.settings import settings
from notifications.mail.message import message_id

HOUR = timedelta(hours=1)
REPORT = """From: mailer-daemon@mx.example
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Original-Envelope-Id: {envelope}

Final-Recipient: rfc822; somebody@mission.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 unknown

--=_b--
"""


@pytest.fixture
def taken_in(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("taken in"):
        yield


def run(*arguments: str, now: datetime, code: int = 0) -> str:
    at = ["--officer", "OFF-DEMO-1", "--as-of", f"{now:%Y-%m-%dT%H:%M}"]
    done = CliRunner().invoke(app, [*arguments, *at])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def post_leaves(now: datetime) -> None:
    """Do what the delivery does: send what is due, then let clocks begin."""
    for _ in send_due(ELECTION, election_context(ELECTION, now).profile, now=now):
        pass
    start_clocks(ELECTION, now=now)


def case(known: UUID) -> Application:
    with open_reader(database()) as store:
        return store.applications.get(known)


def letters(known: UUID, kind: LetterKind) -> list[QueuedLetter]:
    with open_reader(database()) as store:
        return [letter for letter in store.outbox.of_application(known) if letter.envelope.kind is kind]


def comes_back(key: str, folder: Path, now: datetime) -> None:
    (folder / "new").mkdir(parents=True, exist_ok=True)
    envelope = message_id(key, "elections.example").strip("<>")
    (folder / "new" / f"{now:%H%M}").write_text(REPORT.format(envelope=envelope))
    assert read_bounces(ELECTION, folder, now=now)["bounced"] == 1


def arrived(address: str) -> list[EmailMessage]:
    """Return what lies in the Maildir for *address*, oldest first."""
    found = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(settings().maildir.rglob("new/*"), key=lambda path: path.stat().st_mtime)
    ]
    return [message for message in found if address in str(message["To"])]


@pytest.mark.usefixtures("taken_in")
def test_a_bounce_answered_by_a_corrected_address_gives_the_whole_time_again(tmp_path: Path) -> None:
    period = election_context(ELECTION, AS_OF).profile.cure_due(AS_OF) - AS_OF
    known = next(one for one in due(Status.INCOMPLETE) if "@" in letters(one, LetterKind.DEFICIENCY)[-1].envelope.to)
    number, key = case(known).case_number, letters(known, LetterKind.DEFICIENCY)[-1].envelope.key
    post_leaves(AS_OF)
    comes_back(key, tmp_path, AS_OF + HOUR)
    over = AS_OF + period + HOUR
    refuse = ("decide", number, "--outcome", "refuse", "--reason", "R02", "--facts", "The time is over.")
    assert "did not arrive. Correct the address" in run(*refuse, now=over, code=1)

    run("application", "correct", number, "--email", "right@mission.example", now=over)
    run("letters", "resend", key, now=over)
    post_leaves(over)

    letter = letters(known, LetterKind.DEFICIENCY)[-1]
    assert (letter.state, letter.envelope.to) == (LetterState.SENT, "right@mission.example")
    assert case(known).due_at == over + period
    body = arrived("right@mission.example")[-1].get_body(("plain",))
    assert body is not None
    zone = election_context(ELECTION, over).profile.zone
    assert f"{(over + period).astimezone(zone).day} March 2027" in " ".join(body.get_content().split())
    assert "it can be corrected until" in run(*refuse, now=over + HOUR, code=1)
    run(*refuse, now=over + period + HOUR)
    run("decide", number, "--outcome", "confirm", now=over + period + HOUR, code=1)  # the same officer
    assert check_election(ELECTION, now=over + period + HOUR) == ()


@pytest.mark.usefixtures("taken_in")
def test_several_people_with_one_address_get_their_own_letters_and_a_bounce_concerns_them_all(tmp_path: Path) -> None:
    one, other, third = due(Status.INCOMPLETE)[:3]
    for known in (one, other):
        run("application", "correct", case(known).case_number, "--email", "Shared@mission.example", now=AS_OF)
    post_leaves(AS_OF)
    keys = {known: letters(known, LetterKind.DEFICIENCY)[-1].envelope.key for known in (one, other, third)}
    assert len({*keys.values()}) == len(keys)
    to_both = arrived("Shared@mission.example")
    assert {number for message in to_both for number in (case(one).case_number, case(other).case_number)
            if number in str(message["Subject"])} == {case(one).case_number, case(other).case_number}  # fmt: skip
    comes_back(keys[one], tmp_path, AS_OF + HOUR)
    raised = {known: [str(one_.envelope.contents["occasion"]) for one_ in letters(known, LetterKind.REFERRAL)]
              for known in keys}  # fmt: skip
    assert raised == {one: ["bounced"], other: ["address"], third: []}
    comes_back(keys[other], tmp_path, AS_OF + 2 * HOUR)
    assert [str(one_.envelope.contents["occasion"]) for one_ in letters(one, LetterKind.REFERRAL)] == [
        "bounced", "address",
    ]  # fmt: skip
