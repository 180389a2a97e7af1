"""Organisations' standings, proposals and appeals held against the acts about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from domain.oversight.contradictions.contradiction import Contradiction
from domain.oversight.contradictions.snapshot import Done, Filed, Snapshot
from domain.statements.officers import OfficerRole
from domain.values import OrganisationCode

_LEADS_TO: Final = {
    "apply": "applied", "admit": "admitted", "refuse": "not_admitted", "suspend": "suspended",
    "withdraw": "withdrawn", "lodge_appeal": "under_appeal", "grant_appeal": "admitted",
    "dismiss_appeal": "not_admitted", "remand_appeal": "applied",
}  # fmt: skip
_CONFIRMS: Final = {"refuse": "propose_refusal", "dismiss_appeal": "propose_dismissal"}
_ON_APPEAL: Final = ("grant_appeal", "propose_dismissal", "return_dismissal", "dismiss_appeal", "remand_appeal")
_WAITS_FOR: Final = {
    "applied": OfficerRole.CASE_OFFICER,
    "under_appeal": OfficerRole.APPEALS_OFFICER,
}
_ANSWERS: Final = {
    "propose_refusal": OfficerRole.CONFIRMING_OFFICER,
    "propose_dismissal": OfficerRole.APPEALS_OFFICER,
}


def in_organisations(seen: Snapshot) -> Iterator[Contradiction]:
    """Yield organisations that stand otherwise than their acts say or wait for nobody, and acts of wrong officers."""
    for code, filed in seen.organisations.items():
        yield from _standing(code, filed)
        yield from _hands(code, filed.acts)
        yield from _owners(seen, code, filed)


def _standing(code: OrganisationCode, filed: Filed) -> Iterator[Contradiction]:
    said = next((_LEADS_TO[done.act] for done in reversed(filed.acts) if done.act in _LEADS_TO), filed.standing)
    if said != filed.standing:
        told = f"it is {filed.standing}, and the last act about it made it {said}.".replace("_", " ")
        yield Contradiction(
            rule="organisation_and_acts", about=code, problem=told, remedy="Look at accredit organisation acts."
        )


def _hands(code: OrganisationCode, acts: Sequence[Done]) -> Iterator[Contradiction]:
    """Yield what one officer alone refused or dismissed, and appeals that an officer decided who took part before."""
    for before, done in pairwise([None, *acts]):
        if done is None:
            continue
        if done.act in _CONFIRMS and (
            before is None or before.act != _CONFIRMS[done.act] or before.officer == done.officer
        ):
            yield _wrong("two_officers", code, f"{done.act} by {done.officer} alone.")
    for place, done in enumerate(acts):
        if done.act in _ON_APPEAL and done.officer in _before_appeal(acts[:place]):
            yield _wrong("appeal_by_others", code, f"{done.act} by {done.officer}, who took part before the appeal.")


def _before_appeal(acts: Sequence[Done]) -> set[str]:
    """Return who acted before the last appeal that *acts* lodge."""
    lodged = max((place for place, done in enumerate(acts) if done.act == "lodge_appeal"), default=0)
    return {done.officer for done in acts[:lodged]}


def _owners(seen: Snapshot, code: OrganisationCode, filed: Filed) -> Iterator[Contradiction]:
    last = filed.acts[-1] if filed.acts else None
    role = _ANSWERS.get(last.act) if last else None
    out = {last.officer} if last and role else set[str]()
    role = role or _WAITS_FOR.get(filed.standing)
    if filed.standing == "under_appeal":
        out |= _before_appeal(filed.acts)
    able = (
        officer
        for officer in seen.officers
        if role and officer.may(role) and not officer.is_surge and code not in officer.recused_from
    )
    if role and not any(officer.code not in out for officer in able):
        told = f"it is {filed.standing}, and no {role} in service may answer it.".replace("_", " ")
        yield Contradiction(rule="owned_clock", about=code, problem=told, remedy="Enrol one: accredit officer add.")


def _wrong(rule: str, code: OrganisationCode, problem: str) -> Contradiction:
    remedy = "The organisation may appeal: accredit organisation appeal."
    return Contradiction(rule=rule, about=code, problem=problem.replace("_", " "), remedy=remedy)
