"""Installations of the engine in folders of their own, run by the command as an operator would, and what they hold."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from mailbox import Maildir
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
from sqlalchemy import func, select, text
from support.databases import keys_of

from db.engine import engine_for, sessions
from db.store import open_reader
from db.tables.application import EventRow
from db.tables.credentials import CredentialRow
from db.tables.intake import IntakeChunkRow, IntakeFileRow
from db.tables.letters import LetterRow
from domain.application.application import Application
from domain.application.chain import head
from flows.cli.app import main
from flows.runtime.server.lifetime import OneServer
from flows.settings import reset_settings

ELECTION = "VALDARA-2027"
APPLICATIONS = 60
AS_OF = "2027-03-10T08:00"
COMMAND = Path(sys.executable).with_name("accredit")
AUTH = "PREFECT_API_AUTH_STRING"
PER_RUN = {"serial", "application_id", "at"}
"""What an event may say otherwise in two runs that end the same: serials go to whoever is issued first."""


@dataclass(frozen=True)
class Installation:
    """One home folder with its settings."""

    home: Path
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    api_url: str = ""
    """A Prefect server shared with others; without one a command works by itself, as most people's do."""

    @property
    def database_url(self) -> str:
        return self.variables.get("ACCREDIT_DATABASE_URL", f"sqlite:///{self.home}/accreditation.db")

    @property
    def environment(self) -> dict[str, str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("ACCREDIT_", "PREFECT_"))}
        # The test's own process has the password of the server that it shares with its installations.
        shared = {"PREFECT_API_URL": self.api_url, AUTH: os.environ.get(AUTH, "")}
        server = {name: value for name, value in shared.items() if self.api_url and value}
        return {**kept, "COLUMNS": "200", **server, "ACCREDIT_HOME": str(self.home), **self.variables}

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, *map(str, arguments)],
            env=self.environment,
            cwd=self.home.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def accredit(self, *arguments: str | Path, code: int | None = 0) -> str:
        """Run the command to its end, demand its exit *code* (None: any) and return what it printed."""
        return ended(self.start(*arguments), code)

    def inside(self, *arguments: str | Path, code: int | None = 0) -> str:
        """Do the same in this process: to start one costs seconds, which only a test about processes needs."""
        ended, said = typed_here(["accredit", *map(str, arguments)], self.environment, self.home.parent)
        assert code in {None, ended}, f"exit code {ended} instead of {code}:\n{said[-4000:]}"
        return said

    def watched(self, server: OneServer) -> Installation:
        """Return the same installation, whose runs *server* watches."""
        return replace(self, api_url=server.api_url)

    def copied(self, home: Path, api_url: str = "", **variables: str) -> Installation:
        """Return the same installation again in another folder; its database is copied only where it is SQLite."""
        shutil.copytree(self.home, home)
        return Installation(home, {**self.variables, **variables}, api_url)

    def letters_in_maildir(self) -> Counter[str]:
        box = Maildir(self.home / "mail", create=False)
        return Counter(str(message["Message-ID"]) for message in box)


def typed_here(words: list[str], environment: Mapping[str, str], folder: Path) -> tuple[int, str]:
    """Run the command in this process as if it had been typed in *folder*; returns exit code and what was said."""
    said, umask, code = io.StringIO(), os.umask(0o077), 0
    try:
        with (
            patch.dict(os.environ, environment, clear=True),
            patch.object(sys, "argv", words),
            chdir(folder),
            redirect_stdout(said),
            redirect_stderr(said),
        ):
            reset_settings()
            try:
                main()
            except SystemExit as left:
                code = int(left.code or 0)
    finally:
        reset_settings()
        os.umask(umask)
    return code, said.getvalue()


def ended(process: subprocess.Popen[str], code: int | None = 0, seconds: float = 280) -> str:
    said, _ = process.communicate(timeout=seconds)
    assert code in {None, process.returncode}, f"exit code {process.returncode} instead of {code}:\n{said[-4000:]}"
    return said


