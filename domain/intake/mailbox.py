"""What reaches the office by itself: dropped files, and messages with nominations attached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Literal
from uuid import UUID, uuid5

from pydantic import Field

from domain.intake.message_states import MessageState
from domain.intake.messages import ReadMessage, comparable
from domain.organisations.organisation import Organisation
from domain.values import ElectionCode, Frozen, OfficerCode, OrganisationCode, Sha256, UtcTime

_NAMESPACE: Final = UUID("6d0f3f0a-1f3e-5c55-9d0c-0f5a3a7f5f11")


class HeldBecause(StrEnum):
    """Why a message waits for an officer."""

    UNKNOWN_SENDER = "unknown_sender"
    UNCLEAR_SENDER = "unclear_sender"
    SEVERAL_SENDERS = "several_senders"
    SEVERAL_ORGANISATIONS = "several_organisations"
    NOT_AUTHENTICATED = "not_authenticated"
    AUTOMATIC = "automatic"
    NO_NOMINATIONS = "no_nominations"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"


MEANING: Final[Mapping[HeldBecause, str]] = MappingProxyType(
    {
        HeldBecause.UNKNOWN_SENDER: "The sender is no focal point in the register of organisations.",
        HeldBecause.UNCLEAR_SENDER: "The field From does not name clearly who sent the message.",
        HeldBecause.SEVERAL_SENDERS: "The field From names several senders; which of them speaks cannot be told.",
        HeldBecause.SEVERAL_ORGANISATIONS: "The sender is the focal point of several organisations.",
        HeldBecause.NOT_AUTHENTICATED: "The office's own mail server does not vouch for the sender.",
        HeldBecause.AUTOMATIC: "The message was sent by a program.",
        HeldBecause.NO_NOMINATIONS: "No nominations file is attached.",
        HeldBecause.UNREADABLE: "The message cannot be read.",
        HeldBecause.TOO_LARGE: "The message is larger than the engine fetches.",
    }
)
"""Each reason in a sentence."""


class IncomingMessage(Frozen):
    """A message as it is kept; its bytes lie in the file store as *content*."""

    id: UUID
    election: ElectionCode
    message_id: Annotated[str, Field(repr=False)] = ""
    sender: Annotated[str, Field(repr=False)] = ""
    subject: Annotated[str, Field(repr=False)] = ""
    attachments: Annotated[tuple[str, ...], Field(repr=False)] = ()
    received_at: UtcTime
    content: Sha256 | Literal[""] = ""
    """Empty: it was not fetched."""
    state: MessageState
    reason: HeldBecause | None = None
    organisation: OrganisationCode | Literal[""] = ""
    officer: OfficerCode | None = None
    settled_at: UtcTime | None = None

    def __str__(self) -> str:
        return f"message {self.id}"


def message_key(election: ElectionCode, message: ReadMessage) -> UUID:
    """Return the id of a message: the same for the same Message-ID, sender and content, whatever way it came."""
    return uuid5(_NAMESPACE, f"{election}\x1f{message.message_id}\x1f{message.sender}\x1f{message.digest}")


def unread_key(election: ElectionCode, mark: str) -> UUID:
    """Return the id of a message of which no more is known than *mark*."""
    return uuid5(_NAMESPACE, f"{election}\x1funread\x1f{mark}")


def judge(
    message: ReadMessage, organisations: Iterable[Organisation], *, vouching: str = ""
) -> tuple[OrganisationCode | Literal[""], HeldBecause | None]:
    """Return for which organisation *message* speaks, and why it is held; None: its files are taken in.

    The sender's address, in any case of letters and without its display name, is looked up among the focal points.
    With *vouching*, the name of the office's own mail server, that server must say that the message really comes
    from the sender's domain (RFC 8601): anybody can write any address into From.
    """
    if not message.sender:
        return "", HeldBecause.SEVERAL_SENDERS if message.is_from_several else HeldBecause.UNCLEAR_SENDER
    wanted = comparable(message.sender)
    codes = sorted(
        {organisation.code for organisation in organisations if comparable(organisation.focal_point.email) == wanted}
    )
    code = codes[0] if len(codes) == 1 else ""
    if message.is_automatic:
        return code, HeldBecause.AUTOMATIC
    if not codes:
        return "", HeldBecause.UNKNOWN_SENDER
    if vouching and not message.is_vouched_for(vouching):
        return code, HeldBecause.NOT_AUTHENTICATED
    if len(codes) > 1:
        return "", HeldBecause.SEVERAL_ORGANISATIONS
    return code, None if message.tables or message.wrapped else HeldBecause.NO_NOMINATIONS
