"""Acts that wait for a second administrator: what was proposed, by whom, and on which ground."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from db.store import Store, open_reader
from domain.statements.authority import matter_of
from domain.statements.officer_acts import Step
from domain.statements.record import EntryKind
from domain.statements.statement import ActKind, Statement
from domain.values import ElectionCode, Frozen, OfficerCode, Sha256, UtcTime
from flows.context import database
from flows.statements.acceptance import ActingOfficer

_BY_TWO = (ActKind.STAFF, ActKind.RULES, ActKind.ELECTION, ActKind.POLICIES)


_OVERTAKEN = "overtaken, propose it anew: "


class Proposal(Frozen):
    """What one administrator signed and another has still to sign."""

    matter: str
    """What a confirmation must match."""
    what: str
    """What it would do, in words and codes."""
    by: OfficerCode
    ground: str = ""
    at: UtcTime
    rests_on: Sha256 | None = None
    """Of rules: those in force when it was proposed; where others are now, nobody can confirm it."""

    def is_of(self, kind: ActKind, *about: str) -> bool:
        """Whether it is the act that is known by *kind* and what it is *about*."""
        return self.matter == "\x1f".join([kind, *about])


def proposals_in(store: Store, election: ElectionCode) -> list[Proposal]:
    """Return what waits for a second administrator, the oldest first; of a proposal made twice the last signature."""
    waiting = store.statements.authority(election).proposed
    found: dict[str, Proposal] = {}
    for entry in store.statements.entries(election, kinds=_BY_TWO) if waiting else ():
        statement = Statement.read(entry.document.encode()) if entry.entry is EntryKind.SIGNED else None
        if statement and statement.terms.get("step") == Step.PROPOSED and (matter := matter_of(statement)) in waiting:
            terms = cast("dict[str, Any]", statement.terms)
            found[matter] = Proposal(
                matter=matter, what=_what(terms), by=statement.officer, ground=terms.get("ground", ""),
                at=entry.recorded_at, rests_on=terms.get("rests_on"),
            )  # fmt: skip
    return [proposal for proposal in found.values() if waiting[proposal.matter] == proposal.by]


def _what(terms: dict[str, Any]) -> str:
    if "changes" in terms and "act" not in terms:
        return "; ".join(terms["changes"])
    if "policies" in terms:
        return f"policies {', '.join(sorted(terms['policies']))}"
    said = (
        terms["act"].replace("_", " "),
        terms.get("officer", ""),
        terms.get("detail", ""),
        terms.get("election", ""),
    )
    return " ".join(filter(None, said))


def ground_of(store: Store, election: ElectionCode, kind: ActKind, *about: str) -> str:
    """Return the ground on which the first administrator proposed this act; empty where none was given."""
    return next((proposal.ground for proposal in proposals_in(store, election) if proposal.is_of(kind, *about)), "")


def ground_signed(
    store: Store, by: ActingOfficer, ground: str, kind: ActKind, about: Callable[[str], tuple[str, ...]]
) -> str:
    """Return *ground*, or, where none is given, the one on which another administrator proposed this very act.

    *about* says what the act would be known by on a ground. Another ground than the first one's is another proposal.
    """
    if ground.strip():
        return ground.strip()
    others = [proposal for proposal in proposals_in(store, by.election) if proposal.by != by.officer]
    return next((first.ground for first in others if first.ground and first.is_of(kind, *about(first.ground))), "")


def both_grounds(first: str, second: str) -> dict[str, str]:
    """Return the first administrator's ground as it is kept, and what the second one adds; nothing that is empty."""
    said = {"ground": first or second, "added": second if first and second != first else ""}
    return {name: text for name, text in said.items() if text}


def proposal_rows(election: ElectionCode) -> list[dict[str, str]]:
    """Return what waits for a second administrator, one row for each."""
    with open_reader(database()) as store:
        found, now = proposals_in(store, election), store.elections.rules_hash(election)
    return [
        {"when (UTC)": f"{proposal.at:%Y-%m-%d %H:%M}", "by": proposal.by, "ground": proposal.ground,
         "what": f"{'' if proposal.rests_on in {None, now} else _OVERTAKEN}{proposal.what}"}
        for proposal in found
    ]  # fmt: skip
