"""Which policies bear on a file, as findings for officers. A policy clears nobody and refuses nobody by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from domain.application.findings import Finding, Severity
from domain.application.reasons import ReasonCode
from domain.election.policies import (
    CountryGroups,
    Policy,
    PolicyCitation,
    PolicyFile,
    PolicyId,
    PolicyKind,
    covers,
)
from domain.election.unset import RuleUnsetError
from domain.organisations.organisation import Organisation

_RULES: Final[Mapping[PolicyKind, tuple[str, ReasonCode]]] = {
    PolicyKind.BAN: ("covered_by_ban", ReasonCode.R05),
    PolicyKind.STATUTORY_BAR: ("covered_by_statutory_bar", ReasonCode.R09),
    PolicyKind.CAP: ("over_number_limit", ReasonCode.R10),
    PolicyKind.INVITATION_GATE: ("not_invited", ReasonCode.R03),
}
"""Kinds that concern the decision on a file; fees, duties and limits of places do not."""


def bears_on(policy: Policy, file: PolicyFile) -> bool:
    """Whether the day of receipt puts *file* under *policy*; where the policy does not say, officers find out."""
    first = policy.in_force_from or policy.published_on or date.min
    return policy.applies_to != "files_received_from" or file.received_on >= first


def policy_findings(
    policies: Sequence[Policy],
    file: PolicyFile,
    organisation: Organisation,
    *,
    groups: CountryGroups,
    places: Mapping[PolicyId, int],
) -> Iterator[Finding]:
    """Yield what officers must know of *policies*, which are in force that day, before they decide on *file*.

    *places* says for each number limit which place in the order of receipt the file has among those it covers, from 1.
    A limit never refuses: who comes after it waits for an officer.
    """
    for policy in policies:
        if policy.kind not in _RULES or not bears_on(policy, file):
            continue
        rule, code = _RULES[policy.kind]
        try:
            if not covers(policy, file, groups):
                continue
        except RuleUnsetError:
            rule = "policy_group_unset"
        if rule == "over_number_limit" and not _is_over(policy, places.get(policy.id, 0)):
            continue
        if rule == "not_invited" and organisation.invited_on is not None:
            continue
        about = str(policy.citation)
        yield Finding(rule=rule, code=policy.reason or code, severity=Severity.HUMAN, about=about)


def cited_for(
    policies: Sequence[Policy], file: PolicyFile, reasons: Sequence[ReasonCode], *, groups: CountryGroups
) -> tuple[PolicyCitation, ...]:
    """Return what a decision on *file* names: of *policies*, in force that day, those about it or behind a reason."""
    return tuple(policy.citation for policy in policies if policy.reason in reasons or _is_about(policy, file, groups))


def _is_about(policy: Policy, file: PolicyFile, groups: CountryGroups) -> bool:
    try:
        return policy.kind in _RULES and bears_on(policy, file) and covers(policy, file, groups)
    except RuleUnsetError:
        return False


def _is_over(policy: Policy, place: int) -> bool:
    return policy.limit is not None and place > policy.limit