def kill_family(process: subprocess.Popen[str]) -> None:
    """End *process* and all that it started by SIGKILL, as a power cut would; servers have sessions of their own."""
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(process.pid)
        root.suspend()  # nothing may notice that something else is already gone
        family = [*root.children(recursive=True), root]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family, timeout=30)
    process.communicate()


def progress(url: str) -> int:
    """Return how far an installation is: rows accounted for, events, serials, letters sent. It only grows."""
    steps = [
        select(func.count()).select_from(IntakeFileRow),
        select(func.count()).select_from(IntakeChunkRow),
        select(func.count()).select_from(EventRow),
        select(func.count()).select_from(CredentialRow),
        select(func.count()).select_from(LetterRow).where(LetterRow.state == "sent"),
    ]
    with open_reader(sessions(url)) as store:
        return sum(int(store.session.scalar(step) or 0) for step in steps)


@dataclass(frozen=True)
class FinalState:
    """Everything that two runs of the same package must agree in; times by the clock and serials left out."""

    applications: dict[str, tuple[Any, ...]]
    histories: dict[str, list[dict[str, Any]]]
    credentials: dict[str, list[str]]
    letters: dict[str, str]
    intake: dict[str, tuple[int, bool, int]]


def final_state(installation: Installation) -> FinalState:
    with keys_of(installation.home):
        return recorded(installation.database_url)


def recorded(url: str) -> FinalState:
    """Return what the database at *url* holds; the keys of people's data are those in use."""
    with open_reader(sessions(url)) as store:
        applications = store.applications.all_in(ELECTION)
        histories: dict[str, list[dict[str, Any]]] = {}
        for event in store.session.scalars(select(EventRow).order_by(EventRow.application_id, EventRow.sequence)):
            histories.setdefault(str(event.application_id), []).append(without(event.body, PER_RUN))
        credentials: dict[str, list[str]] = {}
        for owner, state in store.session.execute(select(CredentialRow.application_id, CredentialRow.state)):
            credentials.setdefault(str(owner), []).append(state)
        letters = dict(store.session.execute(select(LetterRow.key, LetterRow.state)).all())
        intake = {
            f"{report.file.organisation}/{report.file.name}": (
                report.counts.rows,
                report.finished,
                report.counts.recorded,
            )
            for report in store.intake.reports(ELECTION)
        }
    standing = {
        str(application.id): (
            application.status.value,
            application.version,
            application.region,
            application.office,
            application.reasons,
        )
        for application in applications
    }
    return FinalState(standing, histories, credentials, letters, intake)


def without(body: Mapping[str, Any], left_out: set[str]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in left_out}


def require_sound(url: str) -> None:
    """Demand what must hold whatever happened: one credential each, serials without gaps, histories that add up."""
    with open_reader(sessions(url)) as store:
        credentials = list(store.session.scalars(select(CredentialRow).order_by(CredentialRow.number)))
        stored = store.applications.all_in(ELECTION)
        heads = store.applications.heads([one.id for one in stored])
        histories = {one.id: store.applications.history(one.id) for one in stored}
    assert [credential.number for credential in credentials] == list(range(1, len(credentials) + 1))
    assert len({credential.application_id for credential in credentials}) == len(credentials)
    assert {credential.state for credential in credentials} <= {"issued"}
    assert {credential.serial for credential in credentials} == {one.serial for one in stored if one.serial}
    for one in stored:
        assert head(histories[one.id]) == heads[one.id]
        assert Application.replayed(histories[one.id]) == one


def change(url: str, statement: str, **values: object) -> int:
    """Run one SQL *statement* by hand, as nobody should; returns the rows changed."""
    engine = engine_for(url)
    try:
        with engine.begin() as connection:
            return connection.execute(text(statement), values).rowcount
    finally:
        engine.dispose()
