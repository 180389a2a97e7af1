"""What differs between two editions of an election's rules, in words that are signed; which cases go by it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Final, cast

from pydantic import JsonValue

from domain.application.status import UNDECIDED, Status

_LONGEST: Final = 60
_KEPT: Final = 12
_NAMES: Final = ("code", "id", "authority", "kind", "office")
"""Fields by which the parts of a list are known."""


def differences(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> list[str]:
    """Return one sentence for each rule that differs: where it stands, what it was, what it is.

    >>> differences({"calendar": {"cure_hours": 48}}, {"calendar": {"cure_hours": 24}})
    ['calendar.cure_hours: 48 → 24']
    """
    return list(_between("", dict(before), dict(after)))


def _between(place: str, before: JsonValue, after: JsonValue) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            yield from _between(f"{place}.{name}" if place else name, before.get(name), after.get(name))
    elif (old := _named(before)) is not None and (new := _named(after)) is not None:
        for name in dict.fromkeys((*old, *new)):
            yield from _between(f"{place}[{name}]", old.get(name), new.get(name))
    else:
        yield f"{place}: {' → '.join(_from_where_they_differ(_shown(before), _shown(after)))}"


def _from_where_they_differ(before: str, after: str) -> Iterator[str]:
    """Yield both, each at most so long; of long texts that begin alike only a few letters of what is the same."""
    longest = max(len(before), len(after))
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    same = alike - _KEPT if longest > _LONGEST else 0
    for told in (before, after):
        seen = f"…{told[same:]}" if same > 0 else told
        yield seen if len(seen) <= _LONGEST else f"{seen[: _LONGEST - 1]}…"


def _named(listed: JsonValue) -> dict[str, JsonValue] | None:
    """Return the parts of a list by what they are known by; None where some are not, or two are known by the same."""
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return None
    parts = [cast("Mapping[str, JsonValue]", part) for part in listed if isinstance(part, Mapping)]
    named = {str(next((part[name] for name in _NAMES if name in part), "")): dict(part) for part in parts}
    return cast("dict[str, JsonValue]", named) if len(named) == len(listed) and "" not in named else None


def _shown(rule: JsonValue) -> str:
    if rule is None or rule == []:
        return "nothing"
    if isinstance(rule, str | int | float | bool):
        return str(rule)
    if isinstance(rule, Mapping):
        return ", ".join(f"{name} {part}" for name, part in rule.items() if part not in (None, [], ""))
    return ", ".join(map(str, rule))


_TO_BE_ISSUED: Final = frozenset({Status.APPROVED, Status.ASSIGNED})
_NONE: Final[frozenset[Status]] = frozenset()
_BEFORE_DECISION: Final = frozenset(UNDECIDED)
_AHEAD: Final[Mapping[str, frozenset[Status]]] = {
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
    **dict.fromkeys(("regions", "offices", "acting_orders"), frozenset({Status.APPROVED})),
    **dict.fromkeys(
        ("offices.name", "offices.address", "offices.email", "offices.phone", "offices.contact", "regions.name",
         "regions.notice", "regions.commission", "regions.local_administration"), _NONE,
    ),
}  # fmt: skip
"""By the beginning of a rule's place; the longest that fits counts. What is not named decides no case."""
_WHICH: Final = re.compile(r"\[[^]]*\]")


def statuses_ahead(changes: Iterable[str]) -> frozenset[Status]:
    """Return where cases stand whose next step goes by *changes*, as :mod:`domain.election.differences` tells them.

    >>> sorted(statuses_ahead(["assignment.own_state_posts: False → True"]))
    [<Status.APPROVED: 'approved'>, <Status.ASSIGNED: 'assigned'>]
    >>> statuses_ahead(["offices[OF-1].address: 1 Mill Road → 2 Mill Road"])
    frozenset()
    """
    return frozenset(status for change in changes for status in _ahead(change.partition(":")[0]))


def _ahead(place: str) -> frozenset[Status]:
    steps = _WHICH.sub("", place).split(".")
    beginnings = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
    return next((_AHEAD[beginning] for beginning in beginnings if beginning in _AHEAD), _NONE)
