"""Bounces: delivery reports in a Maildir folder tell which letters did not arrive."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from db.letters import LetterFilter
from db.store import open_reader, open_store
from domain.correspondence import LetterState
from domain.errors import UnavailableError
from domain.values import ElectionCode, UtcTime
from flows.desk import chosen_election, database, moment
from flows.engine.chunks import final_state
from flows.engine.outcomes import ChunkOutcome, StageOutcome
from flows.engine.reports import publish_stage_report
from flows.engine.shield import shielded_flow
from flows.settings import settings
from notifications.message import Sender, message_id
from notifications.reports import DeliveryReport, delivery_reports


def read_bounces(election: ElectionCode, folder: Path, *, now: UtcTime) -> Counter[str]:
    """Mark the letters of *election* that the reports in *folder* say did not arrive, and count messages and letters.

    A letter that was sent is then failed, with the report's status as its answer, and nothing else happens: anybody
    can forge a report, so what to do is an officer's decision. Messages with a report about one of our letters are
    moved to ``cur``; all others stay. A second run, or a report that comes twice, changes nothing.
    """
    letters = _by_message_id(election)
    counts: Counter[str] = Counter(bounced=0)
    for path in _arrived(folder):
        reports = [report for report in delivery_reports(path.read_bytes()) if report.message_id in letters]
        if not reports:
            counts["other messages"] += 1
            continue
        for report in reports:
            counts[_marked(election, letters[report.message_id], report, now=now)] += 1
        _put_away(path)
    return counts


def _by_message_id(election: ElectionCode) -> dict[str, str]:
    """Return the keys of all letters of *election* by the Message-ID they bear."""
    with open_reader(database()) as store:
        sender = Sender.of(store.elections.profile(election).election, address=settings().mail_from)
        keys = store.outbox.keys(election)
    return {message_id(key, sender.domain): key for key in keys}


def _arrived(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(path for path in (folder / "new").iterdir() if path.is_file())
    except OSError as error:
        raise UnavailableError(f"The folder of delivery reports cannot be read ({error.strerror}).") from error


def _marked(election: ElectionCode, key: str, report: DeliveryReport, *, now: UtcTime) -> str:
    if not report.is_bounce:
        return f"{report.action.value} reports"
    with open_store(database()) as store:
        answer = f"bounced: {report.status} {report.diagnostic}".strip()
        return "bounced" if store.letters.bounce(election, key, answer, now=now) else "already known"


def _put_away(path: Path) -> None:
    seen = path.parent.parent / "cur"
    seen.mkdir(mode=0o700, exist_ok=True)
    path.rename(seen / f"{path.name.partition(':')[0]}:2,S")


def bounced_rows(election: ElectionCode) -> list[dict[str, str | int | float]]:
    """Return the failed letters for officers: keys and answers, no recipients."""
    with open_reader(database()) as store:
        failed = store.letters.matching(election, LetterFilter(state=LetterState.FAILED))
    return [
        {"letter": one.envelope.key, "application": str(one.envelope.application_id or ""), "answer": one.answer or ""}
        for one in failed
    ]


@flow(name="bounces", flow_run_name="bounces {election}")
@shielded_flow
async def bounces(election: str | None = None, as_of: datetime | None = None) -> State[Any]:
    """Read delivery reports and mark the letters that did not arrive. Without a folder set there is nothing to read.

    Args:
        election: Code of the election; may be left out where there is only one.
        as_of: The moment the bounces count as read; empty means now.
    """
    code, now, folder = chosen_election(election), moment(as_of), settings().bounces_folder
    started = monotonic()
    counts = await asyncio.to_thread(read_bounces, code, folder, now=now) if folder else Counter[str]()
    part = ChunkOutcome(stage="bounces", chunk=1, counts=dict(counts), seconds=monotonic() - started)
    outcome = StageOutcome.of("bounces", [part], applications=counts.total(), seconds=part.seconds)
    outcome = outcome.revised(things="reports")
    await publish_stage_report(outcome, election=code, rows=bounced_rows(code))
    return final_state(outcome, name="Read")
