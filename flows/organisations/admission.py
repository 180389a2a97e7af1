"""Organisations before their nominees: applied for, admitted, refused by two, suspended, withdrawn."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.reasons import ReasonCode
from domain.application.status import FINAL, UNDECIDED, Status
from domain.decisions.appeals import lodging
from domain.election.policies import Policy, PolicyKind
from domain.errors import BadInputError, UnknownThingError
from domain.letters.envelope import LetterState
from domain.letters.notice import Notice
from domain.organisations.organisation import (
    BECOMES,
    ON_APPEAL,
    PROPOSES,
    RETURNS,
    AdmissionRefusedError,
    Organisation,
    OrganisationAct,
    OrganisationActKind,
    OrganisationStatus,
    StandingRefusedError,
    check_act,
    is_possible,
    last_asked,
    open_proposal,
)
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed, plain
from domain.values import ElectionCode, OrganisationCode, Sha256, UtcTime
from domain.vetting.organisations import (
    UNDECIDED_STANDINGS,
    OrganisationFile,
    refused_at,
    require_stated,
    require_time_to_mend,
)
from flows.context import ElectionContext, database
from flows.intake.withdrawal import Withdrawal, give_up
from flows.letters.organisation_letters import OrganisationLetters, standing_key
from flows.statements.acceptance import ActingOfficer, authorise, is_dated, refuse_recused
from flows.vetting.flow import release_held

_ROLES: Final = {
    **dict.fromkeys(ON_APPEAL, OfficerRole.APPEALS_OFFICER),
    OrganisationActKind.REFUSE: OfficerRole.CONFIRMING_OFFICER,
    OrganisationActKind.RETURN_REFUSAL: OfficerRole.CONFIRMING_OFFICER,
}
_ARRIVES: Final = frozenset({
    OrganisationActKind.APPLY, OrganisationActKind.RECEIVE_PAPERS, OrganisationActKind.WITHDRAW,
    OrganisationActKind.LODGE_APPEAL,
})  # fmt: skip
"""What counts from when it arrived, not from when an officer entered it."""
_SILENT: Final = frozenset({*PROPOSES, *RETURNS.values(), OrganisationActKind.RECEIVE_PAPERS})


@dataclass(frozen=True, slots=True)
class Grounds:
    """Reasons and facts of an act, as its letter states them."""

    reasons: tuple[ReasonCode, ...] = ()
    facts: str = ""


@dataclass(frozen=True, slots=True)
class Acted:
    """What an act changed."""

    organisation: Organisation
    released: int = 0
    """Nominees who had waited and are taken up now."""
    withdrawn: int = 0
    """Undecided applications that ended with the organisation's withdrawal."""


def act(
    code: OrganisationCode, what: OrganisationActKind, by: ActingOfficer, grounds: Grounds, *, mark: str = ""
) -> Acted:
    """Do *what* about the organisation *code*, prove it, tell the focal point, and let its nominees follow.

    With *mark* only where organisation and acts are still what they were when it was made (:func:`mark_of`).

    Raises :class:`StandingRefusedError`, :class:`AdmissionRefusedError`, or for a proof that does not hold.
    """
    with open_store(database()) as store:
        organisation = store.organisations.get(by.election, code)
        if mark and mark_of(organisation, store.admissions.acts(by.election).get(code, [])) != mark:
            raise AdmissionRefusedError(f"Something happened about {code} since you looked. Look again.")
        _require_possible(organisation, what)
        done = _authorised(store, organisation, what, by, grounds)
        moved = _record(store, organisation, done, by=by)
        withdrawn = _withdraw_undecided(store, moved, done, by=by) if what is OrganisationActKind.WITHDRAW else 0
    waiting = _held(code, by.election) if BECOMES.get(what) is OrganisationStatus.ADMITTED else []
    released = release_held(by.election, now=by.now, wanted=waiting) if waiting else 0
    return Acted(moved, released=released, withdrawn=withdrawn)


def apply(organisation: Organisation, by: ActingOfficer, grounds: Grounds) -> Acted:
    """Enter an organisation's own application; its letter is a receipt, or with reasons (D…) says what is still needed.

    One that was invited keeps its invitation. Raises where it applied before or is decided already.
    """
    with open_store(database()) as store:
        try:
            known = store.organisations.get(by.election, organisation.code)
        except UnknownThingError:
            known = None
        done = _authorised(store, organisation, OrganisationActKind.APPLY, by, grounds)
        if known is None:
            moved = organisation.revised(standing=OrganisationStatus.APPLIED, admitted_on=None)
            store.organisations.put(by.election, moved)
            _keep(store, moved, done, by=by, told=True)
        else:
            entered = organisation.revised(
                standing=known.standing, invited_on=known.invited_on, admitted_on=known.admitted_on
            )
            _require_possible(entered, OrganisationActKind.APPLY)
            moved = _record(store, entered, done, by=by)
    return Acted(moved)


