"""A rendered letter becomes a MIME message (RFC 5322, RFC 2045) whose bytes depend on its contents only."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from email.contentmanager import ContentManager, raw_data_manager
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from domain.correspondence import Envelope
from domain.errors import BadInputError
from domain.values import Frozen
from notifications.letters.parts import single_line
from notifications.mail import SealedMessage
from notifications.rendering import Rendered

if TYPE_CHECKING:
    from domain.profile import Election

_LINE_BREAK: Final = re.compile(r"[\r\n]")
_ENCODED: Final = frozenset({"subject", "from"})


class _LetterPolicy(EmailPolicy):
    """The library's policy, with two costly steps made cheap, because a letter passes them some thousand times.

    Headers that most letters share are parsed once. The two headers that are often outside ASCII get their encoded
    words (RFC 2047) from :mod:`email.header`, at 0.1 ms against 2.3 ms.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if type(value) is str and not _LINE_BREAK.search(value):
            return name, _parsed(name, value)
        return super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        if self.utf8 or name.lower() not in _ENCODED or str(value).isascii():
            return super().fold_binary(name, value)
        addresses: Sequence[Address] = getattr(value, "addresses", ())
        words = addresses[0].display_name if addresses else str(value)
        ending = f"\r\n <{addresses[0].addr_spec}>" if addresses else ""
        encoded = Header(words, "utf-8", header_name=name).encode(linesep="\r\n")
        return f"{name}: {encoded}{ending}\r\n".encode("ascii")


@lru_cache(maxsize=1024)
def _parsed(name: str, value: str) -> Any:
    """Return the header, which is immutable and may be shared by messages."""
    return EmailPolicy.header_factory(name, value)


class _LetterContents(ContentManager):
    """The library's contents, with text encoded (RFC 2045, 6.7 and 6.8) in compiled code and not letter by letter."""

    def get_content(self, msg: Any, *given: Any, **named: Any) -> Any:
        return raw_data_manager.get_content(msg, *given, **named)

    def set_content(self, msg: Any, obj: Any, *given: Any, **named: Any) -> None:
        if not isinstance(obj, str):
            raw_data_manager.set_content(msg, obj, *given, **named)
            return
        lines = "\r\n".join(obj.splitlines()) + "\r\n"
        contents = lines.encode()
        is_foreign = 3 * len(contents) > 4 * len(lines)
        encoded = _in_base64(contents) if is_foreign else binascii.b2a_qp(contents, istext=True)
        msg["Content-Type"] = f'text/{named.get("subtype", "plain")}; charset="utf-8"'
        msg["Content-Transfer-Encoding"] = "base64" if is_foreign else "quoted-printable"
        msg.set_payload(encoded.decode("ascii"))


def _in_base64(contents: bytes) -> bytes:
    """Return *contents* in lines of 76 letters."""
    return b"".join(
        binascii.b2a_base64(contents[start : start + 57], newline=False) + b"\r\n"
        for start in range(0, len(contents), 57)
    )


# Seven bits pass every server, with and without 8BITMIME.
_SEVEN_BIT: Final = _LetterPolicy(linesep="\r\n", cte_type="7bit", content_manager=_LetterContents())
_INTERNATIONAL: Final = _SEVEN_BIT.clone(utf8=True)

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
    return address.rpartition("@")[2].encode("idna").decode("ascii").lower()


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
) -> EmailMessage:
    """Return the message for *envelope*: text, its HTML alternative and the attachments.

    Letters about one application refer to one thread id, so that mail programs show them together (RFC 5322, 3.6.4).
    Raises BadInputError for an address that no message can carry; it names the letter, not the address.
    """
    recipients, copies = _addresses(envelope, envelope.to), _addresses(envelope, envelope.copy_to)
    if not recipients:
        raise _unusable(envelope)
    needs_utf8 = not all(address.addr_spec.isascii() for address in (*recipients, *copies))
    message = EmailMessage(policy=_INTERNATIONAL if needs_utf8 else _SEVEN_BIT)
    _head(message, rendered, sender)
    message["To"] = recipients
    if copies:
        message["Cc"] = copies
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    if envelope.in_reply_to:
        message["In-Reply-To"] = message["References"] = envelope.in_reply_to
    elif envelope.application_id is not None:
        message["References"] = _thread(envelope, sender)
    _fill(message, rendered, attachments)
    _mark_boundaries(message, message_id)
    return message


def sealed(message: EmailMessage) -> SealedMessage:
    """Return *message*, made by :func:`compose`, in its bytes: once, whatever becomes of it afterwards."""
    policy: Any = message.policy
    return SealedMessage(
        message_id=str(message["Message-ID"]),
        sender=_specs(message, "From")[0],
        to=_specs(message, "To"),
        copies=_specs(message, "Cc"),
        needs_utf8=policy.utf8,
        contents=message.as_bytes(),
    )


def _specs(message: EmailMessage, header: str) -> tuple[str, ...]:
    value = message[header]
    return () if value is None else tuple(address.addr_spec for address in value.addresses)


def _head(message: EmailMessage, rendered: Rendered, sender: Sender) -> None:
    message["Subject"] = single_line(rendered.subject)
    message["From"] = Address(single_line(sender.name), addr_spec=sender.address)
    message["Reply-To"] = Address(addr_spec=sender.reply_to)
    message["List-Id"] = f"<{sender.list_id}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notice answers it
    message["Content-Language"] = ", ".join(one for one in (rendered.language, rendered.beneath) if one)


def _fill(message: EmailMessage, rendered: Rendered, attachments: Sequence[File]) -> None:
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    for filename, media_type, contents in attachments:
        main, _, sub = media_type.partition("/")
        message.add_attachment(contents, maintype=main, subtype=sub, filename=_safe(filename))


def _addresses(envelope: Envelope, addresses: str) -> tuple[Address, ...]:
    try:
        return tuple(_address(each.strip()) for each in addresses.split(",") if each.strip())
    except (ValueError, IndexError) as error:
        raise _unusable(envelope) from error


def _address(address: str) -> Address:
    local, _, _ = address.rpartition("@")
    if not local or any(character.isspace() or not character.isprintable() for character in address):
        raise ValueError("no address")
    if local.isascii():
        return Address(addr_spec=f"{local}@{domain_of(address)}")
    return Address(username=local, domain=domain_of(address))


def _unusable(envelope: Envelope) -> BadInputError:
    return BadInputError(
        f"letter {envelope.key}", "its recipient's address cannot be used in a message.", remedy="Correct the address."
    )


def _thread(envelope: Envelope, sender: Sender) -> str:
    return message_id(f"thread:{envelope.application_id}", sender.domain)


def _safe(filename: str) -> str:
    """Return *filename* without anything that a mail program could take for a path."""
    return single_line(filename).replace("/", "_").replace("\\", "_").lstrip(".") or "attachment"


def _mark_boundaries(message: EmailMessage, identifier: str) -> None:
    """Give every multipart a boundary of its own that is the same in every attempt."""
    for place, part in enumerate(message.walk()):
        if part.is_multipart():
            seed = hashlib.sha256(f"{identifier}/{place}".encode()).hexdigest()
            part.set_boundary(f"=_{seed[:32]}")
