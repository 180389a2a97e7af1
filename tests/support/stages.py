"""An invented election carried from stage to stage by the plain steps, without Prefect, and kept after each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest

from db.store import Store, open_reader, open_store
from domain.application.application import Application, application_id
from domain.application.status import Status
from flows.assignment import flow as assignment
from flows.context import database, election_context
from flows.delivery import postman as posting
from flows.election.loading import init_election
from flows.intake import flow as intake
from flows.intake.arrivals import arrivals
from flows.issuance import flow as issuance
from flows.rehearsal import write_package
from flows.rehearsal.run import decide_as_demonstration_officers
from flows.settings import reset_settings, settings
from flows.vetting import flow as vetting
from support.builders import ELECTION
from support.databases import PERSONAL_KEYS, Backend, Sqlite, copy_file, let_go
from support.kept import made_once

AS_OF: Final = datetime(2027, 3, 10, 8, 0, tzinfo=UTC)
ROWS: Final = 60


def take_in(folder: Path, organisation: str = "") -> None:
    """Take in one file, or the files that a folder's received.csv lists."""
    for arrival in arrivals(folder, organisation=organisation, received_at=None):
        for chunk in intake.stage_file(arrival, ELECTION, now=AS_OF):
            intake.take_in(chunk, ELECTION, now=AS_OF)
    intake.close_files(ELECTION, now=AS_OF)


def due(*statuses: Status) -> list[UUID]:
    """Return the ids of the applications in *statuses*."""
    with open_reader(database()) as store:
        return store.applications.ids_in(ELECTION, *statuses)


def vet(ids: list[UUID] | None = None) -> dict[str, int]:
    """Release the held, vet all that are due (or *ids*), and return counts."""
    vetting.release_held(ELECTION, now=AS_OF)
    with open_store(database()) as store:
        return vetting.vet_applications(store, election_context(ELECTION, AS_OF), ids or due(Status.IN_VETTING))


def decide() -> int:
    """Let demonstration officers decide the queue; returns how many decisions they made."""
    return decide_as_demonstration_officers(ELECTION, now=AS_OF).total()


def assign(wanted: list[UUID] | None = None) -> int:
    """Make a plan, carry it out and send rosters; returns how many people were placed or are at large."""
    done = 0
    while plan := assignment.make_plan(ELECTION, now=AS_OF, wanted=wanted):
        with open_store(database()) as store:
            ids = assignment.still_to_place(plan, ELECTION)
            done += sum(assignment.place_applications(store, election_context(ELECTION, AS_OF), plan, ids).values())
        assignment.finish_plan(plan, ELECTION, now=AS_OF)
    return done


def issue(ids: list[UUID] | None = None) -> int:
    """Issue credentials to all that are due (or *ids*); returns how many."""
    return issuance.issue_applications(ids or due(Status.ASSIGNED), ELECTION, now=AS_OF)


def deliver(*, acknowledged: bool = True) -> int:
    """Send what waits into the Maildir; returns how many letters were sent. Whoever got a list says so at once."""
    posting.recover(ELECTION)
    with open_reader(database()) as store:
        profile = store.elections.profile(ELECTION)
    sent = 0
    with posting.configured_mailer(settings()) as mailer:
        postman = posting.Postman(profile, mailer, now=AS_OF)
        while letters := posting.claim(ELECTION, now=AS_OF):
            postman.send(letters)
            sent += len(letters)
    if acknowledged:
        with open_store(database()) as store:
            for asked in store.acknowledgements.last(ELECTION):
                if asked.told_at:
                    store.acknowledgements.close(ELECTION, asked.recipient, asked.code, now=AS_OF, answered="link")
    return sent


@dataclass(frozen=True)
class Kept:
    """An installation as one stage left it."""

    home: Path
    url: str


