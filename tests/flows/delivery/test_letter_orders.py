"""Officers and letters: the commands, held masses, an outage and its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from support.builders import ELECTION
from support.signing import signed
from support.stages import AS_OF, Stages, deliver
from typer.testing import CliRunner

from db.letters.letters import LetterFilter
from db.store import open_reader, open_store
from db.tables.application import ApplicationRow
from domain.errors import UnknownThingError
from domain.letters.envelope import LetterKind, LetterOrder, LetterState
from domain.statements.statement import StatementRefusedError
from flows.cli.app import app
from flows.context import database, election_context
from flows.delivery import postman
from flows.delivery.bounces import read_bounces
from flows.delivery.correspondence import held_letters, preview
from flows.delivery.orders import HeldCountError, OrderRefusedError, confirm_held, order_letters
from flows.delivery.outage import mail_standing, note_outage
from flows.delivery.postman import send_due
from flows.settings import reset_settings
from flows.statements.acceptance import ActingOfficer
from notifications.mail.mailers import MailUnavailableError
from notifications.mail.message import message_id


@pytest.fixture
def queued(stages: Stages) -> Iterator[Stages]:
    """Every stage done but the delivery."""
    with stages.copy("issued"):
        yield stages


@pytest.fixture
def officer(queued: Stages) -> str:
    del queued
    with open_reader(database()) as store:
        return store.officers.all_in(ELECTION)[0].code


def run(*arguments: str, code: int = 0) -> str:
    found = CliRunner().invoke(app, ["letters", *arguments], catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found.output


def by(officer: str) -> ActingOfficer:
    return ActingOfficer(officer, ELECTION, AS_OF)


def as_json(*arguments: str, code: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", code=code))


def test_letters_are_listed_cancelled_sent_again_and_accounted_for(officer: str) -> None:
    total = as_json("report")["account"]["queued"]
    first, second = [line["key"] for line in as_json("list", "--kind", "approval", "--limit", "2")]
    assert "there may be more: --limit" in run("list", "--limit", "2")
    assert "there may be more" not in run("list", "--limit", str(total + 1))
    run("cancel", first, "--officer", officer)
    assert deliver() == total - 1
    with pytest.raises(OrderRefusedError, match="is cancelled"):
        order_letters(LetterOrder.CANCEL, [first, second], by(officer))
    hand = signed(officer, lambda by: order_letters(LetterOrder.RESEND, [first], by))
    with pytest.raises(StatementRefusedError):
        order_letters(LetterOrder.RESEND, [second], hand)
    with pytest.raises(UnknownThingError):
        order_letters(LetterOrder.RESEND, [second], by("NOBODY-1"))
    run("resend", first, second, "--officer", officer)
    assert deliver() == 2
    report = as_json("report")
    assert report["balanced"]
    others = dict.fromkeys(("held", "failed", "cancelled", "gathered", "waiting"), 0)
    assert report["account"] == {"queued": total, "sent": total, **others}
    history = as_json("show", first)["history"]
    assert [(one["state"], one["officer"]) for one in history] == [
        ("cancelled", officer),
        ("queued", officer),
        ("sent", ""),
    ]
    listed = run("list", "--state", "sent", "--json")
    assert "@" not in listed


def test_a_mass_is_held_until_an_officer_confirms_the_count_that_was_shown(officer: str) -> None:
    profile = election_context(ELECTION, AS_OF).profile
    assert postman.hold_mass(ELECTION, profile) == 0
    held = postman.hold_mass(ELECTION, profile.revised(mass_mail_threshold=10))
    assert held > 10
    assert deliver() == 0
    shown = as_json("confirm")
    assert shown["count"] == held == sum(shown["groups"].values())
    assert {line["kind"] for line in shown["sample"]} == set(shown["groups"])
    with pytest.raises(HeldCountError, match="Nothing was released"):
        confirm_held(held - 1, by(officer))
    run("confirm", "--count", str(held), "--officer", officer)
    assert postman.hold_mass(ELECTION, profile.revised(mass_mail_threshold=10)) == 0
    assert deliver() == held
    assert held_letters(ELECTION).count == 0


def test_a_dead_server_costs_nothing_and_the_report_says_since_when(
    queued: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    del queued
    total = mail_standing(ELECTION).account.queued
    for name, value in (("HOST", "127.0.0.1"), ("PORT", "9"), ("SECURITY", "plain"), ("TIMEOUT", "2")):
        monkeypatch.setenv(f"ACCREDIT_SMTP_{name}", value)
    reset_settings()
    with pytest.raises(MailUnavailableError) as refused:
        list(send_due(ELECTION, election_context(ELECTION, AS_OF).profile, now=AS_OF))
    note_outage(ELECTION, refused.value, now=AS_OF)
    standing = mail_standing(ELECTION)
    assert standing.account.waiting == total
    assert (
        standing.outage == f"No mail can be sent since 2027-03-10 08:00 UTC; {total:,} letters wait and none is lost."
    )
    assert any("No mail can be sent since" in line for line in run("report").splitlines())
    with open_reader(database()) as store:
        assert store.letters.count(ELECTION, LetterFilter(state=LetterState.QUEUED)) == total


REPORT = """From: mailer-daemon@mx.example
To: accreditation@elections.example
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Original-Envelope-Id: {envelope}

