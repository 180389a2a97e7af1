"""Who may sign what: officers, roles and keys as the record of signed acts makes them, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import Field, ValidationError

from domain.errors import ArchivedError
from domain.statements.canonical import digest_of
from domain.statements.officer_acts import BY_TWO, ElectionAct, StaffAct, Step, first_hands
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole, ProofRefusedError, Shift
from domain.statements.signatures import (
    OFFICER_KEY,
    FileKey,
    KeyId,
    KeySignature,
    OfficerKey,
    Passkey,
    PasskeyAssertion,
    check_signed,
)
from domain.statements.statement import ActKind, Statement, StatementRefusedError
from domain.values import ElectionCode, Frozen, OfficerCode, Sha256, UtcTime

_MATTERS: Final[Mapping[ActKind, tuple[str, ...]]] = {
    ActKind.RULES: ("package_sha256",),
    ActKind.ELECTION: ("act", "sha256"),
    ActKind.POLICIES: ("sha256",),
}
_OF_A_STEP: Final = frozenset({"step", "ground", "added", "key"})
_AFTER_ARCHIVING: Final = frozenset({ActKind.LOOK, ActKind.ACCESS, ActKind.ERASE, ActKind.RETAIN})
"""What officers still do in an archived election: they look, answer whose data it is, and let data end."""
_ENDS: Final = frozenset({ElectionAct.HAND_OVER, ElectionAct.DELETE})
"""What two administrators still do with an archived election as a whole."""
FIRST_KEYS: Final = 2
"""So many officers enrol a key without being asked for by others, once for ever; from then on it takes two."""


class Enrolled(Frozen):
    """An officer with the keys that count."""

    officer: Officer
    keys: tuple[OfficerKey, ...] = ()

    def key(self, wanted: KeyId) -> FileKey | Passkey:
        """Return the key called *wanted*; raises :class:`ProofRefusedError` where it does not count."""
        for key in self.keys:
            if key.id == wanted:
                return key
        raise ProofRefusedError(self.officer.code, "the key is not one of this officer's that count.")


class Founding(Frozen):
    """The first entry of an election's record: what it begins with, written once for ever."""

    election: ElectionCode
    officers: tuple[Enrolled, ...]
    rules_sha256: Sha256
    rehearsal: Annotated[bool, Field(description="issuer TEST: acts may be dated as one likes")]
    heads: Annotated[dict[str, str], Field(description="case id: version and head, of what is older than the record")]
    founded_at: UtcTime


