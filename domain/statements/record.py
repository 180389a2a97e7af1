"""The record of signed acts as anybody can check it: entries in a chain, replayed with public keys alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from enum import StrEnum
from typing import Any, Final

from pydantic import ValidationError

from domain.application.chain import GENESIS, chained
from domain.errors import AccreditationError
from domain.statements.authority import Authority, Founding
from domain.statements.signatures import SIGNATURE
from domain.statements.statement import ActKind, Statement, StatementRefusedError, check_times
from domain.values import ElectionCode, Frozen, Sha256, UtcTime

AUTHORITATIVE: Final = frozenset(
    {
        "",
        ActKind.STAFF.value,
        ActKind.FIRST_KEY.value,
        ActKind.RULES.value,
        ActKind.ELECTION.value,
        ActKind.POLICIES.value,
    }
)
"""Kinds of entries that change who may sign; empty is the founding."""


class EntryKind(StrEnum):
    """What an entry of the record is."""

    FOUNDING = "founding"
    SIGNED = "signed"
    APPLIED = "applied"


class Entry(Frozen):
    """One entry as it is kept and exported: everything that its hash covers."""

    election: ElectionCode
    sequence: int
    entry: EntryKind
    kind: str
    digest: Sha256
    document: str
    signature: dict[str, Any] | None
    recorded_at: UtcTime
    hash: Sha256

    @property
    def content(self) -> dict[str, Any]:
        """What the entry says, without its own hash."""
        said = self.model_dump(mode="json", exclude={"hash", "recorded_at"})
        return said | {"recorded_at": self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds")}

    def linked(self, previous: Sha256) -> Sha256:
        """Return the hash of the entry after *previous*."""
        return chained(previous, self.content)


def founding_in(entry: Entry) -> Founding | None:
    """Return the founding document of *entry*, None where it is something else."""
    return Founding.model_validate_json(entry.document) if entry.entry is EntryKind.FOUNDING else None


def applied_in(entries: Iterable[Entry]) -> Iterator[Statement]:
    """Yield the statements of *entries* that were applied, in the order in which they were; nothing is checked."""
    signed: dict[Sha256, Statement] = {}
    for entry in entries:
        if entry.entry is EntryKind.SIGNED:
            signed[entry.digest] = Statement.read(entry.document.encode())
        elif statement := signed.pop(entry.digest, None):
            yield statement


@dataclass
class Replay:
    """Takes entries in order and knows who may sign after the last of them."""

    authority: Authority | None = None
    waiting: dict[Sha256, Statement] = field(default_factory=dict[Sha256, Statement])
    """Signed and not applied yet."""
    applied: dict[Sha256, Statement] = field(default_factory=dict[Sha256, Statement])

    def take(self, entry: Entry, *, verify: bool = False) -> None:
        """Take the next entry; with *verify* every signature is checked under the authority of that moment.

        Raises the errors of statements, signatures and officers for what does not hold.
        """
        match entry.entry:
            case EntryKind.FOUNDING:
                self._found(entry)
            case EntryKind.SIGNED:
                self._sign(entry, verify=verify)
            case _:
                self._apply(entry, verify=verify)

    def _found(self, entry: Entry) -> None:
        founding = founding_in(entry)
        if self.authority is not None or founding is None or founding.election != entry.election:
            raise StatementRefusedError("A second founding: that happens once.")
        self.authority = Authority.founded(founding)

    def _sign(self, entry: Entry, *, verify: bool) -> None:
        statement = Statement.read(entry.document.encode())
        if statement.digest != entry.digest or statement.kind != entry.kind:
            raise StatementRefusedError("The entry is kept under another name than its document has.")
        if statement.digest in self.waiting or statement.digest in self.applied:
            raise StatementRefusedError("The same statement is on record twice.")
        if verify:
            self._founded.check(statement, SIGNATURE.validate_python(entry.signature))
            check_times(statement, recorded_at=entry.recorded_at, rehearsal=self._founded.rehearsal)
        self.waiting[entry.digest] = statement

    def _apply(self, entry: Entry, *, verify: bool) -> None:
        statement = self.waiting.pop(entry.digest, None)
        if statement is None:
            raise StatementRefusedError("What was applied is not signed, or was applied before.")
        if statement.kind != entry.kind:
            raise StatementRefusedError("The entry says of another kind of act that it was applied.")
        if verify:
            check_times(statement, recorded_at=entry.recorded_at, rehearsal=self._founded.rehearsal)
        self.applied[entry.digest] = statement
        if entry.kind in AUTHORITATIVE:
            self.authority = self._founded.after(statement)

    @property
    def _founded(self) -> Authority:
        if self.authority is None:
            raise StatementRefusedError("The record does not begin with its founding.")
        return self.authority


def faults_in(entries: Iterable[Entry], replay: Replay, *, after: tuple[int, Sha256] = (0, GENESIS)) -> Iterator[str]:
    """Yield the first thing that does not hold in the record, entry by entry, with public keys alone.

    *replay* is left as the last good entry makes it. *entries* follow the entry of number and hash *after*.
    """
    number, previous = after
    for entry in entries:
        number += 1
        previous = entry.linked(previous)
        if entry.sequence != number or entry.hash != previous:
            yield f"entry {number} does not carry the hash of the one before"
            return
        try:
            replay.take(entry, verify=True)
        except (AccreditationError, ValidationError, ValueError, KeyError) as error:
            said = str(error) if isinstance(error, AccreditationError) else "it cannot be read"
            yield f"entry {number}, {entry.entry} {entry.kind}: {said}".replace(" :", ":")
            return
    if not number:
        yield "it has no founding entry; it was emptied, or the database is older: accredit db upgrade"