Final-Recipient: rfc822; somebody@mission.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <somebody@mission.example> unknown

--=_b--
"""


def correct_address(application_id: UUID, email: str) -> None:
    with open_store(database()) as store:
        case, person = store.applications.get(application_id), store.people.current([application_id])[application_id]
        newer = case.revised(person_version=case.person_version + 1)
        store.people.put(newer, person.revised(email=email), now=AS_OF)
        row = store.session.get_one(ApplicationRow, application_id)
        row.person_version = newer.person_version


def test_a_delivery_report_marks_its_letter_once_and_names_no_recipient(officer: str, tmp_path: Path) -> None:
    deliver()
    key = as_json("list", "--kind", "approval", "--limit", "1")[0]["key"]
    arrived = tmp_path / "new"
    arrived.mkdir()
    ours = message_id(key, "elections.example").strip("<>")
    for name, envelope in (("1", ours), ("2", "somebody-elses@mx.example"), ("3", ours)):
        (arrived / name).write_text(REPORT.format(envelope=envelope))
    assert read_bounces(ELECTION, tmp_path, now=AS_OF) == {"bounced": 1, "already known": 1, "other messages": 1}
    assert [path.name for path in arrived.iterdir()] == ["2"]
    assert read_bounces(ELECTION, tmp_path, now=AS_OF) == {"bounced": 0, "other messages": 1}
    shown = as_json("show", key)
    assert (shown["state"], len(shown["history"])) == ("failed", 2)
    assert shown["answer"].startswith("bounced: 5.1.1 550 5.1.1")
    assert "@" not in shown["answer"]
    (notice,) = as_json("list", "--kind", "referral", "--state", "queued")
    assert notice["application_id"] == shown["application_id"]
    correct_address(UUID(shown["application_id"]), "right@mission.example")
    run("resend", key, "--officer", officer)
    with open_reader(database()) as store:
        assert store.letters.get(ELECTION, key).envelope.to == "right@mission.example"
    assert deliver() == 2


def test_a_preview_is_the_letter_as_it_would_leave_or_an_invented_one(queued: Stages, tmp_path: Path) -> None:
    del queued
    (line,) = as_json("list", "--kind", "approval", "--limit", "1")
    said = run(
        "preview", "approval", "--application", line["application_id"], "--language", "fr", "--out", str(tmp_path)
    )
    assert "Subject: " in said
    assert "Message-ID: " in said
    assert (tmp_path / "approval-fr.txt").stat().st_mode & 0o777 == 0o600
    assert "<html" in (tmp_path / "approval-fr.html").read_text("utf-8")
    for kind in LetterKind:
        assert preview(ELECTION, kind, folder=tmp_path).text.read_text("utf-8")
    with pytest.raises(UnknownThingError):
        preview(ELECTION, LetterKind.EXPIRY, UUID(line["application_id"]), folder=tmp_path)


def test_a_check_names_every_mistake_in_a_jurisdictions_own_folder(queued: Stages, tmp_path: Path) -> None:
    del queued
    assert as_json("check") == []
    (tmp_path / "approval.body").write_text("{{ letter.nothing_like_this }}")
    (tmp_path / "aproval.body").write_text("hello")
    places = [mistake["place"] for mistake in as_json("check", "--folder", str(tmp_path), code=1)]
    assert any(place.startswith("approval letter in") for place in places)
    assert any("aproval.body" in place for place in places)
