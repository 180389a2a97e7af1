"""What to write instead: for each column the problem and the remedy as a message, never with what stood there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field, computed_field

from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination
from domain.election.profile import ElectionProfile
from domain.intake.completeness import document_needed_until
from domain.messages import Message, facts_of
from domain.values import Frozen
from domain.words import LANGUAGES, SORTS, words_in


class Asked(Frozen):
    """What the rules ask for, as far as a remedy names it."""

    valid_until: date
    """The travel document lasts at least until then."""
    shortest_side: int
    """Pixels of a photograph."""
    width: int
    """Percent of a photograph's height."""

    @classmethod
    def of(cls, profile: ElectionProfile, nomination: Nomination) -> Asked:
        """Return what *profile* asks of *nomination*."""
        return cls(
            valid_until=document_needed_until(nomination, profile),
            shortest_side=profile.photo.min_short_side,
            width=round(100 * profile.photo.aspect),
        )


_OF_DATES = {"field_missing": "date_missing", "field_unreadable": "date_unclear"}


def remedy_for(finding: Finding, field: str, asked: Asked) -> Message:
    """Return what is wrong with *field* according to *finding*, and what to write there instead."""
    rule = _OF_DATES.get(finding.rule, finding.rule) if SORTS.get(field) == "date" else finding.rule
    known = {**asked.model_dump(mode="json"), "column": field, "rule": rule.replace("_", " ").capitalize()}
    if rule not in words_in(LANGUAGES[0]).problems or not facts_of(rule) <= known.keys():
        rule = "other_rule"
    if field not in SORTS and "column" in facts_of(rule):
        rule = "other_rule_elsewhere"
    return Message.of(rule, **{name: known[name] for name in facts_of(rule)})


def advice_for(finding: Finding, field: str, asked: Asked) -> Message | None:
    """Return the remedy as a letter gives it; None where the letter's own advice for the code says it better."""
    if finding.rule == "document_missing" or field == "pledge_accepted_on":
        return None
    return remedy_for(finding, field, asked)


class FieldProblem(Frozen):
    """What is wrong in one place of a row, and what to do; never what stands there."""

    field: str
    message: Annotated[Message, Field(exclude=True)]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def problem(self) -> str:
        """What is wrong, in English."""
        return self.message.problem()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def remedy(self) -> str:
        """What to do, in English."""
        return self.message.remedy()


def problems_of(findings: Sequence[Finding], asked: Asked) -> Iterator[FieldProblem]:
    """Yield what the organisation can mend of *findings*, field by field."""
    for finding in findings:
        if finding.severity is Severity.CURE:
            for field in finding.fields:
                yield FieldProblem(field=field, message=remedy_for(finding, field, asked))