def receive_papers(code: OrganisationCode, names: Sequence[str], by: ActingOfficer) -> OrganisationFile:
    """Record the papers of an organisation that came, and return where its file stands.

    Raises :class:`BadInputError` for a paper that the profile does not ask of it: asking for more needs a ground.
    """
    with open_reader(database()) as store:
        profile = store.elections.profile(by.election)
        organisation = store.organisations.get(by.election, code)
    known = [paper.name for paper in profile.papers_of("organisation", organisation.kind)]
    if unknown := [name for name in names if name not in known]:
        asked = ", ".join(known) or "none"
        raise BadInputError(
            ", ".join(unknown), f"is no paper that the profile asks of {code}.", remedy=f"Papers are: {asked}."
        )
    act(code, OrganisationActKind.RECEIVE_PAPERS, by, Grounds(facts=", ".join(dict.fromkeys(names))))
    return file_of(by.election, code)


def file_of(election: ElectionCode, code: OrganisationCode) -> OrganisationFile:
    """Return where an organisation's own application stands; raises :class:`UnknownThingError`."""
    with open_reader(database()) as store:
        organisation = store.organisations.get(election, code)
        acts = store.admissions.acts(election).get(code, [])
        return OrganisationFile.of(organisation, acts, store.elections.profile(election))


def role_of(what: OrganisationActKind) -> OfficerRole:
    """Return the role that *what* takes."""
    return _ROLES.get(what, OfficerRole.CASE_OFFICER)


def deed_of(organisation: Organisation, what: OrganisationActKind, grounds: Grounds) -> Deed:
    """Return what the officer signs: the act, and the organisation as it stands."""
    terms = {"organisation": organisation.code, "standing": organisation.standing.value, "act": what.value}
    words = {"facts": grounds.facts}
    return Deed(kind=ActKind.ORGANISATION, terms=terms | {"reasons": plain(grounds.reasons)}, words=words)


def _require_possible(organisation: Organisation, what: OrganisationActKind) -> None:
    if not is_possible(what, organisation.standing):
        wanted = BECOMES.get(PROPOSES.get(what, what), organisation.standing)
        raise StandingRefusedError(organisation.code, organisation.standing, wanted)


def _authorised(
    store: Store,
    organisation: Organisation,
    what: OrganisationActKind,
    by: ActingOfficer,
    grounds: Grounds,
) -> OrganisationAct:
    if what not in _ARRIVES and is_dated(store, by):
        told = "Only what an organisation sends can have arrived before today; everything else counts from now."
        raise AdmissionRefusedError(told)
    deed = deed_of(organisation, what, grounds)
    before = store.admissions.acts(by.election).get(organisation.code, [])
    accepted = authorise(store, by, deed, role=role_of(what), rests_on=[act.at for act in _rests_on(what, before)])
    officer = accepted.officer
    refuse_recused(officer, organisation.code)
    proposal = open_proposal(before) if what in PROPOSES.values() else None
    done = OrganisationAct(
        organisation=organisation.code,
        act=what,
        officer=officer.code,
        reasons=proposal.reasons if proposal else grounds.reasons,
        facts=proposal.facts if proposal else grounds.facts,
        proof=accepted.proof,
        at=by.now,
    )
    profile = store.elections.profile(by.election)
    check_act(done, before, profile.reasons)
    if what is OrganisationActKind.LODGE_APPEAL:
        lodging(before[refused_at(before) - 1].at, profile, at=by.now)  # raises where there is no remedy
    if what in {OrganisationActKind.PROPOSE_REFUSAL, OrganisationActKind.REFUSE}:
        require_time_to_mend(organisation, _asked(store, organisation, before, by=by), now=by.now)
    if what is OrganisationActKind.ASK and organisation.standing not in UNDECIDED_STANDINGS:
        raise StandingRefusedError(organisation.code, organisation.standing, OrganisationStatus.APPLIED)
    if what is OrganisationActKind.ADMIT:
        require_stated(OrganisationFile.of(organisation, before, profile), organisation, done.facts)
    return done


def _rests_on(what: OrganisationActKind, before: Sequence[OrganisationAct]) -> Sequence[OrganisationAct]:
    """Return the act that *what* cannot come before: of an appeal the refusal, whatever was entered since."""
    last = refused_at(before) if what is OrganisationActKind.LODGE_APPEAL else len(before)
    return before[max(last - 1, 0) : last]


def _asked(
    store: Store, organisation: Organisation, before: Sequence[OrganisationAct], *, by: ActingOfficer
) -> Notice | None:
    """Return the letter that asked the organisation to mend its application, the last one, if any did."""
    number = last_asked(before)
    if number is None:
        return None
    asked = before[number - 1].at
    key = standing_key(by.election, organisation.code, number)
    due = store.elections.profile(by.election).cure_due(asked)
    state = store.letters.get(by.election, key).state
    return Notice(letter=key, asked_at=asked, due_at=due, state=state, accepted_at=_told_at(store, by, key))


