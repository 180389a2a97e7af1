"""The mailbox, on a real IMAP server: focal points' files taken in once and answered, everything else held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NoReturn

import pytest
from support.badges import a_portrait
from support.builders import ELECTION
from support.imap import DOVECOT, PASSWORD, REMEDY, USER, PostBox, post_box
from support.stages import AS_OF, Stages

from db.letters.outbox import QueuedLetter, Settlement
from db.store import open_reader, open_store
from domain.errors import BadInputError, UnknownThingError
from domain.intake.mailbox import HeldBecause
from domain.intake.nominations_file import ChunkCounts
from domain.letters.envelope import LetterKind, LetterState
from flows.context import database, election_context
from flows.delivery.bounces import fetch_bounces
from flows.delivery.imap import Mailbox, MailboxUnavailableError, configured_mailbox
from flows.intake import flow as intake
from flows.intake.collection.flow import look_around, settle, stage
from flows.intake.collection.messages import discard_message, find_held, held_messages, release_message
from flows.settings import reset_settings, settings
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store
from notifications.letters.organisation import FileReceiptLetter
from notifications.mail.message import Sender, message_id

ROWS = "reference,role,surname,given_names,birth_date,photo\n1,expert,LINDENGARD,Ava,1985-05-17,a.jpg\n"
BAD_ROW = "2,,LINDENGARD,Bo,1985-05-18,\n"
OFFICER = "OFF-DEMO-1"


@pytest.fixture(scope="session")
def server(need: Any) -> Iterator[PostBox]:
    need(DOVECOT, "The mail server dovecot", REMEDY)
    with post_box() as box:
        yield box


@pytest.fixture
def box(server: PostBox, sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostBox]:
    """Give the empty mailbox of an installation with an election and nobody in it yet."""
    server.empty()
    with sqlite_stages.copy("loaded"):
        monkeypatch.setenv("ACCREDIT_IMAP_HOST", "127.0.0.1")
        monkeypatch.setenv("ACCREDIT_IMAP_PORT", str(server.tls))
        monkeypatch.setenv("ACCREDIT_IMAP_USER", USER)
        monkeypatch.setenv("ACCREDIT_IMAP_PASSWORD", PASSWORD)
        monkeypatch.setenv("ACCREDIT_IMAP_AUTHORITIES", str(server.authorities))
        reset_settings()
        yield server


def focal_point(code: str = "ORG-01") -> str:
    return election_context(ELECTION, AS_OF).organisations[code].focal_point.email


def message(sender: str, *files: tuple[str, str | bytes], known: str = "<1@mission.example>", **headers: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"], made["Message-ID"] = sender, USER, "Our people", known
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("See the list.")
    for name, content in files:
        sent = content.encode() if isinstance(content, str) else content
        made.add_attachment(sent, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def collect(folder: Path, *, stop: str = "") -> Counter[str]:
    """Do what the flow does, up to the step *stop*."""
    harvest = look_around(ELECTION, "mailbox", now=AS_OF, clock=AS_OF, real=False)
    if stop == "fetched":
        return harvest.counts
    inside = folder / str(len(list(folder.iterdir())))
    inside.mkdir()
    for chunk in stage(harvest, inside, source="mailbox", real=False):
        intake.take_in(chunk, ELECTION, now=AS_OF)
    intake.close_files(ELECTION, now=AS_OF)
    if not stop:
        settle(harvest)
    return +harvest.counts


def counts() -> ChunkCounts:
    return sum((report.counts for report in intake.reports(ELECTION)), ChunkCounts())


def receipts() -> list[QueuedLetter]:
    with open_reader(database()) as store:
        found = store.letters.matching(ELECTION)
    return [letter for letter in found if letter.envelope.kind is LetterKind.FILE_RECEIPT]


def test_what_a_focal_point_sends_is_taken_in_once_and_answered_in_its_thread(box: PostBox, tmp_path: Path) -> None:
    address = focal_point()
    sent = message(f'"Somebody else" <{address.upper()}>', ("list.csv", ROWS + BAD_ROW), ("a.jpg", "no picture"))
    box.put(sent)
    assert collect(tmp_path) == {"messages arrived": 1, "messages taken": 1}
    assert counts() == ChunkCounts(recorded=1, returned=1)
    assert (box.count("INBOX"), box.count("accredit-taken"), box.count("accredit-held")) == (0, 1, 0)
    (letter,) = receipts()
    envelope = letter.envelope
    assert (envelope.to, envelope.in_reply_to) == (address, "<1@mission.example>")
    report = file_store().get(envelope.attachments[0].content).decode()
    assert "list.csv" in report
    assert "Row 3, returned, Role" in report
    assert "LINDENGARD" not in report

    box.put(b"Received: by another way\r\n" + sent)
    assert collect(tmp_path) == {"messages known": 1}, "the same message by another way"
    box.put(message(address, ("list.csv", ROWS + BAD_ROW), ("a.jpg", "no picture"), known="<2@mission.example>"))
    assert collect(tmp_path) == {"messages arrived": 1, "messages taken": 1}, "the same content in a new message"
    assert counts() == ChunkCounts(recorded=1, returned=1)
    assert len(receipts()) == 2


def test_what_comes_without_a_list_is_reported_of_the_lists_that_it_changes(box: PostBox, tmp_path: Path) -> None:
    """Neither a list that lacks no picture nor, where nothing can be a picture, any list is told of once more."""
    other = "reference,role,surname,given_names,birth_date,photo\n2,expert,ANDREL,Bo,1985-05-18,b.jpg\n"
    box.put(message(focal_point(), ("first.csv", ROWS), ("a.jpg", a_portrait())))
    box.put(message(focal_point(), ("second.csv", other), known="<2@mission.example>"))
    collect(tmp_path)
    before = {letter.envelope.key for letter in receipts()}
    box.put(message(focal_point(), ("b.jpg", a_portrait()), known="<3@mission.example>"))
    box.put(message(focal_point(), ("winmail.dat", b"\x78\x9f\x3e\x22" + bytes(90)), known="<4@mission.example>"))
    collect(tmp_path)
    after = [FileReceiptLetter.model_validate({**letter.envelope.contents}, strict=False) for letter in receipts()
             if letter.envelope.key not in before]  # fmt: skip
    told = sorted((line.name, line.corrected, line.recorded) for letter in after for line in letter.files)
    assert told == [("second.csv (+)", 1, 0), ("winmail.dat", 0, 0)]


def test_a_crash_at_any_step_loses_and_doubles_nothing(box: PostBox, tmp_path: Path) -> None:
    box.put(message(focal_point(), ("list.csv", ROWS)))
    for stop in ("fetched", "recorded"):
        collect(tmp_path, stop=stop)
        assert receipts() == []
    assert collect(tmp_path) == {"messages taken": 1}
    assert collect(tmp_path) == {}
    assert counts() == ChunkCounts(recorded=1)
    assert len(receipts()) == 1


def test_a_message_is_moved_before_it_is_read_and_one_that_cuts_off_two_runs_is_held_unread(
    box: PostBox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put(message(focal_point(), ("list.csv", ROWS)))
    for _ in range(2):
        with monkeypatch.context() as cut_off:
            cut_off.setattr("flows.intake.collection.messages.message_apart", interrupted)
            cut_off.setattr("flows.intake.collection.working.Path.unlink", nothing)  # nobody tidies up
            with pytest.raises(KeyboardInterrupt):
                collect(tmp_path)
        assert (box.count("INBOX"), box.count("accredit-working")) == (0, 1)
    box.put(message(focal_point(), ("more.csv", ROWS), known="<2@mission.example>"))
    assert collect(tmp_path) == {"messages held": 1, "messages arrived": 1, "messages taken": 1}
    assert [held.reason for held in held_messages(ELECTION)] == [HeldBecause.UNREADABLE]
    assert box.count("accredit-working") == 0


def nothing(*_: object, **__: object) -> None:
    """Stand for what a killed process does no more."""


def interrupted(_: bytes) -> NoReturn:
    raise KeyboardInterrupt


def test_whoever_is_no_focal_point_or_not_clearly_one_is_held_and_not_answered(box: PostBox, tmp_path: Path) -> None:
    address = focal_point()
    table = ("list.csv", ROWS)
    for number, sent in enumerate([
        message(f'"{address}" <stranger@elsewhere.example>', table),
        message(f"{address}, stranger@elsewhere.example", table),
        message(address, table, Auto_Submitted="auto-replied"),
        message(address),
        b"From: " + address.encode() + b"\r\nFrom: stranger@elsewhere.example\r\n\r\n",
    ]):  # fmt: skip
        box.put(sent.replace(b"<1@", f"<{number}@".encode()))
    assert collect(tmp_path) == {"messages held": 5}
    assert sorted(str(one.reason) for one in held_messages(ELECTION)) == [
        "automatic", "no_nominations", "several_senders", "several_senders", "several_senders"
    ]  # fmt: skip
    assert box.count("accredit-held") == 5
    assert (counts(), receipts()) == (ChunkCounts(), [])


def test_an_officer_releases_or_discards_a_held_message_with_proof(box: PostBox, tmp_path: Path) -> None:
    box.put(message("stranger@elsewhere.example", ("list.csv", ROWS)))
    box.put(message("other@elsewhere.example", ("list.csv", ROWS.replace("Ava", "Eva")), known="<2@mission.example>"))
    collect(tmp_path)
    ids = {one.sender: one.id for one in held_messages(ELECTION)}
    first, second = ids["stranger@elsewhere.example"], ids["other@elsewhere.example"]
    hand = ActingOfficer(OFFICER, ELECTION, AS_OF)
    with pytest.raises(UnknownThingError):
        release_message(ActingOfficer(OFFICER, ELECTION, AS_OF, signed="0" * 64), first, "ORG-01")
    assert find_held(ELECTION, first.hex[:12]) == first
    release_message(hand, first, "ORG-01")
    discard_message(hand, second)
    for again in (first, second):
        with pytest.raises(BadInputError, match="not held"):
            discard_message(hand, again)
    assert collect(tmp_path) == {"messages taken": 1}
    assert counts() == ChunkCounts(recorded=1)
    (letter,) = receipts()
    assert letter.envelope.to == focal_point(), "the organisation hears of it, the stranger does not"


def test_nothing_is_said_to_a_server_whose_certificate_or_encryption_is_not_right(
    box: PostBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(**changes: str) -> None:
        for name, value in changes.items():
            monkeypatch.setenv(f"ACCREDIT_IMAP_{name.upper()}", value)
        reset_settings()
        address = configured_mailbox(settings())
        assert address is not None
        with Mailbox(address) as mailbox:
            mailbox.choose("INBOX")

    opened(security="starttls", port=str(box.plain))
    with pytest.raises(MailboxUnavailableError, match="refuses the login"):
        opened(password=PASSWORD[::-1])
    monkeypatch.delenv("ACCREDIT_IMAP_AUTHORITIES")
    for security, port in (("starttls", box.plain), ("tls", box.tls)):
        with pytest.raises(MailboxUnavailableError, match="certificate"):
            opened(security=security, port=str(port), password=PASSWORD)


def test_delivery_reports_are_read_over_imap_whether_apart_or_among_the_nominations(
    box: PostBox, tmp_path: Path
) -> None:
    box.put(message(focal_point(), ("list.csv", ROWS)))
    collect(tmp_path)
    (letter,) = receipts()
    sender = Sender.of(election_context(ELECTION, AS_OF).profile.election, address=settings().mail_from)
    known = message_id(letter.envelope.key, sender.domain)
    sent_everything()
    box.put(bounce(known), "reports")
    box.put(bounce("<nobody@knows.example>"), "reports")
    address = configured_mailbox(settings())
    assert address is not None
    with Mailbox(address) as mailbox:
        assert fetch_bounces(ELECTION, mailbox, "reports", now=AS_OF) == {"bounced": 1, "other messages": 1}
    assert box.count("reports") == 1
    assert receipts()[0].state is LetterState.FAILED
    box.put(bounce(known))
    assert collect(tmp_path) == {"messages delivery reports": 1}


def sent_everything() -> None:
    with open_store(database()) as store:
        for letter in store.letters.matching(ELECTION):
            store.outbox.settle([Settlement(letter.envelope.key, LetterState.SENT, "250")], now=AS_OF)


def bounce(known: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mission.example\r\nTo: office@commission.example\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mission.example\r\n\r\n"
        "Final-Recipient: rfc822; x@mission.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {known}\r\n\r\n--b--\r\n"
    ).encode()
