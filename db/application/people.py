"""What is said of a person, version by version, and the findings on it. Erasable."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from db.bulk import in_batches, insert_rows
from db.journal import Book, touch
from db.tables.application import ApplicationRow, FindingRow, PersonRow
from db.tables.credentials import CredentialRow
from db.tables.encryption import index_of, leaving_unreadable
from domain.application.application import Application
from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination
from domain.decisions.sought import Sought
from domain.values import ElectionCode

_current = and_(PersonRow.application_id == ApplicationRow.id, PersonRow.version == ApplicationRow.person_version)

Version = tuple[Application, Nomination, Collection[int] | None]
"""An application, what its current version says of the person, and the numbers of its keys where they are known."""


@dataclass(frozen=True, slots=True)
class People:
    """Versions of nominations, and findings on them."""

    session: Session
    versions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    findings: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    recorded: list[Version] = field(default_factory=list[Version])

    def current(self, ids: Sequence[UUID]) -> dict[UUID, Nomination]:
        """Return the current version of each application's nomination; erased ones are left out."""
        found: dict[UUID, Nomination] = {}
        for part in in_batches(ids):
            query = select(PersonRow.application_id, PersonRow.body).join(ApplicationRow, _current)
            rows = self.session.execute(query.where(ApplicationRow.id.in_(part)))
            found |= {known: Nomination.model_validate(body) for known, body in rows if body is not None}
        return found

    def sought(self, election: ElectionCode) -> Iterator[Sought]:
        """Yield what each case of *election* can be found by, as it is said now; erased people have no names."""
        serials: defaultdict[UUID, list[str]] = defaultdict(list)
        ledger = select(CredentialRow.application_id, CredentialRow.serial).where(CredentialRow.election == election)
        for known, serial in self.session.execute(ledger):
            serials[known].append(serial)
        query = select(ApplicationRow.id, PersonRow.body).outerjoin(PersonRow, _current)
        for known, body in self.session.execute(query.where(ApplicationRow.election == election)):
            said: dict[str, Any] = body or {}
            names = (said.get(name) for name in ("given_names", "surname", "native_name"))
            email, document = said.get("email") or "", said.get("document_number") or ""
            yield Sought(known, tuple(serials[known]), email, document, " ".join(filter(None, names)))

    def at(self, versions: Collection[tuple[UUID, int]]) -> dict[tuple[UUID, int], Nomination]:
        """Return those of *versions* (application, number) that were not erased."""
        found: dict[tuple[UUID, int], Nomination] = {}
        for part in in_batches(list({known for known, _ in versions})):
            query = select(PersonRow.application_id, PersonRow.version, PersonRow.body)
            for known, version, body in self.session.execute(query.where(PersonRow.application_id.in_(part))):
                if body is not None and (known, version) in versions:
                    found[known, version] = Nomination.model_validate(body)
        return found

    def misstated(
        self, election: ElectionCode, *, erased: Collection[UUID] = (), of: Collection[UUID] | None = None
    ) -> Iterator[tuple[UUID, int]]:
        """Yield the versions whose fields are not those that their hash was made of; *erased* cases have none left.

        With *of*, of these cases only.
        """
        query = select(PersonRow.application_id, PersonRow.version, PersonRow.body, PersonRow.sha256)
        query = query.where(PersonRow.election == election)
        parts = (
            [query]
            if of is None
            else [query.where(PersonRow.application_id.in_(part)) for part in in_batches(list(of))]
        )
        with leaving_unreadable():
            rows = (row for part in parts for row in self.session.execute(part.execution_options(yield_per=500)))
            wrong = [
                (known, version) for known, version, body, sha256 in rows if _is_misstated(known, body, sha256, erased)
            ]
        yield from wrong

    def put(
        self,
        application: Application,
        nomination: Nomination,
        *,
        now: datetime,
        keys: Collection[int] | None = None,
    ) -> None:
        """Keep *nomination* as the version that *application* names; *keys* are its keys, where they are known."""
        body = nomination.model_dump(mode="json")
        self.versions.append(
            {
                "application_id": application.id,
                "version": application.person_version,
                "election": application.election,
                "body": body,
                "email_index": index_of(nomination.email),
                "sha256": hashlib.sha256(nomination.model_dump_json().encode()).hexdigest(),
                "recorded_at": now,
            }
        )
        self.recorded.append((application, nomination, keys))

    def note(self, application: Application, findings: Sequence[Finding], *, now: datetime) -> None:
        """Keep *findings* on the application's current version; a finding noted before stays as it is."""
        self.findings.extend(
            {
                "application_id": application.id,
                "person_version": application.person_version,
                "at": now,
                **finding.model_dump(mode="json"),
            }
            for finding in findings
        )

    def regrade(self, application: Application, about: str, severity: Severity) -> None:
        """Let what was found *about* somebody on the application's current version call for something else."""
        on_version = (
            FindingRow.application_id == application.id,
            FindingRow.person_version == application.person_version,
            FindingRow.about == about,
        )
        self.session.execute(update(FindingRow).where(*on_version).values(severity=severity.value))
        touch(self.session, Book.FINDINGS, [(application.id, application.person_version)])

    def findings_on(self, ids: Sequence[UUID]) -> dict[UUID, list[Finding]]:
        """Return the findings on the current version of each application."""
        on_current = and_(
            FindingRow.application_id == ApplicationRow.id, FindingRow.person_version == ApplicationRow.person_version
        )
        found: defaultdict[UUID, list[Finding]] = defaultdict(list)
        for part in in_batches(ids):
            query = select(FindingRow).join(ApplicationRow, on_current).where(ApplicationRow.id.in_(part))
            for row in self.session.scalars(query.order_by(FindingRow.rule, FindingRow.about)):
                found[row.application_id].append(
                    Finding.model_validate({name: getattr(row, name) for name in Finding.model_fields})
                )
        return dict(found)

    def reached_at(self, election: ElectionCode, address: str) -> list[UUID]:
        """Return the applications whose person has this e-mail address now, by id; several people may share one."""
        on_current = and_(
            PersonRow.application_id == ApplicationRow.id, PersonRow.version == ApplicationRow.person_version
        )
        query = select(ApplicationRow.id).join(PersonRow, on_current).where(ApplicationRow.election == election)
        there = PersonRow.email_index == index_of(address)
        return list(self.session.scalars(query.where(there).order_by(ApplicationRow.id)))

    def held_up(self, ids: Sequence[UUID]) -> dict[UUID, list[tuple[int, datetime]]]:
        """Return of each application on which versions, and when, something was found that asks for somebody."""
        found: defaultdict[UUID, list[tuple[int, datetime]]] = defaultdict(list)
        query = select(FindingRow.application_id, FindingRow.person_version, FindingRow.at)
        for part in in_batches(ids):
            here = (FindingRow.application_id.in_(part), FindingRow.severity != Severity.NOTE.value)
            for known, version, at in self.session.execute(query.where(*here)):
                found[known].append((version, at))
        return dict(found)

    def first_found(self, application: UUID) -> dict[tuple[str, str], datetime]:
        """Return when each deficiency (rule, field) was first found on any version of an application."""
        query = select(FindingRow.rule, FindingRow.fields, FindingRow.at).where(
            FindingRow.application_id == application, FindingRow.severity == Severity.CURE.value
        )
        first: dict[tuple[str, str], datetime] = {}
        for rule, fields, at in self.session.execute(query.order_by(FindingRow.at)):
            for name in fields:
                first.setdefault((rule, name), at)
        return first

    def codes_on_first_version(self, election: ElectionCode) -> dict[UUID, set[str]]:
        """Return the codes of everything that was found on the first version of each nomination."""
        query = (
            select(FindingRow.application_id, FindingRow.code)
            .join(ApplicationRow, FindingRow.application_id == ApplicationRow.id)
            .where(ApplicationRow.election == election, FindingRow.person_version == 1)
        )
        codes: defaultdict[UUID, set[str]] = defaultdict(set)
        for application_id, code in self.session.execute(query):
            codes[application_id].add(code)
        return dict(codes)

    def flush(self) -> list[Version]:
        """Write versions and findings in bulk; returns the versions whose keys must be written as well."""
        insert_rows(self.session, PersonRow, self.versions)
        touch(self.session, Book.PEOPLE, [(row["application_id"], row["version"]) for row in self.versions])
        self.versions.clear()
        noted = self._not_noted()
        insert_rows(self.session, FindingRow, noted)
        touch(self.session, Book.FINDINGS, [(row["application_id"], row["person_version"]) for row in noted])
        self.findings.clear()
        recorded, self.recorded[:] = list(self.recorded), []
        return recorded

    def _not_noted(self) -> list[dict[str, Any]]:
        wanted = {
            (row["application_id"], row["person_version"], row["rule"], row["about"]): row for row in self.findings
        }
        if not wanted:
            return []
        key = (FindingRow.application_id, FindingRow.person_version, FindingRow.rule, FindingRow.about)
        ids = list({application_id for application_id, *_ in wanted})
        noted = {tuple(row) for row in self.session.execute(select(*key).where(FindingRow.application_id.in_(ids)))}
        return [row for columns, row in wanted.items() if columns not in noted]


def _is_misstated(known: UUID, body: dict[str, Any] | None, sha256: str, erased: Collection[UUID]) -> bool:
    return known not in erased if body is None else bool(body) and hash_of(body) != sha256


def hash_of(body: dict[str, Any]) -> str:
    """Return the hash that is kept beside what is said of a person; nothing for what no nomination says."""
    try:
        return hashlib.sha256(Nomination.model_validate(body).model_dump_json(include=set(body)).encode()).hexdigest()
    except ValidationError:
        return ""
