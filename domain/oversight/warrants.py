"""Whether what officers did to cases rests on what they signed: event by event, without a database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import from_json

from domain.application.events import Event
from domain.decisions.facts import facts_hash
from domain.decisions.rulings import ENDS, NEEDS_REASON, Outcome, Ruling, orders_in
from domain.statements.record import Entry, EntryKind, founding_in
from domain.statements.statement import ActKind, Statement, StatementWords
from domain.values import Sha256

BRINGS: Final[Mapping[Outcome, frozenset[str]]] = {
    Outcome.APPROVE: frozenset({"application_approved"}),
    Outcome.REFUSE: frozenset({"refusal_proposed"}),
    Outcome.CONFIRM: frozenset({"application_refused", "accreditation_revoked", "appeal_dismissed"}),
    Outcome.RETURN: frozenset({"proposal_returned"}),
    Outcome.RECALL: frozenset({"proposal_returned", "refusal_recalled"}),
    Outcome.DEFER: frozenset({"application_deferred"}),
    Outcome.REQUEST_INFORMATION: frozenset({"information_requested"}),
    Outcome.WARN: frozenset({"warning_given"}),
    Outcome.SUSPEND: frozenset({"credential_suspended"}),
    Outcome.LIFT: frozenset({"suspension_lifted"}),
    Outcome.REVOKE: frozenset({"revocation_proposed"}),
    Outcome.UPHOLD: frozenset({"accreditation_upheld"}),
    Outcome.RECORD_REPLY: frozenset({"reply_recorded"}),
    Outcome.ANSWER_REPLY: frozenset({"reply_answered"}),
    Outcome.LODGE_APPEAL: frozenset({"appeal_lodged"}),
    Outcome.GRANT_APPEAL: frozenset({"appeal_granted"}),
    Outcome.DISMISS_APPEAL: frozenset({"dismissal_proposed"}),
    Outcome.REMAND_APPEAL: frozenset({"appeal_remanded"}),
}
"""The events that each outcome may bring about."""
_ADOPTED: Final = frozenset(
    {"application_approved", "refusal_proposed", "application_refused", "application_deferred", "information_requested"}
)
_BY_KIND: Final[Mapping[ActKind, frozenset[str]]] = {
    ActKind.WITHDRAW: frozenset({"application_withdrawn"}),
    ActKind.ORGANISATION: frozenset({"application_withdrawn"}),
    ActKind.ENTER: frozenset({"nomination_recorded", "nomination_corrected", "application_withdrawn"}),
    ActKind.PLACE: frozenset({"placement_ordered"}),
    ActKind.CONSENT: frozenset({"notice_answered"}),
    ActKind.CLEAR_HIT: frozenset({"hit_cleared"}),
    ActKind.RESOLUTION: _ADOPTED,
    ActKind.ADOPT_PLAN: frozenset({"region_assigned", "assignment_withdrawn"}),
    ActKind.CORRECT_CREDENTIAL: frozenset({"nomination_corrected", "credential_reissued"}),
    ActKind.REISSUE: frozenset({"credential_reissued"}),
}
_LATER: Final = frozenset({ActKind.REISSUE, ActKind.CORRECT_CREDENTIAL})
"""Acts that are carried out after they were applied, case by case."""
_MOVED: Final = TypeAdapter[dict[UUID, tuple[int, Sha256]]](dict[UUID, tuple[int, Sha256]])


@dataclass
class Warrants:
    """What the record says was applied, and to which version and head it moved which case."""

    older: dict[UUID, tuple[int, Sha256]] = field(default_factory=dict[UUID, tuple[int, Sha256]])
    """Version and head that cases had when the record began: what is older rests on hashes alone."""
    moved: list[tuple[UUID, int, Sha256, Statement]] = field(default_factory=list[tuple[UUID, int, Sha256, Statement]])
    later: dict[UUID, list[Statement]] = field(default_factory=dict[UUID, list[Statement]])
    signed: dict[Sha256, Statement] = field(default_factory=dict[Sha256, Statement])
    """Statements that are not applied yet."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        """Return the warrants in a record that was verified."""
        found = cls()
        for entry in entries:
            found.take(entry)
        return found

    def take(self, entry: Entry) -> None:
        """Take the next entry of a record that was verified."""
        match entry.entry:
            case EntryKind.FOUNDING:
                founding = founding_in(entry)
                heads = founding.heads if founding else {}
                self.older = {UUID(case): _head(said) for case, said in heads.items() if " " in said}
            case EntryKind.SIGNED:
                self.signed[entry.digest] = Statement.read(entry.document.encode())
            case _:
                self._apply(self.signed.pop(entry.digest), from_json(entry.document))

    def _apply(self, statement: Statement, came: Mapping[str, Any]) -> None:
        for case, (version, head) in _MOVED.validate_python(came.get("moved", {}), strict=False).items():
            self.moved.append((case, version, head, statement))
        if statement.kind in _LATER:
            for case in statement.versions:
                self.later.setdefault(case, []).append(statement)

    def about(self, ids: Collection[UUID]) -> Warrants:
        """Return what of it concerns the cases *ids*."""
        return Warrants(
            older={case: known for case, known in self.older.items() if case in ids},
            moved=[moved for moved in self.moved if moved[0] in ids],
            later={case: statements for case, statements in self.later.items() if case in ids},
        )

    def faults(
        self, histories: Mapping[UUID, Sequence[Event]], hashes: Mapping[UUID, Sequence[Sha256]],
        words: Mapping[Sha256, StatementWords | None],
    ) -> Iterator[str]:  # fmt: skip
        """Yield each case whose history is not what was signed or recorded; *words* are texts that are not erased."""
        warranted: defaultdict[tuple[UUID, int], list[Statement]] = defaultdict(list)
        for case, version, head, statement in self.moved:
            if fault := _moved_elsewhere(case, version, head, hashes):
                yield fault
                continue
            first = statement.versions.get(case, version - 2) + 1
            for place in range(first, version + 1):  # of a plan or an organisation it may be one too many
                warranted[case, place].append(statement)
        for case, (version, head) in self.older.items():
            if fault := _moved_elsewhere(case, version, head, hashes):
                yield fault
        for case, history in histories.items():
            known = self.older.get(case, (0, ""))[0]
            for version, event in enumerate(history[known:], start=known + 1):
                if event.actor.kind == "officer" and not self._rests(case, version, event, warranted, words):
                    yield f"event {version} of case {case}, {event.kind}, is not what {event.actor.code} signed"

    def _rests(
        self, case: UUID, version: int, event: Event, warranted: Mapping[tuple[UUID, int], Sequence[Statement]],
        words: Mapping[Sha256, StatementWords | None],
    ) -> bool:  # fmt: skip
        signed = warranted.get((case, version), ())
        if any(_fits(statement, case, event, words.get(statement.digest)) for statement in signed):
            return True
        return any(
            event.kind in _BY_KIND[statement.kind] and _hand_of(statement, event)
            for statement in self.later.get(case, ())
        )


def _head(said: str) -> tuple[int, Sha256]:
    version, _, head = said.partition(" ")
    return int(version), head


def _moved_elsewhere(case: UUID, version: int, head: Sha256, hashes: Mapping[UUID, Sequence[Sha256]]) -> str:
    """Return what is wrong where the history of *case* does not have *head* at *version*, else nothing."""
    if case not in hashes:
        return f"case {case} is gone"
    there = hashes[case]
    same = 0 < version <= len(there) and there[version - 1] == head
    return "" if same else f"case {case} did not become version {version} as it was recorded"


def _hand_of(statement: Statement, event: Event) -> bool:
    """Whether the event is of who signed; of a resolution two did."""
    return event.actor.code in {statement.officer, str(statement.terms.get("signed_by"))}


def _fits(statement: Statement, case: UUID, event: Event, words: StatementWords | None) -> bool:
    if not _hand_of(statement, event):
        return False
    if statement.kind is not ActKind.DECIDE:
        return event.kind in _BY_KIND.get(statement.kind, frozenset())
    texts = words.texts if words else {}
    rulings = [order.ruling for order in orders_in(statement.terms, texts) if case in order.ids]
    return any(_is_of(ruling, event, stated=words is not None) for ruling in rulings)


def _is_of(ruling: Ruling, event: Event, *, stated: bool) -> bool:
    """Whether *event* is what *ruling* brings about; facts are compared as far as they are not erased."""
    if event.kind not in BRINGS[ruling.outcome]:
        return False
    if ruling.outcome in NEEDS_REASON and set(getattr(event, "reasons", ())) != set(ruling.reasons):
        return False
    if ruling.outcome in ENDS and getattr(event, "due_at", None) != ruling.until:
        return False
    note = getattr(event, "note_id", None)
    if note is not None or ruling.notes:
        return note in ruling.notes or note is None
    said = getattr(event, "facts_sha256", None)
    return not stated or not ruling.facts or said == facts_hash(ruling.facts)
