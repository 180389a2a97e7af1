"""Clocks, notices, findings and hands held against what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import ACCREDITED, REVOCABLE, Status
from domain.letters.envelope import LetterKind
from domain.oversight.contradictions.contradiction import Contradiction, of_case
from domain.oversight.contradictions.snapshot import Happening, Snapshot, Written
from domain.statements.officers import Officer, OfficerRole

_CONFIRMS: Final = {
    "application_refused": "refusal_proposed",
    "accreditation_revoked": "revocation_proposed",
    "appeal_dismissed": "dismissal_proposed",
}
_OWNERS: Final[Mapping[Status, OfficerRole]] = {
    Status.IN_VETTING: OfficerRole.CASE_OFFICER,
    Status.IN_REVIEW: OfficerRole.CASE_OFFICER,
    Status.DEFERRED: OfficerRole.CASE_OFFICER,
    Status.SUSPENDED: OfficerRole.CASE_OFFICER,
    Status.UNDER_APPEAL: OfficerRole.APPEALS_OFFICER,
}
_REPLACED: Final = "credential_reissued"
_JUDGED: Final = (
    "application_approved", "appeal_granted", "credential_reissued", "hit_cleared", "accreditation_upheld",
    "accreditation_carried_over",
)  # fmt: skip
_STEPS: Final = ("warning_given", "credential_suspended")
_MEASURES: Final = (*_STEPS, "revocation_proposed")
_ASKED: Final = ("deficiency_noted", "information_requested")
_COMPLETES: Final = ("completeness_confirmed", "application_referred", "appeal_remanded")
_FOUND: Final = "Two other officers look at it again; the person may appeal: accredit appeal."


def in_decisions(seen: Snapshot) -> Iterator[Contradiction]:
    """Yield clocks without an owner, adverse acts without notice or second officer, and findings nobody answered."""
    for case in seen.cases.values():
        yield from _clocks(seen, case)
        history = seen.histories.get(case.id, ())
        yield from _hands(case, history)
        yield from _refusals(seen, case, history)
        yield from _revocations(seen, case, history)
        yield from _measures(seen, case, history)
        yield from _set_aside_still(seen, case, history)
        yield from _replies(seen, case, history)
    yield from _findings(seen)


def _clocks(seen: Snapshot, case: Application) -> Iterator[Contradiction]:
    role = _OWNERS.get(case.status)
    apart = [officer for officer in seen.officers if officer.code not in _took_part(seen, case)]
    owners = apart if role is OfficerRole.APPEALS_OFFICER else seen.officers
    if role and case.due_at and not any(_may_act(officer, role, case) for officer in owners):
        yield _unowned(case, f"its clock runs until {case.due_at:%Y-%m-%d %H:%M} UTC", role)
    waits = case.look_due_at or case.reply_id
    if waits and not any(_may_act(officer, OfficerRole.CASE_OFFICER, case) for officer in seen.officers):
        yield _unowned(case, "it waits for an officer's answer", OfficerRole.CASE_OFFICER)
    if case.appeal_due_at and not any(_may_act(officer, OfficerRole.APPEALS_OFFICER, case) for officer in apart):
        yield _unowned(case, "an appeal against a measure waits", OfficerRole.APPEALS_OFFICER)
    proposal = case.proposal
    if proposal is None:
        return
    role = OfficerRole.APPEALS_OFFICER if proposal.kind == "dismissal" else OfficerRole.CONFIRMING_OFFICER
    others = [
        officer for officer in (apart if proposal.kind == "dismissal" else seen.officers) if officer.code != proposal.by
    ]
    if not any(_may_act(officer, role, case) for officer in others):
        yield _unowned(case, f"a {proposal.kind} is proposed", role)


def _took_part(seen: Snapshot, case: Application) -> set[str]:
    """Return who acted on the case before its last appeal was lodged; they have no part in it."""
    lodged = seen.last(case, "appeal_lodged")
    before = seen.histories.get(case.id, ()) if lodged else ()
    return {event.by for event in before if lodged and event.sequence < lodged.sequence}


def _may_act(officer: Officer, role: OfficerRole, case: Application) -> bool:
    return officer.may(role) and not officer.is_surge and not officer.is_recused(case.organisation, case.id)


def _unowned(case: Application, why: str, role: OfficerRole) -> Contradiction:
    told = f"{why}, and no {role.replace('_', ' ')} in service may act on it."
    return of_case(case, "owned_clock", told, "Enrol one: accredit officer add.")


def _hands(case: Application, history: Sequence[Happening]) -> Iterator[Contradiction]:
    for event in history:
        proposed = _CONFIRMS.get(event.kind)
        if proposed is None:
            continue
        before = _before(history, event, proposed)
        if before is None or before.by == event.by:
            yield of_case(case, "two_officers", f"{event.kind.replace('_', ' ')} by {event.by} alone.", _FOUND)


def _before(history: Sequence[Happening], event: Happening, *kinds: str) -> Happening | None:
    earlier = (past for past in reversed(history) if past.sequence < event.sequence and past.kind in kinds)
    return next(earlier, None)


def _refusals(seen: Snapshot, case: Application, history: Sequence[Happening]) -> Iterator[Contradiction]:
    """Yield a refusal of somebody incomplete, or as such, whose request had not arrived, or whose time was not over."""
    for event in history:
        if event.kind != "application_refused":
            continue
        asked = _request(history, event)
        if ReasonCode.R02 not in event.body["reasons"] and not _still_asked(history, asked, event):
            continue
        if _is_recalled(history, event):
            continue
        if asked is None:
            yield of_case(case, "told_before_refusal", "it was refused, and nothing had been asked for.", _FOUND)
            continue
        letters = [letter for letter in seen.letters_of.get(case.id, ()) if letter.kind is LetterKind.DEFICIENCY]
        told = _arrived(letters, since=asked.at, by=event.at)
        period = datetime.fromisoformat(asked.body["due_at"]) - asked.at
        moved = _before(history, event, "clock_moved")  # election day moved, and the ground ends all such times
        if told and moved and moved.sequence > asked.sequence:
            period = min(period, max(datetime.fromisoformat(moved.body["due_at"]) - told, timedelta()))
        if told is None:
            yield of_case(case, "told_before_refusal", "it was refused, and its request had reached nobody.", _FOUND)
        elif event.at < told + period:
            yield of_case(
                case, "told_before_refusal",
                f"it was refused {event.at - told} after its request arrived; the time was {period}.", _FOUND,
            )  # fmt: skip


def _request(history: Sequence[Happening], event: Happening) -> Happening | None:
    """Return the last request before *event* that gave time: what is found when the time is over asks nothing anew."""
    asked = [before for before in history if before.sequence < event.sequence and before.kind in _ASKED]
    gave_time = [before for before in asked if datetime.fromisoformat(before.body["due_at"]) > before.at]
    return next(reversed(gave_time or asked), None)


def _still_asked(history: Sequence[Happening], asked: Happening | None, event: Happening) -> bool:
    """Whether what was *asked* was still open at *event*: nothing had completed the case in between."""
    completed = _before(history, event, *_COMPLETES)
    return asked is not None and (completed is None or completed.sequence < asked.sequence)


def _is_recalled(history: Sequence[Happening], event: Happening) -> bool:
    return any(before is event and after.kind == "refusal_recalled" for before, after in pairwise(history))


def _arrived(letters: Sequence[Written], *, since: datetime, by: datetime) -> datetime | None:
    """Return when the first of *letters* written *since* then that had arrived *by* a moment did so."""
    found = [letter.accepted_by(by) for letter in letters if letter.queued_at >= since]
    return min((at for at in found if at is not None), default=None)


def _revocations(seen: Snapshot, case: Application, history: Sequence[Happening]) -> Iterator[Contradiction]:
    for event in history:
        proposed = _before(history, event, "revocation_proposed") if event.kind == "accreditation_revoked" else None
        if proposed is None:
            continue
        letters = [
            letter
            for letter in seen.letters_of.get(case.id, ())
            if letter.kind is LetterKind.MEASURE and letter.contents.get("measure") in {None, "notice"}
        ]
        told = _arrived(letters, since=proposed.at, by=event.at)
        until = proposed.body.get("reply_until")
        period = datetime.fromisoformat(until) - proposed.at if until else None
        if told is None:
            problem = "it was revoked, and the notice had reached nobody."
        elif period is not None and event.at < told + period:
            problem = f"it was revoked {event.at - told} after the notice arrived; the time to reply was {period}."
        else:
            continue
        yield of_case(case, "told_before_revocation", problem, _FOUND)


def _measures(seen: Snapshot, case: Application, history: Sequence[Happening]) -> Iterator[Contradiction]:
    """Yield measures that are not weighed, and revocations for a breach that nothing milder came before."""
    for event in history:
        if event.kind == "accreditation_revoked":
            yield from _steps_taken_back(seen, case, history, event)
        weighed = event.body.get("weighed")  # histories from before it was kept do not say
        if event.kind not in _MEASURES or weighed is None:
            continue
        if "proportionality" not in weighed:
            told = f"{event.kind.replace('_', ' ')} without a word why nothing milder is enough."
            yield of_case(case, "graded_measures", told, _FOUND)
        if _appeal_waits(history, event):
            told = f"{event.kind.replace('_', ' ')} while an appeal against an earlier measure was open."
            yield of_case(case, "answered_reply", told, _FOUND)
        is_for_breach = event.kind == "revocation_proposed" and ReasonCode.V03 in event.body["reasons"]
        if is_for_breach and "steps skipped" not in weighed and not _steps(seen, case, history, event):
            told = (
                "no warning and no suspension had arrived before its revocation was proposed, and it is not said why."
            )
            yield of_case(case, "graded_measures", told, _FOUND)


def _steps_taken_back(
    seen: Snapshot, case: Application, history: Sequence[Happening], event: Happening
) -> Iterator[Contradiction]:
    """Yield a revocation whose milder steps an appeal, or a letter that came back, took away before it."""
    proposed = _before(history, event, "revocation_proposed")
    weighed = proposed.body.get("weighed") if proposed else None
    if proposed is None or weighed is None or "steps skipped" in weighed:
        return
    if ReasonCode.V03 in proposed.body["reasons"] and not _steps(seen, case, history, event):
        told = "it was revoked, and no milder step before it stood and had reached anybody."
        yield of_case(case, "graded_measures", told, _FOUND)


def _set_aside_still(seen: Snapshot, case: Application, history: Sequence[Happening]) -> Iterator[Contradiction]:
    """Yield a suspension that runs although an appeal against it was granted."""
    suspended = seen.last(case, "credential_suspended") if case.status is Status.SUSPENDED else None
    ended = seen.last(case, "appeal_granted") if suspended else None
    lodged = _before(history, ended, "appeal_lodged") if ended else None
    if suspended and lodged and lodged.body.get("against") == suspended.body.get("decision_id"):
        told = "an appeal took its suspension back, and it is suspended still."
        yield of_case(case, "graded_measures", told, "An officer ends it: accredit decide --outcome lift.")


def _appeal_waits(history: Sequence[Happening], event: Happening) -> bool:
    last = _before(history, event, "appeal_lodged", "appeal_granted", "appeal_dismissed", "appeal_remanded")
    return last is not None and last.kind == "appeal_lodged"


def _steps(seen: Snapshot, case: Application, history: Sequence[Happening], event: Happening) -> list[Happening]:
    """Return the milder steps before *event* of which the letter had arrived, and no appeal had taken back, by then."""
    ends = [
        happened for happened in history
        if happened.sequence < event.sequence and happened.kind in {"appeal_lodged", "appeal_granted"}
    ]  # fmt: skip
    taken_back = {
        lodged.body.get("against") for lodged, end in pairwise(ends)
        if (lodged.kind, end.kind) == ("appeal_lodged", "appeal_granted")
    }  # fmt: skip
    arrived = {
        letter.key.rpartition(":")[2] for letter in seen.letters_of.get(case.id, ())
        if letter.kind is LetterKind.MEASURE and letter.accepted_by(event.at) is not None
    }  # fmt: skip
    return [
        step for step in history
        if step.sequence < event.sequence and step.kind in _STEPS and str(step.sequence) in arrived
        and step.body.get("decision_id") not in taken_back
    ]  # fmt: skip


def _replies(seen: Snapshot, case: Application, history: Sequence[Happening]) -> Iterator[Contradiction]:
    """Yield replies that were passed over, or wait too long."""
    for event in history:
        if event.kind != "reply_recorded":
            continue
        later = [after for after in history if after.sequence > event.sequence]
        came = next((after.kind for after in later if after.kind in {*_MEASURES, *_CONFIRMS, "reply_answered"}), None)
        if came not in {None, "reply_answered"}:
            told = f"{str(came).replace('_', ' ')} while the person's reply had no answer."
            yield of_case(case, "answered_reply", told, _FOUND)
        until = event.at + timedelta(hours=seen.profile.calendar.review_hours)
        if came is None and case.status in REVOCABLE and until < seen.now:
            told = f"the person's reply of {event.at:%Y-%m-%d %H:%M} UTC waits for an answer."
            yield of_case(case, "answered_reply", told, "Answer it: accredit decide --outcome answer_reply.")


def _judged(seen: Snapshot, case: Application) -> Happening | None:
    """Return the last event by which somebody judged *case*; a badge that the engine replaced is none."""
    history = [event for event in seen.histories.get(case.id, ()) if event.kind in _JUDGED]
    by_hand = (
        event for event in reversed(history) if event.kind != _REPLACED or event.body["actor"]["kind"] != "engine"
    )
    return next(by_hand, None)


def _findings(seen: Snapshot) -> Iterator[Contradiction]:
    told = set[tuple[UUID, str]]()
    for question in seen.questions:
        case = seen.cases.get(question.application_id)
        if case is None or case.status not in ACCREDITED or question.person_version != case.person_version:
            continue
        approved = _judged(seen, case)
        answered = approved is not None and approved.body["actor"]["kind"] == "officer" and approved.at >= question.at
        asked = seen.last(case, "second_look_due")
        time_runs = asked is not None and seen.now <= datetime.fromisoformat(asked.body["due_at"])
        if not answered and not time_runs and (case.id, question.rule) not in told:
            told.add((case.id, question.rule))
            yield of_case(
                case, "answered_finding", f"it is {case.status}, and no officer has judged {question.rule}.",
                "An officer looks at it: accredit show, then accredit decide.",
            )  # fmt: skip
