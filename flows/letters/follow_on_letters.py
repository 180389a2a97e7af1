"""Letters about a run-off or a repeated vote: one to each organisation."""

from __future__ import annotations

from typing import Literal

from domain.letters.envelope import Attachment, Envelope, LetterKind
from domain.organisations.organisation import Organisation, OrganisationStatus
from domain.values import OrganisationCode
from flows.letters.application_letters import ApplicationLetters
from notifications.letters.calendar import FollowOnLetter


class FollowOnLetters(ApplicationLetters):
    """Writes what a vote that follows another one means for an organisation."""

    __slots__ = ()

    def organisation(self, organisation: Organisation, *, cases: int, workbook: Attachment | None) -> Envelope:
        """Tell a focal point who stays, who has to say so in the *workbook*, and whether others may be nominated."""
        rule = self.profile.follows
        if rule is None:
            raise ValueError(f"{self.profile.election.code} follows no election")
        outcome: Literal["stays", "confirm", "reapply"] = "stays"
        if rule.reuse == "reapply" or not cases:
            outcome = "reapply" if rule.reuse != "carry_over" else "stays"
        elif rule.on_notice:
            outcome = "confirm"
        closing = self.profile.closing(organisation.kind)
        letter = FollowOnLetter(
            **self._head(), organisation_name=organisation.name, first=rule.election, day=self.profile.election.day,
            ground=rule.ground, outcome=outcome, cases=cases, regions=self._regions(),
            due=self.profile.cure_due(self.now) if outcome == "confirm" else None,
            closes=closing if closing and closing > self.now else None,
            applies=organisation.standing is OrganisationStatus.APPLIED,
        )  # fmt: skip
        envelope = self._to_organisation(
            organisation, letter, key=organisation.code, attachments=(workbook,) if workbook else ()
        )
        return envelope.revised(key=self.key(organisation.code))

    def key(self, organisation: OrganisationCode) -> str:
        """Return the key of the letter to an organisation: there is one about each such vote."""
        return f"{LetterKind.FOLLOW_ON}:{self.profile.election.code}:{organisation}"

    def _regions(self) -> str:
        """Return the names of the regions, where they are few enough to be read."""
        names = [region.name for region in self.geography.regions]
        return ", ".join(names) if len(names) <= 12 else ""  # noqa: PLR2004 -- more is a list, which the law has
