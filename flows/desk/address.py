"""Where the desk is: the one address that officers open, and the socket behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from domain.errors import BadInputError
from flows.settings import Settings

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Address:
    """One address; a request that names another is turned away."""

    origin: str
    """Scheme, name and port as a browser writes them."""
    name: str
    """The host name alone, to which passkeys are bound (WebAuthn's RP id)."""
    bind: str
    port: int
    certificate: Path | None = None
    certificate_key: Path | None = None

    @classmethod
    def of(cls, settled: Settings, *, port: int | None = None) -> Self:
        """Return the address that the settings give; raises :class:`BadInputError` for half a certificate.

        Without ``desk_url`` the desk is for this machine: ``http://localhost``. Browsers offer passkeys only to a
        secure context, which ``localhost`` is and an IP address is not (WebAuthn Level 3, 5.1).
        """
        chosen = port or settled.desk_port
        if not settled.desk_url:
            return cls(origin=f"http://localhost:{chosen}", name="localhost", bind=LOOPBACK, port=chosen)
        origin, name = settled.desk_url, urlsplit(settled.desk_url).hostname or ""
        certificate, key = settled.desk_certificate, settled.desk_certificate_key
        if bool(certificate) != bool(key):
            remedy = "Set ACCREDIT_DESK_CERTIFICATE and ACCREDIT_DESK_CERTIFICATE_KEY, both or neither."
            raise BadInputError("ACCREDIT_DESK_CERTIFICATE", "a certificate needs its key.", remedy=remedy)
        # Without a certificate of its own the desk speaks plain HTTP: to a proxy on this machine, to nobody else.
        bind = settled.desk_bind if certificate else LOOPBACK
        return cls(origin=origin, name=name, bind=bind, port=chosen, certificate=certificate, certificate_key=key)

    @property
    def host(self) -> str:
        """What the header Host must say."""
        return urlsplit(self.origin).netloc

    @property
    def has_tls(self) -> bool:
        """Whether officers reach it by TLS."""
        return self.origin.startswith("https:")

    @property
    def is_behind_proxy(self) -> bool:
        """Whether a proxy on this machine passes requests on."""
        return self.has_tls and self.certificate is None
