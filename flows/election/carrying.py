"""Who stays accredited in an election that follows another one: new cases linked to the old ones, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from db.bulk import in_batches
from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import Application, application_id
from domain.application.case import Case
from domain.application.events import (
    DeficiencyNoted,
    Event,
    NominationRecorded,
    NoticeAnswered,
    PlacementOrdered,
)
from domain.application.findings import Finding, Severity, deficiencies
from domain.application.nomination import Nomination
from domain.election.following import carried, stays
from domain.election.pledge import acceptance_of
from domain.intake.completeness import completeness
from domain.values import ElectionCode, UtcTime
from flows.context import ElectionContext, database
from flows.vetting.staying import stay_event

ENGINE: Final = Actor.engine("follow-on")
AT_ONCE: Final = 200


def carried_id(election: ElectionCode, case: UUID) -> UUID:
    """Return the id in *election* of whoever has the *case* in the one that it follows."""
    return application_id(election, "", f"carried\x1f{case}")


def carry_over(first: ElectionCode, second: ElectionCode, *, now: UtcTime) -> int:
    """Open a case in *second* for everybody who stays from *first* and has none yet; returns for how many.

    A second time there is nobody left, but whose suspension ended meanwhile.
    """
    with open_reader(database()) as store:
        context = ElectionContext.of(store, second, now=now)
        rule = context.profile.follows
        if rule is None or rule.reuse == "reapply":
            return 0
        staying = {carried_id(second, case.id): case.id for case in store.applications.all_in(first) if stays(case)}
        there = store.applications.get_many([*staying])
    left = [case for known, case in staying.items() if known not in there]
    return sum(carry_chunk(context, part) for part in in_batches(left, AT_ONCE))


def carry_chunk(context: ElectionContext, ids: Sequence[UUID]) -> int:
    """Carry *ids* of the first election over, in one transaction; returns how many: of the erased nothing is known."""
    with open_store(database()) as store:
        return _Carrier(store, context).carry(ids)


@dataclass(frozen=True, slots=True)
class _Carrier:
    """Carries people of one chunk over, in one transaction."""

    store: Store
    context: ElectionContext

    def carry(self, ids: Sequence[UUID]) -> int:
        """Open a case for each of *ids*; returns for how many."""
        store, election = self.store, self.context.election
        found = store.applications.get_many(ids)
        cases = [found[known] for known in ids if stays(found[known])]
        people, findings = store.people.current(ids), store.people.findings_on(ids)
        chains = store.applications.chains(ids)
        cases = [case for case in cases if case.id in people]
        for case in cases:
            events = [event for event, _ in chains[case.id]]
            self._one(Case(case, people[case.id]), findings.get(case.id, []), events)
        store.flush()
        keys = {application_id(election, case.organisation, people[case.id].key): case.id for case in cases}
        store.identities.let_mean({key: carried_id(election, case) for key, case in keys.items()})
        store.portraits.share(election, {carried_id(election, case.id): case.id for case in cases})
        return len(cases)

    def _one(self, old: Case, findings: Sequence[Finding], history: Sequence[Event]) -> None:
        store, now, rule = self.store, self.context.now, self.context.profile.follows
        new = carried_id(self.context.election, old.application.id)
        happening: dict[str, Any] = {"application_id": new, "at": now, "actor": ENGINE}
        opened = NominationRecorded(
            **happening, election=self.context.election, organisation=old.application.organisation,
            role=old.application.role, received_at=old.application.received_at, carried_from=old.application.id,
        )  # fmt: skip
        application = store.applications.open(opened)
        says = carried(old.nomination, self.context.profile)
        store.people.put(application, says, now=now)
        noted = tuple(_still_known(findings))
        if rule and rule.on_notice:
            noted += completeness(says, self.context.profile)
        store.people.note(application, noted, now=now)
        application = self._stand(application, old, noted, happening)
        for event in self._orders(history):
            application = store.applications.record(application, event.revised(**happening))
        self._keep_pledge(application, says)

    def _stand(
        self, application: Application, old: Case, noted: Sequence[Finding], happening: dict[str, Any]
    ) -> Application:
        """Ask whether they stay, or let them stay at once."""
        profile, rule = self.context.profile, self.context.profile.follows
        if rule and rule.on_notice:
            due = profile.cure_due(self.context.now)
            asked = DeficiencyNoted(**happening, reasons=deficiencies(tuple(noted)), due_at=due)
            return self.store.applications.record(application, asked)
        return self.store.applications.record(application, stay_event(old.application, self.context, happening))

    def _orders(self, history: Sequence[Event]) -> Iterator[NoticeAnswered | PlacementOrdered]:
        """Yield what people answered to notices that are still in force, and what officers ordered of regions."""
        regions = self.context.geography.regions
        notices = {region.notice.id for region in regions if region.notice}
        codes = {region.code for region in regions}
        for event in history:
            if (isinstance(event, NoticeAnswered) and event.notice in notices) or (
                isinstance(event, PlacementOrdered) and event.region in codes
            ):
                yield event

    def _keep_pledge(self, application: Application, says: Nomination) -> None:
        rules = self.context.profile.pledge
        if rules and (accepted := acceptance_of(says, rules)):
            self.store.pledges.put({(application.id, application.person_version): accepted})


def _still_known(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield what was found and judged; what is about another case of the first election says nothing here."""
    for finding in findings:
        if ":" in finding.about:  # an entry of a list, which officers judged: only others are looked at again
            yield finding.revised(severity=Severity.HUMAN)
        elif finding.severity is Severity.NOTE and not finding.about:
            yield finding
