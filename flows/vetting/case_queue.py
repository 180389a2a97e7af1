"""The queue: cases that wait for officers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from db.bulk import in_batches
from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.findings import Severity
from domain.application.status import REVOCABLE, WITH_OFFICERS, Status
from domain.decisions.casework import Claim
from domain.decisions.competence import Place, Priority, is_scoped, serves
from domain.errors import UnknownThingError
from domain.statements.officers import Officer
from domain.values import ElectionCode, Frozen, OfficeCode, OfficerCode, OrganisationCode, RegionCode, UtcTime
from flows.context import ElectionContext, database

_PROPOSABLE = (Status.HELD, Status.INCOMPLETE, *REVOCABLE)
AT_ONCE: Final = 100
"""How many nominations are in memory at a time: of each, only its place and the codes of its findings are kept."""

Row = dict[str, str | int | float]


class QueueFilter(Frozen):
    """Which of the waiting cases to list, and for whom; what is not said does not matter."""

    organisation: OrganisationCode | None = None
    region: RegionCode | None = None
    office: OfficeCode | None = None
    priority: Priority | None = None
    due_by: UtcTime | None = None
    finding: str | None = None
    """The rule of a finding that officers have to judge."""
    officer: OfficerCode | None = None
    """Whose cases come first."""
    own: bool = False
    """Only the officer's."""
    free: bool = False
    """Without those that somebody works on."""


EVERY_CASE: Final = QueueFilter()


def queue_table(election: ElectionCode, *, now: UtcTime | None = None, wanted: QueueFilter = EVERY_CASE) -> list[Row]:
    """Return the cases that wait for officers, most urgent first: ids, codes and times only.

    Those under appeal wait as well, and those with a proposal that a second officer has not answered. Where an
    officer is named, the cases of the regions, offices and organisations that the officer serves come first.
    """
    moment = now or datetime.now(UTC)
    with open_reader(database()) as store:
        found = store.applications.in_or_proposed(election, WITH_OFFICERS, proposable=_PROPOSABLE)
        waiting = {application.id: application for application in found}
        claims = store.casework.claims([*waiting], now=moment)
        findings = _to_judge(store, waiting)
        places = _places(store, election, waiting, moment)
        _require_known(store, election, wanted)
        officer = store.officers.at_work(election, wanted.officer, now=moment) if wanted.officer else None
    mine = {known for known in waiting if officer and is_scoped(officer) and serves(officer, places[known])}
    chosen = [
        application
        for application in waiting.values()
        if _is_wanted(application, places[application.id], wanted, moment)
        and (application.id in mine or not wanted.own or not _has_scope(officer))
        and (application.id not in claims or not wanted.free)
        and (wanted.finding is None or wanted.finding in findings[application.id])
    ]
    chosen.sort(
        key=lambda application: (
            application.id not in mine,
            application.next_due_at or application.received_at,
            application.id,
        )
    )
    return [
        _row(application, places[application.id], findings[application.id], claims, moment)
        | ({"yours": "yes" if application.id in mine or not _has_scope(officer) else ""} if officer else {})
        for application in chosen
    ]


def _require_known(store: Store, election: ElectionCode, wanted: QueueFilter) -> None:
    """Raise :class:`UnknownThingError` where a code of *wanted* names nothing: an empty list would say all is done."""
    geography = store.elections.geography(election)
    if wanted.organisation is not None:
        store.organisations.get(election, wanted.organisation)
    if wanted.region is not None:
        geography.region(wanted.region)
    if wanted.office is not None:
        geography.office(wanted.office)
    if wanted.finding is not None and wanted.finding not in (known := store.waiting.rules(election)):
        raise UnknownThingError(
            "waiting case with the finding", _plain(wanted.finding)[:40], known=[_plain(rule) for rule in known]
        )


def _plain(rule: str) -> str:
    return rule.replace("_", " ")


def _has_scope(officer: Officer | None) -> bool:
    return officer is not None and is_scoped(officer)


def _places(
    store: Store, election: ElectionCode, waiting: Mapping[UUID, Application], now: datetime
) -> dict[UUID, Place]:
    if not waiting:
        return {}
    context = ElectionContext.of(store, election, now=now)
    today = now.astimezone(context.profile.zone).date()
    places: dict[UUID, Place] = {}
    for part in in_batches([*waiting], AT_ONCE):
        people = store.people.current(part)
        places |= {known: Place.of(waiting[known], people.get(known), context.geography, on=today) for known in part}
    return places


def _to_judge(store: Store, waiting: Mapping[UUID, Application]) -> defaultdict[UUID, list[str]]:
    """Return the rules whose findings officers have to judge, in order."""
    rules: defaultdict[UUID, list[str]] = defaultdict(list)
    for part in in_batches([*waiting], AT_ONCE):
        for case, findings in store.people.findings_on(part).items():
            rules[case] = sorted({found.rule for found in findings if found.severity is Severity.HUMAN})
    return rules


def _is_wanted(application: Application, place: Place, wanted: QueueFilter, now: datetime) -> bool:
    return (
        wanted.organisation in {None, application.organisation}
        and wanted.region in {None, place.region}
        and (wanted.office is None or wanted.office in place.offices)
        and wanted.priority in {None, Priority.of(application.next_due_at, now=now)}
        and (wanted.due_by is None or ((due := application.next_due_at) is not None and due <= wanted.due_by))
    )


def _row(application: Application, place: Place, rules: list[str], claims: Mapping[UUID, Claim], now: datetime) -> Row:
    claim = claims.get(application.id)
    return {
        "case": application.case_number,
        "organisation": application.organisation,
        "region": place.region or "",
        "findings": ", ".join(rules),
        "priority": Priority.of(application.next_due_at, now=now).value,
        "due (UTC)": f"{due:%Y-%m-%d %H:%M}" if (due := application.next_due_at) else "",
        "proposal": f"{application.proposal.kind} by {application.proposal.by}"
        if application.proposal
        else "reply to answer" * (application.reply_id is not None)
        or "appeal against a measure" * (application.appeal_due_at is not None)
        or "to look at again" * (application.look_due_at is not None),
        "with": f"{claim.officer} until {claim.until:%H:%M}" if claim else "",
        "office": place.offices[-1] if place.offices else "",
        "application": str(application.id),
    }
