"""What the code before the move of the tree left: the same demo ends the same, and its database opens."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from e2e.installation import ELECTION, Installation
from e2e.recorded_state import RECORDED, recorded_state
from support.databases import keys_of

from db.engine import sessions
from db.screening.applicant_keys import people_by_key
from db.store import open_reader
from domain.screening.applicants import applicant_keys, applicant_of
from flows.rehearsal import write_package

REWORDED = {
    f"<{name}@elections.example>"
    for name in (
        "acbc68228d0bfd3911d309f8084a80eff977de74", "13062255d0e0e1575e948552437dcf231bdce13c",
        "4ddab5f7ac7ec479749a6932c625f14a423b3d8f", "66b6a6f848f67c3c37669623387a9b40d0de55ec",
        "ab61a1f77d6842cf933e637214864e0e3ca0e14d", "b5038f3637cb88aff4e7c6de1b386ecb9b0c54e1",
        "ce2bbabb8b1a94c291b67d341440b1119d1170c8", "e5bd3066d4b765485ba6d135838ce628918d2db5",
        "f8fba749089b66363b707c1ecb93fa81146d78b3",
    )
}  # fmt: skip
"""Letters whose words were changed on purpose since: they say since when the time to mend runs, a page that was not
found has a remedy of its own, and a refusal names the version of the rules."""
VERSION = 4
"""Where a case's version stands: a person's answer to a notice is an event of the case now, and makes one more."""


@pytest.mark.full
def test_the_demo_ends_as_it_did_before_the_tree_was_moved(tmp_path: Path, with_tables: Callable[[Path], Path]) -> None:
    """For the same seed: statuses, serials, plan, and every English letter to the letter but its code.

    What came since is left out: changes half-way, letters of organisations that go together, lists that are
    acknowledged, the pledge, and what local administrations get.
    """
    installation = Installation(tmp_path / "var")
    with_tables(installation.home).chmod(0o700)
    write_package(package := installation.home / "rehearsal", applications=40, seed=2027)
    rules = package / "election.yaml"
    since = "letters:\n  parcels: {hours: 4}\n"
    known = rules.read_text("utf-8").replace(since, "letters:\n  acknowledge_hours: null\n")
    rules.write_text(re.sub(r"(?ms)^pledge:\n.*?(?=^\S)", "", known), "utf-8")
    land = yaml.safe_load((package / "geography.yaml").read_text("utf-8"))
    for region in land["regions"]:
        region.pop("local_administration", None)
    (package / "geography.yaml").write_text(yaml.safe_dump(land, sort_keys=False), "utf-8")
    installation.accredit("demo", "-n", "40", "--no-oddities", "--no-renumbered", "--no-kinds", "--no-changes")
    before = json.loads(gzip.decompress((RECORDED / "demo-40.json.gz").read_bytes()))
    now = recorded_state(installation.home)
    for letter in REWORDED:
        assert now["texts"].pop(letter) != before["texts"].pop(letter)
    before, now = without_versions(before), without_versions(now)
    assert {name: now[name] == before[name] for name in before} == dict.fromkeys(before, True)


def without_versions(state: dict[str, Any]) -> dict[str, Any]:
    """Return *state* with no number of events: in cases, in letters' keys and so in the names of messages."""
    cases = {case: [*row[:VERSION], *row[VERSION + 1 :]] for case, row in state["cases"].items()}
    letters = Counter((re.sub(r":\d+$", "", key), sent) for key, sent in state["letters"].items())
    return {**state, "cases": cases, "letters": letters, "texts": Counter(state["texts"].values())}


@pytest.mark.full
def test_a_database_of_the_older_code_is_upgraded_and_its_audit_agrees(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var")
    installation.home.mkdir(mode=0o700)
    database = installation.home / "accreditation.db"
    database.write_bytes(gzip.decompress((RECORDED / "demo-40.db.gz").read_bytes()))
    assert "computed anew: 40 applicants, " in installation.accredit("db", "upgrade")
    assert "computed anew" not in installation.accredit("db", "upgrade")
    assert "Every history is whole" in installation.accredit("audit", "verify")
    with keys_of(installation.home), open_reader(sessions(f"sqlite:///{database}")) as store:
        applications = store.applications.all_in(ELECTION)
        assert len(applications) == 40
        for known, nomination in store.people.current([application.id for application in applications]).items():
            keys = applicant_keys(applicant_of(nomination, case="row"))
            assert all(known in held for held in people_by_key(store.session, ELECTION, keys).values())
            assert people_by_key(store.session, ELECTION, keys).keys() == keys
