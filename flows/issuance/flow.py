"""Issuance: serials reserved in one transaction, credentials signed and badges drawn outside, recorded in a second."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State

from db.credentials.serials import Reservation
from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.case import Case
from domain.application.events import CredentialIssued
from domain.application.status import Status
from domain.credentials.status_list import status_index
from domain.election.profile import ElectionProfile
from domain.letters.envelope import Attachment
from domain.values import ElectionCode, Sha256, UtcTime
from flows.context import ElectionContext, chosen_election, database, election_context, moment
from flows.issuance.forged import without_forged
from flows.issuance.signing.process import signing
from flows.letters.application_letters import ApplicationLetters
from flows.runtime.chunks import chunk_task, final_state, run_chunks
from flows.runtime.outcomes import Chunk, ChunkOutcome, plan_chunks, summed
from flows.runtime.processes.cores import spread
from flows.runtime.reports import Cell, publish_stage_report
from flows.runtime.run_names import run_name
from flows.runtime.shield import shielded_flow
from flows.runtime.task_runners import chunk_runner
from flows.settings import settings
from flows.statements.kept_log import on_a_whole_log
from flows.storage.files import file_store
from flows.vetting.flow import only
from flows.vetting.own_scripts import about_names, left_off
from notifications.badge.contents import Badge
from notifications.badge.rendering import render_badges

ENGINE = Actor.engine("issuance")
FEW = 24
"""Badges that are drawn before another process would have started."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential as signed and drawn, before it is recorded."""

    reservation: Reservation
    key_id: str
    token_sha256: Sha256
    badge: Sha256


@dataclass(frozen=True, slots=True)
class Due:
    """An application that is due for a credential, with what was reserved for it."""

    case: Case
    reservation: Reservation


def reserve(store: Store, context: ElectionContext, ids: Iterable[UUID]) -> list[Due]:
    """Reserve serial, status index and times for those of *ids* that are due; what was reserved before is kept."""
    found = store.applications.get_many(list(ids))
    due = [found[case] for case in sorted(found) if found[case].status is Status.ASSIGNED]
    people = store.people.current([application.id for application in due])
    reserved = store.credentials.reserved([application.id for application in due])
    fresh = [application for application in due if application.id not in reserved]
    if fresh:
        first = store.elections.next_serials(context.election, len(fresh))
        secret = store.elections.secret(context.election)
        made = [
            _reservation(context, application.id, application.version, number=number, secret=secret)
            for number, application in enumerate(fresh, start=first)
        ]
        store.credentials.reserve(made)
        reserved |= {reservation.application_id: reservation for reservation in made}
    return [Due(Case(application, people[application.id]), reserved[application.id]) for application in due]


def _reservation(
    context: ElectionContext, application: UUID, version: int, *, number: int, secret: bytes
) -> Reservation:
    profile = context.profile
    issued_at = context.now.replace(microsecond=0)
    valid_from = profile.effective(issued_at).replace(microsecond=0)
    return Reservation(
        serial=profile.credential.serial(number),
        election=context.election,
        application_id=application,
        application_version=version,
        number=number,
        status_index=status_index(number, seed=secret, size=profile.credential.status_list_size),
        issued_at=issued_at,
        valid_from=valid_from,
        valid_until=profile.valid_until(valid_from).replace(microsecond=0),
    )


class BadgeMaker:
    """Has credentials signed and draws their badges."""

    def __init__(self, context: ElectionContext) -> None:
        self._context = context

    def print(self, due: Sequence[Due]) -> list[Issued]:
        """Return the signed and drawn credentials of *due*, their badges in the file store."""
        ids = [reserved.case.application.id for reserved in due]
        signed = signing().sign(self._context.election, ids, now=self._context.now)
        badges = [
            badge_of(self._context, reserved, token=signed[i].token, photo=signed[i].photo)
            for i, reserved in zip(ids, due, strict=True)
        ]
        pages = list(spread(render_badges, badges, few=FEW))
        return [
            Issued(
                reservation=reserved.reservation,
                key_id=signed[reserved.case.application.id].key_id,
                token_sha256=hashlib.sha256(badge.token.encode()).hexdigest(),
                badge=file_store().put(pdf),
            )
            for reserved, badge, pdf in zip(due, badges, pages, strict=True)
        ]


def badge_of(context: ElectionContext, due: Due, *, token: str, photo: bytes | None) -> Badge:
    """Return what is printed for *due*, whose credential is *token*."""
    application, nomination, reservation = due.case.application, due.case.nomination, due.reservation
    profile = context.profile
    region = context.geography.region(application.region) if application.region else None
    return Badge(
        passport_name=nomination.name[:160],
        native_name=nomination.native_name[:160],
        role=profile.role_word(application.role),
        colour=profile.colour(application.role),
        organisation=context.organisations[application.organisation].name[:160],
        region=region.name if region else "All regions",
        region_notice=_printed_below(profile, due.case, notice=region.notice.id if region and region.notice else ""),
        valid_from=reservation.valid_from.astimezone(profile.zone).date(),
        valid_until=reservation.valid_until.astimezone(profile.zone).date(),
        serial=reservation.serial,
        issuer=profile.election.host_body[:160],
        election=profile.election.title[:160],
        token=token,
        photo=photo,
    )


