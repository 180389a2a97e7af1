"""What a check found. A finding informs; it never refuses anybody."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.application.reasons import ReasonCode
from domain.values import Frozen, RuleName


class Severity(StrEnum):
    """What a finding calls for."""

    CURE = "cure"
    """the organisation can mend it: a deficiency"""
    HUMAN = "human"
    """an officer must judge it"""
    NOTE = "note"
    """shown with the case, holds nothing up"""


class Finding(Frozen):
    """One finding of one rule: codes and field names only, no value of the person's."""

    rule: RuleName
    code: ReasonCode
    severity: Severity
    fields: tuple[str, ...] = ()
    about: Annotated[str, Field(description="id of another case or list entry the finding points to")] = ""


def deficiencies(findings: tuple[Finding, ...]) -> tuple[ReasonCode, ...]:
    """Return the codes the organisation is asked to mend, each once, in order."""
    return tuple(sorted({finding.code for finding in findings if finding.severity is Severity.CURE}))


def needs_human(findings: tuple[Finding, ...]) -> bool:
    """Whether any finding must be judged by an officer."""
    return any(finding.severity is Severity.HUMAN for finding in findings)
