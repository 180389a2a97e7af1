from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from support.builders import ENGINE, FIRST, NOW, SECOND, THIRD, a_proposal, an, an_application

from domain.application import events as e
from domain.application.actors import Actor
from domain.application.application import (
    Application,
    SecondOfficerError,
    TransitionRefusedError,
    application_id,
    case_number,
)
from domain.application.lifecycle import TRANSITIONS, Kind
from domain.application.reasons import ReasonCode
from domain.application.status import Status

TWO_OFFICERS: list[tuple[str, Status, Kind, Kind]] = [
    ("refusal", Status.IN_REVIEW, e.RefusalProposed, e.ApplicationRefused),
    ("revocation", Status.CREDENTIALED, e.RevocationProposed, e.AccreditationRevoked),
    ("dismissal", Status.UNDER_APPEAL, e.DismissalProposed, e.AppealDismissed),
]
PROPOSE = {confirm: propose for _, _, propose, confirm in TWO_OFFICERS}


@pytest.mark.parametrize(("name", "status", "propose", "confirm"), TWO_OFFICERS)
def test_a_grave_decision_takes_a_proposal_and_a_second_officer(
    name: str, status: Status, propose: Kind, confirm: Kind
) -> None:
    open_case = an_application(status).after(an(propose, FIRST))
    assert open_case.status is status
    assert open_case.after(an(confirm, SECOND)).proposal is None
    other = a_proposal("refusal" if name != "refusal" else "dismissal")
    returned = open_case.after(an(e.ProposalReturned, SECOND))
    for case, actor in [
        (an_application(status), SECOND),
        (an_application(status, proposal=other), SECOND),
        (open_case, FIRST),
        (open_case, ENGINE),
        (returned, SECOND),
    ]:
        with pytest.raises(SecondOfficerError):
            case.after(an(confirm, actor))


@pytest.mark.parametrize(("name", "status", "propose", "_confirm"), TWO_OFFICERS)
def test_only_an_officer_proposes_and_only_an_open_proposal_is_returned(
    name: str, status: Status, propose: Kind, _confirm: Kind
) -> None:
    for actor in (ENGINE, Actor(kind="organisation", code="ORG-01")):
        with pytest.raises(SecondOfficerError, match=f"only an officer can propose a {name}"):
            an_application(status).after(an(propose, actor))
    with pytest.raises(SecondOfficerError, match="no open proposal"):
        an_application(status, proposal=None).after(an(e.ProposalReturned, SECOND))


@pytest.mark.parametrize(
    ("status", "missing"),
    [
        (Status.REFUSED, "reasons"), (Status.REVOKED, "reasons"), (Status.INCOMPLETE, "reasons"),
        (Status.INCOMPLETE, "due_at"), (Status.DEFERRED, "due_at"), (Status.CREDENTIALED, "serial"),
        (Status.CREDENTIALED, "valid_until"),
    ],
)  # fmt: skip
def test_a_status_without_what_it_promises_cannot_exist(status: Status, missing: str) -> None:
    with pytest.raises(ValidationError):
        an_application(status, **{missing: () if missing == "reasons" else None})


def test_a_lifted_suspension_and_a_granted_appeal_give_back_what_was_taken() -> None:
    holder = an_application(Status.CREDENTIALED, before_suspension=None, taken_away=None, decided=None)
    suspended = holder.after(an(e.CredentialSuspended))
    assert suspended.after(an(e.SuspensionLifted)).status is Status.CREDENTIALED
    revoked = suspended.after(an(e.RevocationProposed)).after(an(e.AccreditationRevoked, SECOND))
    appealed = revoked.after(an(e.AppealLodged))
    assert appealed.after(an(e.AppealGranted)).status is Status.CREDENTIALED
    dismissed = appealed.after(an(e.DismissalProposed)).after(an(e.AppealDismissed, THIRD))
    assert (dismissed.status, dismissed.reasons) == (Status.REVOKED, revoked.reasons)
    refused = an_application(Status.IN_REVIEW).after(an(e.RefusalProposed)).after(an(e.ApplicationRefused, SECOND))
    assert refused.after(an(e.AppealLodged)).after(an(e.AppealGranted)).status is Status.APPROVED


