"""One message to one receiver: its address looked up and checked, connected to as checked, no redirect followed."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from types import TracebackType
from typing import Final, Self

import httpx

from domain.errors import BadInputError
from domain.letters.cloud_events import CloudEvent
from domain.letters.webhooks import signature_of
from domain.values import UtcTime
from flows.delivery.webhooks.receivers import Receiver

SECONDS: Final = 15.0
"""How long a receiver has for its whole answer."""
_CONTENT: Final = "application/cloudevents+json; charset=utf-8"
_MOST_BYTES: Final = 16_384
_GONE: Final = 410
_PUBLIC: Final = IPv6Network("2000::/3")
"""The only IPv6 addresses of the public internet (RFC 4291, 2.4); what else is called global leads to own networks."""
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""IPv4 addresses behind a translator (RFC 6052)."""

IpAddress = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt."""

    said: str
    """A code of ours, such as ``HTTP 500``; never what the receiver wrote."""
    taken: bool = False
    gone: bool = False
    """The receiver wants nothing more (410)."""
    wait: timedelta = timedelta()
    """For how long it asks to be left alone."""


class Line:
    """The way to one receiver, open while entered."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver, self._secrets = receiver, receiver.read_secrets()
        self._client = httpx.AsyncClient(verify=_trust(receiver), trust_env=False, timeout=SECONDS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def post(self, event: CloudEvent, *, now: UtcTime) -> Answer:
        """Send *event*, signed as of *now*; whatever goes wrong is an answer, too."""
        headers = {
            "Content-Type": _CONTENT, "User-Agent": "accredit", "webhook-id": event.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature_of(self._secrets, event.id, now, event.body),
        }  # fmt: skip
        try:
            async with asyncio.timeout(SECONDS):
                return await self._posted_to_any(await self._checked_addresses(), event.body, headers)
        except _AddressRefusedError as refused:
            return Answer(str(refused))
        except (TimeoutError, httpx.TimeoutException):
            return Answer(f"no answer in {SECONDS:.0f} s")
        except httpx.HTTPError as error:
            return Answer("TLS refused" if _is_of_tls(error) else "cannot be reached")
        except OSError:
            return Answer("name cannot be looked up")

    async def _posted_to_any(self, addresses: Sequence[IpAddress], body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send to the first address that can be connected to; nothing was sent to those before it."""
        for address in addresses[:-1]:
            with suppress(httpx.ConnectError):
                return await self._posted(body, headers, address)
        return await self._posted(body, headers, addresses[-1])

    async def _posted(self, body: bytes, headers: Mapping[str, str], address: IpAddress) -> Answer:
        # To the address that was checked: another look at the name could find another one.
        url = httpx.URL(self._receiver.url)
        sent = self._client.stream(
            "POST", url.copy_with(host=str(address)), content=body, headers={**headers, "Host": url.netloc.decode()},
            extensions={"sni_hostname": url.raw_host.decode()},
        )  # fmt: skip
        async with sent as answer:
            read = 0
            async for part in answer.aiter_raw():  # read to its end, the connection serves the next event, too
                read += len(part)
                if read > _MOST_BYTES:
                    break
        return Answer(
            f"HTTP {answer.status_code}", taken=answer.is_success, gone=answer.status_code == _GONE, wait=_wait(answer)
        )

    async def _checked_addresses(self) -> list[IpAddress]:
        """Return where the receiver is, IPv4 first; raises where the name leads where nothing may go."""
        address = self._receiver.address
        port = address.port or (443 if address.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(address.hostname, port, type=socket.SOCK_STREAM)
        places = sorted({ip_address(str(entry[4][0]).partition("%")[0]) for entry in found}, key=lambda at: at.version)
        if not places or not all(_may_go_to(place, self._receiver) for place in places):
            raise _AddressRefusedError("address not allowed")
        return places


class _AddressRefusedError(Exception):
    """The name of a receiver leads where nothing is sent."""


def _is_of_tls(error: BaseException | None) -> bool:
    return isinstance(error, ssl.SSLError) or (error is not None and _is_of_tls(error.__cause__ or error.__context__))


def _may_go_to(place: IpAddress, receiver: Receiver) -> bool:
    """Whether an event may go to *place*: the public internet, this machine if named, else by the setting alone."""
    known = _behind(place)
    if known.is_multicast or known.is_unspecified or known.is_link_local:
        return False
    if receiver.is_here:
        return known.is_loopback
    is_public = known.is_global and (isinstance(known, IPv4Address) or known in _PUBLIC)
    return is_public or receiver.private_addresses


def _behind(place: IpAddress) -> IpAddress:
    """Return the IPv4 address that an IPv6 address stands for, else the address itself."""
    if isinstance(place, IPv4Address):
        return place
    translated = IPv4Address(int(place) & 0xFFFFFFFF) if place in _TRANSLATED else None
    return place.ipv4_mapped or place.sixtofour or translated or place


def _trust(receiver: Receiver) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=receiver.authorities)
    except OSError as error:
        remedy = "Name the PEM file with the certificates that vouch for it."
        raise BadInputError(str(receiver.authorities), "holds no certificate.", remedy=remedy) from error


def _wait(answer: httpx.Response) -> timedelta:
    said = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(said)) if said.isdecimal() and len(said) < 7 else timedelta()  # noqa: PLR2004 -- 11 days
