"""Policies at the desk: loading new versions, showing what is in force, and which open files a change touches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from db.store import open_reader, open_store
from domain.election.policies import Policy, PolicyCitation, TouchedFile, in_force, version_in_force
from domain.errors import UnknownThingError
from domain.statements.canonical import digest_of
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, UtcTime
from flows.context import ElectionContext, database
from flows.documents import load_document
from flows.election.policy_enactment import enact, touched_by
from flows.statements.acceptance import ActingOfficer, authorise


def load_policies(path: Path, by: ActingOfficer) -> dict[str, tuple[TouchedFile, ...]]:
    """Load the policies in a YAML file and return, for each new version, the open files that it touches.

    Every organisation in the process gets a letter for each. A second time nothing is new. Raises
    :class:`BadInputError` for a version that is kept with another text, and for a proof that does not hold.
    """
    policies = load_document(path, TypeAdapter(list[Policy]))
    texts = {str(policy.citation): digest_of(policy.model_dump(mode="json")) for policy in policies}
    deed = Deed(kind=ActKind.POLICIES, terms={"policies": dict(texts)})
    with open_store(database()) as store:
        officer = authorise(store, by, deed, role=OfficerRole.CASE_OFFICER).officer
        new = enact(store, by.election, policies, by=officer.code, now=by.now, told=True)
        context = ElectionContext.of(store, by.election, now=by.now)
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
    """Return a policy and the open files that it touches."""
    with open_reader(database()) as store:
        context = ElectionContext.of(store, election, now=now)
        policy = find_policy(context.profile.policies, key, on=now.astimezone(context.profile.zone).date())
        return policy, touched_by(store, context, policy)
