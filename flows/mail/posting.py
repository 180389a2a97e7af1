"""Sending claimed letters: written, handed over at the pace allowed, and recorded as the way out needs it."""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from db.outbox import QueuedLetter, Settlement
from db.store import Store, open_reader, open_store
from domain.correspondence import LetterState
from domain.delivery import Pace, Pacer, Prospect, dealt, prospect
from domain.errors import BadInputError
from domain.profile import ElectionProfile
from domain.values import ElectionCode, UtcTime
from flows.desk import database
from flows.engine.cores import spread
from flows.mail.writing import House, seal_letters
from flows.settings import Settings, settings
from notifications.dkim import DkimKey
from notifications.mail import (
    ArchivingMailer,
    MailDeferredError,
    MaildirMailer,
    Mailer,
    MailRefusedError,
    MailUnavailableError,
    SealedMessage,
)
from notifications.message import Sender
from notifications.smtp import Security, SmtpAddress, SmtpMailer

BATCH: Final = 500
PART: Final = 25
"""Letters written at a time; the first go out while the next are written."""
LEASE: Final = timedelta(minutes=15)
VANISHED: Final = "not sent: what it reminds of no longer stands"


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
    """Return the DKIM key that the settings name, if any; raises BadInputError where its file cannot be read."""
    if chosen.dkim_domain is None:
        return None
    remedy = "Name a PEM file that the engine can read, or unset ACCREDIT_DKIM_DOMAIN."
    if chosen.dkim_key is None:
        raise BadInputError("ACCREDIT_DKIM_KEY", "it is not set.", remedy=remedy)
    try:
        pem = chosen.dkim_key.read_text("ascii")
    except (OSError, UnicodeError) as error:
        raise BadInputError("ACCREDIT_DKIM_KEY", "the file cannot be read.", remedy=remedy) from error
    return DkimKey(domain=chosen.dkim_domain, selector=chosen.dkim_selector, private_key=SecretStr(pem))


def configured_pace(chosen: Settings) -> Pace | None:
    """Return how fast letters may go; into a Maildir as fast as they can."""
    if chosen.smtp_host is None:
        return None
    return Pace(
        per_second=chosen.smtp_per_second, burst=chosen.smtp_burst, domain_per_minute=chosen.smtp_domain_per_minute
    )


class Turns:
    """Turns at the mail server: at the pace that is set, and with *shared*, at the one that all deliveries share."""

    def __init__(self, pace: Pace, shared: Callable[[], None] | None = None) -> None:
        self._pacer = Pacer(pace)
        self._shared = shared

    def take(self, domain: str) -> None:
        """Return when a letter to *domain* may go."""
        if self._shared is not None:
            self._shared()
        if (seconds := self._pacer.wait(domain, time.monotonic())) > 0:
            time.sleep(seconds)
        self._pacer.took(domain, time.monotonic())


class Postman:
    """Sends claimed letters of one election through one mailer.

    What became of a letter is recorded before the next one goes, or some at a time where a repeat changes nothing.
    """

    def __init__(self, profile: ElectionProfile, mailer: Mailer, *, now: UtcTime, turns: Turns | None = None) -> None:
        election = profile.election
        with open_reader(database()) as store:
            house = House.of(profile, store.elections.secret(election.code))
        self._seal = partial(seal_letters, sender=Sender.of(election, address=settings().mail_from), house=house)
        self._mailer = mailer
        self._now = now
        self._turns = turns
        self._unrecorded: list[Settlement] = []
        self.counts: Counter[str] = Counter(sent=0)

    def send(self, letters: Sequence[QueuedLetter]) -> None:
        """Send *letters*, recipient domains in turn.

        Raises :class:`MailUnavailableError` where the server is gone: the letter at hand is deferred, so that one the
        server stumbles over does not stay the first for ever, and the rest is released untried.
        """
        ordered = [letters[place] for place in dealt([_domain(letter) for letter in letters])]
        messages = spread(self._seal, ordered, few=PART, part=PART)
        for letter, message in zip(ordered, messages, strict=True):
            try:
                self._note(letter, *self._attempt(letter, message))
                if len(self._unrecorded) >= self._mailer.together or letter is ordered[-1]:
                    self._record()
            except MailUnavailableError as error:
                self._give_back(letter, error, ordered)
                raise

    def _give_back(self, letter: QueuedLetter, error: MailUnavailableError, claimed: Sequence[QueuedLetter]) -> None:
        """Record what is sure, put *letter* off, and release the rest of *claimed*."""
        with suppress(MailUnavailableError):
            self._record()
        # What could not be secured is not sure to have arrived; to send it again is.
        self._unrecorded.clear()
        self._note(letter, self._prospect(letter, error), error.answer)
        self._record()
        with open_store(database()) as store:
            store.outbox.release([one.envelope.key for one in claimed])

    def _attempt(self, letter: QueuedLetter, message: SealedMessage | str) -> tuple[Prospect, str]:
        if isinstance(message, str):
            return Prospect(state=LetterState.FAILED), message
        if self._turns is not None:
            self._turns.take(_domain(letter))
        try:
            return Prospect(state=LetterState.SENT), self._mailer.send(message)
        except (MailRefusedError, MailDeferredError) as error:
            return self._prospect(letter, error), error.answer

    def _prospect(
        self, letter: QueuedLetter, error: MailRefusedError | MailDeferredError | MailUnavailableError
    ) -> Prospect:
        return prospect(error, key=letter.envelope.key, attempts=letter.attempts, now=self._now)

    def _note(self, letter: QueuedLetter, found: Prospect, answer: str) -> None:
        said = _without_recipients(letter, answer)
        self._unrecorded.append(Settlement(letter.envelope.key, found.state, said, found.next_at))

    def _record(self) -> None:
        """Record what became of the letters since the last time, once the mailer has secured them."""
        if not self._unrecorded:
            return
        self._mailer.secure()
        with open_store(database()) as store:
            store.outbox.settle(self._unrecorded, now=self._now)
        self.counts.update(one.state.value for one in self._unrecorded)
        self._unrecorded.clear()


