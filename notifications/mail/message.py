"""A rendered letter becomes a MIME message (RFC 5322, RFC 2045) whose bytes depend on its contents only."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from domain.errors import BadInputError
from domain.letters.envelope import Envelope
from domain.values import Frozen
from notifications.letters.lines import single_line
from notifications.letters.rendering import Rendered
from notifications.mail import mime
from notifications.mail.mailers import SealedMessage

if TYPE_CHECKING:
    from domain.election.profile import Election

_SIMPLE: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[a-z0-9.-]+")

_ASCII_DOMAIN: Final = re.compile(r"(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}")

File = tuple[str, str, bytes]
"""File name, media type and contents of an attachment."""


class Sender(Frozen):
    """In whose name letters leave, and where replies go."""

    name: str
    address: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    reply_to: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    list_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$", description="RFC 2919; lets people sort their mail")]

    @classmethod
    def of(cls, election: Election, *, address: str = "") -> Sender:
        """Return the sender for *election*; *address* where mail leaves from another mailbox than the contact's."""
        own = address or election.contact_email
        list_id = f"{election.code.lower()}.{domain_of(own)}"
        return cls(name=election.host_body, address=own, reply_to=election.contact_email, list_id=list_id)

    @property
    def domain(self) -> str:
        """The domain that message ids end in."""
        return domain_of(self.address)


def domain_of(address: str) -> str:
    """Return the domain of *address* in the form the DNS knows (RFC 5890)."""
    domain = address.rpartition("@")[2].lower()
    return domain if _ASCII_DOMAIN.fullmatch(domain) else domain.encode("idna").decode("ascii").lower()


def message_id(key: str, domain: str) -> str:
    """Return the Message-ID of the letter known by *key*: the same letter keeps its id in every attempt.

    >>> message_id("receipt:1", "commission.example")
    '<ff1bbaff1614ec5efd10214cdab8cf347797a30a@commission.example>'
    """
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def letter_code(key: str, secret: bytes) -> str:
    """Return the code by which the letter known by *key* can be checked: nobody without *secret* can make one.

    >>> letter_code("receipt:1", b"secret")
    'PNFN-KI6Q-R7VC-QIEB'
    """
    made = b32encode(hmac.digest(secret, f"letter\x1f{key}".encode(), "sha256")[:10]).decode()
    return "-".join(made[start : start + 4] for start in range(0, len(made), 4))


def compose(
    rendered: Rendered,
    envelope: Envelope,
    sender: Sender,
    attachments: Sequence[File] = (),
    *,
    message_id: str,
    date: datetime,
) -> SealedMessage:
    """Return the message for *envelope*: text, its HTML alternative and the attachments.

    Letters about one application refer to one thread id, so that mail programs show them together (RFC 5322, 3.6.4).
    Raises BadInputError for an address that no message can carry; it names the letter, not the address.
    """
    to, copies = _addresses(envelope, envelope.to), _addresses(envelope, envelope.copy_to)
    if not to:
        raise _unusable(envelope)
    contents = [
        _shared_head(single_line(sender.name), _address(sender.address), _address(sender.reply_to), sender.list_id),
        mime.words("Subject", single_line(rendered.subject)),
        mime.header("Content-Language", ", ".join((rendered.language, *rendered.beneath))),
        mime.listed("To", to),
        *([mime.listed("Cc", copies)] if copies else []),
        mime.header("Date", format_datetime(date)),
        mime.header("Message-ID", message_id),
        _thread(envelope, sender),
        mime.header("MIME-Version", "1.0"),
        _body(rendered, attachments, message_id),
    ]
    return SealedMessage(
        message_id=message_id,
        sender=_address(sender.address),
        to=to,
        copies=copies,
        needs_utf8=not all(address.isascii() for address in (*to, *copies, sender.address, sender.reply_to)),
        contents=b"".join(contents),
    )


@lru_cache(maxsize=64)
def _shared_head(name: str, address: str, reply_to: str, list_id: str) -> bytes:
    """Return the headers that all letters of one sender share."""
    return b"".join((
        mime.mailbox("From", name, address),
        mime.header("Reply-To", reply_to),
        mime.header("List-Id", f"<{list_id}>"),
        mime.header("Auto-Submitted", "auto-generated"),  # RFC 3834: no vacation notice answers it
    ))  # fmt: skip


def _body(rendered: Rendered, attachments: Sequence[File], identifier: str) -> bytes:
    words = [mime.text_part("plain", rendered.text), mime.text_part("html", rendered.html)]
    body = mime.multipart("alternative", words, boundary=_boundary(identifier, 1))
    if not attachments:
        return body
    files = [mime.file_part(_safe(name), media_type, contents) for name, media_type, contents in attachments]
    return mime.multipart("mixed", [body, *files], boundary=_boundary(identifier, 0))


def _boundary(identifier: str, place: int) -> str:
    """Return what divides parts, the same in every attempt; encoded text never holds its first two letters."""
    return f"=_{hashlib.sha256(f'{identifier}/{place}'.encode()).hexdigest()[:32]}"


def _addresses(envelope: Envelope, addresses: str) -> tuple[str, ...]:
    try:
        return tuple(_address(each.strip()) for each in addresses.split(",") if each.strip())
    except (ValueError, IndexError) as error:
        raise _unusable(envelope) from error


def _address(address: str) -> str:
    if _SIMPLE.fullmatch(address):
        return address
    local, _, _ = address.rpartition("@")
    if not local or any(character.isspace() or not character.isprintable() for character in address):
        raise ValueError("no address")
    if local.isascii():
        return Address(addr_spec=f"{local}@{domain_of(address)}").addr_spec
    return Address(username=local, domain=domain_of(address)).addr_spec


def _unusable(envelope: Envelope) -> BadInputError:
    return BadInputError(
        f"letter {envelope.key}", "its recipient's address cannot be used in a message.", remedy="Correct the address."
    )


def _thread(envelope: Envelope, sender: Sender) -> bytes:
    """Return the headers that put a letter beside what it answers, or beside the others about its application."""
    if known := envelope.in_reply_to:
        return mime.header("In-Reply-To", known) + mime.header("References", known)
    if envelope.application_id is None:
        return b""
    return mime.header("References", message_id(f"thread:{envelope.application_id}", sender.domain))


def _safe(filename: str) -> str:
    """Return *filename* without anything that a mail program could take for a path."""
    return single_line(filename).replace("/", "_").replace("\\", "_").lstrip(".") or "attachment"
