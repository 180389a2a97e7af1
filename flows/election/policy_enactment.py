"""Policies put into force: each version once, with a letter to every organisation in the process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from db.store import Store
from domain.application.status import UNDECIDED
from domain.election.policies import Policy, PolicyChange, TouchedFile, touched, version_in_force
from domain.organisations.organisation import OrganisationStatus
from domain.values import ElectionCode, UtcTime
from flows.context import ElectionContext
from flows.letters.organisation_letters import OrganisationLetters
from flows.vetting.policies import files_of

_OUT = {OrganisationStatus.WITHDRAWN, OrganisationStatus.NOT_ADMITTED}


def enact(
    store: Store, election: ElectionCode, policies: Iterable[Policy], *, by: str, now: UtcTime, told: bool
) -> list[Policy]:
    """Keep the versions that are new and return them; with *told* every organisation gets a letter for each.

    Raises :class:`BadInputError` for a version that is kept with another text: a change is a new version.
    """
    new = [policy for policy in dict.fromkeys(policies) if store.policies.put(election, policy, by=by, now=now)]
    if new and told:
        context = ElectionContext.of(store, election, now=now)
        for policy in new:
            _tell(store, context, policy)
    return new


def touched_by(store: Store, context: ElectionContext, policy: Policy) -> tuple[TouchedFile, ...]:
    """Return the open files that *policy* touches on its first day, or today where it has none, and how.

    Raises :class:`domain.election.unset.RuleUnsetError` where it names a list of countries that nobody has filled in.
    """
    today = context.now.astimezone(ZoneInfo(context.profile.election.timezone)).date()
    on = policy.in_force_from or policy.published_on or today
    others = [one for one in context.profile.policies if one != policy]
    turn = PolicyChange(policy=policy.id, on=on, begins=policy, ends=version_in_force(others, policy.id, on=on))
    files = files_of(store, context, store.applications.all_in(context.election, *UNDECIDED))
    return touched(turn, files, context.profile.country_groups)


def _tell(store: Store, context: ElectionContext, policy: Policy) -> None:
    """Queue a letter to each organisation in the process (practice: L15), with the count of its own open files."""
    theirs = Counter(file.organisation for file in touched_by(store, context, policy))
    letters = OrganisationLetters.at(context)
    for organisation in context.organisations.values():
        if organisation.standing not in _OUT:
            letter = letters.policy(organisation, policy, open_cases=theirs[organisation.code])
            store.outbox.put(context.election, letter, now=context.now)
