"""Applying statements on record by their digest, whatever kind of act they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from db.statements.record import Recorded
from db.store import open_reader
from domain.application.actors import ArrivalWay
from domain.application.reasons import ReasonCode
from domain.decisions.rulings import orders_in
from domain.decisions.sessions import Resolution
from domain.letters.envelope import LetterOrder
from domain.organisations.organisation import OrganisationActKind
from domain.statements.statement import ActKind, StatementRefusedError
from domain.values import ElectionCode, Frozen, Sha256
from flows.assignment.orders import PlacementOrder, order_placement
from flows.context import database, right_now
from flows.decisions.casework import claim_cases, release_cases, write_note
from flows.decisions.cleared_hits import clear_hit
from flows.decisions.rulings import Result, decide_together
from flows.decisions.sessions import adopt_resolution, sign_resolution
from flows.delivery.orders import confirm_held, order_letters, retry_all
from flows.intake.withdrawal import Giver, withdraw
from flows.organisations.admission import Grounds, act
from flows.statements.acceptance import ActingOfficer


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
    statement = recorded.statement
    step = _STEPS.get(statement.kind)
    if step is None:
        raise StatementRefusedError(f"{statement.kind.replace('_', ' ')}: this is applied where it is signed.")
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
    order, about = LetterOrder(str(terms["order"])), [str(one) for one in _listed(terms["about"])]
    match order:
        case LetterOrder.CONFIRM:
            done = confirm_held(int(about[0]), by)
        case LetterOrder.RETRY if not about:
            done = retry_all(by)
        case _:
            done = order_letters(order, about, by)
    return Applied(sentence=f"{order.value}: {done} letters.")


def _organisation(recorded: Recorded, by: ActingOfficer) -> Applied:
    terms = recorded.statement.terms
    grounds = Grounds(tuple(ReasonCode(str(one)) for one in _listed(terms["reasons"])), _text(recorded, "facts"))
    done = act(str(terms["organisation"]), OrganisationActKind(str(terms["act"])), by, grounds)
    return Applied(sentence=f"{done.organisation.code} is {done.organisation.standing.replace('_', ' ')}.")


def _place(recorded: Recorded, by: ActingOfficer) -> Applied:
    (case,) = recorded.statement.cases
    order = PlacementOrder.model_validate(recorded.statement.terms)
    changed = order_placement(case.id, order, by)
    return Applied(sentence="The next plan obeys it." if changed else "It was ordered already.")


def _withdraw(recorded: Recorded, by: ActingOfficer) -> Applied:
    (case,) = recorded.statement.cases
    terms = recorded.statement.terms
    giver: Giver = "applicant" if terms["by"] == "applicant" else "organisation"
    gone = withdraw(case.id, giver, ArrivalWay(str(terms["way"])), by)
    return Applied(sentence=f"{gone.case_number} is {gone.status}.")


def _text(recorded: Recorded, name: str) -> str:
    return recorded.words.texts.get(name, "")


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType] -- JSON


_STEPS: Final[Mapping[ActKind, _Step]] = {
    ActKind.DECIDE: _decide,
    ActKind.NOTE: _note,
    ActKind.CLAIM: _claim,
    ActKind.RELEASE: _release,
    ActKind.CLEAR_HIT: _clear_hit,
    ActKind.RESOLUTION: _resolution,
    ActKind.LETTERS: _letters,
    ActKind.ORGANISATION: _organisation,
    ActKind.PLACE: _place,
    ActKind.WITHDRAW: _withdraw,
}