def _printed_below(profile: ElectionProfile, case: Case, *, notice: str) -> str:
    """Return the line above the badge's foot: the notice of the region, and what the role says besides."""
    word, said = profile.role_detail(case.application.role), case.nomination.role_detail
    lines = (f"Notice {notice}" if notice else "", f"{word}: {said}" if word and said else "")
    return " · ".join(filter(None, lines))[:160]


def record_issued(store: Store, context: ElectionContext, issued: Sequence[Issued]) -> int:
    """Record what was signed and drawn, with letters; who was recorded before, or left meanwhile, is passed over."""
    by_id = {printed.reservation.application_id: printed for printed in issued}
    found = store.applications.get_many(list(by_id))
    due = [found[case] for case in sorted(found) if found[case].status is Status.ASSIGNED]
    people = store.people.current([application.id for application in due])
    for application in due:
        printed = by_id[application.id]
        event = CredentialIssued(
            application_id=application.id,
            at=context.now,
            actor=ENGINE,
            serial=printed.reservation.serial,
            valid_until=printed.reservation.valid_until,
        )
        moved = store.applications.record(application, event)
        badge = Attachment(
            filename=f"badge-{printed.reservation.serial}.pdf", media_type="application/pdf", content=printed.badge
        )
        letter = ApplicationLetters.at(context).credential(
            Case(moved, people[moved.id]), valid_from=printed.reservation.valid_from, badge=badge
        )
        store.outbox.put(context.election, letter, now=context.now)
    store.credentials.issue([ledger_line(by_id[application.id]) for application in due])
    return len(due)


def ledger_line(issued: Issued) -> dict[str, str]:
    """Return what the serial ledger keeps of an issued credential."""
    return {
        "serial": issued.reservation.serial,
        "key_id": issued.key_id,
        "token_sha256": issued.token_sha256,
        "badge_sha256": issued.badge,
    }


def issue_applications(ids: Sequence[UUID], election: ElectionCode, *, now: UtcTime) -> int:
    """Issue what is still due among *ids*: reserve, sign and draw, record. A rerun reuses what was reserved."""
    return issue(ids, election, now=now)[0].get("issued", 0)


def issue(ids: Sequence[UUID], election: ElectionCode, *, now: UtcTime) -> tuple[dict[str, int], dict[UUID, str]]:
    """Issue like :func:`issue_applications`; returns how many, and how many names were left off badges by script.

    Cases that do not hold are left out and returned with a code: see :func:`flows.issuance.forged.without_forged`.
    """
    context = election_context(election, now)
    signing().require_key(election, now=now)
    done, refused = without_forged(context, ids, partial(_issued, context))
    return summed(done), refused


def _issued(context: ElectionContext, ids: Sequence[UUID]) -> dict[str, int]:
    with open_store(database()) as store:
        due = reserve(store, context, ids)
    issued = BadgeMaker(context).print(due)
    with open_store(database()) as store:
        count = record_issued(store, context, issued)
    return {"issued": count, **left_off(reserved.case.nomination for reserved in due)}


@chunk_task("issuance")
def issuance_chunk(chunk: Chunk, election: ElectionCode, as_of: UtcTime) -> ChunkOutcome:
    """Issue one chunk; see :func:`issue_applications` for why a second run is harmless."""
    started = monotonic()
    counts, refused = issue(chunk.ids, election, now=as_of)
    seconds = monotonic() - started
    return ChunkOutcome(stage="issuance", chunk=chunk.number, counts=counts, failed=refused, seconds=seconds)


@flow(name="issuance", flow_run_name=run_name("issuance"), task_runner=chunk_runner())
@shielded_flow
@on_a_whole_log
async def issuance(
    election: str = "",
    applications: list[UUID] = [],  # noqa: B006 -- an empty list shows a field in the form where None would hide it
    as_of: datetime | None = None,
) -> State[Any]:
    """Sign a credential, draw a badge and queue its letter for everybody who is assigned.

    Args:
        election: Code of the election; may be left out where there is only one.
        applications: Ids of the applications to issue; none means all that are due.
        as_of: The moment the work counts as done; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    with open_reader(database()) as store:
        due = store.applications.ids_in(code, Status.ASSIGNED)
    if due:
        await asyncio.to_thread(signing().require_key, code, now=now)
    chunks = plan_chunks(only(due, applications), settings().chunk_size)
    outcome = await run_chunks("issuance", issuance_chunk, chunks, election=code, as_of=now)
    await publish_stage_report(outcome, election=code, rows=ledger(code), notes=about_names(outcome.counts))
    return final_state(outcome, name="Issued")


def ledger(election: ElectionCode) -> list[dict[str, Cell]]:
    """Return how many serials are in each state."""
    with open_reader(database()) as store:
        counts = store.counts.credentials(election)
    return [{"credentials": state, "count": count} for state, count in counts.items()]