class Authority(Frozen):
    """Officers and keys after an entry of the record. Frozen: each entry makes another one."""

    election: ElectionCode
    enrolled: dict[OfficerCode, Enrolled]
    proposed: dict[str, OfficerCode] = Field(default_factory=dict)
    """Acts about officers, and rules, that wait for a second administrator; by whom each was proposed."""
    meant: dict[str, Sha256] = Field(default_factory=dict)
    """What each of the proposed acts about officers says in full: exactly that is confirmed."""
    first_keys: int = 0
    """How many enrolled themselves, ever."""
    rules_sha256: Sha256
    rehearsal: bool = False
    archived: bool = False
    """Whether two administrators froze the election: nothing is done in it but to look, and to let data end."""
    deleted: bool = False
    """Whether two administrators let all of it end but this record and the log: nothing is done any more."""

    @classmethod
    def founded(cls, founding: Founding) -> Self:
        """Return what the founding entry gives."""
        enrolled = {officer.officer.code: officer for officer in founding.officers}
        first = sum(bool(officer.keys) for officer in founding.officers)
        return cls(
            election=founding.election,
            enrolled=enrolled,
            first_keys=first,
            rules_sha256=founding.rules_sha256,
            rehearsal=founding.rehearsal,
        )

    @property
    def officers(self) -> list[Officer]:
        """The officers, by code."""
        return [self.enrolled[code].officer for code in sorted(self.enrolled)]

    def of(self, code: OfficerCode) -> Enrolled:
        """Return an officer with the keys that count; raises :class:`ProofRefusedError` for nobody's code."""
        if code not in self.enrolled:
            raise ProofRefusedError(code, "is not an officer of this election.")
        return self.enrolled[code]

    def enrols_itself(self, code: OfficerCode) -> bool:
        """Whether the officer is one of the first two, and makes a key without being asked for by others."""
        has_none = code in self.enrolled and not self.enrolled[code].keys
        return has_none and self.first_keys < FIRST_KEYS and code in first_hands(self.officers)

    def _adds_passkey(self, code: OfficerCode, key: FileKey | Passkey) -> bool:
        """Whether it is a rehearsal, where the officers' keys lie on the machine: anybody may add a passkey to them."""
        return self.rehearsal and code in self.enrolled and isinstance(key, Passkey)

    def proposer_of_rules(self, package_sha256: str) -> OfficerCode | None:
        """Return who proposed to load exactly this package, where a second administrator has still to confirm."""
        return self.proposed.get(f"{ActKind.RULES}\x1f{package_sha256}")

    def proposer_of(self, act: ElectionAct, sha256: Sha256) -> OfficerCode | None:
        """Return who proposed exactly this *act* about the election as a whole, where it is still to be confirmed."""
        return self.proposed.get(f"{ActKind.ELECTION}\x1f{act}\x1f{sha256}")

    def proposer_of_policies(self, sha256: Sha256) -> OfficerCode | None:
        """Return who proposed exactly these policies, where a second administrator has still to confirm."""
        return self.proposed.get(f"{ActKind.POLICIES}\x1f{sha256}")

    def check(self, statement: Statement, signature: KeySignature | PasskeyAssertion) -> None:
        """Raise unless an officer in service signed *statement* with a key that counts, and may do such an act.

        Who may decide what in a case depends on the case, and is judged where the statement is applied.
        """
        if statement.election != self.election:
            raise StatementRefusedError("The statement is of another election.")
        if self.deleted or (self.archived and not _follows_archiving(statement)):
            raise ArchivedError(self.election)
        if statement.kind is ActKind.FIRST_KEY:
            check_signed(statement.document, signature, self._first_key(statement))
            return
        signer = self.of(statement.officer)
        if not signer.keys:
            raise ProofRefusedError(statement.officer, "has no key on record; two officers enrol one.")
        check_signed(statement.document, signature, signer.key(statement.key))
        if signer.officer.suspended:
            raise OfficerRefusedError(statement.officer, "is suspended.")
        check_only_looks(signer.officer, statement.kind)
        if signer.officer.is_surge:
            self._check_shift(signer.officer, statement)
        if statement.kind is ActKind.REVIEW:
            check_outside(signer.officer, statement.terms)
        if statement.kind in {ActKind.STAFF, ActKind.RULES, ActKind.ELECTION} or _is_by_two(statement):
            self._check_two(statement)

    def after(self, statement: Statement) -> Authority:
        """Return the authority once *statement*, which was checked, is applied."""
        match statement.kind:
            case ActKind.FIRST_KEY:
                changed = self.with_key(statement.officer, self._first_key(statement))
                return changed.revised(first_keys=self.first_keys + 1)
            case ActKind.STAFF:
                return self._after_staff(statement)
            case ActKind.RULES:
                return self._after_rules(statement)
            case ActKind.ELECTION:
                return self._after_election(statement)
            case ActKind.POLICIES if _is_by_two(statement):
                is_proposed = statement.terms["step"] == Step.PROPOSED
                return self._proposing(statement) if is_proposed else self._settled(statement)
            case _:
                return self

    def _first_key(self, statement: Statement) -> FileKey | Passkey:
        key = _key_in(statement)
        if not (self.enrols_itself(statement.officer) or self._adds_passkey(statement.officer, key)):
            raise OfficerRefusedError(statement.officer, "is not one of the first two; two officers enrol a key.")
        if key.id != statement.key:
            raise ProofRefusedError(statement.officer, "a first key signs for itself.")
        return key

    def _check_shift(self, officer: Officer, statement: Statement) -> None:
        """Raise unless surge staff sign within a shift; what they step off they may step off at any time."""
        if statement.terms.get("act") == StaffAct.RECUSE:
            return
        at = statement.arrived_at if self.rehearsal and statement.arrived_at else statement.signed_at
        if officer.shift_at(at) is None:
            raise OfficerRefusedError(officer.code, "has no shift now; surge staff act during their shifts only.")

    def _check_two(self, statement: Statement) -> None:
        """Raise unless the act about officers or rules is done by whom it takes, and, where it takes two, by two."""
        step = statement.terms.get("step")
        if statement.kind is ActKind.STAFF:
            act = StaffAct(str(statement.terms.get("act")))
            about = str(statement.terms.get("officer"))
            if act not in BY_TWO:
                if about != statement.officer:
                    raise OfficerRefusedError(statement.officer, "steps off for themselves only.")
                return
            if about == statement.officer:
                raise OfficerRefusedError(statement.officer, "cannot act about themselves; two others do.")
            self.of(about)
        self._check_first_hand(statement.officer)
        if step == Step.PROPOSED:
            return
        if step != Step.CONFIRMED:
            raise OfficerRefusedError(statement.officer, "neither proposes nor confirms what takes two.")
        proposer = self.proposed.get(matter_of(statement))
        if proposer is None:
            raise OfficerRefusedError(statement.officer, "confirms what nobody has proposed.")
        if proposer == statement.officer:
            raise OfficerRefusedError(proposer, "proposed this; a second, different officer confirms it.")
        if statement.kind is ActKind.STAFF and self.meant.get(matter_of(statement)) != _meant(statement):
            raise OfficerRefusedError(statement.officer, "confirms something else than was proposed; propose it anew.")
        self._check_first_hand(proposer)

    def _check_first_hand(self, code: OfficerCode) -> None:
        if self.of(code).officer.suspended or code not in first_hands(self.officers):
            raise OfficerRefusedError(code, OfficerRole.ADMINISTRATOR.asked_for)

    def _after_rules(self, statement: Statement) -> Authority:
        if statement.terms.get("step") != Step.CONFIRMED:
            return self._proposing(statement)
        officers = [Officer.model_validate(written) for written in _list(statement.terms.get("officers"))]
        kept = {code: one.keys for code, one in self.enrolled.items()}
        enrolled = {officer.code: Enrolled(officer=officer, keys=kept.get(officer.code, ())) for officer in officers}
        return self._settled(statement).revised(
            enrolled=self.enrolled | enrolled,
            rules_sha256=str(statement.terms.get("rules_sha256")),
            rehearsal=self.rehearsal and statement.terms.get("rehearsal") is True,
        )

    def _after_election(self, statement: Statement) -> Authority:
        if statement.terms.get("step") != Step.CONFIRMED:
            return self._proposing(statement)
        act = statement.terms.get("act")
        return self._settled(statement).revised(
            archived=self.archived or act == ElectionAct.ARCHIVE, deleted=self.deleted or act == ElectionAct.DELETE
        )

    def _after_staff(self, statement: Statement) -> Authority:
        act, code = StaffAct(str(statement.terms["act"])), str(statement.terms["officer"])
        if statement.terms.get("step") == Step.PROPOSED:
            return self._proposing(statement)
        settled = self._settled(statement)
        if act is StaffAct.ENROL:
            return settled.with_key(code, _key_in(statement), alone=True)
        changed = _officer_after(self.enrolled[code].officer, act, statement.terms)
        return settled.changed(self.enrolled[code].revised(officer=changed))

    def _proposing(self, statement: Statement) -> Authority:
        matter = matter_of(statement)
        meant = {matter: _meant(statement)} if statement.kind is ActKind.STAFF else {}
        return self.revised(proposed=self.proposed | {matter: statement.officer}, meant=self.meant | meant)

    def _settled(self, statement: Statement) -> Authority:
        over = matter_of(statement)
        return self.revised(
            proposed={matter: by for matter, by in self.proposed.items() if matter != over},
            meant={matter: said for matter, said in self.meant.items() if matter != over},
        )

    def with_key(self, code: OfficerCode, key: FileKey | Passkey, *, alone: bool = False) -> Authority:
        """Return the authority with one more key of an officer, or with it in the place of all others."""
        before = self.enrolled[code]
        return self.changed(before.revised(keys=(key,) if alone else (*before.keys, key)))

    def changed(self, enrolled: Enrolled) -> Authority:
        """Return the authority with an officer as *enrolled*."""
        return self.revised(enrolled=self.enrolled | {enrolled.officer.code: enrolled})


