"""Messages for tests of what carries them."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

from domain.letters.envelope import Envelope
from notifications.letters import contents_of
from notifications.letters.rendering import render
from notifications.letters.samples import SAMPLES
from notifications.mail.mailers import SealedMessage
from notifications.mail.message import Sender, compose, message_id

DATE = datetime(2027, 3, 20, 9, 30, tzinfo=UTC)
SENDER = Sender(
    name="Commission électorale (Valdara), Bureau d'accréditation",
    address="accreditation@commission.example",
    reply_to="observers@commission.example",
    list_id="valdara-2027.commission.example",
)
BADGE = ("Ausweis – Zoë Ångström.pdf", "application/pdf", b"%PDF-1.7\n" + bytes(range(256)) * 20)


def a_message(to: str = "ilse@league.example", *, sample: str = "credential", copy_to: str = "") -> EmailMessage:
    """Return :func:`a_sealed` as it is read."""
    return message_from_bytes(a_sealed(to, sample=sample, copy_to=copy_to).contents, policy=policy.SMTP)


def a_sealed(to: str = "ilse@league.example", *, sample: str = "credential", copy_to: str = "") -> SealedMessage:
    """Return a letter to *to* with a badge; the same arguments give the same bytes."""
    letter = SAMPLES[sample]
    envelope = Envelope(
        key=f"{letter.kind}:{to}:1",
        kind=letter.kind,
        to=to,
        copy_to=copy_to,
        application_id=UUID(int=7),
        contents=contents_of(letter),
    )
    identifier = message_id(envelope.key, SENDER.domain)
    return compose(render(letter, "en"), envelope, SENDER, [BADGE], message_id=identifier, date=DATE)
