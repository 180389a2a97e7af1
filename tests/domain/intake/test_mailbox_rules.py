"""Who a message is from, whether the office's own server vouches for that, and what is attached; nothing crashes."""

from __future__ import annotations

import random
from email.message import EmailMessage

import pytest
from support.builders import an_organisation

from domain.errors import BadInputError
from domain.intake.mailbox import HeldBecause, judge, message_key
from domain.intake.messages import read_message

SERVER = "mx.commission.example"
DESK = "desk@org-01.example"


def with_file(kind: str, disposition: str, content: bytes = b"content") -> bytes:
    sent = EmailMessage()
    sent["From"] = DESK
    sent.set_content("Please find attached.")
    sent.make_mixed()
    part = EmailMessage()
    part["Content-Type"] = kind
    part["Content-Disposition"] = "DISPOSITION"
    part.set_payload(content)
    sent.attach(part)
    return bytes(sent).replace(b"DISPOSITION", disposition.encode())


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("kind", "disposition", "name"),
    [
        ("text/csv", 'attachment; filename="Список.csv"', "Список.csv"),
        ("image/jpeg", "attachment; filename=Zoë.jpg", "Zoë.jpg"),
        ("text/csv", "attachment; filename*0*=UTF-8''Liste%20des; filename*1*=%20d%C3%A9l.csv", "Liste des dél.csv"),
        (WORKBOOK, "attachment", "nominations.xlsx"),
        (WORKBOOK, 'attachment; filename="Our people"', "Our people.xlsx"),
        ("application/zip", 'inline; filename="St. Lind"', "St. Lind.zip"),
        ("application/octet-stream", "attachment; filename=people", "people"),
    ],
)
def test_a_file_has_its_name_however_a_program_writes_it(kind: str, disposition: str, name: str) -> None:
    assert [file.name for file in read_message(with_file(kind, disposition)).attached] == [name]


def test_what_an_operating_system_keeps_beside_a_file_is_no_second_picture() -> None:
    assert read_message(with_file("application/applefile", "attachment; filename=a.jpg")).attached == ()


def test_a_message_sent_on_as_a_file_is_opened_a_few_times() -> None:
    nested = with_file("text/csv", "attachment; filename=list.csv")
    for _ in range(3):
        nested = with_file("application/octet-stream", "attachment; filename=fwd.eml", nested)
    assert [file.name for file in read_message(nested).attached] == ["list.csv"]
    deeper = with_file("application/octet-stream", "attachment; filename=fwd.eml", nested)
    assert [file.name for file in read_message(deeper).attached] == ["fwd.eml"]


def message(sender: str, *fields: str, body: bytes = b"hello") -> bytes:
    table = b'Content-Type: text/csv; name="list.csv"\r\nContent-Disposition: attachment\r\n'
    return (
        b"\r\n".join([f"From: {sender}".encode(), *(field.encode() for field in fields)])
        + b"\r\n"
        + table
        + (b"\r\n" + body)
    )


def judged(content: bytes, vouching: str = "") -> HeldBecause | None:
    organisations = [an_organisation(), an_organisation("ORG-02"), an_organisation("ORG-03")]
    same = organisations[1].focal_point.revised(email="DESK@org-02.example")
    organisations[2] = organisations[2].revised(focal_point=same)
    return judge(read_message(content), organisations, vouching=vouching)[1]


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        (DESK, None),
        ("DESK@Org-01.Example", None),
        (f'"Somebody, else" <{DESK}> ', None),
        (f"{DESK} (the desk)", None),
        (f"\x00{DESK}", HeldBecause.UNCLEAR_SENDER),
        (f"=?utf-8?q?J=C3=B6?= <{DESK}>", None),
        (f"Lirit Shishat (Assembly) <{DESK}>", None),
        (f"{DESK} <{DESK.upper()}>", None),
        (f"'{DESK}' (Desk (night)) <{DESK}>", None),
        (f"Shishat, Lirit <{DESK}>", None),
        (f"Assembly: Lirit Shishat <{DESK}>;", None),
        (f"Lirit Shishat (Assembly <{DESK}>", None),
        (f"Lirit Shishat :) <mailto:{DESK}>", None),
        (f"=?utf-8?q?desk=40org-01.example?= <{DESK}>", None),
        (f"=?utf-8?q?x=40y.example?= <{DESK}>", HeldBecause.UNCLEAR_SENDER),
        (f"x@y.example, Lirit <{DESK}>", HeldBecause.SEVERAL_SENDERS),
        (f"{DESK}, x@y.example", HeldBecause.SEVERAL_SENDERS),
        (f"{DESK} <x@y.example>", HeldBecause.SEVERAL_SENDERS),
        (f'"x@y.example" <{DESK}>', HeldBecause.SEVERAL_SENDERS),
        (f"<{DESK}> <x@y.example>", HeldBecause.SEVERAL_SENDERS),
        (f"x@y.example ({DESK}", HeldBecause.SEVERAL_SENDERS),
        (f"{DESK}\r\nFrom: x@y.example", HeldBecause.SEVERAL_SENDERS),
        (f"({'(' * 3000}{DESK}", HeldBecause.UNCLEAR_SENDER),
        (f"group: {DESK};", HeldBecause.UNCLEAR_SENDER),
        ("desk@org-01.example.y.example", HeldBecause.UNKNOWN_SENDER),
        ("desk@org-02.example", HeldBecause.SEVERAL_ORGANISATIONS),
        (f"{DESK}\r\nAuto-Submitted: auto-replied (vacation)", HeldBecause.AUTOMATIC),
        (f"{DESK}\r\nReturn-Path: <>", HeldBecause.AUTOMATIC),
    ],
)
def test_exactly_one_registered_address_speaks_for_an_organisation(sender: str, reason: HeldBecause | None) -> None:
    assert judged(message(sender)) is reason


