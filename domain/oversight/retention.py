"""Retention: which classes of data have outlived their time, what stays and why, and that two officers end them."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

from domain.application.held_classes import FIELDS, MEANS, HeldClass
from domain.election.profile import ElectionProfile
from domain.oversight.erasure import NAMESPACE
from domain.values import ElectionCode, Frozen, UtcTime

RETENTION_OF: Final = "retention of "
"""How the ground of an entry in the register of erasures begins that ends a class."""


class ClassPlan(Frozen):
    """One class: how much of it there is, until when it is kept, on which ground."""

    held_class: HeldClass
    there: int
    until: UtcTime | None = None
    ground: str = ""
    open_cases: int = 0
    """Cases that are not closed, whose data stays whatever the time."""
    shared_with: tuple[ElectionCode, ...] = ()
    """Other elections of this installation that still need the folders of this class."""

    def is_due(self, now: UtcTime) -> bool:
        """Whether the time of the class is over, and something of it is still there."""
        return self.until is not None and now > self.until and self.there > 0

    def stays_because(self, now: UtcTime) -> str:
        """Return why it stays, or why not all of it goes; empty where all of it goes."""
        if self.until is None:
            return self.ground or "the profile sets no time for it"
        if now <= self.until:
            return f"kept until {self.until:%Y-%m-%d} ({self.ground})"
        if self.shared_with:
            return f"election {', '.join(self.shared_with)} still needs the folders"
        of_people = self.held_class in FIELDS
        return f"{self.open_cases} cases are not closed" if self.open_cases and of_people else ""

    @property
    def means(self) -> str:
        """What the class is, in words."""
        return MEANS[self.held_class]


def ending_id(election: ElectionCode, held_class: HeldClass) -> UUID:
    """Return the id under which the register of erasures has the end of a class."""
    return uuid5(NAMESPACE, f"{election}\x1fretention\x1f{held_class}")


def plans(
    profile: ElectionProfile, counts: dict[HeldClass, int], *, open_cases: int, shared: dict[HeldClass, tuple[str, ...]]
) -> tuple[ClassPlan, ...]:
    """Return every class with what the profile says of it."""
    rules = profile.retention.classes
    return tuple(
        ClassPlan(
            held_class=held_class,
            there=counts.get(held_class, 0),
            until=profile.class_kept_until(held_class),
            ground=rules[held_class].ground if held_class in rules else "",
            open_cases=open_cases,
            shared_with=shared.get(held_class, ()),
        )
        for held_class in HeldClass
    )
