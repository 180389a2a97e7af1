"""Applying statements on record by their digest, whatever kind of act they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from db.statements.record import Recorded
from db.store import open_reader
from domain.application.actors import ArrivalWay
from domain.application.events import ConsentWay
from domain.application.reasons import ReasonCode
from domain.assignment.acknowledgements import AcknowledgedBy, Recipient
from domain.credentials.states import Cause
from domain.decisions.casework import Answer, Clearance
from domain.decisions.rulings import orders_in
from domain.decisions.sessions import Resolution
from domain.letters.envelope import LetterOrder
from domain.numbers import number_of
from domain.organisations.organisation import OrganisationActKind
from domain.statements.officer_acts import StaffAct, Step
from domain.statements.signatures import OFFICER_KEY
from domain.statements.statement import ActKind, StatementRefusedError
from domain.values import ElectionCode, Frozen, Sha256
from flows.assignment.acknowledgements import record_acknowledgement
from flows.assignment.adoption import adopt_plan
from flows.assignment.consents import record_answers
from flows.assignment.orders import PlacementOrder, order_placement
from flows.assignment.plans.drafts import find_plan
from flows.context import database, right_now
from flows.decisions import officer_acts
from flows.decisions.casework import claim_cases, release_cases, write_note
from flows.decisions.clearances import ask_by_letter, note_answer
from flows.decisions.cleared_hits import clear_hit
from flows.decisions.rulings import decide_together
from flows.decisions.sessions import adopt_resolution, sign_resolution
from flows.delivery.orders import confirm_held, order_letters, retry_all
from flows.intake.collection.messages import RELEASE, discard_message, release_message
from flows.intake.withdrawal import Giver, withdraw
from flows.issuance.correction import correct
from flows.issuance.life import reissue, replace_left
from flows.organisations.admission import Grounds, act
from flows.oversight import erasure
from flows.oversight.erasure import ErasurePlan
from flows.statements.acceptance import ActingOfficer, Result


class Applied(Frozen):
    """What came of a statement: a sentence without anything personal, and for decisions what became of each case."""

    sentence: str
    results: tuple[Result, ...] = ()

    @classmethod
    def to_cases(cls, results: list[Result]) -> Applied:
        """Return what became of each case."""
        skipped = sum(not result.applied for result in results)
        told = " ".join(result.sentence for result in results[:3])
        return cls(sentence=f"{len(results) - skipped} applied, {skipped} skipped. {told}", results=tuple(results))


def apply(digest: Sha256, *, election: ElectionCode) -> Applied:
    """Apply a statement on record, once, exactly as it was signed.

    Raises :class:`UnknownThingError` for one that is not on record, :class:`StatementRefusedError` for one that was
    applied before or too long ago, and whatever hinders the act itself.
    """
    with open_reader(database()) as store:
        recorded = store.statements.get(election, digest)
        if store.statements.is_applied(election, digest):
            raise StatementRefusedError("This statement was applied already; nothing was done again.")
    statement = recorded.statement
    step = STEPS.get(statement.kind)
    if step is None:
        raise StatementRefusedError(f"{statement.kind.replace('_', ' ')}: {WHERE_SIGNED[statement.kind]}.")
    by = ActingOfficer(statement.officer, election, statement.arrived_at or right_now(), signed=digest)
    return step(recorded, by)


_Step = Callable[[Recorded, ActingOfficer], Applied]


def _decide(recorded: Recorded, by: ActingOfficer) -> Applied:
    orders = orders_in(recorded.statement.terms, recorded.words.texts)
    return Applied.to_cases(decide_together(orders, by))


def _note(recorded: Recorded, by: ActingOfficer) -> Applied:
    (case,) = recorded.statement.cases
    revises = recorded.statement.terms["revises"]
    note = write_note(
        case.id, _text(recorded, "text"), by,
        revises=revises if isinstance(revises, int) else None,
    )  # fmt: skip
    return Applied(sentence=f"Note {note.number} is written.")


def _claim(recorded: Recorded, by: ActingOfficer) -> Applied:
    ids = [case.id for case in recorded.statement.cases]
    claims = claim_cases(ids, by)
    until = f" until {claims[0].until:%H:%M} UTC" if claims else ""
    return Applied(sentence=f"{len(claims)} with {by.officer}{until}.")


def _release(recorded: Recorded, by: ActingOfficer) -> Applied:
    ids = [case.id for case in recorded.statement.cases]
    count = release_cases(ids, by)
    return Applied(sentence=f"{count} given back.")


def _clear_hit(recorded: Recorded, by: ActingOfficer) -> Applied:
    (case,) = recorded.statement.cases
    clear_hit(case.id, _text(recorded, "about"), _text(recorded, "reason"), by)
    return Applied(sentence="The hit is cleared.")


def _resolution(recorded: Recorded, by: ActingOfficer) -> Applied:
    terms = recorded.statement.terms
    code = str(terms["session"])
    if terms["step"] == "adopt":
        return Applied.to_cases(adopt_resolution(code, by))
    resolution = Resolution.model_validate(terms["resolution"], strict=False)
    sign_resolution(code, resolution, by)
    return Applied(sentence="Signed; a second, different member adopts it.")


def _letters(recorded: Recorded, by: ActingOfficer) -> Applied:
    terms = recorded.statement.terms
    order, about = LetterOrder(str(terms["order"])), [str(text) for text in _listed(terms["about"])]
    match order:
        case LetterOrder.CONFIRM:
            done = confirm_held(int(about[0]), by, mark="".join(about[1:]))
        case LetterOrder.RETRY if not about:
            done = retry_all(by)
        case _:
            done = order_letters(order, about, by, how=str(terms.get("how", "")))
    return Applied(sentence=f"{order.value}: {done} letters.")


def _organisation(recorded: Recorded, by: ActingOfficer) -> Applied:
    terms = recorded.statement.terms
    grounds = Grounds(tuple(ReasonCode(str(reason)) for reason in _listed(terms["reasons"])), _text(recorded, "facts"))
    done = act(str(terms["organisation"]), OrganisationActKind(str(terms["act"])), by, grounds)
    return Applied(sentence=f"{done.organisation.code} is {done.organisation.standing.replace('_', ' ')}.")


def _place(recorded: Recorded, by: ActingOfficer) -> Applied:
    (case,) = recorded.statement.cases
    order = PlacementOrder.model_validate(recorded.statement.terms)
    changed = order_placement(case.id, order, by)
    return Applied(sentence="The next plan obeys it." if changed else "It was ordered already.")


def _consent(recorded: Recorded, by: ActingOfficer) -> Applied:
    terms, ids = recorded.statement.terms, [case.id for case in recorded.statement.cases]
    way: ConsentWay = "paper" if terms["way"] == "paper" else "reply"
    done = record_answers(ids, str(terms["notice"]), by, accepted=terms["accepted"] is True, way=way)
    return Applied(sentence=f"{number_of(len(done), 'answers')} to {terms['notice']}: recorded.")


def _acknowledge(recorded: Recorded, by: ActingOfficer) -> Applied:
    terms = recorded.statement.terms
    recipient = Recipient(str(terms["recipient"]))
    way: AcknowledgedBy = "paper" if terms["way"] == "paper" else "reply"
    record_acknowledgement(recipient, str(terms["code"]), int(str(terms["version"])), by, way=way)
    return Applied(sentence=f"Version {terms['version']} is acknowledged by {recipient} {terms['code']}.")


def _withdraw(recorded: Recorded, by: ActingOfficer) -> Applied:
    (case,) = recorded.statement.cases
    terms = recorded.statement.terms
    giver: Giver = "applicant" if terms["by"] == "applicant" else "organisation"
    gone = withdraw(case.id, giver, ArrivalWay(str(terms["way"])), by)
    return Applied(sentence=f"{gone.case_number} is {gone.status}.")


def _ask(recorded: Recorded, by: ActingOfficer) -> Applied:
    terms, ids = recorded.statement.terms, [case.id for case in recorded.statement.cases]
    asked = Clearance(
        application_id=ids[0], authority=str(terms["authority"]), officer=by.officer, asked_at=by.now,
        due_at=datetime.fromisoformat(str(terms["due_at"])),
    )  # fmt: skip
    authority = ask_by_letter(ids, asked, by)
    return Applied(sentence=f"{number_of(len(ids), 'questions')} to {authority.code}.")


def _answer(recorded: Recorded, by: ActingOfficer) -> Applied:
    (case,) = recorded.statement.cases
    authority, said = (str(recorded.statement.terms[name]) for name in ("authority", "answer"))
    note_answer(case.id, authority, Answer(said), by, ground=_text(recorded, "ground"))
    return Applied(sentence=f"The answer of {authority} is kept.")


def _message(recorded: Recorded, by: ActingOfficer) -> Applied:
    terms = recorded.statement.terms
    message = UUID(str(terms["message"]))
    if terms["order"] == RELEASE:
        release_message(by, message, str(terms["organisation"]))
    else:
        discard_message(by, message)
    return Applied(sentence=f"{terms['order']}: {message}.".replace("_", " "))


def _adopt_plan(recorded: Recorded, by: ActingOfficer) -> Applied:
    stored = find_plan(by.election, str(recorded.statement.terms["plan"]))
    counts = adopt_plan(stored, by)
    replace_left(by.election, now=by.now)
    return Applied(sentence=f"The plan is in force: {counts['moved']} moved, {counts['at_large']} at large.")


def _reissue(recorded: Recorded, by: ActingOfficer) -> Applied:
    ids, cause = [case.id for case in recorded.statement.cases], Cause(str(recorded.statement.terms["cause"]))
    return Applied.to_cases(reissue(ids, cause, by))


def _correct_credential(recorded: Recorded, by: ActingOfficer) -> Applied:
    (case,) = recorded.statement.cases
    done = correct(case.id, recorded.words.texts, by)
    return Applied.to_cases([done])


def _erase(recorded: Recorded, by: ActingOfficer) -> Applied:
    terms = recorded.statement.terms
    ids = tuple(case.id for case in recorded.statement.cases)
    plan = ErasurePlan(applications=ids, already=0, everybody=terms["everybody"] is True)
    if terms["step"] == Step.PROPOSED:
        erasure.propose(plan, by, ground=str(terms["ground"]))
        return Applied(sentence=f"Proposed to erase {number_of(len(ids), 'cases')}.")
    erasure.confirm(plan, by)
    return Applied(sentence=f"{number_of(len(ids), 'cases are')} erased.")


def _staff(recorded: Recorded, by: ActingOfficer) -> Applied:
    terms = recorded.statement.terms
    said = {name: str(terms[name]) for name in ("officer", "detail")}
    ground = str(terms.get("added") or terms.get("ground") or "")
    act = officer_acts.Act(act=StaffAct(str(terms["act"])), ground=ground, **said)
    match Step(str(terms["step"])):
        case Step.PROPOSED:
            officer_acts.propose(act, by)
        case Step.DECLARED:
            officer_acts.recuse(act, by)
        case Step.CONFIRMED:
            key = OFFICER_KEY.validate_python(terms["key"]) if "key" in terms else None
            officer_acts.confirm(act, by, key=key)
    return Applied(sentence=f"{act.act.replace('_', ' ')} {act.officer}: {terms['step']}.")


def _text(recorded: Recorded, name: str) -> str:
    return recorded.words.texts.get(name, "")


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType] -- JSON


STEPS: Final[Mapping[ActKind, _Step]] = {
    ActKind.DECIDE: _decide,
    ActKind.NOTE: _note,
    ActKind.CLAIM: _claim,
    ActKind.RELEASE: _release,
    ActKind.CLEAR_HIT: _clear_hit,
    ActKind.RESOLUTION: _resolution,
    ActKind.LETTERS: _letters,
    ActKind.ORGANISATION: _organisation,
    ActKind.PLACE: _place,
    ActKind.CONSENT: _consent,
    ActKind.ACKNOWLEDGE: _acknowledge,
    ActKind.WITHDRAW: _withdraw,
    ActKind.ASK: _ask,
    ActKind.ANSWER: _answer,
    ActKind.MESSAGE: _message,
    ActKind.ADOPT_PLAN: _adopt_plan,
    ActKind.REISSUE: _reissue,
    ActKind.CORRECT_CREDENTIAL: _correct_credential,
    ActKind.ERASE: _erase,
    ActKind.STAFF: _staff,
}

WHERE_SIGNED: Final[Mapping[ActKind, str]] = {
    ActKind.ENTER: "the files that the officer holds are kept where this is signed, and it is applied there",
    ActKind.HANDOVER: "the document that the officer holds is in no statement; this is applied where it is signed",
    ActKind.POLICIES: "the texts lie where this is signed, and it is applied there",
    ActKind.RULES: "the package lies where this is signed, and it is applied there",
    ActKind.LOOK: "what an officer looks at is shown where this is signed",
    ActKind.ACCESS: "the answer is written where this is signed",
    ActKind.EXTRACT: "the file is written where this is signed",
    ActKind.REVIEW: "which cases a review reads is computed where this is signed",
    ActKind.BREACH: "whose data lay in what was stolen is computed where this is signed",
    ActKind.RETAIN: "the folders that it empties lie where this is signed",
    ActKind.RESTORED: "what a restore found is shown where this is signed, and it is applied there",
    ActKind.ELECTION: "what it makes or freezes lies where this is signed, and it is applied there",
    ActKind.FIRST_KEY: "a first key signs for itself, and is enrolled where it was made",
}
"""Acts that no digest applies, because something that they need is in no statement: why."""
