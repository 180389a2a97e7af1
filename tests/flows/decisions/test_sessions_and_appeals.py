"""Sessions adopt all of their agenda or nothing; appeals are heard by officers who took no part."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from support.builders import ELECTION, WEIGHED
from support.signing import rewritten
from support.stages import AS_OF, Stages, deliver, due

from db.store import open_store
from domain.application.application import case_number
from domain.application.events import AppealLodged
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.credentials.states import LedgerState
from domain.decisions.rulings import DecisionRefusedError, Outcome, Ruling
from domain.decisions.sessions import Resolution, SessionRefusedError
from domain.statements.officers import DECIDING, OfficerRefusedError, OfficerRole
from flows.context import database
from flows.decisions import casework, sessions
from flows.decisions.annexes import write_annex
from flows.decisions.case_file import case_file
from flows.decisions.rulings import Result, decide_applications
from flows.issuance import life
from flows.statements.acceptance import ActingOfficer

FIRST, SECOND, CONFIRMING = "OFF-DEMO-1", "OFF-DEMO-2", "OFF-DEMO-3"
APPEALS = ("OFF-DEMO-4", "OFF-DEMO-5")
REFUSE = Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R04,), facts="The register shows it.")
CONFIRM, LODGE = Ruling(outcome=Outcome.CONFIRM), Ruling(outcome=Outcome.LODGE_APPEAL)
GRANT, DISMISS, REMAND = (
    Ruling(outcome=one, facts="The panel read the register.")
    for one in (Outcome.GRANT_APPEAL, Outcome.DISMISS_APPEAL, Outcome.REMAND_APPEAL)
)
RESOLUTION = Resolution(number="114/2027", present=(FIRST, CONFIRMING, SECOND), votes_for=2, abstained=1)


def rule(ruling: Ruling, officer: str, *ids: UUID, now: Any = AS_OF) -> list[Result]:
    return decide_applications(ids, ruling, ActingOfficer(officer, ELECTION, now))


def status(known: UUID) -> Status:
    return case_file(known).application.status


def letters(known: UUID) -> Counter[str]:
    return Counter(kind for kind, _, _ in case_file(known).letters)


@pytest.fixture
def vetted(stages: Stages) -> Iterator[Stages]:
    with stages.copy("vetted"):
        yield stages


def explained(known: UUID) -> UUID:
    """Return a note that says why what was found on a case is set aside."""
    return casework.write_note(known, "The mission explained it.", ActingOfficer(FIRST, ELECTION, AS_OF)).id


def signed(officer: str, resolution: Resolution = RESOLUTION, *, now: datetime = AS_OF) -> None:
    sessions.sign_resolution("S-1", resolution, ActingOfficer(officer, ELECTION, now))


def adopted(officer: str) -> list[Result]:
    return sessions.adopt_resolution("S-1", ActingOfficer(officer, ELECTION, AS_OF))


@pytest.mark.usefixtures("vetted")
def test_a_session_adopts_everything_on_its_agenda_under_one_number_or_nothing(tmp_path: Path) -> None:
    granted, refused, moved = due(Status.IN_REVIEW)[:3]
    text = "The register of Aul shows it."
    note = casework.write_note(refused, text, ActingOfficer(FIRST, ELECTION, AS_OF))
    sessions.call_session("S-1", AS_OF, election=ELECTION)
    approving = Ruling(outcome=Outcome.APPROVE, notes=(explained(granted),))
    with pytest.raises(DecisionRefusedError, match=rf"found on {case_number(moved)}\. Say why.*accredit note"):
        sessions.put_on_agenda("S-1", [granted, moved], approving, election=ELECTION)
    both = approving.revised(notes=(*approving.notes, explained(moved)))
    sessions.put_on_agenda("S-1", [granted, moved], both, election=ELECTION)
    moving = Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R04,), notes=(note.id,))
    sessions.put_on_agenda("S-1", [refused], moving, election=ELECTION)
    for wrong, why in (
        (RESOLUTION.revised(present=(FIRST,), votes_for=1, abstained=0), "the quorum is 2"),
        (RESOLUTION.revised(votes_for=1, votes_against=1), "no majority"),
    ):
        with pytest.raises(SessionRefusedError, match=why):
            signed(FIRST, wrong)
    with pytest.raises(SessionRefusedError, match="no member has signed"):
        adopted(CONFIRMING)
    with pytest.raises(SessionRefusedError, match="nobody signs before"):
        signed(FIRST, now=AS_OF - timedelta(minutes=1))
    signed(FIRST)
    with pytest.raises(OfficerRefusedError, match="second, different member"):
        adopted(FIRST)
    assert rule(REFUSE, SECOND, moved)[0].applied
    with pytest.raises(SessionRefusedError, match="changed after being put on the agenda"):
        adopted(CONFIRMING)
    assert {status(one) for one in (granted, refused)} == {Status.IN_REVIEW}
    sessions.take_off_agenda("S-1", [moved], election=ELECTION)
    with pytest.raises(SessionRefusedError, match="no member has signed"):
        adopted(CONFIRMING)
    signed(FIRST)
    assert len(adopted(CONFIRMING)) == 2
    assert (status(granted), status(refused), status(moved)) == (Status.APPROVED, Status.REFUSED, Status.IN_REVIEW)
    assert {(decision.officer, decision.session) for decision in case_file(refused).decisions} == {
        (FIRST, "114/2027"), (CONFIRMING, "114/2027")
    }  # fmt: skip
    assert letters(refused)["refusal"] == letters(granted)["approval"] == 1
    with pytest.raises(SessionRefusedError, match="has adopted"):
        adopted(SECOND)
    pages, sheet = write_annex("S-1", tmp_path, election=ELECTION)
    assert pages.read_bytes().startswith(b"%PDF")
    cells = list(load_workbook(io.BytesIO(sheet.read_bytes())).worksheets[0].iter_rows(values_only=True))
    assert any(case_file(refused).application.case_number in row and "refuse" in row for row in cells)
    assert any("2 for, 0 against, 1 abstained" in row for row in cells)


@pytest.mark.usefixtures("vetted")
def test_what_is_for_the_body_no_officer_decides_and_the_refusal_says_where_it_is_decided() -> None:
    granted, proposed, asked, deferred = due(Status.IN_REVIEW)[:4]
    assert rule(REFUSE, FIRST, proposed)[0].applied
    with open_store(database()) as store:
        profile = store.elections.profile(ELECTION)
        decision = profile.decision.revised(body="commission_session")
        store.elections.put(profile.revised(decision=decision), store.elections.geography(ELECTION), now=AS_OF)
    for ruling in (REFUSE, Ruling(outcome=Outcome.APPROVE)):
        with pytest.raises(DecisionRefusedError, match=r"is for the commission session.*accredit session agenda"):
            rule(ruling, FIRST, granted)
    assert "to refuse is for the commission session" in rule(CONFIRM, CONFIRMING, proposed)[0].sentence
    assert rule(Ruling(outcome=Outcome.RETURN), CONFIRMING, proposed)[0].applied
    asking = Ruling(outcome=Outcome.REQUEST_INFORMATION, reasons=(ReasonCode.D08,), facts="Who pays?")
    assert rule(asking, FIRST, asked)[0].applied
    until = AS_OF + timedelta(hours=20)
    assert rule(
        Ruling(outcome=Outcome.DEFER, reasons=(ReasonCode.X01,), until=until, facts="The register's answer."),
        FIRST,
        deferred,
    )[0].applied
    sessions.call_session("S-1", AS_OF, election=ELECTION)
    with pytest.raises(DecisionRefusedError, match="no facts are stated for R04"):
        sessions.put_on_agenda("S-1", [proposed], REFUSE.revised(facts=""), election=ELECTION)
    approving = Ruling(outcome=Outcome.APPROVE, notes=(explained(granted),))
    sessions.put_on_agenda("S-1", [granted], approving, election=ELECTION)
    signed(FIRST)
    assert adopted(CONFIRMING)[0].applied
    assert [status(one) for one in (granted, proposed, asked, deferred)] == [
        Status.APPROVED, Status.IN_REVIEW, Status.INCOMPLETE, Status.DEFERRED
    ]  # fmt: skip


@pytest.mark.usefixtures("vetted")
def test_an_appeal_is_heard_by_two_others_and_each_outcome_writes_its_letter() -> None:
    granted, dismissed, remanded = due(Status.IN_REVIEW)[:3]
    every = (granted, dismissed, remanded)
    assert not rule(LODGE, SECOND, granted)[0].applied
    rule(REFUSE, FIRST, *every)
    rule(CONFIRM, CONFIRMING, *every)
    lodged = AS_OF + timedelta(days=1)
    assert all(result.applied for result in rule(LODGE, SECOND, granted, dismissed, now=lodged))
    assert rule(LODGE, SECOND, remanded, now=AS_OF + timedelta(days=30))[0].applied
    late = [next(e for e in case_file(one).history if isinstance(e, AppealLodged)).late for one in (granted, remanded)]
    assert late == [False, True]
    assert all(letters(one)["appeal_receipt"] == 1 for one in every)
    with pytest.raises(OfficerRefusedError, match="appeals officer"):
        rule(GRANT, FIRST, granted, now=lodged)
    heard = AS_OF + timedelta(days=31)
    assert "give facts or a note" in rule(GRANT.revised(facts=""), APPEALS[0], granted, now=heard)[0].sentence
    assert rule(GRANT, APPEALS[0], granted, now=heard)[0].applied
    assert rule(REMAND, APPEALS[0], remanded, now=heard)[0].applied
    assert rule(DISMISS, APPEALS[0], dismissed, now=heard)[0].applied
    assert status(dismissed) is Status.UNDER_APPEAL
    assert "appeals officer" in rule(CONFIRM, CONFIRMING, dismissed, now=heard)[0].sentence
    assert not rule(CONFIRM, APPEALS[0], dismissed, now=heard)[0].applied
    assert rule(CONFIRM, APPEALS[1], dismissed, now=heard)[0].applied
    assert [status(one) for one in every] == [Status.APPROVED, Status.REFUSED, Status.IN_REVIEW]
    assert all(letters(one)["appeal_outcome"] == 1 for one in every)


def test_who_took_part_before_does_not_hear_the_appeal_whatever_roles_they_hold(stages: Stages) -> None:

    with stages.copy("vetted"):
        one = due(Status.IN_REVIEW)[0]
        with open_store(database()) as store:
            first = store.officers.get(ELECTION, FIRST)
        rewritten(first.revised(roles=tuple(DECIDING - {OfficerRole.SURGE_OFFICER})))
        rule(REFUSE, FIRST, one)
        rule(CONFIRM, CONFIRMING, one)
        rule(LODGE, SECOND, one)
        for ruling in (GRANT, DISMISS, REMAND):
            assert "took part in the decision" in rule(ruling, FIRST, one)[0].sentence
        rule(DISMISS, APPEALS[0], one)
        assert "took part in the decision" in rule(CONFIRM, FIRST, one)[0].sentence
        assert status(one) is Status.UNDER_APPEAL


def test_a_granted_appeal_against_a_revocation_makes_the_serial_good_again(stages: Stages) -> None:
    with stages.copy("issued"):
        one = due(Status.CREDENTIALED)[0]
        revoke = Ruling(outcome=Outcome.REVOKE, reasons=(ReasonCode.V03,), facts=f"Two reports. {WEIGHED}")
        rule(revoke, FIRST, one)
        deliver()
        later = AS_OF + timedelta(days=3)
        assert rule(CONFIRM, CONFIRMING, one, now=later)[0].applied
        assert rule(LODGE, SECOND, one, now=later)[0].applied
        assert rule(GRANT, APPEALS[0], one, now=later)[0].applied
        assert status(one) is Status.CREDENTIALED
        line = next(x for x in life.serial_ledger(ELECTION).lines if x.application_id == one)
        assert line.state is LedgerState.ISSUED
        assert not life.serial_ledger(ELECTION).contradictions
