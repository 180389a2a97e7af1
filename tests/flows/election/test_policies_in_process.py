"""Policies that change while files are open: everybody is told, officers see whom they cover, decisions cite them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due, vet

from db.store import open_reader
from domain.application.status import UNDECIDED, Status
from domain.decisions.rulings import Outcome, Ruling
from domain.election.policies import Touch
from domain.errors import BadInputError
from domain.letters.envelope import LetterKind
from domain.statements.officers import OfficerRefusedError
from flows.context import database
from flows.decisions.case_file import case_file
from flows.decisions.review import screen_of
from flows.decisions.rulings import decide_applications
from flows.election.loading import init_election
from flows.election.policies import load_policies, policies_table, touched_files
from flows.oversight.contradictions import check_election
from flows.oversight.overview import audit
from flows.oversight.reminders import remind
from flows.statements.acceptance import ActingOfficer
from flows.statements.proposals import proposal_rows
from flows.vetting.case_queue import queue_table

FIRST, SECOND = (ActingOfficer(code, ELECTION, AS_OF) for code in ("OFF-ADMIN-1", "OFF-ADMIN-2"))


@pytest.fixture
def taken_in(stages: Stages) -> Iterator[Stages]:
    with stages.copy("taken in"):
        yield stages


@pytest.fixture
def approved(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("decided"):
        yield


def a_policy(**said: object) -> dict[str, Any]:
    usual = {"kind": "cap", "authority": "Commission", "ground": "Act, art. 4", "text": "Two each.", "limit": 2}
    return usual | {"in_force_from": "2027-03-09", "applies_to": "decisions_taken_from"} | said


def loaded(folder: Path, *policies: dict[str, Any]) -> dict[str, Counter[str]]:
    path = folder / "policies.yaml"
    path.write_text(yaml.safe_dump(list(policies)))
    proposed, (done, touched) = load_policies(path, FIRST), load_policies(path, SECOND)
    assert (done, proposed.proposed, proposed.touched) == (False, bool(touched), touched)
    return {policy: Counter(file.touch.value for file in files) for policy, files in touched.items()}


@pytest.mark.usefixtures("approved")
def test_one_administrator_alone_puts_no_policy_into_force_and_what_was_proposed_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "policies.yaml"
    path.write_text(yaml.safe_dump([a_policy(id="CAP-ONE")]))
    assert load_policies(path, FIRST).proposed
    with pytest.raises(OfficerRefusedError, match="a second, different officer"):
        load_policies(path, FIRST)
    assert (policies_table(ELECTION, now=AS_OF), [row["what"] for row in proposal_rows(ELECTION)]) == (
        [], ["policies CAP-ONE:1"],
    )  # fmt: skip
    with pytest.raises(OfficerRefusedError):
        load_policies(path, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    assert not load_policies(path, SECOND).proposed
    assert proposal_rows(ELECTION) == []
    assert audit(ELECTION).is_whole


def of_largest() -> tuple[str, list[Any]]:
    """Return the organisation with most files due for vetting, and these in the order of receipt."""
    with open_reader(database()) as store:
        every = store.applications.get_many(due(Status.IN_VETTING)).values()
    code, _ = Counter(one.organisation for one in every).most_common(1)[0]
    theirs = [one for one in every if one.organisation == code]
    return code, [one.id for one in sorted(theirs, key=lambda their: (their.received_at, their.id))]


def rules(known: Any) -> set[str]:
    return {finding.rule for finding in case_file(known).findings}


@pytest.mark.usefixtures("taken_in")
def test_a_number_limit_refuses_nobody_but_those_over_it_wait_for_an_officer(tmp_path: Path) -> None:
    code, theirs = of_largest()
    with open_reader(database()) as store:
        every = store.applications.all_in(ELECTION)
        undecided = sum(one.organisation == code and one.status in UNDECIDED for one in every)
        sponsors = len(store.organisations.all_in(ELECTION))
    limit = a_policy(id="CAP-ONE", scopes=[{"organisations": [code]}])
    assert loaded(tmp_path, limit) == {"CAP-ONE:1": {"covered": undecided}}
    assert loaded(tmp_path, limit) == {}
    with pytest.raises(BadInputError, match="A change is a new version"):
        loaded(tmp_path, limit | {"text": "Three each."})
    with open_reader(database()) as store:
        told = [key for key in store.outbox.keys(ELECTION) if key.startswith("policy:")]
    assert len(told) == sponsors
    vet()
    over = [known for known in theirs if "over_number_limit" in rules(known)]
    assert 0 < len(over) < len(theirs)
    assert over == theirs[-len(over) :]
    assert {case_file(known).application.status for known in over} == {Status.IN_REVIEW}


def test_a_decision_cites_the_version_of_its_day_and_loading_the_package_keeps_what_was_made_since(
    taken_in: Stages, tmp_path: Path
) -> None:
    _, theirs = of_largest()
    person = theirs[0]
    ban = a_policy(id="BAN-ONE", kind="ban", limit=None, text="Nobody.", in_force_from="2027-01-01")
    later = ban | {"version": 2, "in_force_from": "2027-03-12", "text": "Somebody."}
    assert set(loaded(tmp_path, ban, later)) == {"BAN-ONE:1", "BAN-ONE:2"}
    assert [one["in force"] for one in policies_table(ELECTION, now=AS_OF)] == [True, False]
    vet([person])
    assert "covered_by_ban" in rules(person)
    ruling = Ruling(outcome=Outcome.APPROVE)
    assert decide_applications([person], ruling, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))[0].applied
    (decision,) = case_file(person).decisions
    assert [str(one) for one in decision.policies] == ["BAN-ONE:1"]
    init_election(taken_in.package, now=AS_OF)
    policy, files = touched_files(ELECTION, "BAN-ONE:2", now=AS_OF)
    of_person = {file.touch for file in files if file.application_id == person}
    assert (policy.version, of_person) == (2, {Touch.LOOKED_AT}), "decided under the first, looked at under the second"


@pytest.mark.usefixtures("taken_in")
def test_a_ban_that_comes_into_force_after_a_case_was_checked_is_shown_to_the_officer_who_decides(
    tmp_path: Path,
) -> None:
    case = next(iter(sorted(due(Status.IN_VETTING))))
    loaded(tmp_path, a_policy(id="CAP-NOBODY", limit=0, in_force_from="2027-01-01"))
    vet([case])
    with open_reader(database()) as store:
        code = store.applications.get(case).organisation
    loaded(tmp_path, a_policy(id="BAN-LATE", kind="ban", limit=None, scopes=[{"organisations": [code]}]))
    before, after = AS_OF.replace(month=3, day=8), AS_OF.replace(month=3, day=10)
    assert "BAN-LATE:1" not in {finding.about for finding in case_file(case, now=before).findings}
    assert "BAN-LATE:1" in {finding.about for finding in case_file(case, now=after).findings}
    assert "BAN-LATE:1" in {one.finding.about for one in screen_of(case, now=after).evidence}
    ruling = Ruling(outcome=Outcome.APPROVE)
    assert decide_applications([case], ruling, ActingOfficer("OFF-DEMO-1", ELECTION, after))[0].applied
    file = case_file(case, now=after)
    assert "cites BAN-LATE:1, CAP-NOBODY:1" in file.details(file.history[-1])
    assert "BAN-LATE:1" not in {finding.about for finding in file.findings}


def looked_at_again(policy: str) -> set[UUID]:
    _, files = touched_files(ELECTION, policy, now=AS_OF)
    return {file.application_id for file in files if file.touch is Touch.LOOKED_AT}


@pytest.mark.usefixtures("approved")
def test_whom_a_later_policy_covers_stays_accredited_and_an_officer_looks_again_within_the_time(tmp_path: Path) -> None:
    accredited = due(Status.APPROVED)
    ban = a_policy(id="BAN-ALL", kind="ban", limit=None, text="Nobody.", in_force_from="2027-01-01")
    loaded(tmp_path, ban)
    with open_reader(database()) as store:
        cases = store.applications.get_many(accredited)
        letters = {one.envelope.kind for one in store.outbox.of_application(accredited[0])}
    assert {case.status for case in cases.values()} == {Status.APPROVED}
    due_at = {case.look_due_at for case in cases.values()}
    assert None not in due_at
    assert LetterKind.REFERRAL in letters
    assert {str(known) for known in accredited} <= {row["application"] for row in queue_table(ELECTION, now=AS_OF)}
    assert loaded(tmp_path, ban) == {}
    assert looked_at_again("BAN-ALL") == {*accredited}
    assert check_election(ELECTION, now=AS_OF) == ()
    late = AS_OF + timedelta(days=9)
    assert {told.rule for told in check_election(ELECTION, now=late)} >= {"answered_finding"}
    uphold = Ruling(outcome=Outcome.UPHOLD, facts="Granted before the ban; the ban says nothing of it.")
    results = decide_applications(accredited, uphold, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    assert all(result.applied for result in results), results
    assert "answered_finding" not in {told.rule for told in check_election(ELECTION, now=late)}


@pytest.mark.usefixtures("approved")
def test_a_policy_that_begins_on_a_later_day_is_looked_at_on_that_day_once(tmp_path: Path) -> None:
    loaded(tmp_path, a_policy(id="BAN-ALL", kind="ban", limit=None, text="Nobody.", in_force_from="2027-03-12"))
    case = due(Status.APPROVED)[0]
    assert looked_at_again("BAN-ALL") == {*due(Status.APPROVED)}
    with open_reader(database()) as store:
        assert store.applications.get(case).look_due_at is None
    later = AS_OF + timedelta(days=2)
    assert remind(ELECTION, now=later)["second looks"] == len(due(Status.APPROVED))
    assert remind(ELECTION, now=later)["second looks"] == 0
