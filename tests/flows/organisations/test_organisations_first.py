"""Organisations before their nominees: who waits is let in with a letter, and nobody is refused by one officer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.builders import ELECTION, an_organisation
from support.signing import rewritten
from support.stages import AS_OF, Stages, due

from db.letters.outbox import Settlement
from db.store import open_reader, open_store
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.election.profile import Paper
from domain.errors import BadInputError
from domain.letters.envelope import LetterOrder, LetterState
from domain.organisations.organisation import (
    AdmissionRefusedError,
    OrganisationActKind,
    OrganisationStatus,
    StandingRefusedError,
)
from flows.context import database, election_context
from flows.delivery.orders import order_letters
from flows.election.loading import init_election
from flows.organisations.admission import (
    Acted,
    Grounds,
    act,
    acts_of,
    apply,
    organisations_table,
    receive_papers,
)
from flows.organisations.overdue import overdue_organisations
from flows.statements.acceptance import ActingOfficer

FIRST, SECOND, THIRD = (ActingOfficer(f"OFF-DEMO-{number}", ELECTION, AS_OF) for number in (1, 2, 3))
NOTHING = Grounds()
WHY = Grounds((ReasonCode.R03,), "Nobody invited it.")


@pytest.fixture
def taken_in(stages: Stages) -> Iterator[Stages]:
    with stages.copy("taken in"):
        yield stages


def waiting() -> tuple[str, int]:
    """Return an organisation that is not admitted, and how many of its nominees wait."""
    one = next(one for one in organisations_table(ELECTION, now=AS_OF) if one["waiting"])
    return one["organisation"], one["waiting"]


def done(code: str, what: OrganisationActKind, by: ActingOfficer = FIRST, grounds: Grounds = NOTHING) -> Acted:
    return act(code, what, by, grounds)


def told(code: str) -> list[str]:
    with open_reader(database()) as store:
        keys = [key for key in store.outbox.keys(ELECTION) if key.startswith(f"organisation:{ELECTION}:{code}:")]
        letters = [store.letters.get(ELECTION, key) for key in sorted(keys)]
    contents: list[Any] = [letter.envelope.contents for letter in letters]
    return [content["outcome"] for content in contents]


def test_who_waited_is_taken_up_when_the_organisation_is_admitted_and_loading_again_keeps_it(taken_in: Stages) -> None:
    code, count = waiting()
    assert done(code, OrganisationActKind.ADMIT).released == count
    assert (told(code), [one.officer for one in acts_of(ELECTION, code)]) == (["admitted"], ["OFF-DEMO-1"])
    assert not [
        one for one in organisations_table(ELECTION, now=AS_OF) if one["organisation"] == code and one["waiting"]
    ]
    with pytest.raises(StandingRefusedError, match="is admitted"):
        done(code, OrganisationActKind.ADMIT)
    init_election(taken_in.package, now=AS_OF)
    with open_reader(database()) as store:
        assert store.organisations.get(ELECTION, code).standing is OrganisationStatus.ADMITTED
        assert store.admissions.broken(ELECTION) == []


@pytest.mark.usefixtures("taken_in")
def test_a_refusal_takes_two_officers_a_reason_and_the_facts() -> None:
    code, count = waiting()
    with pytest.raises(AdmissionRefusedError, match="give a reason code"):
        done(code, OrganisationActKind.PROPOSE_REFUSAL, grounds=Grounds((ReasonCode.R03,)))
    with pytest.raises(AdmissionRefusedError, match="no legal ground"):
        done(code, OrganisationActKind.PROPOSE_REFUSAL, grounds=Grounds((ReasonCode.R10,), "Too many."))
    with pytest.raises(AdmissionRefusedError, match="no refusal has been proposed"):
        done(code, OrganisationActKind.REFUSE, SECOND)
    assert (
        done(code, OrganisationActKind.PROPOSE_REFUSAL, SECOND, WHY).organisation.standing is OrganisationStatus.INVITED
    )
    with pytest.raises(AdmissionRefusedError, match="second, different officer"):
        done(code, OrganisationActKind.REFUSE, SECOND)
    assert (
        told(code),
        done(code, OrganisationActKind.REFUSE, THIRD).organisation.standing,
    ) == (
        [],
        "not_admitted",
    )
    assert told(code) == ["not_admitted"]
    assert len(due(Status.HELD)) >= count


@pytest.mark.usefixtures("taken_in")
def test_a_suspended_organisation_is_let_in_again_and_one_that_left_takes_its_undecided_along() -> None:
    code = next(
        one["organisation"] for one in organisations_table(ELECTION, now=AS_OF) if one["standing"] == "admitted"
    )
    assert (
        done(code, OrganisationActKind.SUSPEND, grounds=Grounds((), "Funding.")).organisation.standing
        is OrganisationStatus.SUSPENDED
    )
    assert done(code, OrganisationActKind.ADMIT).organisation.may_nominate
    gone = done(code, OrganisationActKind.WITHDRAW)
    assert gone.withdrawn == len(due(Status.WITHDRAWN)) > 0
    assert told(code) == ["suspended", "admitted", "withdrawn"]


@pytest.mark.usefixtures("taken_in")
def test_an_application_is_entered_and_its_letter_says_what_is_still_needed(tmp_path: Path) -> None:
    new = an_organisation("ORG-NEW", admitted=False).revised(standing=OrganisationStatus.APPLIED)
    (tmp_path / "new.yaml").write_text(yaml.safe_dump(new.model_dump(mode="json")))
    papers = Grounds((ReasonCode.D07,), "The statute is missing.")
    assert apply(new, FIRST, papers).organisation.standing is OrganisationStatus.APPLIED
    assert told("ORG-NEW") == ["waiting"]
    with pytest.raises(StandingRefusedError):
        apply(new, FIRST, papers)
    code, _ = waiting()
    with open_reader(database()) as store:
        invited = store.organisations.get(ELECTION, code)
    assert apply(invited, FIRST, Grounds()).organisation.standing is OrganisationStatus.APPLIED
    assert told(code) == ["received"]


def test_an_organisation_is_admitted_without_what_the_profile_asks_for_only_where_an_officer_says_why(
    taken_in: Stages,
) -> None:
    del taken_in
    profile = election_context(ELECTION, AS_OF).profile
    statute = Paper(name="statute", of="organisation", ground="Observers Act of Valdara, art. 5 (2)")
    calendar = profile.calendar.revised(organisation_decision_days=5)
    rewritten(profile=profile.revised(papers=(statute,), calendar=calendar))
    apply(an_organisation("ORG-NEW", admitted=False), FIRST, NOTHING)
    assert overdue_organisations(ELECTION, now=AS_OF) == []
    assert overdue_organisations(ELECTION, now=AS_OF + timedelta(days=30)) == ["ORG-NEW"]
    with pytest.raises(AdmissionRefusedError, match=r"papers not received: statute\. To admit it all the same"):
        done("ORG-NEW", OrganisationActKind.ADMIT)
    with pytest.raises(BadInputError, match="no paper that the profile asks of ORG-NEW"):
        receive_papers("ORG-NEW", ["poem"], FIRST)
    assert receive_papers("ORG-NEW", ["statute"], FIRST).missing == ()
    with pytest.raises(AdmissionRefusedError, match="applied after the closing"):
        done("ORG-NEW", OrganisationActKind.ADMIT)
    stated = Grounds(facts="The post was on strike.")
    assert done("ORG-NEW", OrganisationActKind.ADMIT, grounds=stated).organisation.may_nominate
    assert overdue_organisations(ELECTION, now=AS_OF + timedelta(days=30)) == []
    with open_reader(database()) as store:
        assert store.admissions.broken(ELECTION) == []


def at(hours: float, officer: int = 1) -> ActingOfficer:
    return ActingOfficer(f"OFF-DEMO-{officer}", ELECTION, AS_OF + timedelta(hours=hours))


def letter_arrives(code: str, number: int, state: LetterState, hours: float) -> None:
    with open_store(database()) as store:
        key = f"organisation:{ELECTION}:{code}:{number}"
        store.outbox.settle([Settlement(key, state, "250 Ok")], now=AS_OF + timedelta(hours=hours))


@pytest.mark.usefixtures("taken_in")
def test_an_organisation_that_is_asked_for_more_is_refused_only_when_its_letter_arrived_and_its_time_is_over() -> None:
    code = "ORG-NEW"
    apply(an_organisation(code, admitted=False), FIRST, NOTHING)
    with pytest.raises(AdmissionRefusedError, match="give a reason code"):
        done(code, OrganisationActKind.ASK, grounds=Grounds((ReasonCode.R03,), "The statute."))
    done(code, OrganisationActKind.ASK, grounds=Grounds((ReasonCode.D07,), "The statute is missing."))
    assert told(code) == ["received", "waiting"]
    with pytest.raises(AdmissionRefusedError, match="nobody is refused who was not told"):
        done(code, OrganisationActKind.PROPOSE_REFUSAL, at(100, 2), WHY)
    letter_arrives(code, 2, LetterState.SENT, 100)
    with pytest.raises(AdmissionRefusedError, match="it can mend its application until"):
        done(code, OrganisationActKind.PROPOSE_REFUSAL, at(120, 2), WHY)
    done(code, OrganisationActKind.PROPOSE_REFUSAL, at(149, 2), WHY)
    letter_arrives(code, 2, LetterState.FAILED, 150)
    with pytest.raises(AdmissionRefusedError, match="is failed"):
        done(code, OrganisationActKind.REFUSE, at(151, 3))
    with open_store(database()) as store:
        before = store.organisations.get(ELECTION, code)
        moved = before.focal_point.revised(email="new@org-new.example")
        store.organisations.put(ELECTION, before.revised(focal_point=moved))
    key = f"organisation:{ELECTION}:{code}:2"
    order_letters(LetterOrder.RESEND, [key], at(152))
    with open_reader(database()) as store:
        assert store.letters.get(ELECTION, key).envelope.to == "new@org-new.example"
    letter_arrives(code, 2, LetterState.SENT, 160)
    with pytest.raises(AdmissionRefusedError, match="it can mend its application until"):
        done(code, OrganisationActKind.REFUSE, at(161, 3))
    assert done(code, OrganisationActKind.REFUSE, at(209, 3)).organisation.standing is OrganisationStatus.NOT_ADMITTED
