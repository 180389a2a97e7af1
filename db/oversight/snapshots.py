"""One election as its tables have it, read for the check of contradictions: plain queries, no repository of a stage."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from db.tables.application import ApplicationRow, EventRow, FindingRow, PersonRow
from db.tables.assignment import AcknowledgementRow, PlanRow
from db.tables.credentials import CredentialRow, PrintedCopyRow
from db.tables.decisions import OfficerRow, StatementRow
from db.tables.election import ElectionRow
from db.tables.letters import LetterAttemptRow, LetterRow, ParcelledLetterRow
from db.tables.organisations import OrganisationActRow, OrganisationRow
from domain.application.application import Application
from domain.application.findings import Severity
from domain.credentials.states import CopyState, LedgerState
from domain.election.geography import Geography
from domain.election.profile import ElectionProfile
from domain.errors import UnknownThingError
from domain.letters.envelope import LetterKind, LetterState
from domain.oversight.contradictions.snapshot import (
    Copy,
    Done,
    Filed,
    Happening,
    InForce,
    Listed,
    Numbered,
    Open,
    SentList,
    Signed,
    Snapshot,
    Theft,
    Written,
)
from domain.statements.officers import Officer
from domain.values import ElectionCode, OfficeCode, OfficerCode, OrganisationCode, RegionCode, Serial, UtcTime

_READ = (
    LetterKind.PLACEMENT, LetterKind.REFUSAL, LetterKind.MEASURE, LetterKind.DEFICIENCY, LetterKind.COLLECTION,
    LetterKind.BREACH, LetterKind.CONSENT, LetterKind.ROSTER, LetterKind.SUMMARY, LetterKind.SHIFT,
    LetterKind.OFFICE_CHANGE, LetterKind.CREDENTIAL_CHANGE,
)  # fmt: skip
"""The letters that say something which a case can contradict."""
_FIELDS = list(Application.model_fields)


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What an election's tables say, all of it at once."""

    session: Session

    def at(self, election: ElectionCode, *, now: UtcTime) -> Snapshot:
        """Return everything that is compared; raises :class:`UnknownThingError`."""
        rules = self.session.get(ElectionRow, election)
        if rules is None:
            raise UnknownThingError("election", election)
        cases = self._cases(election)
        plan, lists = self._plan(election)
        officers = self._officers(election)
        return Snapshot(
            election=election,
            now=now,
            profile=ElectionProfile.model_validate(rules.profile, strict=False),
            geography=Geography.model_validate(rules.geography, strict=False),
            cases=cases,
            histories=self._histories(election),
            plan=plan,
            lists=lists,
            waiting_lists=self._waiting_lists(election),
            letters=self._letters(election),
            serials=self._serials(election),
            copies=self._copies(election),
            questions=self._questions(election),
            officers=officers,
            signed=self._signed(election, {officer.code for officer in officers if officer.is_surge}),
            organisations=self._organisations(election),
            thefts=self._thefts(election),
            people=self._people(election, cases),
        )

    def last_moment(self, election: ElectionCode) -> datetime | None:
        """Return when the last thing happened to a case; None where nothing has."""
        query = select(func.max(EventRow.at)).join(ApplicationRow, ApplicationRow.id == EventRow.application_id)
        return self.session.scalar(query.where(ApplicationRow.election == election))

    def _cases(self, election: ElectionCode) -> dict[UUID, Application]:
        columns = [getattr(ApplicationRow, name) for name in _FIELDS]
        rows = self.session.execute(select(*columns).where(ApplicationRow.election == election))
        found = (Application.model_validate(dict(zip(_FIELDS, row, strict=True)), strict=False) for row in rows)
        return {case.id: case for case in found}

    def _histories(self, election: ElectionCode) -> dict[UUID, list[Happening]]:
        columns = (EventRow.application_id, EventRow.sequence, EventRow.kind, EventRow.at, EventRow.body)
        query = select(*columns).join(ApplicationRow, ApplicationRow.id == EventRow.application_id)
        query = query.where(ApplicationRow.election == election).order_by(EventRow.application_id, EventRow.sequence)
        found: defaultdict[UUID, list[Happening]] = defaultdict(list)
        for known, sequence, kind, at, body in self.session.execute(query).tuples():
            found[known].append(Happening(sequence, kind, at, body))
        return found

    def _plan(self, election: ElectionCode) -> tuple[InForce | None, dict[OfficeCode, Listed]]:
        columns = (PlanRow.id, PlanRow.state, PlanRow.body, PlanRow.teams, PlanRow.rosters)
        query = select(*columns).where(PlanRow.election == election, PlanRow.state.in_(["adopted", "finished"]))
        found: InForce | None = None
        lists: dict[OfficeCode, Listed] = {}
        for known, state, body, teams, rosters in self.session.execute(query.order_by(PlanRow.adoption)).tuples():
            before = {**found.earlier, found.id: found.placements} if found else {}
            places = teams.get("placements") or body["placements"]
            found = InForce(known, places, is_finished=state == "finished", earlier=before)
            lists |= {office: _listed(kept) for office, kept in rosters.items()}
        return found, lists

    def _waiting_lists(self, election: ElectionCode) -> list[SentList]:
        rows = AcknowledgementRow
        query = select(rows.recipient, rows.code, rows.version, rows.letter).where(rows.election == election)
        return [SentList(*row) for row in self.session.execute(query.where(rows.closed_at.is_(None))).tuples()]

    def _letters(self, election: ElectionCode) -> list[Written]:
        columns = (
            LetterRow.key, LetterRow.kind, LetterRow.application_id, LetterRow.state, LetterRow.queued_at,
            LetterRow.body,
        )  # fmt: skip
        wanted = (LetterRow.election == election, LetterRow.kind.in_([kind.value for kind in _READ]))
        attempts = select(LetterAttemptRow.key, LetterAttemptRow.at, LetterAttemptRow.state)
        attempts = attempts.join(LetterRow, LetterRow.key == LetterAttemptRow.key).where(*wanted)
        states: defaultdict[str, list[tuple[datetime, LetterState]]] = defaultdict(list)
        for key, at, state in self.session.execute(attempts.order_by(LetterAttemptRow.id)).tuples():
            states[key or ""].append((at, LetterState(state)))
        self._arriving_in_parcels(election, states)
        return [
            Written(
                key,
                LetterKind(kind),
                known,
                LetterState(state),
                queued,
                body["contents"],
                states[key],
                body.get("to", ""),
            )
            for key, kind, known, state, queued, body in self.session.execute(select(*columns).where(*wanted)).tuples()
        ]  # fmt: skip

    def _arriving_in_parcels(
        self, election: ElectionCode, states: defaultdict[str, list[tuple[datetime, LetterState]]]
    ) -> None:
        """Add to the *states* of letters that a parcel brings what became of the parcel."""
        rows, own = ParcelledLetterRow, aliased(LetterRow)
        query = select(rows.letter, LetterAttemptRow.at, LetterAttemptRow.state)
        query = query.join(own, own.key == rows.letter).join(LetterAttemptRow, LetterAttemptRow.key == rows.parcel)
        query = query.where(rows.election == election, own.state == LetterState.GATHERED.value)
        for key, at, state in self.session.execute(query.order_by(LetterAttemptRow.id)).tuples():
            states[key].append((at, LetterState(state)))

    def _serials(self, election: ElectionCode) -> dict[Serial, Numbered]:
        columns = (
            CredentialRow.serial, CredentialRow.application_id, CredentialRow.application_version, CredentialRow.state
        )  # fmt: skip
        rows = self.session.execute(select(*columns).where(CredentialRow.election == election)).tuples()
        return {serial: Numbered(serial, known, version, LedgerState(state)) for serial, known, version, state in rows}

    def _copies(self, election: ElectionCode) -> list[Copy]:
        last = select(PrintedCopyRow.serial, func.max(PrintedCopyRow.copy_number).label("number"))
        newest = last.where(PrintedCopyRow.election == election).group_by(PrintedCopyRow.serial).subquery()
        same = and_(PrintedCopyRow.serial == newest.c.serial, PrintedCopyRow.copy_number == newest.c.number)
        query = select(PrintedCopyRow.serial, PrintedCopyRow.office, PrintedCopyRow.state).join(newest, same)
        return [Copy(serial, office, CopyState(state)) for serial, office, state in self.session.execute(query)]

    def _questions(self, election: ElectionCode) -> list[Open]:
        found = select(FindingRow.application_id, FindingRow.person_version, FindingRow.rule, FindingRow.at)
        found = found.join(ApplicationRow, ApplicationRow.id == FindingRow.application_id)
        found = found.where(ApplicationRow.election == election, FindingRow.severity == Severity.HUMAN.value)
        return [Open(*row) for row in self.session.execute(found).tuples()]

    def _officers(self, election: ElectionCode) -> list[Officer]:
        bodies = self.session.scalars(select(OfficerRow.body).where(OfficerRow.election == election))
        return [Officer.model_validate(body, strict=False) for body in bodies]

    def _signed(self, election: ElectionCode, surge: Collection[OfficerCode]) -> list[Signed]:
        """Return what surge staff signed; where there are none, no document is read."""
        if not surge:
            return []
        documents = self.session.scalars(
            select(StatementRow.document).where(StatementRow.election == election, StatementRow.entry == "signed")
        )
        return [
            Signed(
                said["officer"], said["kind"], str(said["terms"].get("act", "")),
                datetime.fromisoformat(said["signed_at"]),
                datetime.fromisoformat(said["arrived_at"]) if said["arrived_at"] else None,
                [UUID(case["id"]) for case in said["cases"]],
            )
            for said in map(json.loads, documents)
            if said["officer"] in surge
        ]  # fmt: skip

    def _thefts(self, election: ElectionCode) -> list[Theft]:
        rows, carried_out = StatementRow, aliased(StatementRow)
        query = select(rows.document).where(rows.election == election, rows.kind == "breach", rows.entry == "signed")
        applied = select(carried_out.digest).where(carried_out.election == election, carried_out.entry == "applied")
        found: dict[str, Theft] = {}
        for document in self.session.scalars(query.where(rows.digest.in_(applied)).order_by(rows.sequence)):
            said = json.loads(document)
            terms, mark = said["terms"], said["terms"]["mark"]
            if terms["step"] == "told":
                people = [UUID(case["id"]) for case in said["cases"]]
                due = datetime.fromisoformat(terms["due_at"]) if terms["due_at"] else None
                found.setdefault(mark, Theft(mark, people, due))
            elif mark in found:
                at = datetime.fromisoformat(said["arrived_at"] or said["signed_at"])
                found[mark] = replace(found[mark], reported_at=at)
        return [*found.values()]

    def _organisations(self, election: ElectionCode) -> dict[OrganisationCode, Filed]:
        rows = OrganisationActRow
        query = select(rows.organisation, rows.act, rows.officer, rows.at).where(rows.election == election)
        acts: defaultdict[OrganisationCode, list[Done]] = defaultdict(list)
        for code, *said in self.session.execute(query.order_by(rows.organisation, rows.sequence)):
            acts[code].append(Done(*said))
        known = select(OrganisationRow.code, OrganisationRow.standing).where(OrganisationRow.election == election)
        return {code: Filed(standing, acts[code]) for code, standing in self.session.execute(known).tuples()}

    def _people(self, election: ElectionCode, cases: Collection[UUID]) -> frozenset[UUID]:
        known = select(PersonRow.application_id).where(PersonRow.election == election, PersonRow.body.is_not(None))
        return frozenset(self.session.scalars(known)) & frozenset(cases)


def _listed(kept: dict[str, Any]) -> Listed:
    """Return a list as plans keep it: its lines as they were written until 2026-11, or since then."""
    lines: dict[str, Any] = kept["lines"]
    regions: dict[str, RegionCode] = {
        known: line[0] if isinstance(line, list) else line["region"] for known, line in lines.items()
    }
    return Listed(kept["version"], regions, kept.get("staff", ()))