def _told_at(store: Store, by: ActingOfficer, key: str) -> UtcTime | None:
    """Return when the letter *key* arrived; None: it has not."""
    letter = store.letters.get(by.election, key)
    return letter.sent_at if letter.state is LetterState.SENT else None


def _record(store: Store, organisation: Organisation, done: OrganisationAct, *, by: ActingOfficer) -> Organisation:
    """Move the organisation as *done* says, where it says so, and keep the act."""
    target = BECOMES.get(done.act)
    zone = store.elections.profile(by.election).zone
    moved = organisation.moved(target, on=by.now.astimezone(zone).date()) if target else organisation
    store.organisations.put(by.election, moved)
    _keep(store, moved, done, by=by, told=done.act not in _SILENT)
    return moved


def _keep(store: Store, organisation: Organisation, done: OrganisationAct, *, by: ActingOfficer, told: bool) -> None:
    store.admissions.add(by.election, done)
    if told:
        acts, refused = store.admissions.acts(by.election)[organisation.code], None
        if done.act is OrganisationActKind.LODGE_APPEAL:
            refused = _told_at(store, by, standing_key(by.election, organisation.code, refused_at(acts)))
        letters = OrganisationLetters.at(ElectionContext.of(store, by.election, now=by.now))
        letter = letters.standing(organisation, acts, told_at=refused)
        store.outbox.put(by.election, letter, now=by.now)


def _withdraw_undecided(store: Store, organisation: Organisation, done: OrganisationAct, *, by: ActingOfficer) -> int:
    """End what is not decided: nobody can be accredited under an organisation that left. Who is accredited stays."""
    context = ElectionContext.of(store, by.election, now=by.now)
    every = store.applications.all_in(by.election, *UNDECIDED)
    theirs = [nomination for nomination in every if nomination.organisation == organisation.code]
    for application in theirs:
        give_up(store, context, application, Withdrawal(Actor.officer(done.officer)))
    return len(theirs)


def _held(code: OrganisationCode, election: ElectionCode) -> list[UUID]:
    with open_reader(database()) as store:
        every = store.applications.all_in(election, Status.HELD)
    return [application.id for application in every if application.organisation == code]


def organisations_table(election: ElectionCode, *, now: UtcTime) -> list[dict[str, Any]]:
    """Return where each organisation stands, its number limit where one is declared, and how many it nominated."""
    with open_reader(database()) as store:
        organisations = store.organisations.all_in(election)
        acts = store.admissions.acts(election)
        profile = store.elections.profile(election)
        counts = store.applications.counts(election)
    policies = profile.policies_on(now)
    files = {
        code: OrganisationFile.of(organisation, acts.get(code, []), profile)
        for code, organisation in organisations.items()
    }
    live, waiting = Counter[str](), Counter[str]()
    for (code, status), count in counts.items():
        live[code] += 0 if status in {*FINAL, Status.REFUSED} else count
        waiting[code] += count if status is Status.HELD else 0
    return [
        {
            "organisation": organisation.code,
            "name": organisation.name,
            "kind": organisation.kind.value,
            "standing": organisation.standing.value,
            "invited": organisation.invited_on.isoformat() if organisation.invited_on else "",
            "admitted": organisation.admitted_on.isoformat() if organisation.admitted_on else "",
            "limit": _limit(organisation, policies),
            "nominees": live[organisation.code],
            "waiting": waiting[organisation.code],
            "open": _open(acts.get(organisation.code, [])),
            "answer due": _minute(files[organisation.code].due_at),
            "to look at": "; ".join(files[organisation.code].points),
        }
        for organisation in organisations.values()
    ]


def _minute(moment: UtcTime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _limit(organisation: Organisation, policies: Sequence[Policy]) -> int | str:
    """Return the least number that a cap in force names for just this organisation, or nothing."""
    limits = [
        policy.limit
        for policy in policies
        if policy.kind is PolicyKind.CAP and policy.limit is not None
        for scope in policy.scopes
        if organisation.code in scope.organisations
    ]
    return min(limits, default="")


def _open(acts: Sequence[OrganisationAct]) -> str:
    proposal = open_proposal(acts)
    if proposal is None:
        return ""
    what = "refusal" if proposal.act is OrganisationActKind.PROPOSE_REFUSAL else "dismissal of the appeal"
    return f"{what} proposed by {proposal.officer}"


def mark_of(organisation: Organisation, acts: Sequence[OrganisationAct]) -> Sha256:
    """Return what stands for exactly this organisation after exactly these acts."""
    said = "\n".join(shown.model_dump_json() for shown in (organisation, *acts))
    return hashlib.sha256(said.encode()).hexdigest()


def acts_of(election: ElectionCode, code: OrganisationCode) -> list[OrganisationAct]:
    """Return the acts about an organisation, first to last; raises :class:`UnknownThingError`."""
    with open_reader(database()) as store:
        store.organisations.get(election, code)
        return store.admissions.acts(election).get(code, [])
