"""Delivery reports (RFC 3464) that mail servers send back, as far as they concern our letters."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import Message
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from domain.values import Frozen
from notifications.mail.mailers import without_addresses

_MESSAGE_ID: Final = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_LARGEST: Final = 2_000_000


class Action(StrEnum):
    """What a server did with a message for one recipient (RFC 3464, 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


class DeliveryReport(Frozen):
    """What became of one of our messages for one of its recipients, without the recipient's address."""

    message_id: Annotated[str, Field(description="of the letter, as we sent it")]
    action: Action
    status: Annotated[str, Field(pattern=r"^([245]\.\d{1,3}\.\d{1,3})?$", description="RFC 3463; empty: not given")] = (
        ""
    )
    diagnostic: Annotated[str, Field(repr=False)] = ""

    @property
    def is_bounce(self) -> bool:
        """Whether the letter did not arrive and will not."""
        return self.action is Action.FAILED


def delivery_reports(contents: bytes) -> tuple[DeliveryReport, ...]:
    """Return the reports in the message *contents*; none if it is no delivery report or names no message of ours.

    Anybody can forge such a report, so callers look the id up among the letters they sent and never do more on its
    strength than tell an officer. A message larger than two million bytes is not read.
    """
    if len(contents) > _LARGEST:
        return ()
    message = email.message_from_bytes(contents)
    if message.get_content_type() != "multipart/report" or message.get_param("report-type") != "delivery-status":
        return ()
    identifier = _original(message)
    if not identifier:
        return ()
    statuses = [part for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    return tuple(report for part in statuses for report in _of_recipients(part, identifier))


def _original(message: Message) -> str:
    """Return the Message-ID of the returned letter, or of its envelope where the letter is not returned."""
    for part in message.walk():
        if part.get_content_type() == "message/rfc822":
            for inner in list(part.walk())[1:2]:
                if found := _first_id(_header(inner, "Message-ID")):
                    return found
        if part.get_content_type() == "text/rfc822-headers":
            headers = email.message_from_string(str(part.get_payload()))
            if found := _first_id(_header(headers, "Message-ID")):
                return found
    return _envelope_id(message)


def _envelope_id(message: Message) -> str:
    for part in message.walk():
        if envelope := _header(part, "Original-Envelope-Id"):
            return _first_id(f"<{envelope}>")
    return ""


def _header(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip()


def _first_id(text: str) -> str:
    found = _MESSAGE_ID.search(text)
    return found[0] if found else ""


def _of_recipients(part: Message, identifier: str) -> Iterator[DeliveryReport]:
    """Yield what *part* says; one group of fields is about the message, each other one about a recipient."""
    for group in list(part.walk())[1:]:
        if (action := _header(group, "Action").lower()) not in set(Action):
            continue
        status = _STATUS.search(_header(group, "Status"))
        yield DeliveryReport(
            message_id=identifier,
            action=Action(action),
            status=status[1] if status else "",
            diagnostic=without_addresses(_header(group, "Diagnostic-Code").partition(";")[2]),
        )