class Stages:
    """Carries the election as far as a test needs it, each stage once, and gives out copies."""

    def __init__(self, backend: Backend, package: Path, folder: Path, kept: Path) -> None:
        self.package = package
        self._shared = kept
        self._backend = backend
        self._folder = folder
        self._numbers = count(1)
        self._kept: dict[str, Kept] = {}
        self._steps: dict[str, Callable[[], object]] = {
            "loaded": lambda: init_election(package, now=AS_OF),
            "taken in": lambda: take_in(package / "nominations"),
            "vetted": vet,
            "decided": decide,
            "assigned": assign,
            "issued": issue,
            "delivered": deliver,
        }
        self._before = dict(zip([*self._steps][1:], self._steps, strict=False))

    @contextmanager
    def copy(self, stage: str) -> Generator[Kept]:
        """Give a copy of the installation after *stage*, with the settings that lead to it."""
        with self._settled(self._copied(self._after(stage))) as kept:
            yield kept

    @contextmanager
    def empty(self) -> Generator[Kept]:
        """Give an installation into which nothing is loaded."""
        with self._settled(self._new()) as kept:
            yield kept

    def further(self, stage: str, step: Callable[[], object], *, after: str) -> None:
        """Let *stage*, which a few tests begin with, follow another one; it is carried out once."""
        self._steps.setdefault(stage, step)
        self._before[stage] = after

    def _after(self, stage: str) -> Kept:
        if stage not in self._kept:
            shared = isinstance(self._backend, Sqlite)
            self._kept[stage] = self._carried_by_one(stage) if shared else self._carried(stage)
        return self._kept[stage]

    def _carried(self, stage: str) -> Kept:
        before = self._before.get(stage)
        with self._settled(self._copied(self._after(before)) if before else self._new()) as kept:
            self._steps[stage]()
        return kept

    def _carried_by_one(self, stage: str) -> Kept:
        """Carry it as far in one process of the tests, for all of them."""

        def carried(folder: Path) -> None:
            kept = self._carried(stage)
            shutil.copytree(kept.home, folder, copy_function=linked)
            copy_file(Path(kept.url.removeprefix("sqlite:///")), folder.with_suffix(".db"))

        folder = made_once(self._shared, f"stage {stage}", carried)
        return Kept(folder, f"sqlite:///{folder.with_suffix('.db')}")

    def _new(self) -> Kept:
        return Kept(self._home(), self._backend.empty())

    def _copied(self, kept: Kept) -> Kept:
        home = self._home()
        shutil.copytree(kept.home, home, copy_function=linked, ignore=shutil.ignore_patterns(f"{PERSONAL_KEYS}*"))
        if (kept.home / PERSONAL_KEYS).exists():
            copy_file(kept.home / PERSONAL_KEYS, home / PERSONAL_KEYS)
        return Kept(home, self._backend.copy(kept.url))

    def _home(self) -> Path:
        return self._folder / str(next(self._numbers))

    @contextmanager
    def _settled(self, kept: Kept) -> Generator[Kept]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ACCREDIT_HOME", str(kept.home))
            patch.setenv("ACCREDIT_DATABASE_URL", kept.url)
            patch.setenv("ACCREDIT_CHUNK_SIZE", "25")
            patch.setenv("ACCREDIT_WORKERS", "1")  # other processes would keep the settings they began with
            reset_settings()
            known = accreditation_variables()
            try:
                yield kept
            finally:
                let_go(kept.url)
                for name in accreditation_variables():
                    del os.environ[name]
                os.environ.update(known)
        reset_settings()


def linked(source: str, target: str) -> None:
    """Copy a file, or only link to it where it is one of the stored ones, which nobody writes in place."""
    (os.link if "/files/" in source else shutil.copy2)(source, target)


def accreditation_variables() -> dict[str, str]:
    """Return what the environment says of settings: what a test changes in its installation ends with it."""
    return {name: value for name, value in os.environ.items() if name.startswith("ACCREDIT_")}


def written_package(folder: Path) -> Path:
    """Return the invented election in *folder*: one row in three has something planted, each problem at least once."""
    write_package(folder, applications=ROWS, seed=11, processes=1)
    return folder


def figures(store: Store) -> dict[str, object]:
    """Return what a second run must leave as it is: every chain's head, every letter, every serial, every row."""
    applications = store.applications.all_in(ELECTION)
    return {
        "heads": store.applications.heads([application.id for application in applications]),
        "letters": store.outbox.keys(ELECTION),
        "states": store.counts.letters(ELECTION),
        "credentials": store.counts.credentials(ELECTION),
        "rows": [report.counts for report in store.intake.reports(ELECTION)],
    }


def everything() -> dict[str, object]:
    """Return :func:`figures` of the database that the settings name."""
    with open_reader(database()) as store:
        return figures(store)


def case(organisation: str, reference: str) -> Application:
    """Return the application of a row of the package."""
    with open_reader(database()) as store:
        return store.applications.get(application_id(ELECTION, organisation, f"ref\x1f{reference}"))