@pytest.mark.parametrize(
    ("field", "passes"),
    [
        (f"{SERVER}; dmarc=pass header.from=org-01.example", True),
        ("MX.commission.example 1; dkim=pass (good (really)) header.d=org-01.example; spf=fail", True),
        (f"{SERVER}; spf=pass smtp.mailfrom=bounce@mail.org-01.example", True),
        (f"{SERVER}; dkim=pass header.d=elsewhere.example", False),
        (f"{SERVER}; dkim=pass header.d=example", False),
        (f"{SERVER}; dkim=pass header.d=g-01.example", False),
        (f"{SERVER}; dmarc=fail (dmarc=pass header.from=org-01.example)", False),
        (f"{SERVER}; dmarc=fail header.from=org-01.example; dkim=pass header.d=x.example", False),
        (f"{SERVER}.evil.example; dmarc=pass header.from=org-01.example", False),
        (f"evil.example; {SERVER}; dmarc=pass header.from=org-01.example", False),
        (f"{SERVER}; none", False),
        (f'{SERVER}; spf=fail reason="x; dmarc=pass header.from=org-01.example"', False),
        (f'{SERVER}; dkim=pass reason="good; really" header.d="org-01.example"', True),
        (f"{SERVER}; dmarc=fail header.from=org-01.example; dkim=pass header.d=org-01.example", False),
        (f"{SERVER}; dmarc=pass header.from=evil.example; dkim=pass header.d=org-01.example", False),
        (f"{SERVER}; dkim=pass header.d=org-01.example header.from=evil.example", False),
        (f"{SERVER}; dmarc=none header.from=org-01.example; dkim=pass header.d=org-01.example", True),
        (f"{SERVER}; dmarc=pass", False),
        (f"{SERVER}; dkim=pass header.d=org-01.example; dmarc=temperror header.from=org-01.example", False),
        (f"{SERVER}; dmarc=pass header.from=org-01.example; ((", False),
        (f"{SERVER}; dmarc=pass header.from=org-01.example {'(' * 4000}", False),
        (f"elsewhere.example; {'(' * 4000}", False),
        (f"{SERVER}; dkim=pass header.d=x.example header.b=header.d=org-01.example", False),
    ],
)
def test_a_sender_counts_only_as_far_as_the_own_server_vouches_for_the_domain(field: str, passes: bool) -> None:  # noqa: FBT001 -- a row of a table
    content = message(DESK, f"Authentication-Results: {field}")
    assert judged(content) is None
    assert judged(content, SERVER) is (None if passes else HeldBecause.NOT_AUTHENTICATED)


def test_no_result_hides_behind_very_many_others() -> None:
    fine, failed = (
        f"Authentication-Results: {SERVER}; dmarc={said} header.from=org-01.example" for said in ("pass", "fail")
    )
    among = [f"Authentication-Results: other-{number}.example; none" for number in range(200)]
    assert judged(message(f'"A" <{DESK}>', fine, *among[:20]), SERVER) is None
    assert judged(message(f'"A" <{DESK}>', fine, *among, failed), SERVER) is HeldBecause.NOT_AUTHENTICATED


def test_names_of_attachments_lead_nowhere_and_no_name_comes_twice() -> None:
    made = EmailMessage()
    made["From"] = DESK
    for name in ("../../etc/list.csv", "..\\..\\photo.jpg", "/list.csv", "фото.jpg", ".hidden", "x" * 300 + ".pdf"):
        made.add_attachment(b"1", maintype="application", subtype="octet-stream", filename=name)
    read = read_message(made.as_bytes())
    names = [one.name for one in read.attached]
    assert names == ["list.csv", "photo.jpg", "list-2.csv", "фото.jpg", "hidden", "x" * 251 + ".pdf"]
    assert [table.name for table in read.tables] == ["list.csv", "list-2.csv"], "nothing that was sent is lost"


def test_the_same_message_by_another_way_is_the_same_and_another_one_is_not() -> None:
    once = message(DESK, "Message-ID: <1@org-01.example>")
    again = b"Received: from elsewhere\r\n" + once
    other = message(DESK, "Message-ID: <1@org-01.example>", body=b"changed")
    keys = [message_key("VALDARA-2027", read_message(content)) for content in (once, again, other)]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize("times", [200, pytest.param(20_000, marks=pytest.mark.full)])
def test_whatever_bytes_arrive_as_a_message_they_are_read_or_refused(times: int) -> None:
    chance = random.Random(20270403)
    seed = message(f'"A" <{DESK}>', f"Authentication-Results: {SERVER}; spf=pass", "Message-ID: <1@a.example>")
    nested = b"".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n".encode() for n in range(500))
    refused = 0
    for number in range(times):
        content = bytearray(seed if number else nested)
        for _ in range(chance.randint(0, 12)):
            place = chance.randrange(len(content))
            content[place : place + chance.randint(0, 9)] = chance.choice(
                [
                    chance.randbytes(6),
                    b"\r\n",
                    b"=?utf-8?b?////?=",
                    b"(((",
                    b"\x00",
                    b'"',
                    b"<@>",
                    b"*0*=",
                    b"Content-Type: ",
                ]
            )
        try:
            assert judge(read_message(bytes(content)), [an_organisation()], vouching=SERVER) is not None
        except BadInputError:
            refused += 1
    assert refused < times
