"""What officers must know of an organisation's own application before they decide on it; nothing here refuses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.decisions.appeals import AppealRefusedError, appeal_due
from domain.election.profile import ElectionProfile
from domain.election.unset import RuleUnsetError
from domain.letters.notice import Notice
from domain.organisations.organisation import (
    AdmissionRefusedError,
    Organisation,
    OrganisationAct,
    OrganisationActKind,
    OrganisationStatus,
    last_of,
)
from domain.values import Frozen, RuleName, UtcTime

UNDECIDED_STANDINGS = frozenset({OrganisationStatus.INVITED, OrganisationStatus.APPLIED})


class OrganisationFile(Frozen):
    """Where an organisation's own application stands."""

    filed_at: UtcTime | None = None
    due_at: UtcTime | None = None
    """When its application or appeal must have its answer; None: it waits for none, or the profile gives no time."""
    missing: tuple[RuleName, ...] = ()
    """Papers that the profile asks for and nobody recorded."""
    points: tuple[str, ...] = ()
    """What the profile asks for and the file lacks, in words."""

    @classmethod
    def of(
        cls, organisation: Organisation, acts: Sequence[OrganisationAct], profile: ElectionProfile
    ) -> OrganisationFile:
        """Return it after *acts*, which are in their order."""
        filed = next((act.at for act in acts if act.act is OrganisationActKind.APPLY), None)
        received = papers_received(acts)
        asked = profile.papers_of("organisation", organisation.kind)
        missing = tuple(dict.fromkeys(paper.name for paper in asked if paper.name not in received))
        due = _answer_due(organisation, acts, profile)
        points = tuple(_points(organisation, profile, filed=filed, missing=missing))
        return cls(filed_at=filed, due_at=due, missing=missing, points=points)

    def is_overdue(self, now: UtcTime) -> bool:
        """Whether its answer should have been given by *now*."""
        return self.due_at is not None and self.due_at < now


def _answer_due(
    organisation: Organisation, acts: Sequence[OrganisationAct], profile: ElectionProfile
) -> UtcTime | None:
    """Return when the last appeal must be decided, or the application, whose time begins anew where it was remanded."""
    if organisation.standing is OrganisationStatus.UNDER_APPEAL:
        lodged = last_of(acts, OrganisationActKind.LODGE_APPEAL)
        return appeal_due(profile, acts[lodged - 1].at) if lodged else None
    filed = last_of(acts, OrganisationActKind.APPLY, OrganisationActKind.REMAND_APPEAL)
    waits = filed and organisation.standing in UNDECIDED_STANDINGS
    return answer_due(profile, acts[filed - 1].at) if filed and waits else None


def refused_at(acts: Sequence[OrganisationAct]) -> int:
    """Return the number of the refusal that an appeal is about; raises :class:`AppealRefusedError` without one."""
    refused = last_of(acts, OrganisationActKind.REFUSE)
    if refused is None:
        raise AppealRefusedError("There is no refusal of the organisation to appeal against.")
    return refused


def papers_received(acts: Sequence[OrganisationAct]) -> frozenset[str]:
    """Return the names of the papers that officers recorded as received."""
    named = (act.facts for act in acts if act.act is OrganisationActKind.RECEIVE_PAPERS)
    return frozenset(name for facts in named for name in facts.split(", "))


def require_time_to_mend(organisation: Organisation, notice: Notice | None, *, now: UtcTime) -> None:
    """Raise :class:`AdmissionRefusedError` while the organisation has time to mend what the letter of *notice* asks.

    The time runs from when that letter arrived. Whom nothing was asked of has nothing to mend.
    """
    if notice is None:
        return
    ends = notice.due
    if ends is None:
        raise AdmissionRefusedError(
            f"{organisation.code}: nobody is refused who was not told. The letter {notice.letter} is {notice.state}. "
            "Send it, or record how it was handed over: accredit letters hand-over"
        )
    if now <= ends:
        until = f"{ends:%Y-%m-%d %H:%M} UTC"
        raise AdmissionRefusedError(f"{organisation.code}: it can mend its application until {until}.")


def require_stated(file: OrganisationFile, organisation: Organisation, facts: str) -> None:
    """Raise :class:`AdmissionRefusedError` where something is open and the officer does not say why to admit it."""
    if file.points and not facts.strip() and organisation.standing in UNDECIDED_STANDINGS:
        raise AdmissionRefusedError(
            f"{organisation.code}: {'; '.join(file.points)}. To admit it all the same, say why with --facts."
        )


def answer_due(profile: ElectionProfile, filed_at: UtcTime) -> UtcTime | None:
    """Return when an organisation that applied at *filed_at* must have its answer, where the profile says."""
    try:
        return profile.organisation_decision_due(filed_at)
    except RuleUnsetError:
        return None


def _points(
    organisation: Organisation, profile: ElectionProfile, *, filed: UtcTime | None, missing: Sequence[str]
) -> Iterator[str]:
    closes = profile.closing(organisation.kind, step="organisation")
    if not profile.eligibility.admits(organisation.kind):
        yield f"the profile admits no {organisation.kind.replace('_', ' ')}"
    if profile.eligibility.invitation_required and organisation.invited_on is None:
        yield "it was not invited"
    if filed and closes and filed > closes:
        yield "it applied after the closing for organisations"
    if missing:
        yield f"papers not received: {', '.join(missing)}"