@st.composite
def walks(draw: st.DrawFn) -> list[e.Event]:
    """Draw a history: legal moves by all kinds of actors, grave decisions likelier than chance would make them."""
    first = an(e.NominationRecorded, ENGINE, held=draw(st.booleans()))
    history: list[e.Event] = [first]
    application = Application.opened(first)
    for step in range(draw(st.integers(1, 30))):
        kinds = sorted((kind for status, kind in TRANSITIONS if status is application.status), key=lambda k: k.__name__)
        if not kinds:
            break
        facts: dict[str, Any] = {"at": NOW + timedelta(minutes=step), "decision_id": UUID(int=step)}
        kind = draw(st.sampled_from([*kinds, *(kind for kind in kinds if kind in PROPOSE or kind in PROPOSE.values())]))
        event = an(kind, draw(st.sampled_from([FIRST, SECOND, THIRD, ENGINE])))
        event = event.revised(**{name: value for name, value in facts.items() if name in kind.model_fields})
        try:
            application = application.after(event)
        except (SecondOfficerError, TransitionRefusedError):  # the latter where a badge names a region
            continue
        history.append(event)
    return history


def confirmed_by_two(history: Sequence[e.Event], place: int) -> bool:
    """Whether a different officer proposed what the event at *place* confirms, and nobody returned it since."""
    confirming = history[place]
    for event in reversed(history[:place]):
        if isinstance(event, e.ProposalReturned | e.RefusalRecalled):
            return False
        if isinstance(event, PROPOSE[type(confirming)]):
            return {event.actor.kind, confirming.actor.kind} == {"officer"} and event.actor != confirming.actor
    return False


@settings(max_examples=100, deadline=None, derandomize=True)
@given(walks())
def test_a_history_adds_up_to_its_application_and_never_refuses_without_two_officers(history: list[e.Event]) -> None:
    application = Application.replayed(history)
    assert application.version == len(history)
    one_by_one = Application.replayed(history[:1])
    for place, event in enumerate(history[1:], start=1):
        one_by_one = one_by_one.after(event)
        if one_by_one.status in {Status.REFUSED, Status.REVOKED} and type(event) in PROPOSE:
            assert confirmed_by_two(history, place)
        read_back = e.EVENT.validate_json(event.model_dump_json())
        assert read_back == event
    assert one_by_one == application


def test_a_history_begins_with_its_nomination() -> None:
    with pytest.raises(TypeError, match="begins with the recording"):
        Application.replayed([an(e.CompletenessConfirmed)])


def test_the_same_row_has_the_same_id_and_a_case_number_that_can_be_spelt_out() -> None:
    one = application_id("VALDARA-2027", "ORG-01", "ref\x1f7")
    assert one == application_id("VALDARA-2027", "ORG-01", "ref\x1f7")
    others = [
        ("VALDARA-2028", "ORG-01", "ref\x1f7"),
        ("VALDARA-2027", "ORG-02", "ref\x1f7"),
        ("VALDARA-2027", "ORG-01", "doc\x1f7"),
    ]
    assert one not in {application_id(*other) for other in others}
    assert case_number(UUID(int=0)) == "AAAA-AAAA-AAAA"
    assert case_number(UUID(int=(1 << 128) - 1)) == "7777-7777-7777"


def test_a_refusal_names_codes_that_stay_when_asked_for_more() -> None:
    asked = an_application(Status.IN_REVIEW).after(an(e.InformationRequested, reasons=(ReasonCode.D08,)))
    assert (asked.status, asked.reasons, asked.due_at is not None) == (Status.INCOMPLETE, (ReasonCode.D08,), True)
    assert asked.after(an(e.CompletenessConfirmed, ENGINE)).reasons == ()
