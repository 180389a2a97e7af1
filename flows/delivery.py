"""Delivery: letters claimed, sent outside any transaction, and recorded one by one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from time import monotonic
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Failed

from db.letters import LetterFilter
from db.store import open_reader, open_store
from domain.correspondence import LetterState
from domain.delivery import Reconciliation
from domain.profile import ElectionProfile
from domain.values import ElectionCode, Frozen, UtcTime
from flows.desk import chosen_election, database, moment
from flows.engine.chunks import final_state
from flows.engine.outcomes import ChunkFailure, ChunkOutcome, StageFailedError, StageOutcome, error_code
from flows.engine.progress import ProgressArtifact, StageProgress
from flows.engine.reports import Cell, publish_stage_report
from flows.engine.shield import shielded_flow
from flows.posting import BATCH, Postman, claim, configured_mailer, configured_pace, hold_mass, recover
from flows.settings import settings
from notifications.mail import MailUnavailableError


def waiting(election: ElectionCode) -> int:
    """Return how many letters are queued."""
    with open_reader(database()) as store:
        return store.letters.count(election, LetterFilter(state=LetterState.QUEUED))


def send_due(election: ElectionCode, profile: ElectionProfile, *, now: UtcTime) -> Iterator[Counter[str]]:
    """Send batch after batch until nothing is due, and yield what became of all so far after each.

    Raises :class:`MailUnavailableError` where no letter can be sent. Run again after a crash, it sends again at most
    the letter that was under way, with the same Message-ID.
    """
    with configured_mailer(settings()) as mailer:
        postman = Postman(profile, mailer, now=now, pace=configured_pace(settings()))
        while letters := claim(election, now=now):
            try:
                postman.send(letters)
            except MailUnavailableError:
                yield postman.counts
                raise
            yield postman.counts


class MailStanding(Frozen):
    """How the mail of an election stands."""

    account: Reconciliation
    unavailable_since: UtcTime | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """The account; since when nothing can be sent; what waits for an officer."""
        held = f"{self.account.held:,} letters are held until an officer confirms: accredit letters confirm"
        return (
            f"{self.account.sentence}.",
            *([self.outage] if self.unavailable_since else []),
            *([held] if self.account.held else []),
        )

    @property
    def outage(self) -> str:
        """Since when nothing can be sent and how much waits."""
        since = f"{self.unavailable_since:%Y-%m-%d %H:%M} UTC" if self.unavailable_since else "now"
        return f"No mail can be sent since {since}; {self.account.waiting:,} letters wait and none is lost."


def mail_standing(election: ElectionCode) -> MailStanding:
    """Return how the mail of *election* stands."""
    with open_reader(database()) as store:
        return MailStanding(
            account=store.letters.reconciliation(election), unavailable_since=store.letters.outage_since(election)
        )


def note_outage(election: ElectionCode, problem: MailUnavailableError, *, now: UtcTime) -> None:
    """Record that no letter could be sent, for the report to say since when."""
    with open_store(database()) as store:
        store.letters.note_outage(election, problem.answer, now=now)


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
        batches = send_due(self._election, self._profile, now=self._now)
        try:
            while (counts := await asyncio.to_thread(next, batches, None)) is not None:
                self.counts = counts
                await self._show()
        except MailUnavailableError as error:
            note_outage(self._election, error, now=self._now)
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
    held = hold_mass(code, profile)
    round_ = Round(code, profile, now=now)
    problem = await round_.run()
    counts = dict(round_.counts) | ({"held": held} if held else {})
    part = ChunkOutcome(stage="delivery", chunk=1, counts=counts, seconds=monotonic() - started)
    outcome = StageOutcome.of("delivery", [part], applications=round_.total, seconds=part.seconds)
    outcome = outcome.revised(things="letters")
    standing = mail_standing(code)
    if problem:
        left = standing.account.waiting
        failure = ChunkFailure(chunk=1, applications=left, code=error_code(problem), reason=str(problem))
        outcome = outcome.revised(failures=(failure,))
    await publish_stage_report(outcome, election=code, rows=letters_table(code), notes=standing.sentences)
    if problem:
        return Failed(message=f"{standing.outage} {problem}", data=StageFailedError(outcome))
    return final_state(outcome, name="Delivered")
