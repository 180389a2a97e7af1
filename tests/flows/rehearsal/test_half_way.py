"""What changes in the middle of the rehearsal: everything follows, nothing contradicts, and it is done once."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

from support.builders import ELECTION
from support.stages import AS_OF, Stages, deliver, everything

from db.store import open_reader
from domain.application.status import PLACED
from flows.assignment.shifts import shift_rows
from flows.context import database, election_context
from flows.election.loading import init_election
from flows.election.rule_versions import rule_versions
from flows.oversight.contradictions import check_election
from flows.rehearsal.acknowledged import Heard, answer_lists, differences_of_lists
from flows.rehearsal.half_way import change_half_way, folder_of
from flows.rehearsal.run import check_against_truth


def test_an_office_a_rule_and_an_address_change_and_everything_follows(sqlite_stages: Stages, tmp_path: Path) -> None:
    package = tmp_path / "rehearsal"
    shutil.copytree(sqlite_stages.package, package)
    with sqlite_stages.copy("issued"):
        deliver(acknowledged=False)
        hours = election_context(ELECTION, AS_OF).profile.calendar.cure_hours
        changed = change_half_way(ELECTION, package, now=AS_OF, postponed_by=timedelta(days=28))
        assert changed
        assert changed.postponed == date(2027, 4, 11)
        with open_reader(database()) as store:
            offices = {case.office for case in store.applications.all_in(ELECTION, *PLACED)}
        assert changed.moved
        assert changed.returned
        assert {(row["officer"], row["office"]) for row in shift_rows(ELECTION, now=AS_OF)} == {
            (changed.helper, changed.acting)
        }
        assert changed.closed not in offices
        assert changed.acting in offices
        assert rule_versions(ELECTION)[-1].by == ("OFF-ADMIN-1", "OFF-ADMIN-2")
        assert election_context(ELECTION, AS_OF).profile.calendar.cure_hours != hours
        assert deliver(acknowledged=False)
        assert check_election(ELECTION, now=AS_OF) == ()
        assert check_against_truth(ELECTION, package) == []
        heard = answer_lists(ELECTION, now=AS_OF)
        assert min(heard[what] for what in Heard) > 0
        assert differences_of_lists(ELECTION, now=AS_OF) == []
        assert check_election(ELECTION, now=AS_OF) == ()
        kept = everything()
        assert answer_lists(ELECTION, now=AS_OF) == heard
        init_election(folder_of(package), now=AS_OF)
        assert change_half_way(ELECTION, package, now=AS_OF) is None
        assert deliver(acknowledged=False) == 0
        assert everything() == kept
