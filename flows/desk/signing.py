"""From an act to a signature: the steps draw the statement up, the device signs its digest, the steps apply it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from db.store import open_reader
from domain.election.moving import Move
from domain.errors import BadInputError, UnknownThingError
from domain.letters.envelope import LetterOrder
from domain.statements.officer_acts import StaffAct, Step
from domain.statements.signatures import Passkey, PasskeyAssertion
from domain.statements.statement import Statement
from domain.values import ElectionCode, OfficerCode
from flows.context import database, moment, right_now
from flows.decisions import officer_acts
from flows.decisions.casework import write_note
from flows.decisions.cleared_hits import clear_hit
from flows.decisions.rulings import decide_together
from flows.delivery.orders import confirm_held
from flows.desk.acts import (
    ActOnOfficer,
    ActOnOrganisation,
    ClearHit,
    Decide,
    MoveElection,
    ReleaseLetters,
    SignedAct,
    WriteNote,
)
from flows.desk.ceremonies import PasskeyRefusedError
from flows.desk.enrolling import waiting_key
from flows.election.moving import move_election
from flows.organisations import admission
from flows.statements.acceptance import ActingOfficer, Draft, Result, drafted, record


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a signed act, or of one case of it."""

    sentence: str
    applied: bool = True
    case: UUID | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """An act with its statement, waiting for the device."""

    act: SignedAct
    draft: Draft

    @property
    def statement(self) -> Statement:
        """What the officer is about to sign."""
        return self.draft.statement

    @property
    def challenge(self) -> bytes:
        """The SHA-256 of the statement: what the device signs, and nothing else."""
        return bytes.fromhex(self.statement.digest)


@dataclass(frozen=True, slots=True)
class StatementSigning:
    """Draws statements up, and applies those that were signed."""

    election: ElectionCode

    def keys_of(self, officer: OfficerCode) -> list[Passkey]:
        """Return the officer's passkeys that count."""
        with open_reader(database()) as store:
            keys = store.statements.authority(self.election).of(officer).keys
        return [key for key in keys if isinstance(key, Passkey)]

    def key_called(self, credential: str) -> tuple[OfficerCode, Passkey]:
        """Return whose passkey that is; raises :class:`UnknownThingError` where it counts for nothing."""
        with open_reader(database()) as store:
            enrolled = store.statements.authority(self.election).enrolled
        for code, one in enrolled.items():
            for key in one.keys:
                if isinstance(key, Passkey) and key.credential_id == credential:
                    return code, key
        raise UnknownThingError("passkey", credential[:12])

    def drafted(self, act: SignedAct, officer: OfficerCode, key: Passkey) -> Ready:
        """Return the statement of *act* as *officer* would sign it now; raises what hinders the act as a whole."""
        acting = ActingOfficer(officer, self.election, moment(None))
        return Ready(act, drafted(lambda by: perform(act, by), acting, key.id))

    def applied(self, ready: Ready, answer: Mapping[str, Any]) -> list[Told]:
        """Check the device's answer, put statement and signature on record, apply the act once; say what became of it.

        Where applying fails, the signed statement stays on record, applied to nothing.
        """
        digest = record(ready.draft, assertion(answer))
        statement = ready.statement
        now = statement.arrived_at or right_now()
        return perform(ready.act, ActingOfficer(statement.officer, self.election, now, signed=digest))


def assertion(answer: Mapping[str, Any]) -> PasskeyAssertion:
    """Return what a browser sent as an assertion; raises :class:`PasskeyRefusedError` for anything else."""
    try:
        said = answer["response"]
        return PasskeyAssertion(
            authenticator_data=said["authenticatorData"],
            client_data=said["clientDataJSON"],
            signature=said["signature"],
        )
    except (KeyError, TypeError, ValidationError) as error:
        raise PasskeyRefusedError("This is no answer of a device.") from error


def perform(act: SignedAct, by: ActingOfficer) -> list[Told]:
    """Do *act* by the engine's own step for it."""
    match act:
        case Decide():
            return _cases(decide_together(act.orders, by, seen=act.seen))
        case WriteNote():
            write_note(act.case, act.text, by, revises=act.revises)
        case ClearHit():
            clear_hit(act.case, act.about, act.reason, by, pair=act.pair)
        case ActOnOrganisation():
            grounds = admission.Grounds(act.reasons, act.facts)
            admission.act(act.organisation, act.act, by, grounds, mark=act.mark)
        case ReleaseLetters():
            done = confirm_held(act.count, by, mark=act.mark)
            return [Told(f"{LetterOrder.CONFIRM.value}: {done}")]
        case ActOnOfficer():
            _act_on_officer(act, by)
        case MoveElection():
            move_election(Move(day=act.day, ground=act.ground, title=act.title), by, mark=act.mark)
    return [Told("")]


def _cases(results: Sequence[Result]) -> list[Told]:
    return [Told(result.sentence, result.applied, result.application_id) for result in results]


def _act_on_officer(act: ActOnOfficer, by: ActingOfficer) -> None:
    what = officer_acts.Act(act=act.act, officer=act.officer, detail=act.detail)
    match act.act, act.step:
        case StaffAct.RECUSE, _:
            officer_acts.recuse(what, by)
        case _, Step.PROPOSED:
            officer_acts.propose(what, by)
        case StaffAct.ENROL, _:
            if not act.number:
                remedy = "Load the page Officers again, and compare the number."
                raise BadInputError(act.officer, "The number of the new key is missing.", remedy=remedy)
            key = waiting_key(by.election, act.officer, number=act.number)
            officer_acts.confirm(what, by, key=key)
        case _:
            officer_acts.confirm(what, by)
