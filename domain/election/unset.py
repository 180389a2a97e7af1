"""Rules that a profile leaves unset: shown as such, and asked for by name when the engine comes to need one."""

from __future__ import annotations

from typing import TypeVar

from domain.errors import BadInputError

Rule = TypeVar("Rule")


class RuleUnsetError(BadInputError):
    """The engine needs a rule that the profile leaves unset; *rule* is its place, such as ``calendar.cure_hours``."""

    def __init__(self, rule: str) -> None:
        super().__init__(
            rule,
            "is not set in the profile, and the engine does not invent law.",
            remedy="Let the host body set it, with its source, and load the profile again.",
        )
        self.rule = rule


def needed(rule: Rule | None, place: str) -> Rule:
    """Return *rule*, which stands at *place* of the profile; raises :class:`RuleUnsetError` where it is unset."""
    if rule is None:
        raise RuleUnsetError(place)
    return rule
