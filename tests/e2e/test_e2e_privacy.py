"""Nothing personal in Prefect: not when all goes well, and not in the words of whatever goes wrong."""

from __future__ import annotations

import asyncio
import csv
import html
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from support.signing import signed

from db.store import open_reader
from domain.decisions.rulings import Outcome, Ruling
from domain.errors import BadInputError, ConcurrentChangeError
from flows.runtime.server.lifetime import OneServer, drain
from flows.settings import change_settings

pytestmark = [pytest.mark.xdist_group("e2e-privacy"), pytest.mark.timeout(600)]

NOW = datetime(2027, 3, 10, 8, tzinfo=UTC)
PLANTED = {
    "surname": "Zqxplanted",
    "given_names": "Zqxgiven",
    "native_name": "Жъкплантов Юникод",
    "document_number": "ZQX7PLANT",
    "email": "zqxplanted@unmistakable.example",
    "phone": "+999 555 7777777",
    "mrz": "",
}
SPILLED = " ".join(PLANTED.values())
"""What a careless library would say in an exception."""


@pytest.fixture
def planted(package: Path, tmp_path: Path) -> Path:
    """Give the invented election with unmistakable people: one in every file that has two rows or more."""
    folder = tmp_path / "package"
    shutil.copytree(package, folder)
    for number, path in enumerate(sorted((folder / "nominations").glob("ORG-*.csv"))):
        with path.open(encoding="utf-8", newline="") as lines:
            header, *rows = list(csv.reader(lines))
        if len(rows) > 1:
            own = {"document_number": f"ZQX{number}PLANT", "email": f"zqx{number}@unmistakable.example"}
            # Organisations do use document numbers as their own references.
            cells = PLANTED | own | {"reference": own["document_number"]}
            rows[1] = [cells.get(column, cell) for column, cell in zip(header, rows[1], strict=False)]
        with path.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerows([header, *rows])
    return folder


def spill(*_arguments: object, **_named: object) -> NoReturn:
    raise ValueError(SPILLED)


def spill_as_database(*_arguments: object, **_named: object) -> NoReturn:
    """Raise what the database raises, as ``db.store`` translates it: with the statement's values behind it."""
    quoted = IntegrityError("INSERT INTO person VALUES (?)", (SPILLED,), sqlite3.IntegrityError(SPILLED))
    raise ConcurrentChangeError("Somebody recorded the same thing at the same moment.") from quoted


def spill_as_input(*_arguments: object, **_named: object) -> NoReturn:
    raise BadInputError("a file", "cannot be read.", remedy="Try again.") from ValueError(SPILLED)


def ended(start: Callable[[], Any]) -> Any:
    async def begun() -> Any:
        return await start()

    return asyncio.run(begun())


