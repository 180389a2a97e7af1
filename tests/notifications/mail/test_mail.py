from __future__ import annotations

import email
import importlib
import mailbox
import multiprocessing
import random
from datetime import UTC
from email.header import decode_header, make_header
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from support.messages import BADGE, DATE, SENDER, a_message, a_sealed

from domain.errors import BadInputError
from domain.letters.envelope import Envelope
from notifications.letters import contents_of
from notifications.letters.rendering import render
from notifications.letters.samples import SAMPLES
from notifications.letters.words import languages
from notifications.mail.mailers import MaildirMailer, MailUnavailableError, SealedMessage
from notifications.mail.message import compose


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_message_parses_without_defects_and_keeps_its_parts(sample: str) -> None:
    contents = a_sealed(sample=sample).contents

    parsed = email.message_from_bytes(contents, policy=SMTP)

    assert contents.isascii()
    assert max(map(len, contents.splitlines())) <= 998
    assert [part.defects for part in parsed.walk() if part.defects] == []
    assert [list(header.defects) for header in parsed.values() if header.defects] == []
    assert [part.get_content_type() for part in parsed.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf",
    ]  # fmt: skip
    assert [part.get_filename() for part in parsed.iter_attachments()] == [BADGE[0]]
    # The structured parser of Python 3.11 puts a space between encoded words (RFC 2047, 6.2 forbids it); this one not.
    assert str(make_header(decode_header(email.message_from_bytes(contents)["From"]))).startswith(SENDER.name)
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["List-Id"] == "<valdara-2027.commission.example>"
    assert parsed["Date"].datetime == DATE
    assert parsed["References"].startswith("<")


@pytest.mark.parametrize(
    "language", [pytest.param(one, marks=() if one == "ar" else pytest.mark.full) for one in languages()]
)
def test_a_parser_of_another_maker_finds_no_defect_and_the_same_letter(language: str) -> None:
    mailparser: Any = importlib.import_module("mailparser")  # it has no types
    for name, letter in SAMPLES.items():
        rendered = render(letter, language, beneath="ar", code="ABCD")
        envelope = Envelope(key=name, kind=letter.kind, to="zoë@league.example", contents=contents_of(letter))
        contents = compose(rendered, envelope, SENDER, [BADGE], message_id="<1@b.example>", date=DATE).contents

        parsed: Any = mailparser.parse_from_bytes(contents)

        assert not parsed.has_defects, (name, parsed.defects)
        assert " ".join(parsed.subject.split()) == rendered.subject, "this parser leaves headers folded"
        assert parsed.text_plain[0].replace("\r\n", "\n") == rendered.text
        assert parsed.text_html[0].replace("\r\n", "\n") == rendered.html
        assert [attachment["filename"] for attachment in parsed.attachments] == [BADGE[0]]
        assert parsed.date.replace(tzinfo=UTC) == DATE


def test_a_long_subject_in_any_script_survives_folding() -> None:
    letter = SAMPLES["receipt"].revised(case_number="Дело 案件 ملف 👩🏽‍⚖️ " * 12)
    rendered = render(letter, "en")
    envelope = Envelope(key="k", kind=letter.kind, to="a@league.example", contents=contents_of(letter))

    contents = compose(rendered, envelope, SENDER, message_id="<1@b>", date=DATE).contents

    assert email.message_from_bytes(contents, policy=SMTP)["Subject"] == rendered.subject
    assert max(map(len, contents.splitlines())) <= 78


def test_the_same_letter_has_the_same_bytes_in_every_attempt() -> None:
    assert a_sealed() == a_sealed()
    assert a_message()["Message-ID"] != a_message("other@league.example")["Message-ID"]
    assert a_message()["References"] == a_message(sample="refusal")["References"]


