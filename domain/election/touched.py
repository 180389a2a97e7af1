"""Which open cases a change of rules touches: those that stand where the rule still decides something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from domain.application.status import PLACED, UNDECIDED, Status

_TO_BE_ISSUED: Final = frozenset({Status.APPROVED, Status.ASSIGNED})
_NONE: Final[frozenset[Status]] = frozenset()
_BEFORE_DECISION: Final = frozenset(UNDECIDED)
_TOUCHES: Final[Mapping[str, frozenset[Status]]] = {
    **dict.fromkeys(
        ("calendar", "eligibility", "required_fields", "documents", "papers", "photo", "pledge", "automatic_approval",
         "roles", "decision", "reasons", "policies", "country_groups"), _BEFORE_DECISION,
    ),
    **dict.fromkeys(
        ("calendar.ends", "calendar.valid_for", "calendar.valid_from", "calendar.end_event_on",
         "calendar.ends_after_event", "calendar.takes_effect_after", "calendar.collection_from"), _TO_BE_ISSUED,
    ),
    "remedy": frozenset({Status.REFUSED, Status.REVOKED, Status.UNDER_APPEAL}),
    "assignment": _TO_BE_ISSUED,
    "credential": _TO_BE_ISSUED,
    **dict.fromkeys(("regions", "offices", "acting_orders"), frozenset({Status.APPROVED, *PLACED})),
}  # fmt: skip
"""By the beginning of a rule's place; the longest that fits counts. What is not named touches no case."""


def statuses_touched(changes: Iterable[str]) -> frozenset[Status]:
    """Return where the cases stand that *changes* touch, as :mod:`domain.election.differences` tells them.

    >>> sorted(statuses_touched(["assignment.own_state_posts: False → True"]))
    [<Status.APPROVED: 'approved'>, <Status.ASSIGNED: 'assigned'>]
    """
    return frozenset(status for change in changes for status in _touched(change.partition(":")[0]))


def _touched(place: str) -> frozenset[Status]:
    steps = place.partition("[")[0].split(".")
    beginnings = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
    return next((_TOUCHES[beginning] for beginning in beginnings if beginning in _TOUCHES), _NONE)
