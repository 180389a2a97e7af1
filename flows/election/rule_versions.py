"""The versions of an election's rules: who changed what, when, on which ground, as the record of signed acts has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from db.store import Store, open_reader
from domain.statements.officer_acts import Step
from domain.statements.record import EntryKind, founding_in
from domain.statements.statement import ActKind, Statement
from domain.values import ElectionCode, Frozen, OfficerCode, Sha256, UtcTime
from flows.context import database


class RuleVersion(Frozen):
    """One version; the first is the founding, which nobody changed anything by."""

    number: int
    since: UtcTime
    rules_sha256: Sha256
    by: tuple[OfficerCode, ...] = ()
    """Who proposed it, and who confirmed it."""
    ground: str = ""
    changes: tuple[str, ...] = ()
    """What differs from the version before, in words."""


def rule_versions(election: ElectionCode) -> list[RuleVersion]:
    """Return every version of the rules, the first first."""
    with open_reader(database()) as store:
        return list(_versions(store, election))


def _versions(store: Store, election: ElectionCode) -> Iterator[RuleVersion]:
    number = 0
    signed: dict[Sha256, Statement] = {}
    proposers: dict[str, OfficerCode] = {}
    for entry in store.statements.entries(election, kinds=("", ActKind.RULES.value)):
        if founding := founding_in(entry):
            number = 1
            yield RuleVersion(number=1, since=founding.founded_at, rules_sha256=founding.rules_sha256)
        elif entry.entry is EntryKind.SIGNED:
            signed[entry.digest] = Statement.read(entry.document.encode())
        elif statement := signed.get(entry.digest):
            terms = cast("dict[str, Any]", statement.terms)
            if terms["step"] == Step.PROPOSED:
                proposers[terms["package_sha256"]] = statement.officer
                continue
            number += 1
            yield _confirmed(number, statement, proposers.get(terms["package_sha256"], ""), since=entry.recorded_at)


def _confirmed(number: int, statement: Statement, proposer: OfficerCode, *, since: UtcTime) -> RuleVersion:
    terms = cast("dict[str, Any]", statement.terms)
    return RuleVersion(
        number=number,
        since=since,
        rules_sha256=terms["rules_sha256"],
        by=(proposer, statement.officer),
        ground="; ".join(filter(None, (terms.get("ground"), terms.get("added")))),
        changes=tuple(terms["changes"]),
    )