class Trouble:
    """Runs stages, first with something in the way, then freely."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, election: str) -> None:
        self._monkeypatch = monkeypatch
        self._election = election

    def meet(self, start: Callable[[], Any], *traps: tuple[str, Callable[..., Any]]) -> None:
        """Run the flow once with each of *traps* in place, which must fail it, and once without."""
        for place, trap in traps:
            self.fail(start, place, trap)
        assert ended(start).is_completed()

    def fail(self, start: Callable[[], Any], place: str, trap: Callable[..., Any]) -> None:
        """Run the flow with *trap* in place, which must fail it."""
        with self._monkeypatch.context() as patch:
            patch.setattr(place, trap)
            assert not ended(start).is_completed(), f"{place} was not in the way"


def run_everything(package: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from flows.accreditation import accreditation
    from flows.assignment.flow import assignment, assignment_chunk
    from flows.context import database
    from flows.decisions.clocks import clocks
    from flows.decisions.flow import case, decide
    from flows.decisions.rulings import decide_applications
    from flows.delivery.flow import delivery
    from flows.election.loading import init_election
    from flows.intake.flow import intake, intake_chunk
    from flows.issuance.flow import issuance, issuance_chunk
    from flows.issuance.validity import validity
    from flows.oversight.reminders import reminders
    from flows.vetting.case_queue import queue_table
    from flows.vetting.flow import vetting, vetting_chunk

    election = init_election(package, now=NOW).election
    for stage in (intake_chunk, vetting_chunk, assignment_chunk, issuance_chunk):
        monkeypatch.setattr(stage, "retries", 0)
    stages = Trouble(monkeypatch, election)
    files = [str(package / "nominations")]
    unreadable = tmp_path / "latin1.csv"
    unreadable.write_bytes(f"surname,document_number\nZqxplanted é,{PLANTED['document_number']}\n".encode("latin-1"))
    assert not ended(lambda: intake([str(unreadable)], election, "ORG-01", None, NOW, return_state=True)).is_completed()
    stages.meet(
        lambda: intake(files, election, as_of=NOW, return_state=True),
        ("flows.intake.reading.rows.read_enclosures", spill),
        ("flows.intake.flow.Recorder.record", spill_as_database),
        ("flows.intake.flow.stage_file", spill),
        ("flows.intake.flow.close_files", spill_as_database),
    )
    stages.meet(
        lambda: vetting(election, [], NOW, return_state=True),
        ("flows.vetting.flow.vet", spill),
        ("flows.vetting.flow.release_held", spill),
        ("flows.vetting.queue_report.queue_table", spill_as_database),
    )
    waiting = [row["application"] for row in queue_table(election)]

    def decided(digest: str) -> Any:
        return ended(lambda: decide([digest], election, return_state=True))

    ruling, ids = Ruling(outcome=Outcome.APPROVE, facts="Zqxplanted facts."), [UUID(str(one)) for one in waiting[:2]]
    hand = signed("OFF-DEMO-1", lambda by: decide_applications(ids, ruling, by), election=election, now=NOW)
    assert not decided("0" * 64).is_completed()
    with monkeypatch.context() as patch:
        patch.setattr("flows.decisions.appliers.decide_together", spill)
        assert not decided(str(hand.signed)).is_completed()
    assert decided(str(hand.signed)).is_completed()
    stages.meet(
        lambda: assignment(election, [], NOW, return_state=True),
        ("flows.assignment.flow.solved", spill),
        ("flows.assignment.flow.make_plan", spill_as_database),
        ("flows.assignment.flow.place_applications", spill),
        ("flows.assignment.flow.finish_plan", spill),
    )
    stages.meet(
        lambda: issuance(election, [], NOW, return_state=True),
        ("flows.issuance.flow.reserve", spill),
        ("flows.issuance.flow.record_issued", spill_as_database),
        ("flows.issuance.signing.signatory.badge_signer", spill_as_input),
    )
    stages.meet(
        lambda: delivery(election, NOW, return_state=True),
        ("flows.delivery.flow.recover", spill),
        ("notifications.mail.mailers.MaildirMailer.send", spill_as_database),
    )
    for watch, trap in (
        (reminders, "flows.oversight.reminders.publish_overdue"),
        (clocks, "flows.decisions.clocks.mind_clocks"),
        (validity, "flows.issuance.validity.end_what_is_over"),
    ):
        stages.fail(lambda watch=watch: watch(election, NOW + timedelta(days=4), return_state=True), trap, spill)
    with open_reader(database()) as store:
        everybody = {application.id: application for application in store.applications.all_in(election)}
        people = store.people.current(list(everybody))
    whose = next(everybody[known] for known, person in people.items() if person.reference.startswith("ZQX"))
    stages.meet(lambda: case(str(whose.id), election, return_state=True), ("flows.decisions.flow.case_file", spill))
    stages.fail(
        lambda: accreditation(election, files, [], NOW, return_state=True), "flows.vetting.flow.release_held", spill
    )


def words_of_everybody() -> Iterator[str]:
    """Yield what must not be found: addresses, numbers and names of all applicants and of the planted ones."""
    from flows.context import database

    with open_reader(database()) as store:
        ids = [application.id for application in store.applications.all_in("VALDARA-2027")]
        people = list(store.people.current(ids).values())
    assert len(people) > 50
    for person in people:
        yield from (person.email, person.document_number, person.phone, person.name, person.native_name)
    yield from ("zqxplanted", "zqxgiven", "Жъкплантов", "unmistakable")


def forms(word: str) -> set[bytes]:
    """Return *word* as it might be written in a database, a log or a page.

    Forms of fewer than six bytes are left out: among megabytes of keys, hashes and compressed pages they occur by
    chance, and a test that fails by chance is soon believed no more.
    """
    written = (word, json.dumps(word)[1:-1], ascii(word)[1:-1], html.escape(word), quote(word))
    return {form for form in (one.encode().lower() for one in written) if len(form) >= 6}


def everything_prefect_keeps(folder: Path) -> bytes:
    """Return all bytes of Prefect's folder, and its database row by row: a value may be cut in two by a page."""
    with sqlite3.connect(folder / "prefect.db") as database:
        rows = "\n".join(database.iterdump())
    return b"\n".join([*(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()), rows.encode()])


def test_no_person_is_found_in_prefect_or_in_any_log_whatever_went_wrong(
    home: Path,
    planted: Path,
    tmp_path: Path,
    prefect_server: OneServer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    change_settings({"chunk_size": 30, "workers": 2})
    run_everything(planted, monkeypatch, tmp_path)
    drain()
    assert prefect_server.child is not None
    kept = everything_prefect_keeps(prefect_server.child.log.parent)
    logs = [path.read_bytes() for path in home.rglob("*.log")]
    searched = b"\n".join([kept, *logs, "".join(capfd.readouterr()).encode()]).lower()
    assert b"unexpectederror" in searched  # what went wrong is told
    assert b"zqx" in b"".join(path.read_bytes() for path in home.glob("accreditation.db*")).lower()
    found = {word for word in words_of_everybody() if any(form in searched for form in forms(word))}
    assert found == set()
