"""Policies: put into force, each version once and told to everybody in the process; and which open files they touch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import JsonValue, TypeAdapter

from db.store import Store, open_reader, open_store
from domain.application.events import GRANTS
from domain.application.roles import Role
from domain.application.status import REVOCABLE, UNDECIDED
from domain.election.policies import (
    Policy,
    PolicyChange,
    PolicyCitation,
    Touch,
    TouchedFile,
    in_force,
    touched,
    version_in_force,
)
from domain.errors import BadInputError, UnknownThingError
from domain.organisations.organisation import OrganisationStatus
from domain.statements.canonical import digest_of
from domain.statements.officer_acts import Step
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, OfficerCode, UtcTime
from flows.context import ElectionContext, database
from flows.documents import load_document
from flows.letters.organisation_letters import OrganisationLetters
from flows.statements.acceptance import ActingOfficer, authorise
from flows.vetting.policies import covered, files_of
from flows.vetting.second_looks import look_at_policies

_OUT = {OrganisationStatus.WITHDRAWN, OrganisationStatus.NOT_ADMITTED}


def enact(
    store: Store, election: ElectionCode, policies: Iterable[Policy], *, by: str, now: UtcTime, told: bool
) -> list[Policy]:
    """Keep the versions that are new and return them; with *told* every organisation gets a letter for each.

    Officers get the accredited people whom they cover from today on.

    Raises :class:`BadInputError` for a version that is kept with another text: a change is a new version.
    """
    policies = tuple(dict.fromkeys(policies))
    _refuse_unknown_roles(policies, store.elections.profile(election).known_roles)
    new = [policy for policy in policies if store.policies.put(election, policy, by=by, now=now)]
    if new and told:
        context = ElectionContext.of(store, election, now=now)
        for policy in new:
            _tell(store, context, policy)
        look_at_policies(store, context, new=[policy.citation for policy in new])
    return new


def _refuse_unknown_roles(policies: Iterable[Policy], known: Sequence[Role]) -> None:
    for policy in policies:
        named = {role for scope in policy.scopes for role in scope.roles}
        if unknown := sorted(named - {*known}):
            raise BadInputError(
                str(policy.citation), f"names a role that the election has not: {', '.join(unknown)}.",
                remedy=f"Roles are {', '.join(known)}.",
            )  # fmt: skip


def touched_by(store: Store, context: ElectionContext, policy: Policy) -> tuple[TouchedFile, ...]:
    """Return the files that *policy* touches on its first day, or today where it has none, and how.

    Of those who are accredited that is whoever was so before it counted: officers look at them again. Raises
    :class:`domain.election.unset.RuleUnsetError` where it names a list of countries that nobody has filled in.
    """
    today = context.now.astimezone(ZoneInfo(context.profile.election.timezone)).date()
    on = policy.in_force_from or policy.published_on or today
    others = [other for other in context.profile.policies if other != policy]
    change = PolicyChange(policy=policy.id, on=on, begins=policy, ends=version_in_force(others, policy.id, on=on))
    files = files_of(store, context, store.applications.all_in(context.election, *UNDECIDED))
    open_files = touched(change, files, context.profile.country_groups)
    return *open_files, *_looked_at_again(store, context, policy, on=on, today=today)


def _looked_at_again(
    store: Store, context: ElectionContext, policy: Policy, *, on: date, today: date
) -> Iterator[TouchedFile]:  # fmt: skip
    """Yield who was accredited before *policy* counted, and is given to officers because of it, then or already."""
    kept = store.policies.kept(context.election).get(str(policy.citation))
    policies = tuple(dict.fromkeys((*context.profile.policies, policy)))
    then = replace(context.on(max(on, today)), profile=context.profile.revised(policies=policies))
    counts_from = kept[0] if kept else context.now
    if policy.in_force_from or policy.published_on:
        counts_from = max(counts_from, context.profile.working_days.first_moment(on))
    accredited = store.applications.all_in(context.election, *REVOCABLE)
    granted = store.applications.times_of([case.id for case in accredited], *GRANTS)
    before = [case for case in accredited if case.id in granted and granted[case.id] <= counts_from]
    people = store.people.current([case.id for case in before])
    before = [case for case in before if case.id in people]
    found = covered(store, then, before, people)
    for case in before:
        if any(finding.about == str(policy.citation) for finding in found.get(case.id, ())):
            yield TouchedFile(application_id=case.id, organisation=case.organisation, touch=Touch.LOOKED_AT)


def _tell(store: Store, context: ElectionContext, policy: Policy) -> None:
    """Queue a letter to each organisation in the process (practice: L15), with the count of its own open files."""
    touching = touched_by(store, context, policy)
    theirs = Counter(file.organisation for file in touching if file.touch is not Touch.LOOKED_AT)
    letters = OrganisationLetters.at(context)
    for organisation in context.organisations.values():
        if organisation.standing not in _OUT:
            letter = letters.policy(organisation, policy, open_cases=theirs[organisation.code])
            store.outbox.put(context.election, letter, now=context.now)


def draft_policies(path: Path, election: ElectionCode, *, now: UtcTime) -> dict[str, tuple[TouchedFile, ...]]:
    """Return, for each version in a YAML file that is new, the files that it would touch; nothing is changed."""
    policies = load_document(path, TypeAdapter(list[Policy]))
    with open_reader(database()) as store:
        return _would_touch(store, policies, election, now=now)


class LoadedPolicies(NamedTuple):
    """What became of a file of policies: whether a second administrator has still to sign, and whom they touch."""

    proposed: bool
    touched: dict[str, tuple[TouchedFile, ...]]
    """For each new version the files that it touches, or would."""


def load_policies(path: Path, by: ActingOfficer) -> LoadedPolicies:
    """Propose the policies in a YAML file, or put them into force where another administrator has proposed just these.

    Then every organisation in the process gets a letter for each. Where nothing is new, nobody signs anything. Raises
    :class:`BadInputError` for a version that is kept with another text, and for a proof that does not hold.
    """
    policies = load_document(path, TypeAdapter(list[Policy]))
    with open_store(database()) as store:
        touched = _would_touch(store, policies, by.election, now=by.now)
        if not touched:
            return LoadedPolicies(proposed=False, touched={})
        step, officer = _sign(store, policies, by)
        if step is Step.CONFIRMED:
            enact(store, by.election, policies, by=officer, now=by.now, told=True)
        return LoadedPolicies(proposed=step is Step.PROPOSED, touched=touched)


def _sign(store: Store, policies: Sequence[Policy], by: ActingOfficer) -> tuple[Step, OfficerCode]:
    """Sign as the first or the second administrator; returns which, and who it is."""
    texts = {str(policy.citation): digest_of(policy.model_dump(mode="json")) for policy in policies}
    sha256 = digest_of(dict(texts))
    step = Step.CONFIRMED if store.statements.authority(by.election).proposer_of_policies(sha256) else Step.PROPOSED
    terms: dict[str, JsonValue] = {"step": step.value, "sha256": sha256, "policies": dict(texts)}
    deed = Deed(kind=ActKind.POLICIES, terms=terms)
    return step, authorise(store, by, deed, role=OfficerRole.ADMINISTRATOR).officer.code


def _would_touch(
    store: Store, policies: Sequence[Policy], election: ElectionCode, *, now: UtcTime
) -> dict[str, tuple[TouchedFile, ...]]:  # fmt: skip
    """Return the files that each new version would touch; raises for a version that is kept with another text."""
    context = ElectionContext.of(store, election, now=now)
    _refuse_unknown_roles(policies, context.profile.known_roles)
    new = [policy for policy in dict.fromkeys(policies) if not store.policies.is_kept(election, policy)]
    return {str(policy.citation): touched_by(store, context, policy) for policy in new}


def policies_table(election: ElectionCode, *, now: UtcTime) -> list[dict[str, Any]]:
    """Return every version of every policy, and whether it is in force."""
    with open_reader(database()) as store:
        profile = store.elections.profile(election)
    today = now.astimezone(profile.zone).date()
    current = set(in_force(profile.policies, on=today))
    return [
        {
            "policy": str(policy.citation),
            "kind": policy.kind.value,
            "in force": policy in current,
            "from": str(policy.in_force_from or policy.published_on or ""),
            "to": str(policy.in_force_to or ""),
            "authority": policy.authority,
            "ground": policy.ground,
        }
        for policy in profile.policies
    ]


def find_policy(policies: Sequence[Policy], key: str, *, on: date) -> Policy:
    """Return the policy called ``ID:VERSION``, or by its id alone the version in force, else the newest.

    Raises :class:`UnknownThingError`.
    """
    try:
        wanted = PolicyCitation.read(key)
        found = next((policy for policy in policies if policy.citation == wanted), None)
    except ValueError:
        versions = sorted((policy for policy in policies if policy.id == key), key=lambda policy: policy.version)
        found = version_in_force(versions, key, on=on) or (versions[-1] if versions else None)
    if found is None:
        raise UnknownThingError("policy", key[:40])
    return found


def touched_files(election: ElectionCode, key: str, *, now: UtcTime) -> tuple[Policy, tuple[TouchedFile, ...]]:
    """Return a policy and the files that it touches."""
    with open_reader(database()) as store:
        context = ElectionContext.of(store, election, now=now)
        policy = find_policy(context.profile.policies, key, on=now.astimezone(context.profile.zone).date())
        return policy, touched_by(store, context, policy)