def test_an_answer_stands_in_the_thread_of_the_message_it_answers_and_no_id_smuggles_a_header() -> None:
    letter = SAMPLES["file-receipt"]
    known = f"<{'x' * 200}@mission.example>"
    facts = {"key": "k", "kind": letter.kind, "to": "a@league.example", "contents": contents_of(letter)}
    answer = compose(
        render(letter, "en"),
        Envelope.model_validate(facts | {"in_reply_to": known}),
        SENDER,
        message_id="<1@b>",
        date=DATE,
    )
    parsed = email.message_from_bytes(answer.contents, policy=SMTP)
    assert parsed["In-Reply-To"] == parsed["References"] == known
    with pytest.raises(ValueError, match="in_reply_to"):
        Envelope.model_validate(facts | {"in_reply_to": "<1@mission.example>\r\nBcc: everybody@league.example"})


@pytest.mark.parametrize("address", ["", "nobody", "@league.example", "a@b\r\nBcc: c@d", "a b@league.example"])
def test_an_unusable_address_is_named_by_its_letter_only(address: str) -> None:
    with pytest.raises(BadInputError) as refused:
        a_message(address)
    assert "Bcc" not in str(refused.value).partition(":1:")[2]


def test_a_file_name_cannot_lead_out_of_a_folder() -> None:
    letter = SAMPLES["credential"]
    envelope = Envelope(key="k", kind=letter.kind, to="a@league.example", contents=contents_of(letter))
    name = "../../etc/\r\npasswd\u202efdp.exe"

    message = compose(
        render(letter, "en"), envelope, SENDER, [(name, "application/pdf", b"x")], message_id="<1@b>", date=DATE
    )

    parsed = email.message_from_bytes(message.contents, policy=SMTP)
    assert [part.get_filename() for part in parsed.iter_attachments()] == ["_.._etc_ passwdfdp.exe"]


def test_a_maildir_keeps_one_copy_however_often_a_message_is_sent(tmp_path: Path) -> None:
    for _ in range(2):
        with MaildirMailer(tmp_path / "mail") as mailer:
            assert mailer.send(a_sealed()).startswith("250")
            mailer.send(a_sealed())
            mailer.send(a_sealed("other@league.example"))
        box = mailbox.Maildir(tmp_path / "mail")
        first = next(iter(box.keys()))
        read = box[first]
        read.set_subdir("cur")
        read.add_flag("S")
        box[first] = read

    assert len(mailbox.Maildir(tmp_path / "mail")) == 2


def test_a_half_written_message_is_not_delivered_and_does_not_stand_in_the_way(tmp_path: Path) -> None:
    with MaildirMailer(tmp_path) as mailer:
        mailer.send(a_sealed())
        assert list((tmp_path / "new").iterdir()) == [], "what is not secured has not arrived"
        mailer.secure()
        arrived = next((tmp_path / "new").iterdir())
        (tmp_path / "tmp" / arrived.name).write_bytes(b"Subject: ha" * 100_000)
        arrived.unlink()
        mailer.send(a_sealed())

    assert arrived.read_bytes() == a_sealed().contents
    assert list((tmp_path / "tmp").iterdir()) == []


def _store_all(folder: Path, messages: list[SealedMessage]) -> None:
    with MaildirMailer(folder) as mailer:
        for message in messages:
            mailer.send(message)


def test_a_maildir_holds_every_message_once_and_whole_after_sudden_deaths(tmp_path: Path) -> None:
    messages = [a_sealed(f"person{place}@league.example", sample="referral") for place in range(150)]
    delays = random.Random(7)
    for _ in range(6):
        process = multiprocessing.get_context("fork").Process(target=_store_all, args=(tmp_path, messages))
        process.start()
        process.join(delays.uniform(0.01, 0.08))
        process.kill()
        process.join()
    _store_all(tmp_path, messages)

    stored = sorted(path.read_bytes() for path in (tmp_path / "new").iterdir())
    assert stored == sorted(message.contents for message in messages)


def test_a_mail_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(MailUnavailableError, match="folder"), MaildirMailer(tmp_path / "file" / "mail"):
        pass
