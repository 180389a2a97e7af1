"""The letter that a time of the applicant's rests on: the time begins when the letter has arrived."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.letters.envelope import LetterState
from domain.values import Frozen, UtcTime


class Notice(Frozen):
    """The letter that a time of the applicant's rests on, and since when it has arrived."""

    letter: str
    asked_at: UtcTime
    due_at: UtcTime
    """The end of the time as it was set when the letter was written."""
    state: LetterState
    moved_to: Annotated[UtcTime | None, Field(description="the end that a move of election day set instead")] = None
    accepted_at: Annotated[UtcTime | None, Field(description="by a mail server, or by hand; unset: by nobody")] = None

    @property
    def due(self) -> UtcTime | None:
        """When the time ends: as long after the letter arrived as was given when it was written; unset: it waits.

        Where the ground of a move ends all such times on a day, it is then, and no later.
        """
        if self.moved_to is not None and self.accepted_at is not None:
            return self.moved_to
        return None if self.accepted_at is None else self.accepted_at + (self.due_at - self.asked_at)

    def ends(self, running: UtcTime | None) -> UtcTime | None:
        """Return the later of :attr:`due` and *running*, the end that the case has; unset: it has not begun."""
        return None if self.due is None else max(self.due, running or self.due)
