"""Who keeps each rule of a profile: the engine, the engine whatever the key says, or people by hand.

A key that is not named here is kept by the engine: a test changes each of them and sees what differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, cast

from pydantic import BaseModel

from domain.election.profile.evidence import said

ALWAYS: Final[Mapping[str, str]] = {
    "Eligibility.one_sponsor": "screening asks officers about everybody who is in two files",
    "DecisionRules.organisations_first": "nominees wait until their organisation is admitted",
    "DecisionRules.written": "every decision is a letter",
    "DecisionRules.reasons_given": "no refusal leaves without reasons, facts and ground",
    "DecisionRules.second_officer": "two officers refuse and revoke",
    "DecisionRules.withdrawal_by_organisation": "organisation and person may withdraw at any time",
    "CredentialRules.scope": "a credential names no region; a narrower one is a policy",
}
"""Safeguards that hold anyway; the key says whether the law asks for them."""

_WAYS: Final = "officers see by which way a file came"
_SEATS: Final = "the chair sees that seats are filled; who has an interest is recused in the engine"
_FEES: Final = "the office collects fees; the engine makes nothing depend on them"

BY_HAND: Final[Mapping[str, str]] = {
    "FilingWindow.purpose": "officers tell applicants which accreditation a window leads to",
    "Calendar.intake": "the office opens intake as its calls say; opening and closing days are kept",
    "Calendar.end_event": "an administrator enters the day in end_event_on when it has happened",
    **dict.fromkeys(
        ("Eligibility.entry_paths", "EntryPath.name", "EntryPath.filed_by", "EntryPath.invited_by",
         "EntryPath.organisation_kinds"), _WAYS,
    ),
    "Eligibility.channels": "the office publishes where to file",
    "Eligibility.conditions": "officers judge them before they admit an organisation",
    "Eligibility.interpreters": "officers admit interpreters as it says",
    "Paper.must": "officers look whether a paper is as it must be",
    **dict.fromkeys(("DecisionRules.committee", "Seat.body", "Seat.seats"), _SEATS),
    "DecisionRules.confirmed_by": "the office lays resolutions before who may amend them",
    "DecisionRules.subject": "the office accredits the organisation; its people carry credentials under that",
    "DecisionRules.one_decision_for": "the session's agenda groups cases",
    "DecisionRules.persons": "officers register or decide; every person has a case in any event",
    "DecisionRules.revocation": "officers hold the breach against these words",
    "Remedy.prior_complaint": "the deciding body handles complaints",
    **dict.fromkeys(("FeeLine.amount", "FeeLine.currency", "FeeLine.payers", "FeeLine.scope"), _FEES),
    "RunOff.day": "two administrators name the day when the vote is called: accredit election follow-on",
    "Publication.register_fields": "the office keeps the internal register; the engine has these facts",
    "Publication.inspection": "the office lets people look into the register",
    "Publication.certified_copies": "the office gives copies",
    "CredentialRules.object": "the office prints what the law calls it",
    "CredentialRules.with_identity_document": "stations ask for the document",
    "CredentialRules.worn_visibly": "the office tells observers",
}  # fmt: skip
"""What people do, key by key."""

ABOUT: Final = frozenset({
    "ElectionProfile.status", "ElectionProfile.sources", "ElectionProfile.evidence", "RuleEvidence.mark",
    "RuleEvidence.sources", "RuleEvidence.note", "Deadline.words", "Deadline.source", "Period.words",
    "RequiredDocument.ground", "Paper.ground", "SiteRules.ground", "FilingWindow.name", "Retention.ground",
    "RetentionRule.ground", "DataRights.ground", "ClearingAuthority.ground", "Publication.ground",
})  # fmt: skip
"""Where rules come from, for whoever reads the profile or the record; they rule nothing."""


class Keeper(StrEnum):
    """Who keeps a rule."""

    ENGINE = "engine"
    ALWAYS = "always"
    BY_HAND = "by_hand"
    ABOUT = "about"


def keeper_of(key: str) -> Keeper:
    """Return who keeps *key*, which is written ``Model.field``."""
    if key in ABOUT:
        return Keeper.ABOUT
    if key in ALWAYS:
        return Keeper.ALWAYS
    return Keeper.BY_HAND if key in BY_HAND else Keeper.ENGINE


def kept(profile: BaseModel) -> dict[Keeper, dict[str, str]]:
    """Return the rules that *profile* sets by who keeps them: each by its path, with the key that it is."""
    found: dict[Keeper, dict[str, str]] = {keeper: {} for keeper in Keeper}
    for path in said(profile):
        if path.startswith("evidence."):  # its parts are paths themselves
            continue
        key = key_at(profile, path)
        found[keeper_of(key)][path] = key
    return found


def key_at(profile: BaseModel, path: str) -> str:
    """Return the key (``Model.field``) that the value at *path* belongs to: the last model on the way."""
    *_, (model, field) = _models_on(profile, path.split("."))
    return f"{model}.{field}"


def _models_on(found: object, steps: list[str]) -> Iterator[tuple[str, str]]:
    for step in steps:
        match found:
            case BaseModel():
                yield type(found).__name__, step
                found = getattr(found, step)
            case Mapping():
                found = cast("Mapping[str, object]", found)[step]
            case _:
                found = _part(cast("Iterable[object]", found), step)


def _part(parts: Iterable[object], step: str) -> object:
    named = {
        str(next((told for name in ("id", "name", "kind") if (told := getattr(part, name, None))), place)): part
        for place, part in enumerate(parts)
    }
    return named[step]
