"""Bounces: delivery reports, in a Maildir folder or a mailbox over IMAP, tell which letters did not arrive."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final, Literal

from prefect.client.schemas.objects import State

from db.letters.letters import LetterFilter
from db.store import Store, open_reader, open_store
from domain.application.application import Application
from domain.application.status import CLOSED
from domain.errors import BadInputError, UnavailableError
from domain.letters.envelope import Envelope, LetterState
from domain.values import ElectionCode, UtcTime
from flows.context import ElectionContext, chosen_election, database, election_context, moment
from flows.delivery.imap import Mailbox, configured_mailbox
from flows.letters.addressing import to_authority
from flows.runtime.chunks import final_state
from flows.runtime.elections import scheduled
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.processes.readers import INPUT_MEMORY, MESSAGE_SECONDS, Reader, asked
from flows.runtime.reports import publish_stage_report
from flows.settings import settings
from notifications.letters.application import ReferralLetter
from notifications.letters.lines import Letterhead
from notifications.mail.delivery_reports import DeliveryReport
from notifications.mail.message import Sender, message_id

_ENHANCED: Final = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_REPLY: Final = re.compile(r"(?<!\d)[45][0-5]\d(?!\d)")
_HEAD: Final = 2**16
"""Bytes in which the header of a message ends that a mail server wrote."""
LARGEST_REPORT: Final = 2_000_000
"""Bytes; a larger message is no delivery report."""


def read_bounces(election: ElectionCode, folder: Path, *, now: UtcTime) -> Counter[str]:
    """Mark the letters of *election* that the reports in *folder* say did not arrive, and count messages and letters.

    A letter that was sent is then failed, with the report's status as its answer, and officers are told about the
    case. Nothing else happens: anybody can forge a report, so what to do is an officer's decision. Messages with a
    report about one of our letters are moved to ``cur``; all others stay. A second run, or a report that comes twice,
    changes nothing.
    """
    letters = _by_message_id(election)
    counts: Counter[str] = Counter(bounced=0)
    for path in _arrived(folder):
        if found := _mark_all(election, letters, path.read_bytes(), now=now):
            counts += found
            _put_away(path)
        else:
            counts["other messages"] += 1
    return counts


def fetch_bounces(election: ElectionCode, mailbox: Mailbox, folder: str, *, now: UtcTime) -> Counter[str]:
    """Do the same with the reports in a *folder* of *mailbox*, which are moved to where taken messages go."""
    letters = _by_message_id(election)
    counts: Counter[str] = Counter(bounced=0)
    mailbox.make_folders(settings().imap_taken)
    mailbox.choose(folder)
    for uid in mailbox.search("HEADER", "Content-Type", '"multipart/report"'):
        fetched = mailbox.fetch(uid) if mailbox.size(uid) <= LARGEST_REPORT else None
        if fetched and (found := _mark_all(election, letters, fetched[0], now=now)):
            counts += found
            mailbox.move(uid, settings().imap_taken)
        else:
            counts["other messages"] += 1
    return counts


def mark_bounces(election: ElectionCode, content: bytes, *, now: UtcTime) -> bool:
    """Mark the letters that the message *content* reports on; returns whether it is a report about one of ours."""
    return b"multipart/report" in content[:_HEAD].lower() and bool(
        _mark_all(election, _by_message_id(election), content, now=now)
    )


def _mark_all(election: ElectionCode, letters: Mapping[str, str], content: bytes, *, now: UtcTime) -> Counter[str]:
    ours = [report for report in reports_apart(content) if report.message_id in letters]
    return Counter(_marked(election, letters[report.message_id], report, now=now) for report in ours)


def _read_all(election: ElectionCode, *, now: UtcTime) -> Counter[str]:
    chosen = settings()
    counts: Counter[str] = Counter()
    if chosen.bounces_folder:
        counts.update(read_bounces(election, chosen.bounces_folder, now=now))
    if chosen.imap_bounces and (address := configured_mailbox(chosen)):
        with Mailbox(address) as mailbox:
            counts.update(fetch_bounces(election, mailbox, chosen.imap_bounces, now=now))
    return counts


def _by_message_id(election: ElectionCode) -> dict[str, str]:
    """Return the keys of all letters of *election* by the Message-ID they bear."""
    with open_reader(database()) as store:
        sender = Sender.of(store.elections.profile(election).election, address=settings().mail_from)
        keys = store.outbox.known_as(election)
    return {message_id(known, sender.domain): key for known, key in keys.items()}


def _arrived(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(path for path in (folder / "new").iterdir() if path.is_file())
    except OSError as error:
        raise UnavailableError(f"The folder of delivery reports cannot be read ({error.strerror}).") from error


def _marked(election: ElectionCode, key: str, report: DeliveryReport, *, now: UtcTime) -> str:
    if not report.is_bounce:
        return f"{report.action.value} reports"
    context = election_context(election, now)
    with open_store(database()) as store:
        answer = f"bounced: {report.status} {report.diagnostic}".strip()
        if not store.letters.bounce(election, key, answer, now=now):
            return "already known"
        for notice in _notices(store, context, key):
            store.outbox.put(election, notice, now=now)
        return "bounced"


def _notices(store: Store, context: ElectionContext, key: str) -> Iterator[Envelope]:
    """Yield the letters that raise to officers the case, and the cases of everybody else who has the same address.

    They say case numbers and the kind of letter. Of an address that several have, officers are told once for each.
    """
    bounced = store.letters.get(context.election, key).envelope
    if bounced.application_id is None:
        return
    address, returned = hashlib.sha256(bounced.to.strip().lower().encode()), bounced.kind.replace("_", " ")
    case = store.applications.get(bounced.application_id)
    mark = hashlib.sha256(key.encode()).hexdigest()[:32]
    yield _notice(context, case, f"referral:bounced:{mark}", occasion="bounced", returned=returned)
    for known in store.people.reached_at(context.election, bounced.to):
        other = store.applications.get(known)
        if other.id != case.id and other.status not in CLOSED:
            mark = f"{other.id}:{address.hexdigest()[:32]}"
            yield _notice(context, other, f"referral:address:{mark}", occasion="address", returned="")


def _notice(
    context: ElectionContext, case: Application, key: str, *, occasion: Literal["bounced", "address"], returned: str
) -> Envelope:
    due = case.due_at if case.due_at and case.due_at > context.now else context.now + timedelta(days=1)
    letter = ReferralLetter(
        head=Letterhead.of(context.profile.election),
        written_at=context.now,
        case_number=case.case_number,
        organisation_code=case.organisation,
        occasion=occasion,
        returned=returned,
        due=due,
    )
    return to_authority(context.profile, letter, key=key, application_id=case.id, organisation=case.organisation)


def _put_away(path: Path) -> None:
    seen = path.parent.parent / "cur"
    seen.mkdir(mode=0o700, exist_ok=True)
    path.rename(seen / f"{path.name.partition(':')[0]}:2,S")


def status_code(answer: str) -> str:
    """Return the status code in a mail server's *answer* (RFC 3463, else RFC 5321), and none of its words.

    >>> status_code("bounced: 5.1.1 smtp; 550 5.1.1 <ava@mission.example>: no such person")
    '5.1.1'
    """
    found = _ENHANCED.search(answer) or _REPLY.search(answer)
    return found[0] if found else ""


def bounced_rows(election: ElectionCode) -> list[dict[str, str | int | float]]:
    """Return the failed letters for officers: keys and status codes; what a server wrote may quote a recipient."""
    with open_reader(database()) as store:
        failed = store.letters.matching(election, LetterFilter(state=LetterState.FAILED))
    return [
        {
            "letter": letter.envelope.key,
            "application": str(letter.envelope.application_id or ""),
            "status": status_code(letter.answer or ""),
        }
        for letter in failed
    ]


@scheduled("bounces")
async def bounces(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Read delivery reports and mark the letters that did not arrive. Without a folder set there is nothing to read.

    The folder may be a Maildir, a folder of the mailbox, or both.

    Args:
        election: Code of the election; left out: all that are loaded, one after the other.
        as_of: The moment the bounces count as read; empty means now.
    """
    code, now, started = chosen_election(election), moment(as_of), monotonic()
    counts = await asyncio.to_thread(_read_all, code, now=now)
    part = ChunkOutcome(stage="bounces", chunk=1, counts=dict(counts), seconds=monotonic() - started)
    outcome = StageOutcome.of("bounces", [part], applications=counts.total(), seconds=part.seconds)
    outcome = outcome.revised(things="reports")
    await publish_stage_report(outcome, election=code, rows=bounced_rows(code))
    return final_state(outcome, name="Read")


def reports_apart(content: bytes) -> list[DeliveryReport]:
    """Return the delivery reports in a message; none in one that cannot be read."""
    with Reader() as reader:
        try:
            answer, _ = reader.ask("message", asked("reports", INPUT_MEMORY, MESSAGE_SECONDS), (content,))
        except BadInputError:
            return []
    return [DeliveryReport.model_validate(report) for report in answer["reports"]]
