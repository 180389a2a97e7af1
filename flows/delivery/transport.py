"""The ways out that the settings name: a Maildir, a mail server or both, the key that signs, and the pace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import SecretStr, ValidationError

from domain.errors import BadInputError
from domain.letters.delivery import MINUTE, Pace, Pacer
from flows.settings import Settings
from notifications.mail.dkim import DkimKey
from notifications.mail.mailers import ArchivingMailer, MaildirMailer, Mailer
from notifications.mail.smtp import Security, SmtpAddress, SmtpMailer


def configured_mailer(chosen: Settings) -> Mailer:
    """Return the way out that the settings name: a Maildir, a mail server, or both."""
    maildir = MaildirMailer(Path(chosen.maildir))
    if chosen.smtp_host is None:
        return maildir
    security = Security.NONE if chosen.smtp_security == "plain" else Security(chosen.smtp_security)
    smtp = SmtpMailer(_address(chosen, chosen.smtp_host, security), key=signing_key(chosen))
    return ArchivingMailer(smtp, maildir) if chosen.mail_archive else smtp


def _address(chosen: Settings, host: str, security: Security) -> SmtpAddress:
    """Return the mail server's address; raises BadInputError for one that may not be used like that."""
    if security is Security.NONE and host not in {"localhost", "127.0.0.1", "::1"}:
        problem = "letters would cross the network readable by anybody."
        remedy = "Set starttls or tls; plain is for a mail server on this machine (localhost)."
        raise BadInputError("ACCREDIT_SMTP_SECURITY=plain", problem, remedy=remedy)
    return SmtpAddress(
        host=host,
        port=chosen.smtp_port,
        security=security,
        user=chosen.smtp_user or "",
        password=chosen.smtp_password or SecretStr(""),
        timeout=chosen.smtp_timeout,
        authorities=chosen.smtp_authorities,
        return_path=chosen.smtp_return_path,
    )


def signing_key(chosen: Settings) -> DkimKey | None:
    """Return the DKIM key that the settings name, if any; raises BadInputError where it cannot sign."""
    if chosen.dkim_domain is None:
        return None
    remedy = "Name a PEM file that the engine can read, or unset ACCREDIT_DKIM_DOMAIN."
    if chosen.dkim_key is None:
        raise BadInputError("ACCREDIT_DKIM_KEY", "it is not set.", remedy=remedy)
    try:
        pem = chosen.dkim_key.read_text("ascii")
    except (OSError, UnicodeError) as error:
        raise BadInputError("ACCREDIT_DKIM_KEY", "the file cannot be read.", remedy=remedy) from error
    try:
        key = DkimKey(domain=chosen.dkim_domain, selector=chosen.dkim_selector, private_key=SecretStr(pem))
    except ValidationError as error:
        problem = "domain or selector are none: small letters, digits, points and hyphens."
        raise BadInputError("ACCREDIT_DKIM_DOMAIN", problem, remedy="Write them as in the DNS.") from error
    key.require_usable()
    return key


def configured_pace(chosen: Settings) -> Pace | None:
    """Return how fast letters may go; into a Maildir as fast as they can."""
    if chosen.smtp_host is None:
        return None
    return Pace(
        per_second=chosen.smtp_per_second, burst=chosen.smtp_burst, domain_per_minute=chosen.smtp_domain_per_minute
    )


class SendingPace:
    """Turns at the mail server: at the pace that is set, and with *shared*, at the one that all deliveries share.

    Where a domain has a limit, the file *memory* keeps the turns of the last minute, so that the limit holds from one
    run to the next, however the first one ended.
    """

    def __init__(self, pace: Pace, shared: Callable[[], None] | None = None, *, memory: Path | None = None) -> None:
        self._pacer = Pacer(pace)
        self._shared = shared
        self._memory = memory if pace.domain_per_minute else None
        if self._memory is not None:
            self._remember(self._memory)

    def _remember(self, memory: Path) -> None:
        """Take the turns of the last minute as had, and forget older ones."""
        today, steady = time.time(), time.monotonic()
        recent = [(at, domain) for at, domain in _turns_in(memory) if 0 <= today - at < MINUTE]
        for at, domain in recent:
            self._pacer.took(domain, steady - (today - at))
        memory.write_text("".join(f"{at:.3f} {domain}\n" for at, domain in recent), "utf-8")

    def take(self, domain: str) -> None:
        """Return when a letter to *domain* may go."""
        if self._shared is not None:
            self._shared()
        if (seconds := self._pacer.wait(domain, time.monotonic())) > 0:
            time.sleep(seconds)
        self._pacer.took(domain, time.monotonic())
        if self._memory is not None:
            with self._memory.open("a", encoding="utf-8") as file:
                file.write(f"{time.time():.3f} {domain}\n")


def _turns_in(memory: Path) -> Iterator[tuple[float, str]]:
    """Yield when each turn was and for which domain; a line that was cut off is none."""
    lines = memory.read_text("utf-8").splitlines(keepends=True) if memory.exists() else []
    for line in lines:
        at, _, domain = line.partition(" ")
        if domain.endswith("\n"):
            yield float(at), domain.strip()
