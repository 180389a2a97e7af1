"""Elections with their rules."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import update

from db.election.loaded import LoadedElections
from db.election.policies import Policies
from db.tables.election import ElectionRow
from domain.election.geography import Geography
from domain.election.profile import ElectionProfile
from domain.errors import UnknownThingError
from domain.values import ElectionCode, Sha256

MOST_READ: Final = 8
_READ: Final[dict[str | None, tuple[ElectionProfile, Geography]]] = {}
"""Rules by their hash: frozen, and whatever has the same hash is the same. Nothing is kept of a row that was edited."""


def rules_sha256(profile: ElectionProfile, geography: Geography) -> Sha256:
    """Return the hash of an election's rules: its profile and its geography."""
    bodies = {"profile": profile.model_dump(mode="json"), "geography": geography.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(bodies, sort_keys=True).encode()).hexdigest()


class Elections(LoadedElections):
    """Elections and their rules."""

    def profile(self, code: ElectionCode) -> ElectionProfile:
        """Return the election's rules, with every policy that was made since they were loaded."""
        profile, _ = self._rules(code)
        since = [policy for policy in Policies(self.session).all_in(code) if policy not in profile.policies]
        return profile.revised(policies=(*profile.policies, *since)) if since else profile

    def geography(self, code: ElectionCode) -> Geography:
        """Return the election's regions and offices."""
        _, geography = self._rules(code)
        return geography

    def as_loaded(self, code: ElectionCode) -> tuple[ElectionProfile, Geography]:
        """Return the rules as they were loaded or moved, without the policies that were made since."""
        return self._rules(code)

    def rules_as_stored(self, code: ElectionCode) -> tuple[Sha256, Sha256]:
        """Return the hash that is kept of the election's rules, and the hash of the rules that are kept."""
        return self._row(code).rules_sha256, hashlib.sha256(self.stored_rules(code)).hexdigest()

    def stored_rules(self, code: ElectionCode) -> bytes:
        """Return the rules as they are kept, as JSON: their SHA-256 is what officers signed."""
        row = self._row(code)
        return json.dumps({"profile": row.profile, "geography": row.geography}, sort_keys=True).encode()

    def put(self, profile: ElectionProfile, geography: Geography, *, now: datetime) -> bool:
        """Load the rules; returns whether anything changed."""
        code = profile.election.code
        bodies = {"profile": profile.model_dump(mode="json"), "geography": geography.model_dump(mode="json")}
        rules = rules_sha256(profile, geography)
        row = self.session.get(ElectionRow, code)
        if row is None:
            secret = secrets.token_hex(32)
            self.session.add(ElectionRow(code=code, rules_sha256=rules, secret=secret, loaded_at=now, **bodies))
        elif row.rules_sha256 != rules:
            row.profile, row.geography, row.rules_sha256, row.loaded_at = *bodies.values(), rules, now
        else:
            return False
        self.session.flush()
        return True

    def archive(self, code: ElectionCode, *, now: datetime) -> None:
        """Freeze an election: what is written for it from now on is refused."""
        self._row(code).archived_at = now
        self.session.flush()

    def secret(self, code: ElectionCode) -> bytes:
        """Return the election's own key for status indices and document tags (32 bytes)."""
        return bytes.fromhex(self._row(code).secret)

    def next_serials(self, code: ElectionCode, count: int) -> int:
        """Reserve *count* serial numbers and return the first; numbers never come twice."""
        taken = self.session.scalar(
            update(ElectionRow)
            .where(ElectionRow.code == code)
            .values(next_serial=ElectionRow.next_serial + count)
            .returning(ElectionRow.next_serial)
        )
        if taken is None:
            raise UnknownThingError("election", code, known=self.codes())
        return int(taken) - count

    def _rules(self, code: ElectionCode) -> tuple[ElectionProfile, Geography]:
        """Return the rules as loaded; every chunk asks for them, so they are read once for each hash."""
        rules = _READ.get(self.rules_hash(code))
        if rules is None:
            row = self._row(code)
            rules = ElectionProfile.model_validate(row.profile), Geography.model_validate(row.geography)
            if len(set(self.rules_as_stored(code))) == 1:
                while len(_READ) >= MOST_READ:
                    _READ.pop(next(iter(_READ)), None)
                _READ[row.rules_sha256] = rules
        return rules

    def _row(self, code: ElectionCode) -> ElectionRow:
        row = self.session.get(ElectionRow, code)
        if row is None:
            raise UnknownThingError("election", code, known=self.codes())
        return row