def check_only_looks(officer: Officer, kind: ActKind) -> None:
    """Raise :class:`OfficerRefusedError` where an auditor would do anything but look."""
    if officer.is_auditor and kind is not ActKind.LOOK:
        raise OfficerRefusedError(officer.code, "is an auditor, who looks and does nothing else.")


def check_outside(officer: Officer, terms: Mapping[str, object]) -> None:
    """Raise :class:`OfficerRefusedError` for one who decided the cases of a review, or is of an office that did."""
    if officer.code in _list(terms.get("officers")):
        raise OfficerRefusedError(officer.code, "decided cases of this review; officers who did not decide them do it.")
    if inside := sorted({*officer.offices} & {*map(str, _list(terms.get("offices")))}):
        raise OfficerRefusedError(officer.code, f"is of {inside[0]}, which decided cases of this review; others do it.")


def _follows_archiving(statement: Statement) -> bool:
    is_end = statement.kind is ActKind.ELECTION and statement.terms.get("act") in _ENDS
    return is_end or statement.kind in _AFTER_ARCHIVING


def _is_by_two(statement: Statement) -> bool:
    """Whether these are policies of a time when two loaded them; until 2026-12 one case officer did."""
    return statement.kind is ActKind.POLICIES and "step" in statement.terms


def matter_of(statement: Statement) -> str:
    """Return what an act that takes two is about: what a confirmation must match."""
    terms = statement.terms
    names = _MATTERS.get(statement.kind, ("act", "officer", "detail"))
    return "\x1f".join([statement.kind, *(str(terms.get(name, "")) for name in names)])


