"""Letters around nominations: withdrawals."""

from __future__ import annotations

from typing import Literal, Self

from domain.correspondence import Envelope, LetterKind
from flows.desk import Desk
from flows.letters import Case, LetterDesk
from notifications.letters import WithdrawalLetter


class SponsorLetters(LetterDesk):
    """Writes what an organisation's own acts, and acts about organisations, call for."""

    __slots__ = ()

    @classmethod
    def at(cls, at_desk: Desk) -> Self:
        """Return the letters of *at_desk*."""
        return cls(at_desk.profile, at_desk.geography, at_desk.organisations, at_desk.now)

    def withdrawal(self, case: Case, *, by: Literal["organisation", "applicant"], replaced: bool) -> Envelope:
        """Tell person and focal point that the nomination was withdrawn, by whom, and whether somebody takes over."""
        letter = WithdrawalLetter(**self._of_case(case), withdrawn_at=self.now, by=by, replaced=replaced)
        return self._to_person(LetterKind.WITHDRAWAL, case, letter)
