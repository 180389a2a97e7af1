"""What only a running office keeps: schedules, automations, limits, and the word that something is wrong."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e.installation import AS_OF, Installation
from e2e.served import office, wait_for
from sqlalchemy import select

from db.engine import sessions
from db.store import open_reader
from db.tables.application import EventRow
from db.tables.letters import LetterRow
from flows.deployments import DEPLOYMENTS, Deployed
from flows.runtime.server.errands import TAG

pytestmark = [pytest.mark.xdist_group("e2e-served"), pytest.mark.timeout(1800)]

NEXT_DAY = "2027-03-11T12:00:00+00:00"
"""More than half of the time to mend is over."""
TOO_LATE = "2027-03-12T08:30:00+00:00"
"""What should have been decided the evening before is late."""
BROKEN = """
import importlib.abc, importlib.util, pathlib, sys

class Breaking(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name != "prefect.server.services.scheduler":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def broken(module):
            load(module)
            chosen = module._get_select_recent_deployments_to_schedule_query

            def query(*args, **kwargs):
                if pathlib.Path("{when}").exists():
                    raise RuntimeError("Can't evaluate bulk DML statement")
                return chosen(*args, **kwargs)

            module._get_select_recent_deployments_to_schedule_query = query

        spec.loader.exec_module = broken
        return spec

sys.meta_path.insert(0, Breaking())
"""
"""Lets Prefect's scheduler fail as it did with SQLAlchemy 2.1, from the moment on when a file is there."""
ENTRANCES = {"delivery": NEXT_DAY, "reminders": NEXT_DAY, "clocks": TOO_LATE, "collection": None, "escalation": None}


def hurried(seconds: int = 40) -> list[Deployed]:
    """Return the deployments that start by themselves, real but for their pace and the day on which they act."""
    chosen = [deployed for deployed in DEPLOYMENTS if deployed.name in ENTRANCES]
    return [
        deployed.revised(
            every_seconds=seconds if deployed.every_seconds else None,
            at_start=False,
            parameters={"as_of": day} if (day := ENTRANCES[deployed.name]) else {},
        )
        for deployed in chosen
    ]


def letters(found: Installation) -> Counter[tuple[str, str]]:
    with open_reader(sessions(found.database_url)) as store:
        return Counter(
            (str(kind), str(state)) for kind, state in store.session.execute(select(LetterRow.kind, LetterRow.state))
        )


def reminders_sent(found: Installation) -> list[str]:
    query = select(LetterRow.key).where(LetterRow.key.contains("half"), LetterRow.state == "sent")
    with open_reader(sessions(found.database_url)) as store:
        return list(store.session.scalars(query))


def events(found: Installation) -> Counter[str]:
    with open_reader(sessions(found.database_url)) as store:
        return Counter(store.session.scalars(select(EventRow.kind)))


def test_time_alone_does_the_work_of_an_office_and_a_scheduler_that_fails_is_told(
    loaded: Installation, package: Path, tmp_path: Path, with_tables: Callable[[Path], Path]
) -> None:
    (drop := tmp_path / "drop" / "ORG-04").mkdir(parents=True)
    settled = {"ACCREDIT_DROP_FOLDER": str(drop.parent), "ACCREDIT_AS_OF": NEXT_DAY[:16]}
    with_tables((found := loaded.copied(tmp_path / "var", **settled)).home)
    (tmp_path / "sitecustomize.py").write_text(BROKEN.format(when=tmp_path / "broken"))
    shutil.copytree(package / "nominations", sent := tmp_path / "sent")
    for part in sent.glob("ORG-04*"):
        part.rename(drop / part.name)
    arrived = (sent / "received.csv").read_text().splitlines(keepends=True)
    (sent / "received.csv").write_text("".join(line for line in arrived if not line.startswith("ORG-04")))
    found.inside("intake", sent, "--as-of", AS_OF, code=None)
    found.inside("deliver", "--as-of", AS_OF)  # the time to mend begins when the letter arrives
    found.inside("vet", "--as-of", AS_OF)
    assert not letters(found)["approval", "sent"]
    vetting = next(deployed for deployed in DEPLOYMENTS if deployed.name == "vetting")
    with office(found, [*hurried(), vetting], tmp_path) as running:
        wait_for(lambda: letters(found)["approval", "sent"], "a queued letter to be sent")
        wait_for(lambda: reminders_sent(found), "a reminder to be written and sent")
        wait_for(lambda: events(found)["deadline_passed"], "a clock to be minded")
        wait_for(lambda: list(drop.parent.glob("taken/ORG-04/*")), "a dropped file to be taken in")
        wait_for(
            lambda: any(run["state_name"] == "Late" for run in running.runs("escalation")), "late cases to be raised"
        )
        began = {name: running.runs(name) for name in ENTRANCES}
        # One run of delivery was begun above, by hand.
        minded = [run for name, runs in began.items() if name != "escalation" for run in runs]
        assert sum(not run["auto_scheduled"] for run in minded) <= 1
        assert "automation" in began["escalation"][0]["created_by"]["type"].lower()
        assert "fails again" not in running.said()
        said = found.inside("vet", "--as-of", NEXT_DAY[:16], "--json")  # may begin with a word that it waits its turn
        assert json.loads(said[said.index("{") :])["stage"] == "vetting"
        assert [TAG in run["tags"] for run in running.runs("vetting")] == [True]  # the command did not work itself
        (tmp_path / "broken").touch()  # one office, because to open another takes as long as all of the above
        wait_for(lambda: "schedule_recent_deployments fails again" in running.said(), "a word about it")
        said = " ".join(running.said().split())
        assert "no letter is sent, no clock minded" in said
        assert "server.log" in said
