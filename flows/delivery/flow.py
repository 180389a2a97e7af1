"""Delivery: letters claimed, sent outside any transaction, and recorded one by one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any, Final

import httpx
from prefect import get_client
from prefect.client.schemas.objects import State
from prefect.concurrency.sync import rate_limit
from prefect.exceptions import ObjectNotFound
from prefect.states import Failed

from db.letters.letters import LetterFilter
from db.store import open_reader
from domain.election.profile import ElectionProfile
from domain.letters.envelope import LetterState
from domain.values import ElectionCode, UtcTime
from flows.context import chosen_election, database, moment
from flows.delivery.notices import start_clocks
from flows.delivery.outage import letters_table, mail_standing, note_outage
from flows.delivery.parcels import make_parcels, set_apart
from flows.delivery.postman import UnderWayError, hold_mass, recover, rest_at_night, send_due
from flows.deployments import SMTP_LIMIT
from flows.runtime.chunks import final_state
from flows.runtime.elections import scheduled
from flows.runtime.outcomes import ChunkFailure, ChunkOutcome, StageFailedError, StageOutcome, error_code
from flows.runtime.progress import ProgressArtifact, StageProgress
from flows.runtime.reports import publish_stage_report
from flows.runtime.watched import is_watched
from flows.settings import Settings, settings
from flows.statements.kept_log import on_a_whole_log
from notifications.mail.mailers import MailUnavailableError


def waiting(election: ElectionCode) -> int:
    """Return how many letters are queued."""
    with open_reader(database()) as store:
        return store.letters.count(election, LetterFilter(state=LetterState.QUEUED))


class Round:
    """One run of the delivery: batch after batch until nothing is due, or until the mail server does not answer."""

    def __init__(self, election: ElectionCode, profile: ElectionProfile, *, now: UtcTime) -> None:
        self._election = election
        self._profile = profile
        self._now = now
        self.total = waiting(election)
        progress = StageProgress(stage="delivery", applications=self.total, things="letters")
        self._progress = ProgressArtifact(progress, election)
        self.counts: Counter[str] = Counter(sent=0)
        self.notes: tuple[str, ...] = ()

    async def run(self) -> MailUnavailableError | None:
        """Send everything that is due; returns what stopped it, if anything did."""
        await self._progress.show(self.counts.total())
        batches = send_due(self._election, self._profile, now=self._now, shared=await shared_pace(settings()))
        try:
            while (counts := await asyncio.to_thread(next, batches, None)) is not None:
                self.counts = counts
                await self._progress.show(self.counts.total())
        except MailUnavailableError as error:
            note_outage(self._election, error, now=self._now)
            return error
        except UnderWayError as error:
            self.notes = (str(error),)
            self.counts["left to another delivery"] = self.total
        return None


@scheduled("delivery")
@on_a_whole_log
async def delivery(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Send the letters that wait in the outbox. A mail server that is down leaves everything queued.

    Args:
        election: Code of the election; left out: all that are loaded, one after the other.
        as_of: The moment the letters count as sent; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    started = monotonic()
    with open_reader(database()) as store:
        profile = store.elections.profile(code)
    recover(code)
    apart = set_apart(code, profile)
    held = hold_mass(code, profile)
    parcels = make_parcels(code, profile, now=now)
    resting = rest_at_night(code, profile, now=now)
    round_ = Round(code, profile, now=now)
    problem = await round_.run()
    await asyncio.to_thread(start_clocks, code, now=now)
    before = (("gathered", apart), ("parcels made", parcels), ("held", held), ("resting", resting))
    counts = dict(round_.counts) | {name: count for name, count in before if count}
    part = ChunkOutcome(stage="delivery", chunk=1, counts=counts, seconds=monotonic() - started)
    outcome = StageOutcome.of("delivery", [part], applications=round_.total, seconds=part.seconds)
    outcome = outcome.revised(things="letters")
    standing = mail_standing(code)
    if problem:
        left = standing.account.waiting
        failure = ChunkFailure(chunk=1, applications=left, code=error_code(problem), reason=str(problem))
        outcome = outcome.revised(failures=(failure,))
    await publish_stage_report(
        outcome, election=code, rows=letters_table(code), notes=(*round_.notes, *standing.sentences)
    )
    if problem:
        return Failed(message=f"{standing.outage} {problem}", data=StageFailedError(outcome))
    return final_state(outcome, name="Delivered")


_BLOCK: Final = 10
"""Turns taken at once: asking the server for each letter would cost 17 ms a letter."""


async def shared_pace(settled: Settings) -> Callable[[], None] | None:
    """Return what waits for a turn, where the server of this run has the limit; ``accredit up`` creates it.

    Without a limit, or where mail goes into a folder, every process keeps its own pace, which is None here.
    """
    if settled.smtp_host is None or not is_watched():
        return None
    try:
        async with get_client() as client:
            limit = await client.read_global_concurrency_limit_by_name(SMTP_LIMIT)
    except (ObjectNotFound, httpx.HTTPError):
        return None
    return _SharedTurns(min(_BLOCK, limit.limit)).take if limit.active else None


class _SharedTurns:
    def __init__(self, block: int) -> None:
        self._block = block
        self._left = 0

    def take(self) -> None:
        """Return when the server allows the next letter; if the server does not answer, letters go on."""
        if not self._left:
            try:
                rate_limit(SMTP_LIMIT, occupy=self._block)
            except httpx.HTTPError:
                return
            self._left = self._block
        self._left -= 1
