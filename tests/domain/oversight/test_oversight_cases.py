"""What the report makes of a history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.builders import CASE, an

from domain.application import events as e
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.organisations.organisation import OrganisationKind
from domain.oversight.cases import Origin, Outcome, ReportCase, case_of

RECEIVED = datetime(2027, 2, 1, 9, tzinfo=UTC)


def day(number: int) -> datetime:
    return RECEIVED + timedelta(days=number)


def after(*events: e.Event) -> ReportCase:
    origin = Origin(CASE, "ORG-01", OrganisationKind.NGO, Role.SHORT_TERM_OBSERVER, ("XAA",), RECEIVED)
    return case_of(origin, events, office_of=lambda _: "RO-1")


def refused(code: ReasonCode = ReasonCode.R06, at: int = 5) -> e.ApplicationRefused:
    return an(e.ApplicationRefused, reasons=(code,), at=day(at))


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (ReasonCode.R06, Outcome.REFUSED),
        (ReasonCode.R05, Outcome.REFUSED_BY_POLICY),
        (ReasonCode.R10, Outcome.REFUSED_BY_POLICY),
        (ReasonCode.R01, Outcome.REFUSED_AS_LATE),
    ],
)
def test_a_refusal_under_a_policy_or_as_late_is_counted_apart(code: ReasonCode, outcome: Outcome) -> None:
    assert (after(refused(code)).outcome, after(refused(code)).lead) == (outcome, code)


def test_both_waits_end_with_the_first_decision_and_the_second_begins_with_the_first_complete_file() -> None:
    found = after(
        an(e.CompletenessConfirmed, at=day(2)), an(e.CompletenessConfirmed, at=day(4)), refused(at=5),
        an(e.AppealLodged, at=day(6)), an(e.AppealGranted, at=day(8)), an(e.ApplicationApproved, at=day(9)),
    )  # fmt: skip
    assert found.wait_since_receipt(day(30)) == timedelta(days=5)
    assert found.wait_since_complete(day(30)) == timedelta(days=3)
    assert (found.outcome, found.appeals, found.granted) == (Outcome.REFUSED, 1, 1)


def test_a_refusal_taken_back_in_time_was_none_and_an_open_file_waits_until_now() -> None:
    found = after(refused(at=5), an(e.RefusalRecalled, at=day(6)))
    assert (found.outcome, found.lead, found.office) == (Outcome.OPEN, None, "")
    assert found.wait_since_receipt(day(30)) == timedelta(days=30)
    assert found.wait_since_complete(day(30)) is None


def test_who_withdrew_before_a_decision_waited_for_none() -> None:
    found = after(an(e.ApplicationWithdrawn, at=day(3)))
    assert (found.outcome, found.wait_since_receipt(day(30))) == (Outcome.WITHDRAWN, None)
