"""An organisation's appeal: the states, letters, clock and second look of a person's, decided by other officers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from support.builders import ELECTION, an_organisation
from support.stages import AS_OF, Stages

from db.letters.outbox import Settlement
from db.statements.record import Statements
from db.store import open_reader, open_store
from domain.application.reasons import ReasonCode
from domain.decisions.appeals import appeal_due
from domain.errors import BadInputError
from domain.letters.envelope import LetterState
from domain.organisations.organisation import (
    AdmissionRefusedError,
    OrganisationActKind,
    OrganisationStatus,
    StandingRefusedError,
)
from domain.statements.officers import OfficerRefusedError
from domain.statements.statement import StatementRefusedError
from flows.context import database, election_context
from flows.organisations.admission import Acted, Grounds, act, apply, organisations_table
from flows.organisations.overdue import overdue_organisations
from flows.statements.acceptance import ActingOfficer

CODE = "ORG-NEW"
REFUSED = Grounds((ReasonCode.R03,), "Nobody invited it.")
WHY = Grounds(facts="The invitation of 3 January had been filed under another name.")
Act = OrganisationActKind


@pytest.fixture
def refused(sqlite_stages: Stages) -> Iterator[None]:
    """Have an organisation refused by OFF-DEMO-1 and OFF-DEMO-3, and its letter delivered."""
    with sqlite_stages.copy("taken in"):
        apply(an_organisation(CODE, admitted=False), by(1), Grounds())
        done(Act.PROPOSE_REFUSAL, 1, 1, REFUSED)
        done(Act.REFUSE, 3, 2)
        with open_store(database()) as store:
            key = f"organisation:{ELECTION}:{CODE}:3"
            store.outbox.settle([Settlement(key, LetterState.SENT, "250 Ok")], now=AS_OF + timedelta(hours=3))
        yield


def by(officer: int, hours: float = 0) -> ActingOfficer:
    return ActingOfficer(f"OFF-DEMO-{officer}", ELECTION, AS_OF + timedelta(hours=hours))


def done(what: OrganisationActKind, officer: int, hours: float, grounds: Grounds = Grounds()) -> Acted:  # noqa: B008
    return act(CODE, what, by(officer, hours), grounds)


def outcomes() -> list[str]:
    """Return what the letters about the appeal said, in the order of the acts."""
    with open_reader(database()) as store:
        keys = [key for key in store.outbox.keys(ELECTION) if key.startswith("organisation_appeal:")]
        letters = [store.letters.get(ELECTION, key) for key in sorted(keys)]
    return [str(letter.envelope.contents["outcome"]) for letter in letters]


@pytest.mark.usefixtures("refused")
def test_an_appeal_is_dismissed_by_two_officers_who_did_not_refuse() -> None:
    assert done(Act.LODGE_APPEAL, 1, 10).organisation.standing is OrganisationStatus.UNDER_APPEAL
    with pytest.raises(StandingRefusedError):
        done(Act.ADMIT, 2, 11, WHY)
    with pytest.raises(OfficerRefusedError, match="appeals officer"):
        done(Act.PROPOSE_DISMISSAL, 1, 11, WHY)
    with pytest.raises(AdmissionRefusedError, match="give the facts"):
        done(Act.PROPOSE_DISMISSAL, 4, 11)
    done(Act.PROPOSE_DISMISSAL, 4, 11, WHY)
    with pytest.raises(AdmissionRefusedError, match="second, different officer"):
        done(Act.DISMISS_APPEAL, 4, 12)
    assert done(Act.DISMISS_APPEAL, 5, 12).organisation.standing is OrganisationStatus.NOT_ADMITTED
    assert outcomes() == ["received", "dismissed"]


@pytest.mark.usefixtures("refused")
def test_a_remanded_application_is_decided_anew_and_its_second_appeal_by_others_again() -> None:
    done(Act.LODGE_APPEAL, 1, 10)
    assert done(Act.REMAND_APPEAL, 4, 11, WHY).organisation.standing is OrganisationStatus.APPLIED
    done(Act.PROPOSE_REFUSAL, 1, 12, REFUSED)
    done(Act.REFUSE, 3, 13)
    done(Act.LODGE_APPEAL, 1, 14)
    with pytest.raises(OfficerRefusedError, match="took part in the decision on ORG-NEW"):
        done(Act.GRANT_APPEAL, 4, 15, WHY)
    assert done(Act.GRANT_APPEAL, 5, 15, WHY).organisation.may_nominate
    assert outcomes() == ["received", "remanded", "received", "granted"]


@pytest.mark.usefixtures("refused")
def test_an_appeal_is_late_when_its_clock_is_over_and_one_out_of_time_is_taken_with_a_word() -> None:
    profile = election_context(ELECTION, AS_OF).profile
    last = profile.remedy_due(AS_OF + timedelta(hours=3))
    assert last
    lodged = (last - AS_OF) / timedelta(hours=1) + 1
    done(Act.LODGE_APPEAL, 1, lodged)
    with open_reader(database()) as store:
        (key,) = (key for key in store.outbox.keys(ELECTION) if key.startswith("organisation_appeal:"))
        receipt = store.letters.get(ELECTION, key).envelope.contents
    due = appeal_due(profile, by(1, lodged).now)
    assert (receipt["late"], receipt["decision_due"]) == (True, due.isoformat().replace("+00:00", "Z"))
    assert overdue_organisations(ELECTION, now=due) == []
    assert overdue_organisations(ELECTION, now=due + timedelta(hours=1)) == [CODE]
    shown = {row["organisation"]: row["answer due"] for row in organisations_table(ELECTION, now=due)}
    assert shown[CODE] == f"{due:%Y-%m-%d %H:%M}"


@pytest.mark.usefixtures("refused")
def test_an_appeal_arrived_neither_before_its_refusal_nor_in_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    done(Act.RECEIVE_PAPERS, 1, 9, Grounds(facts="statute"))
    with pytest.raises(BadInputError, match="is still to come"):
        by(1, 10).on_arrival(AS_OF + timedelta(hours=11))
    with pytest.raises(StatementRefusedError, match="before what it rests on"):
        done(Act.LODGE_APPEAL, 1, 1.5)
    lodged = by(1, 10).on_arrival(AS_OF + timedelta(hours=8))  # before papers that were entered later
    assert act(CODE, Act.LODGE_APPEAL, lodged, Grounds()).organisation.standing is OrganisationStatus.UNDER_APPEAL
    monkeypatch.setattr(Statements, "is_rehearsal", lambda *_: False)
    with pytest.raises(AdmissionRefusedError, match="Only what an organisation sends"):
        done(Act.GRANT_APPEAL, 4, 11, WHY)


@pytest.mark.usefixtures("refused")
def test_there_is_no_appeal_without_a_refusal_or_without_a_remedy() -> None:
    with pytest.raises(StandingRefusedError, match="cannot become under appeal"):
        act("ORG-01", Act.LODGE_APPEAL, by(1, 10), Grounds())