def _meant(statement: Statement) -> Sha256:
    """Return what an act about an officer does, without who has come how far, why, and with which key.

    A shift ends when the second one says so: only that moment is not known to the first.
    """
    apart = _OF_A_STEP | ({"ends"} if statement.terms.get("act") == StaffAct.END_SHIFT else frozenset[str]())
    return digest_of({name: value for name, value in statement.terms.items() if name not in apart})


def _officer_after(officer: Officer, act: StaffAct, terms: Mapping[str, object]) -> Officer:
    """Return *officer* after an act: suspension, scope, shifts and recusals as the statement spells them out."""
    match act:
        case StaffAct.SUSPEND:
            return officer.revised(suspended=True)
        case StaffAct.REINSTATE:
            return officer.revised(suspended=False)
        case StaffAct.SERVE:
            return officer.revised(**{name: _list(terms.get(name)) for name in ("offices", "regions", "organisations")})
        case StaffAct.SHIFT | StaffAct.END_SHIFT:
            return _shifted(officer, terms, over=act is StaffAct.END_SHIFT)
        case _:
            return _recusal(officer, terms, lifted=act is StaffAct.LIFT_RECUSAL)


def _shifted(officer: Officer, terms: Mapping[str, object], *, over: bool) -> Officer:
    """Return *officer* with one more shift, or with the one that begins then cut off where the statement says.

    A shift that was called off before it began, and is given anew, is the new one.
    """
    said = Shift.model_validate({name: terms.get(name) for name in ("office", "begins", "ends")}, strict=False)
    if not over:
        others = (old for old in officer.shifts if (old.office, old.begins) != (said.office, said.begins))
        return officer.revised(shifts=(*others, said))
    ended = said.revised(cut=True)
    same = (ended if (old.office, old.begins) == (said.office, said.begins) else old for old in officer.shifts)
    return officer.revised(shifts=tuple(same))


def _recusal(officer: Officer, terms: Mapping[str, object], *, lifted: bool) -> Officer:
    organisation, case = str(terms.get("organisation") or ""), str(terms.get("case") or "")
    organisations, cases = set(officer.recused_from), set(officer.recused_cases)
    change = (set[str].discard, set[UUID].discard) if lifted else (set[str].add, set[UUID].add)
    if organisation:
        change[0](organisations, organisation)
    if case:
        change[1](cases, UUID(case))
    return officer.revised(recused_from=tuple(sorted(organisations)), recused_cases=tuple(sorted(cases)))


def _list(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- JSON


def _key_in(statement: Statement) -> FileKey | Passkey:
    try:
        return OFFICER_KEY.validate_python(statement.terms.get("key"))
    except ValidationError:
        raise ProofRefusedError(statement.officer, "the statement names no key that could be enrolled.") from None
