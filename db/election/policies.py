"""Policies as their authorities made them: every version once, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.journal import Book, Journal
from db.tables.election import PolicyRow
from domain.election.policies import Policy
from domain.errors import BadInputError
from domain.values import ElectionCode


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of all elections."""

    session: Session

    def all_in(self, election: ElectionCode) -> tuple[Policy, ...]:
        """Return every version of every policy, by id and version."""
        query = select(PolicyRow.body).where(PolicyRow.election == election).order_by(PolicyRow.id, PolicyRow.version)
        return tuple(Policy.model_validate(body) for body in self.session.scalars(query))

    def kept(self, election: ElectionCode) -> dict[str, tuple[datetime, Mapping[str, Any]]]:
        """Return when each version was loaded and what it says, by its citation, as the journal has it."""
        rows = self.session.scalars(select(PolicyRow).where(PolicyRow.election == election))
        return {f"{row.id}:{row.version}": (row.loaded_at, row.body) for row in rows}

    def put(self, election: ElectionCode, policy: Policy, *, by: str, now: datetime) -> bool:
        """Keep a version; returns whether it is new. Raises :class:`BadInputError` where it differs from the kept."""
        if not self.is_kept(election, policy):
            body = policy.model_dump(mode="json")
            columns = {"id": policy.id, "version": policy.version, "body": body, "loaded_by": by, "loaded_at": now}
            self.session.add(PolicyRow(election=election, **columns))
            self.session.flush()
            Journal(self.session).add(election, Book.POLICIES, str(policy.citation), body, by=by, at=now)
            return True
        return False

    def is_kept(self, election: ElectionCode, policy: Policy) -> bool:
        """Whether this version is kept; raises :class:`BadInputError` where it is kept with another text."""
        row = self.session.get(PolicyRow, (election, policy.id, policy.version))
        if row is not None and Policy.model_validate(row.body) != policy:
            raise BadInputError(str(policy.citation), "is kept with another text.", remedy="A change is a new version.")
        return row is not None
