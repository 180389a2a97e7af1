"""Findings in words, as the desk calls them; the rule's name is for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.application.findings import needs_human
from domain.application.reasons import MEANING
from flows.desk.said import FALLBACK, said_in

if TYPE_CHECKING:
    from flows.decisions.review import CaseEvidence, CaseView

_SAID: Final = said_in(FALLBACK)
WHY_OVER: Final = _SAID["case.why_over"]


def rule_in_words(rule: str) -> str:
    """Return what officers call a rule."""
    return _SAID.get(f"rule.{rule}", rule.replace("_", " "))


def rules_in_words(rules: str) -> str:
    """Return a list of rules, with commas between, in words."""
    return ", ".join(rule_in_words(rule) for rule in rules.split(", ") if rule)


def rule_meant(typed: str) -> str:
    """Return the rule that is called *typed*, by its words or its name; else what is typed, as a name."""
    known = [key.removeprefix("rule.") for key in _SAID if key.startswith("rule.")]
    bare = typed.strip().casefold()
    return next((rule for rule in known if rule_in_words(rule).casefold() == bare), bare.replace(" ", "_"))


def evidence_line(found: CaseEvidence) -> str:
    """Return a finding in words."""
    finding = found.finding
    fields = f" ({', '.join(name.replace('_', ' ') for name in finding.fields)})" if finding.fields else ""
    return f"{finding.code} {rule_in_words(finding.rule)}: {MEANING[finding.code]}{fields}"


def is_to_judge(screen: CaseView) -> bool:
    """Whether anything was found that an officer must judge."""
    return needs_human(tuple(evidence.finding for evidence in screen.evidence))
