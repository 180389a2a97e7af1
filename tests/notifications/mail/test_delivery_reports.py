from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.mail.delivery_reports import Action, DeliveryReport, delivery_reports

LETTER = "<0123456789abcdef@commission.example>"
HEAD = """\
From: MAILER-DAEMON@mx.league.example
To: accreditation@commission.example
Subject: Undelivered mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

Your message could not be delivered.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.league.example
{envelope}
Final-Recipient: rfc822; ilse@league.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <ilse@league.example>: unknown

Final-Recipient: rfc822; also@league.example
Action: delayed
Status: 4.4.1

--=_b
"""
RETURNED = f"Content-Type: message/rfc822\n\nMessage-ID: {LETTER}\nSubject: Receipt\n\nDear\n--=_b--\n"
HEADERS = f"Content-Type: text/rfc822-headers\n\nSubject: Receipt\nMessage-ID: {LETTER}\n\n--=_b--\n"


def a_report(last: str, *, action: str = "failed", status: str = "5.1.1", envelope: str = "") -> bytes:
    extra = f"Original-Envelope-Id: {envelope}\n" if envelope else ""
    return (HEAD.format(action=action, status=status, envelope=extra) + last).encode()


@pytest.mark.parametrize("last", [RETURNED, HEADERS])
def test_a_bounce_names_our_letter_and_no_address(last: str) -> None:
    failed, delayed = delivery_reports(a_report(last))

    assert failed == DeliveryReport(
        message_id=LETTER, action=Action.FAILED, status="5.1.1", diagnostic="550 5.1.1 <‹address›>: unknown"
    )
    assert failed.is_bounce
    assert delayed.action is Action.DELAYED
    assert not delayed.is_bounce


def test_a_report_without_the_letter_is_known_by_its_envelope() -> None:
    reports = delivery_reports(a_report("Content-Type: text/plain\n\n--=_b--\n", envelope=LETTER.strip("<>")))

    assert reports[0].message_id == LETTER


def test_other_mail_is_no_report() -> None:
    assert delivery_reports(b"Subject: Undelivered mail\n\n550 5.1.1 unknown") == ()
    assert delivery_reports(a_report("Content-Type: text/plain\n\n--=_b--\n")) == ()
    assert delivery_reports(a_report(RETURNED, action="exploded", status="9"))[0].action is Action.DELAYED


@given(st.binary(max_size=600))
def test_no_mail_breaks_the_reader(noise: bytes) -> None:
    delivery_reports(noise)
    delivery_reports(a_report(RETURNED)[:500] + noise)
