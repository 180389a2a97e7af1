"""Delivery: letters claimed, sent outside any transaction, and recorded one by one."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import SecretStr

from db.outbox import QueuedLetter
from db.store import open_reader, open_store
from domain.correspondence import LetterState
from domain.profile import ElectionProfile
from domain.values import ElectionCode, UtcTime
from flows.cores import spread
from flows.desk import chosen_election, database, moment
from flows.engine.chunks import final_state
from flows.engine.outcomes import ChunkFailure, ChunkOutcome, StageOutcome, error_code
from flows.engine.progress import ProgressArtifact, StageProgress
from flows.engine.reports import Cell, publish_stage_report
from flows.engine.shield import shielded_flow
from flows.settings import Settings, settings
from flows.writing import write_letters
from notifications.mail import (
    ArchivingMailer,
    MailDeferredError,
    MaildirMailer,
    Mailer,
    MailRefusedError,
    MailUnavailableError,
)
from notifications.message import Sender
from notifications.smtp import Security, SmtpAddress, SmtpMailer

BATCH = 500
PART = 25
"""Letters written at a time; the first go out while the next are written."""
LEASE = timedelta(minutes=15)
FIRST_RETRY = timedelta(minutes=5)
MOST_ATTEMPTS = 12


def configured_mailer(chosen: Settings) -> Mailer:
    """Return the way out that the settings name: a Maildir, a mail server, or both."""
    maildir = MaildirMailer(Path(chosen.maildir))
    if chosen.smtp_host is None:
        return maildir
    security = Security.NONE if chosen.smtp_security == "plain" else Security(chosen.smtp_security)
    smtp = SmtpMailer(
        SmtpAddress(
            host=chosen.smtp_host,
            port=chosen.smtp_port,
            security=security,
            user=chosen.smtp_user or "",
            password=chosen.smtp_password or SecretStr(""),
            timeout=chosen.smtp_timeout,
        )
    )
    return ArchivingMailer(smtp, maildir) if chosen.mail_archive else smtp


class Postman:
    """Sends claimed letters of one election through one mailer and records each outcome before the next letter."""

    def __init__(self, profile: ElectionProfile, mailer: Mailer, *, now: UtcTime) -> None:
        self._sender = Sender.of(profile.election, address=settings().mail_from)
        self._mailer = mailer
        self._now = now
        self.counts: Counter[str] = Counter(sent=0)

    def send(self, letters: Sequence[QueuedLetter]) -> None:
        """Send *letters* in order; raises :class:`MailUnavailableError` where the server is gone, the rest released."""
        messages = spread(partial(write_letters, sender=self._sender), letters, few=PART, part=PART)
        for place, (letter, message) in enumerate(zip(letters, messages, strict=True)):
            try:
                self._settle(letter, *self._attempt(letter, message))
            except MailUnavailableError:
                with open_store(database()) as store:
                    store.outbox.release([one.envelope.key for one in letters[place:]])
                raise

    def _attempt(self, letter: QueuedLetter, message: EmailMessage | str) -> tuple[LetterState, str]:
        if isinstance(message, str):
            return LetterState.FAILED, message
        try:
            return LetterState.SENT, self._mailer.send(message)
        except MailRefusedError as error:
            return LetterState.FAILED, error.answer
        except MailDeferredError as error:
            given_up = letter.attempts >= MOST_ATTEMPTS
            return LetterState.FAILED if given_up else LetterState.DEFERRED, error.answer

    def _settle(self, letter: QueuedLetter, state: LetterState, answer: str) -> None:
        wait = FIRST_RETRY * 2 ** min(letter.attempts - 1, 8)
        with open_store(database()) as store:
            store.outbox.settle(
                letter.envelope.key,
                state,
                answer=answer,
                now=self._now,
                next_at=self._now + wait if state is LetterState.DEFERRED else None,
            )
        self.counts[state.value] += 1


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
    """Claim the next batch that is due; the real clock decides about leases, *now* about retries."""
    clock = datetime.now(UTC)
    with open_store(database()) as store:
        return store.outbox.claim(election, claimant(), limit=BATCH, now=now, clock=clock, lease=LEASE)


def recover(election: ElectionCode) -> int:
    """Release what dead processes of this machine had claimed."""
    with open_store(database()) as store:
        return store.outbox.recover(election, is_dead)


def waiting(election: ElectionCode) -> int:
    """Return how many letters are queued."""
    with open_reader(database()) as store:
        counts = store.outbox.counts(election)
    return sum(states.get(LetterState.QUEUED.value, 0) for states in counts.values())


class Round:
    """One run of the delivery: batch after batch until nothing is due, or the mail server is gone."""

    def __init__(self, election: ElectionCode, profile: ElectionProfile, *, now: UtcTime) -> None:
        self._election = election
        self._profile = profile
        self._now = now
        self._progress = ProgressArtifact("delivery", election)
        self.total = waiting(election)
        self.counts: Counter[str] = Counter(sent=0)

    async def run(self) -> MailUnavailableError | None:
        """Send everything that is due; returns what stopped it, if anything did."""
        await self._show()
        try:
            with configured_mailer(settings()) as mailer:
                postman = Postman(self._profile, mailer, now=self._now)
                while letters := await asyncio.to_thread(claim, self._election, now=self._now):
                    await asyncio.to_thread(postman.send, letters)
                    self.counts = postman.counts
                    await self._show()
        except MailUnavailableError as error:
            return error
        return None

    async def _show(self) -> None:
        done = min(self.counts.total(), self.total)
        chunks = -(-self.total // BATCH)
        await self._progress.show(
            StageProgress(
                stage="delivery",
                chunks=chunks,
                chunks_done=chunks if done == self.total else done // BATCH,
                applications=self.total,
                applications_done=done,
                things="letters",
            )
        )


def letters_table(election: ElectionCode) -> list[dict[str, Cell]]:
    """Return how many letters of each kind are in each state."""
    with open_reader(database()) as store:
        counts = store.outbox.counts(election)
    return [{"letter": kind, **states} for kind, states in counts.items()]


@flow(name="delivery", flow_run_name="delivery {election}")
@shielded_flow
async def delivery(election: str | None = None, as_of: datetime | None = None) -> State[Any]:
    """Send the letters that wait in the outbox. A mail server that is down leaves everything queued.

    Args:
        election: Code of the election; may be left out where there is only one.
        as_of: The moment the letters count as sent; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    started = monotonic()
    with open_reader(database()) as store:
        profile = store.elections.profile(code)
    recover(code)
    round_ = Round(code, profile, now=now)
    problem = await round_.run()
    part = ChunkOutcome(stage="delivery", chunk=1, counts=dict(round_.counts), seconds=monotonic() - started)
    outcome = StageOutcome.of("delivery", [part], applications=round_.total, seconds=part.seconds)
    outcome = outcome.revised(things="letters")
    if problem:
        failure = ChunkFailure(chunk=1, applications=waiting(code), code=error_code(problem), reason=str(problem))
        outcome = outcome.revised(failures=(failure,))
    await publish_stage_report(outcome, election=code, rows=letters_table(code))
    return final_state(outcome, name="Delivered")
