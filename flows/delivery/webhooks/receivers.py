"""Who is told of events: the file that the settings name, with addresses, kinds of events, and places of secrets."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import SplitResult, urlsplit

import httpx
from pydantic import Field, field_validator, model_validator

from domain.errors import BadInputError, UnknownThingError
from domain.letters.cloud_events import KINDS
from domain.letters.webhooks import secret_in
from domain.values import ElectionCode, Frozen
from flows.documents import load_document
from flows.settings import require_closed, settings

_LOOPBACK_NAME: Final = "localhost"


class Receiver(Frozen):
    """Another system that is told of events."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$", description="by which commands name it")]
    url: Annotated[str, Field(description="https, or http on this machine")]
    secrets: Annotated[
        tuple[Path, ...],
        Field(min_length=1, max_length=2, description="files, seen from this one; two while a secret is exchanged"),
    ]
    elections: Annotated[tuple[ElectionCode, ...], Field(description="of these; none named: of all")] = ()
    kinds: Annotated[tuple[str, ...], Field(description="kinds of events; none named: all")] = ()
    reasons: Annotated[bool, Field(description="whether codes of reasons are told, too")] = False
    private_addresses: Annotated[bool, Field(description="whether it may lie in a network of your own")] = False
    authorities: Annotated[Path | None, Field(description="PEM file of who vouches for its certificate")] = None

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted({*kinds} - {*KINDS}):
            raise ValueError(f"there is no kind of event {unknown[0]}; accredit webhook kinds lists them")
        return tuple(sorted({*kinds}))

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        address = self.address
        try:
            unreadable = not httpx.URL(self.url).host or address.port == 0
        except httpx.InvalidURL:
            unreadable = True
        if unreadable or not address.hostname or address.username or address.fragment:
            raise ValueError("the address has no host, or a user name or a # in it")
        if address.scheme != "https" and not (address.scheme == "http" and self.is_here):
            raise ValueError("the address is neither https, nor http on this machine")
        return self

    @property
    def address(self) -> SplitResult:
        """The parts of the address."""
        return urlsplit(self.url)

    @property
    def is_here(self) -> bool:
        """Whether the address names this machine."""
        host = self.address.hostname or ""
        try:
            return host == _LOOPBACK_NAME or ip_address(host).is_loopback
        except ValueError:
            return False

    def hears(self, election: ElectionCode) -> bool:
        """Whether the receiver is told of *election*."""
        return not self.elections or election in self.elections

    def read_secrets(self) -> list[bytes]:
        """Return the secrets, the newest first; raises :class:`BadInputError` for a file that others can read."""
        return [_secret(place) for place in self.secrets]


class _Receivers(Frozen):
    receivers: tuple[Receiver, ...] = ()

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if len({receiver.code for receiver in self.receivers}) < len(self.receivers):
            raise ValueError("two receivers have the same code")
        return self


def receivers() -> list[Receiver]:
    """Return who is told of events; nobody where the setting is not given. Raises :class:`BadInputError`."""
    place = settings().webhooks
    if place is None:
        return []
    return [
        receiver.revised(
            secrets=tuple(place.parent / secret for secret in receiver.secrets),
            authorities=place.parent / receiver.authorities if receiver.authorities else None,
        )
        for receiver in load_document(place, _Receivers).receivers
    ]


def receiver(code: str) -> Receiver:
    """Return the receiver called *code*; raises :class:`UnknownThingError`."""
    known = {receiver.code: receiver for receiver in receivers()}
    if code not in known:
        raise UnknownThingError("receiver", code[:32], known=[*known])
    return known[code]


def _secret(place: Path) -> bytes:
    try:
        require_closed(place, "Others may have copied this secret")
        return secret_in(place.read_text("ascii"), place.name)
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Put the secret there: accredit webhook secret"
        raise BadInputError(str(place), "cannot be read.", remedy=remedy) from error
