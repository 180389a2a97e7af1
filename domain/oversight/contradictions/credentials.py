"""Serials, badges and printed copies held against the cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.application.application import Application
from domain.application.status import Status
from domain.credentials.states import CopyState, LedgerState
from domain.oversight.contradictions.contradiction import Contradiction, of_case
from domain.oversight.contradictions.snapshot import Snapshot

_SAYS: Final = {
    Status.CREDENTIALED: LedgerState.ISSUED,
    Status.SUSPENDED: LedgerState.SUSPENDED,
    Status.REVOKED: LedgerState.REVOKED,
    Status.WITHDRAWN: LedgerState.REVOKED,
    Status.EXPIRED: LedgerState.EXPIRED,
}
"""What the ledger says of the serial of a case in each status."""


def in_credentials(seen: Snapshot) -> Iterator[Contradiction]:
    """Yield serials, badges and copies that say otherwise than their cases."""
    for case in seen.cases.values():
        if case.serial:
            yield from _serial(seen, case)
    yield from _others(seen)
    yield from _copies(seen)


def _serial(seen: Snapshot, case: Application) -> Iterator[Contradiction]:
    line = seen.serials.get(str(case.serial))
    if line is None or line.application_id != case.id:
        yield of_case(case, "case_and_serial", f"{case.serial} is not its serial in the ledger.", "Re-issue the badge.")
        return
    wanted = _SAYS.get(case.status)
    if wanted and line.state is not wanted:
        yield of_case(
            case, "case_and_serial", f"it is {case.status}; {line.serial} is {line.state} in the ledger.",
            "Publish again after correcting: accredit credential revoke or reissue.",
        )  # fmt: skip
    yield from _printed_region(seen, case, line.application_version)


def _printed_region(seen: Snapshot, case: Application, version: int) -> Iterator[Contradiction]:
    if case.status is not Status.CREDENTIALED:
        return
    moves = [event for event in seen.histories.get(case.id, ()) if event.kind == "region_assigned"]
    printed = next((event.body["region"] for event in reversed(moves) if event.sequence <= version), None)
    if printed is not None and printed != case.region:
        yield of_case(
            case, "badge_and_place", f"the badge says {printed}, the case {case.region or 'at large'}.",
            "Replace the badge: accredit credential reissue, with --cause correction.",
        )  # fmt: skip


def _others(seen: Snapshot) -> Iterator[Contradiction]:
    """Yield serials that still count beside the one of their case."""
    for line in seen.serials.values():
        case = seen.cases.get(line.application_id)
        if case and line.state is LedgerState.ISSUED and case.serial != line.serial:
            yield of_case(
                case, "case_and_serial", f"{line.serial} is valid in the ledger and is not the case's serial.",
                "Revoke it: accredit credential revoke.",
            )  # fmt: skip


def _copies(seen: Snapshot) -> Iterator[Contradiction]:
    holders = {case.serial: case for case in seen.placed if case.serial}
    for copy in seen.copies:
        case = holders.get(copy.serial)
        if case is None or copy.state is not CopyState.PRINTED or case.office in {None, copy.office}:
            continue
        yield of_case(
            case, "stock_at_office", f"the printed badge {copy.serial} lies at {copy.office}, not at {case.office}.",
            "Hand the stock over: accredit office follow.",
        )  # fmt: skip