def _domain(letter: QueuedLetter) -> str:
    return letter.envelope.to.partition(",")[0].rpartition("@")[2].strip().lower()


def _without_recipients(letter: QueuedLetter, answer: str) -> str:
    """Return *answer* without the local parts of its recipients, which are often names."""
    for address in f"{letter.envelope.to},{letter.envelope.copy_to}".split(","):
        if local := address.strip().rpartition("@")[0]:
            answer = answer.replace(local, "‹name›")
    return answer


def claimant() -> str:
    """Return the name under which this process claims letters: machine, process and when it began."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}"


def is_dead(name: str) -> bool:
    """Whether *name* was a process of this machine that has ended; of other machines nothing is known."""
    host, pid, began = name.rsplit(":", 2)
    return host == socket.gethostname() and _began(int(pid)) != began


def _began(pid: int) -> str:
    """Return when process *pid* began, in ticks of the kernel's clock, or an empty text where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return ""


def claim(election: ElectionCode, *, now: UtcTime) -> list[QueuedLetter]:
    """Claim the next batch that is due; the real clock decides about leases, *now* about retries.

    No more than surely go within a third of the lease at the pace allowed. Reminders whose reason has vanished are
    cancelled instead.
    """
    clock, pace = datetime.now(UTC), configured_pace(settings())
    limit = min(BATCH, pace.most_within(LEASE.total_seconds() / 3)) if pace else BATCH
    with open_store(database()) as store:
        while letters := store.outbox.claim(election, claimant(), limit=limit, now=now, clock=clock, lease=LEASE):
            if standing := _still_wanted(store, letters, now=now):
                return standing
    return []


def _still_wanted(store: Store, letters: Sequence[QueuedLetter], *, now: UtcTime) -> list[QueuedLetter]:
    """Cancel the reminders among *letters* whose application is no longer what they rest on; return the others."""
    conditions = {
        one.envelope.key: (one.envelope.only_while, one.envelope.application_id)
        for one in letters
        if one.envelope.only_while and one.envelope.application_id
    }
    if not conditions:
        return list(letters)
    cases = store.applications.get_many([about for _, about in conditions.values()])
    vanished = {
        key
        for key, (condition, about) in conditions.items()
        if about not in cases or not condition.holds(cases[about].status, cases[about].version)
    }
    store.outbox.settle([Settlement(key, LetterState.CANCELLED, VANISHED) for key in sorted(vanished)], now=now)
    return [one for one in letters if one.envelope.key not in vanished]


def send_due(
    election: ElectionCode, profile: ElectionProfile, *, now: UtcTime, shared: Callable[[], None] | None = None
) -> Iterator[Counter[str]]:
    """Send batch after batch until nothing is due, and yield what became of all so far after each.

    Raises :class:`MailUnavailableError` where no letter can be sent. Run again after a crash, it sends again at most
    the letter that was under way, with the same Message-ID.
    """
    pace = configured_pace(settings())
    with configured_mailer(settings()) as mailer:
        postman = Postman(profile, mailer, now=now, turns=Turns(pace, shared) if pace else None)
        while letters := claim(election, now=now):
            try:
                postman.send(letters)
            except MailUnavailableError:
                yield postman.counts
                raise
            yield postman.counts


def recover(election: ElectionCode) -> int:
    """Release what dead processes of this machine had claimed."""
    with open_store(database()) as store:
        return store.outbox.recover(election, is_dead)


def hold_mass(election: ElectionCode, profile: ElectionProfile) -> int:
    """Hold new letters for an officer's confirmation where they are more than the profile's number."""
    with open_store(database()) as store:
        return store.letters.hold_mass(election, threshold=profile.mass_mail_threshold)


def rest_at_night(election: ElectionCode, profile: ElectionProfile, *, now: UtcTime) -> int:
    """Let letters that can wait rest until the profile's quiet hours end; returns how many rest from now on."""
    quiet = profile.letters.quiet_hours
    until = quiet.end(now, profile.zone) if quiet else None
    if quiet is None or until is None:
        return 0
    with open_store(database()) as store:
        return store.letters.rest(election, until=until, now=now, but=quiet.urgent)
