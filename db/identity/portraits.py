"""Perceptual hashes of portraits, and the parts of them by which like ones are found without comparing all with all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, aliased

from db.bulk import in_batches
from db.tables.identity import PortraitPartRow, PortraitRow
from domain.identity.fingerprints import SAME_PICTURE, fingerprint_distance, fingerprint_parts
from domain.values import ElectionCode, Sha256


@dataclass(frozen=True, slots=True)
class Portraits:
    """The portraits of all elections by what they look like."""

    session: Session

    def put(self, election: ElectionCode, prints: Mapping[UUID, Sha256]) -> None:
        """Keep the hash of each application's portrait; a newer one takes the place of the older."""
        if not prints:
            return
        for part in in_batches(list(prints)):
            self.session.execute(delete(PortraitPartRow).where(PortraitPartRow.application_id.in_(part)))
            self.session.execute(delete(PortraitRow).where(PortraitRow.application_id.in_(part)))
        self.session.execute(
            insert(PortraitRow),
            [{"application_id": case, "election": election, "fingerprint": text} for case, text in prints.items()],
        )
        self.session.execute(
            insert(PortraitPartRow),
            [
                {"application_id": case, "election": election, "place": place, "part": part}
                for case, text in prints.items()
                for place, part in enumerate(fingerprint_parts(text))
            ],
        )

    def share(self, election: ElectionCode, cases: Mapping[UUID, UUID]) -> None:
        """Let cases of *election* have the portraits of other cases: of each the first has that of the second."""
        prints = self._prints([*cases.values()])
        self.put(election, {case: prints[other] for case, other in cases.items() if other in prints})

    def like(self, election: ElectionCode, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
        """Return for each of *ids* the other applications of *election* whose portrait has nearly the same hash."""
        pairs = self._near(election, ids)
        prints = self._prints([*{case for pair in pairs for case in pair}])
        found: defaultdict[UUID, list[UUID]] = defaultdict(list)
        for case, other in sorted(pairs):
            if fingerprint_distance(prints[case], prints[other]) <= SAME_PICTURE:
                found[case].append(other)
        return dict(found)

    def _near(self, election: ElectionCode, ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
        other = aliased(PortraitPartRow)
        same = (other.part == PortraitPartRow.part) & (other.place == PortraitPartRow.place)
        pairs: set[tuple[UUID, UUID]] = set()
        for part in in_batches(ids):
            query = (
                select(PortraitPartRow.application_id, other.application_id)
                .join(other, same & (other.election == election))
                .where(PortraitPartRow.application_id.in_(part))
                .where(other.application_id != PortraitPartRow.application_id)
            )
            pairs.update((one, two) for one, two in self.session.execute(query))
        return pairs

    def _prints(self, ids: Sequence[UUID]) -> dict[UUID, Sha256]:
        found: dict[UUID, Sha256] = {}
        for part in in_batches(ids):
            query = select(PortraitRow.application_id, PortraitRow.fingerprint)
            found |= dict(self.session.execute(query.where(PortraitRow.application_id.in_(part))).tuples().all())
        return found
