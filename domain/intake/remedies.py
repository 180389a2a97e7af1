"""What to write instead: for each column the problem and the remedy as a message, never with what stood there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Final

from pydantic import Field, computed_field

from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination, Remark
from domain.election.profile import ElectionProfile
from domain.intake.completeness import document_needed_until
from domain.intake.rows import OR
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
    likely: Annotated[Mapping[tuple[str, str], str], Field(repr=False)] = {}
    """By column and rule what may have been meant there."""

    @classmethod
    def of(cls, profile: ElectionProfile, nomination: Nomination) -> Asked:
        """Return what *profile* asks of *nomination*."""
        return cls(
            valid_until=document_needed_until(nomination, profile),
            shortest_side=profile.photo.min_short_side,
            width=round(100 * profile.photo.aspect),
            likely={
                (remark.field, remark.rule): likely
                for remark in nomination.remarks
                if (likely := _believable(remark, profile.election.day))
            },
        )


_YOUNGEST: Final = 10
"""Years before an election; nobody who is born later is nominated for it."""


def _believable(remark: Remark, on: date) -> str:
    """Return what may have been meant, of a birth without the days on which no nominee can have been born."""
    if remark.field != "birth_date" or remark.rule != "day_other_calendar":
        return remark.likely
    days = remark.likely.split(OR)
    return OR.join(day for day in days if day and date.fromisoformat(day).year < on.year - _YOUNGEST)


_OF_DATES: Final = {"field_missing": "date_missing", "field_unreadable": "date_unclear"}
_MAY_BE_LEFT_OUT: Final = frozenset({"birth_date", "document_expiry"})
"""Days that some documents do not print: their note says what to write then."""


def remedy_for(finding: Finding, field: str, asked: Asked) -> Message:
    """Return what is wrong with *field* according to *finding*, and what to write there instead."""
    rule = finding.rule
    if SORTS.get(field) == "date" and not (rule == "field_missing" and field in _MAY_BE_LEFT_OUT):
        rule = _OF_DATES.get(rule, rule)
    known = {
        **asked.model_dump(mode="json", exclude={"likely"}),
        "column": field,
        "rule": rule.replace("_", " ").capitalize(),
    }
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
    likely: Annotated[str, Field(repr=False, exclude=True)] = ""
    """What may have been meant: for the workbook that shows the row, not for letters, reports and Prefect."""

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

    def hint(self, language: str = LANGUAGES[0]) -> str:
        """Return what may have been meant, as a sentence in *language*; empty where nobody knows."""
        return words_in(language).corrections["likely"].format(self.likely) if self.likely else ""


def problems_of(findings: Sequence[Finding], asked: Asked) -> Iterator[FieldProblem]:
    """Yield what the organisation can mend of *findings*, field by field."""
    for finding in findings:
        if finding.severity is Severity.CURE:
            for field in finding.fields:
                likely = asked.likely.get((field, finding.rule), "")
                yield FieldProblem(field=field, message=remedy_for(finding, field, asked), likely=likely)
