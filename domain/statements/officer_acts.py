"""Acts about officers: enrolment, suspension and the like. Each takes two others: one proposes, one confirms."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.values import Frozen, OfficerCode, UtcTime


class StaffAct(StrEnum):
    """What can be done about an officer. To step off cases takes nobody else; to step on again takes two others."""

    ENROL = "enrol"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    RECUSE = "recuse"
    LIFT_RECUSAL = "lift_recusal"
    SERVE = "serve"
    SHIFT = "shift"
    END_SHIFT = "end_shift"


class ElectionAct(StrEnum):
    """What two administrators do with an election as a whole."""

    FOLLOW_ON = "follow_on"
    ARCHIVE = "archive"
    HAND_OVER = "hand_over"
    """All of it, people's data included, for an archive elsewhere."""
    DELETE = "delete"


BY_TWO: Final = frozenset(StaffAct) - {StaffAct.RECUSE}
LONGEST_DETAIL: Final = 64
EVERY_CASE: Final = "every"
"""The scope of an officer who serves all cases."""


class Step(StrEnum):
    """How far an act has come."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLARED = "declared"


class StaffEntry(Frozen):
    """One signed step of an act."""

    act: StaffAct
    officer: OfficerCode
    detail: Annotated[str, Field(max_length=LONGEST_DETAIL)] = ""
    """The organisation or the case number of a recusal; the codes of a scope, parted by commas; a shift's office and
    days."""

    step: Step
    by: OfficerCode
    at: UtcTime

    @property
    def is_done(self) -> bool:
        """Whether the step carried the act out."""
        return self.step is not Step.PROPOSED


def check_hand(by: Officer, about: OfficerCode, officers: Iterable[Officer]) -> None:
    """Raise :class:`OfficerRefusedError` unless *by* may act about *about*: another, in service, an administrator.

    Where the election has no administrators, any other officer may who is neither surge staff nor an auditor.
    """
    if by.code == about:
        raise OfficerRefusedError(by.code, "cannot decide about themselves; two other officers must.")
    if by.suspended or by.code not in first_hands(officers):
        raise OfficerRefusedError(by.code, OfficerRole.ADMINISTRATOR.asked_for)


def first_hands(officers: Iterable[Officer]) -> tuple[OfficerCode, ...]:
    """Return who may act about other officers: administrators.

    Where there are none: all who are neither surge staff nor auditors.
    """
    every = [*officers]
    administrators = tuple(officer.code for officer in every if OfficerRole.ADMINISTRATOR in officer.roles)
    return administrators or tuple(officer.code for officer in every if not (officer.is_surge or officer.is_auditor))


def open_proposal(entries: Iterable[StaffEntry], act: StaffAct, officer: OfficerCode, detail: str) -> StaffEntry | None:
    """Return the proposal of this act that nobody has confirmed yet."""
    every = open_proposals(entries)
    return next((entry for entry in every if (entry.act, entry.officer, entry.detail) == (act, officer, detail)), None)


def open_proposals(entries: Iterable[StaffEntry]) -> list[StaffEntry]:
    """Return every proposal that nobody has confirmed yet."""
    found: dict[tuple[StaffAct, OfficerCode, str], StaffEntry] = {}
    for entry in entries:
        about = (entry.act, entry.officer, entry.detail)
        if entry.step is Step.PROPOSED:
            found[about] = entry
        else:
            found.pop(about, None)
    return list(found.values())
