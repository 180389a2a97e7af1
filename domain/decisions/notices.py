"""Decisions that rest on a letter: nothing is decided against a person on it before they were told."""

from __future__ import annotations

from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import DecisionRefusedError, Outcome, Ruling
from domain.election.profile import ElectionProfile
from domain.letters.envelope import LetterState
from domain.letters.notice import Notice
from domain.values import Frozen, UtcTime


class Telling(Frozen):
    """When something was decided against a person, and when its letter arrived."""

    decided_at: UtcTime
    told_at: UtcTime | None = None
    """By a mail server, or by hand; None: nobody was told yet."""

    def is_late(self, profile: ElectionProfile, now: UtcTime) -> bool:
        """Whether it should have been told by *now*, as the profile says for refusals, and was not."""
        due = profile.refusal_told_by(self.decided_at)
        return due is not None and due < (self.told_at or now)


_WHY = {
    LetterState.HELD: "is held until an officer confirms it: accredit letters confirm",
    LetterState.FAILED: "did not arrive. Correct the address and send it again: accredit letters resend",
    LetterState.CANCELLED: "was cancelled. Send it: accredit letters resend",
}
_WAITS = "waits in the outbox. Send it: run delivery, or accredit letters retry"


def rests_on_request(ruling: Ruling, application: Application) -> bool:
    """Whether *ruling* refuses somebody for what was not mended: it rests on the letter that asked for it."""
    if ruling.outcome is Outcome.REFUSE:
        reasons = ruling.reasons
    elif ruling.outcome is Outcome.CONFIRM and application.proposal and application.proposal.kind == "refusal":
        reasons = application.proposal.reasons
    else:
        return False
    return application.status is Status.INCOMPLETE or ReasonCode.R02 in reasons


def rests_on_announcement(ruling: Ruling, application: Application) -> bool:
    """Whether *ruling* revokes: it rests on the letter that announced it and gave time to reply."""
    proposal = application.proposal
    return ruling.outcome is Outcome.CONFIRM and proposal is not None and proposal.kind == "revocation"


def require_told(ruling: Ruling, application: Application, notice: Notice | None, *, now: UtcTime) -> None:
    """Raise :class:`DecisionRefusedError` where *ruling* rests on a letter that has not arrived, or on time not over.

    *notice* is the letter that :func:`rests_on_request` or :func:`rests_on_announcement` speaks of.
    """
    revoking = rests_on_announcement(ruling, application)
    if not revoking and not rests_on_request(ruling, application):
        return
    case, act = application.case_number, "revoked" if revoking else "refused"
    if notice is None:
        raise DecisionRefusedError(f"{case}: no letter has asked for anything; nobody is {act} who was not told.")
    running = application.proposal.reply_until if revoking and application.proposal else application.due_at
    ends = notice.ends(running)
    if ends is None:
        why = _WHY.get(notice.state, _WAITS)
        raise DecisionRefusedError(
            f"{case}: nobody is {act} who was not told. The letter {notice.letter} {why}; or record how it was handed "
            "over: accredit letters hand-over"
        )
    if ends == running and (revoking or application.status is Status.INCOMPLETE):
        return  # the case knows this end itself, and turns down what comes before it
    if now < ends or (now == ends and not revoking):
        began = f"{notice.accepted_at:%Y-%m-%d %H:%M}"
        raise DecisionRefusedError(
            f"{case}: the letter arrived on {began} UTC; the time it gives ends on {ends:%Y-%m-%d %H:%M} UTC. "
            f"It can be {act} only after that."
        )
