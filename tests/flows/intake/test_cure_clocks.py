"""Deficiency clocks: reminders once each, never about what is mended; what is overdue is refused by two officers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, deliver, due

from db.letters.letters import LetterFilter
from db.store import open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.events import CompletenessConfirmed
from domain.application.status import Status
from domain.letters.envelope import LetterKind, LetterState
from flows.cli.app import main
from flows.context import database, election_context
from flows.decisions.rulings import decide_applications
from flows.intake.mending.cures import to_confirm, to_propose
from flows.intake.mending.overdue import overdue_cases
from flows.oversight.reminders import remind
from flows.statements.acceptance import ActingOfficer


@pytest.fixture
def taken_in(stages: Stages) -> Iterator[Stages]:
    with stages.copy("taken in"):
        deliver()  # the time to mend begins when the letter arrives
        yield stages


def the_deficient() -> list[Application]:
    with open_reader(database()) as store:
        return store.applications.all_in(ELECTION, Status.INCOMPLETE)


def last_moment() -> datetime:
    return election_context(ELECTION, AS_OF).profile.cure_due(AS_OF)


def reminded(now: datetime) -> int:
    """Queue what is due and return how many organisations were reminded to mend."""
    counts = remind(ELECTION, now=now)
    return counts["half_time"] + counts["day_before"]


def reminders() -> list[str]:
    with open_reader(database()) as store:
        every = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.DEFICIENCY))
    return [one.envelope.key for one in every if one.envelope.contents["reminder"]]


def test_a_reminder_goes_once_and_not_to_those_who_mended_meanwhile(taken_in: Stages) -> None:
    del taken_in
    mended, *others = the_deficient()
    with open_store(database()) as store:
        confirmed = CompletenessConfirmed(
            application_id=mended.id, at=AS_OF, actor=Actor.engine("intake"), due_at=last_moment()
        )
        store.applications.record(mended, confirmed)
    half = AS_OF + (last_moment() - AS_OF) / 2
    assert reminded(half - timedelta(minutes=1)) == 0
    assert reminded(half) == len(others)
    assert reminded(half + timedelta(minutes=5)) == 0
    assert not any(str(mended.id) in key for key in reminders())
    reminded(last_moment() - timedelta(hours=1))
    told = len(reminders())
    assert reminded(last_moment() - timedelta(minutes=1)) == 0
    assert reminded(last_moment() + timedelta(days=3)) == 0
    assert len(reminders()) == told <= 2 * len(others)


def test_a_reminder_that_waits_is_not_sent_once_the_reason_has_vanished(taken_in: Stages) -> None:
    del taken_in
    mended, *others = the_deficient()
    reminded(AS_OF + (last_moment() - AS_OF) / 2)
    with open_store(database()) as store:
        confirmed = CompletenessConfirmed(
            application_id=mended.id, at=AS_OF, actor=Actor.engine("intake"), due_at=last_moment()
        )
        store.applications.record(mended, confirmed)
    deliver()
    with open_reader(database()) as store:
        sent = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.DEFICIENCY, state=LetterState.SENT))
    told = {one.envelope.application_id for one in sent if one.envelope.contents["reminder"]}
    assert told == {other.id for other in others}


def test_what_is_overdue_is_refused_together_by_two_different_officers_and_never_before(taken_in: Stages) -> None:
    del taken_in
    count = len(the_deficient())
    assert overdue_cases(ELECTION, now=last_moment()) == []
    early = to_propose(the_deficient())
    now = last_moment() + timedelta(hours=1)
    found = overdue_cases(ELECTION, now=now)
    assert len(found) == count
    ids, ruling = to_propose(found)
    assert early == (ids, ruling)
    too_early = decide_applications(ids, ruling, ActingOfficer("OFF-DEMO-1", ELECTION, last_moment()))
    assert not any(one.applied for one in too_early)
    assert _decided("OFF-DEMO-1", now, propose=True) == count
    assert {case.status for case in overdue_cases(ELECTION, now=now)} == {Status.INCOMPLETE}, (
        "a proposal decides nothing"
    )
    assert to_propose(overdue_cases(ELECTION, now=now))[0] == []
    assert to_confirm(overdue_cases(ELECTION, now=now), "OFF-DEMO-1")[0] == [], "nobody confirms what they proposed"
    assert _decided("OFF-DEMO-2", now, propose=False) == count
    assert (len(due(Status.REFUSED)), due(Status.INCOMPLETE)) == (count, [])


def _decided(officer: str, now: datetime, *, propose: bool) -> int:
    found = overdue_cases(ELECTION, now=now)
    ids, ruling = to_propose(found) if propose else to_confirm(found, officer)
    return sum(result.applied for result in decide_applications(ids, ruling, ActingOfficer(officer, ELECTION, now)))


def test_the_command_lists_overdue_cases_and_wants_their_number_before_it_proposes(
    taken_in: Stages, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del taken_in
    after = (last_moment() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    count = len(the_deficient())

    def accredit(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["accredit", *words, "--as-of", after])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    assert accredit("overdue", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["overdue"]) == count
    assert accredit("overdue", "--refuse", "--officer", "OFF-DEMO-1", "--number", str(count + 1)) == 2
    assert f"--number {count}" in " ".join(capsys.readouterr().err.split())
    assert accredit("overdue", "--refuse", "--officer", "OFF-DEMO-1", "--number", str(count)) == 0
    assert all(one.proposal for one in the_deficient())
    capsys.readouterr()
    assert accredit("overdue", "--confirm", "--officer", "OFF-DEMO-1", "--number", str(count)) == 2
    assert "another officer" in " ".join(capsys.readouterr().err.split())
