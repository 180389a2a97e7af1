"""A decision says by which version of the rules it was taken: in its event, in the history, and in its letter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.builders import ELECTION
from support.signing import rewritten
from support.stages import AS_OF, Stages, due

from db.letters.letters import LetterFilter
from db.store import open_reader
from domain.application.events import RuledEvent
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import Outcome, Ruling
from domain.letters.envelope import LetterKind
from flows.context import database, election_context
from flows.decisions.case_file import describe
from flows.decisions.rulings import decide_applications
from flows.statements.acceptance import ActingOfficer

REFUSE = Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R06,), facts="Holds an office.")


@pytest.fixture
def vetted(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("vetted"):
        yield


@pytest.mark.usefixtures("vetted")
def test_each_part_of_a_refusal_cites_the_rules_of_its_own_moment() -> None:
    known = due(Status.IN_REVIEW)[0]
    first = election_context(ELECTION, AS_OF)
    decide_applications([known], REFUSE, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    rewritten(profile=first.profile.revised(profile_version="2027-03-01.2"))
    second = election_context(ELECTION, AS_OF)
    decide_applications([known], Ruling(outcome=Outcome.CONFIRM), ActingOfficer("OFF-DEMO-3", ELECTION, AS_OF))
    with open_reader(database()) as store:
        history = store.applications.history(known)
        letters = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.REFUSAL), limit=9)
    proposed, refused = (event for event in history[-2:] if isinstance(event, RuledEvent))
    assert (proposed.rules_version, refused.rules_version) == (first.rules_version, second.rules_version)
    assert first.rules_version != second.rules_version
    assert second.rules_version.startswith("2027-03-01.2 ")
    assert f"rules version {second.rules_version}" in describe(history[-1])
    assert [letter.envelope.contents["rules_version"] for letter in letters] == ["2027-03-01.2"]
