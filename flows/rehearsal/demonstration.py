"""How demonstration officers decide referred cases: fixed rules, so that a rehearsal ends the same every time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from domain.application.reasons import ReasonCode
from domain.decisions.rulings import Outcome

Ruled = tuple[Outcome, tuple[ReasonCode, ...]]


class Habit(NamedTuple):
    """What officers do with a finding: which outcome in how many cases of a hundred."""

    findings: frozenset[str]
    shares: tuple[tuple[int, Ruled], ...]


def _ask() -> Ruled:
    return Outcome.REQUEST_INFORMATION, (ReasonCode.D08,)


def _refuse(code: ReasonCode) -> Ruled:
    return Outcome.REFUSE, (code,)


_APPROVE: Final[Ruled] = (Outcome.APPROVE, ())
_DEFER: Final[Ruled] = (Outcome.DEFER, (ReasonCode.X01,))
_ALWAYS: Final = 100

_HABITS: Final[tuple[Habit, ...]] = (
    Habit(frozenset({"host_national", "R04"}), ((_ALWAYS, _refuse(ReasonCode.R04)),)),
    Habit(frozenset({"under_age", "R06"}), ((_ALWAYS, _refuse(ReasonCode.R06)),)),
    Habit(frozenset({"received_late", "R01"}), ((50, _DEFER), (50, _refuse(ReasonCode.R01)))),
    Habit(frozenset({"same_document"}), ((60, _ask()), (30, _APPROVE), (10, _refuse(ReasonCode.R07)))),
    Habit(frozenset({"same_name_and_birth", "likely_same_person"}), ((60, _ask()), (40, _APPROVE))),
    Habit(frozenset({"on_reference_list"}), ((70, _APPROVE), (30, _DEFER))),
    Habit(frozenset({"conflict_declared"}), ((60, _APPROVE), (30, _ask()), (10, _refuse(ReasonCode.R06)))),
    Habit(frozenset({"mrz_differs_from_form"}), ((70, _APPROVE), (30, _ask()))),
    Habit(frozenset({"D08"}), ((60, _ask()), (40, _APPROVE))),
    Habit(frozenset({"mrz_check_digit", "mrz_unrecognised", "D02", "D04"}), ((_ALWAYS, _APPROVE),)),
)
"""In order: the first habit that any finding meets decides. Findings are names of rules, else codes."""


def demonstration_outcome(application_id: UUID, findings: Sequence[str]) -> Ruled:
    """Return what a demonstration officer decides on a referred case, and the reasons given.

    *findings* are the names of the rules that referred it (``same_document``), or their codes (``D08``), which say
    less. Where officers differ, the id decides. What no habit meets is asked about.
    """
    met = set(findings)
    habit = next((habit for habit in _HABITS if habit.findings & met), None)
    if habit is None:
        return _ask()
    throw = int.from_bytes(hashlib.sha256(application_id.bytes).digest()[:4], "big") % 100
    for share, ruled in habit.shares:
        if throw < share:
            return ruled
        throw -= share
    return _ask()
