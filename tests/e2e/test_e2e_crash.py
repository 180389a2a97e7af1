"""SIGKILL at any moment, as often as you like: the end is the same, and nothing happened twice."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from e2e.installation import (
    AS_OF,
    FinalState,
    Installation,
    change,
    ended,
    final_state,
    kill_family,
    progress,
    require_sound,
)

from flows.runtime.server.lifetime import OneServer, free_port
from notifications.mail.message import message_id

pytestmark = [pytest.mark.xdist_group("e2e-crash"), pytest.mark.timeout(3000)]

LONGEST_AFTERTHOUGHT = 0.25
"""Seconds from the awaited commit to the kill, at most: about one chunk's work."""


def moments(kills: int, end: int, seed: int) -> list[tuple[int, float]]:
    """Return when to kill: at what progress, drawn from equal shares of the whole way, and how long after."""
    rng = random.Random(seed)
    return [
        (round((share + rng.random()) * end / kills), rng.uniform(0, LONGEST_AFTERTHOUGHT)) for share in range(kills)
    ]


def killed_at(process: subprocess.Popen[str], url: str, reached: int, afterthought: float) -> bool:
    """Kill *process* and its family once the database is that far; False where it ended before."""
    while progress(url) < reached and process.poll() is None:
        time.sleep(0.005)
    time.sleep(afterthought)
    if process.poll() is not None:
        ended(process)
        return False
    kill_family(process)
    return True


def crashed_and_finished(
    installation: Installation, package: Path, kills: Sequence[tuple[int, float]], run: Sequence[str | Path] = ()
) -> int:
    """Run everything, killed at *kills*, then once to the end; returns how often it was really killed."""
    arguments = run or ("run", package / "nominations", "--as-of", AS_OF)
    hits = sum(killed_at(installation.start(*arguments), installation.database_url, *kill) for kill in kills)
    installation.accredit(*arguments)
    return hits


def require_same_end(installation: Installation, expected: FinalState) -> None:
    found = final_state(installation)
    assert found.intake == expected.intake
    assert found.applications == expected.applications
    assert found.histories == expected.histories
    assert found.credentials == expected.credentials
    assert found.letters == expected.letters
    require_sound(installation.database_url)
    # A letter that a parcel brings is no message of its own.
    sent = [key for key, state in expected.letters.items() if state != "gathered"]
    keys = Counter(message_id(key, "elections.example") for key in sent)
    assert installation.letters_in_maildir() == keys
    assert list((installation.home / "mail" / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("kills", "seed"), [(1, 1), *(pytest.param(12, seed, marks=pytest.mark.full) for seed in range(2, 5))]
)
def test_a_run_killed_at_random_moments_ends_like_an_undisturbed_one(
    fresh: Installation, package: Path, undisturbed: Installation, expected: FinalState, kills: int, seed: int
) -> None:
    way = moments(kills, progress(undisturbed.database_url), seed)
    hits = crashed_and_finished(fresh, package, way)
    assert hits >= max(kills - 1, 1)  # of several, the last may come when all is done
    require_same_end(fresh, expected)
    assert "Every history is whole" in fresh.inside("audit", "verify")


@pytest.mark.full
def test_a_run_that_is_watched_and_killed_ends_like_an_undisturbed_one(
    fresh: Installation, package: Path, undisturbed: Installation, expected: FinalState, prefect_server: OneServer
) -> None:
    watched = fresh.watched(prefect_server)
    crashed_and_finished(watched, package, moments(12, progress(undisturbed.database_url), seed=6))
    require_same_end(watched, expected)


@pytest.mark.full
@pytest.mark.parametrize("kills", [1, 6])
def test_a_run_killed_with_its_own_prefect_server_ends_like_an_undisturbed_one(
    fresh: Installation, package: Path, undisturbed: Installation, expected: FinalState, kills: int
) -> None:
    spread = {"ACCREDIT_RUNNER": "processes", "ACCREDIT_WORKERS": "2"}  # these get their work from a server
    alone = Installation(fresh.home, {**fresh.variables, **spread})
    end = progress(undisturbed.database_url)
    assert crashed_and_finished(alone, package, moments(kills, end * 9 // 10, seed=7)) == kills
    require_same_end(alone, expected)


@pytest.mark.full
@pytest.mark.parametrize("runner", ["threads", "processes"])
def test_a_run_on_postgresql_killed_at_random_moments_ends_like_an_undisturbed_one(
    fresh: Installation,
    package: Path,
    new_database: Callable[[], str],
    undisturbed: Installation,
    expected: FinalState,
    runner: str,
) -> None:
    settings = {**fresh.variables, "ACCREDIT_DATABASE_URL": new_database(), "ACCREDIT_RUNNER": runner}
    elsewhere = Installation(fresh.home, settings, fresh.api_url)
    elsewhere.inside("init", package, "--as-of", AS_OF)
    crashed_and_finished(elsewhere, package, moments(12, progress(undisturbed.database_url), seed=8))
    require_same_end(elsewhere, expected)


@dataclass
class Mailbox:
    """What a mail server took: Message-IDs in order, and the dates they bore."""

    taken: list[str] = field(default_factory=list[str])
    dates: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        await asyncio.sleep(0.004)
        message = message_from_bytes(envelope.content)
        known = str(message["Message-ID"])
        self.taken.append(known)
        self.dates.setdefault(known, set()).add(str(message["Date"]))
        return "250 2.0.0 taken"


@contextmanager
def mail_server() -> Generator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def queue_again(installation: Installation, kinds: str) -> list[str]:
    """Put all letters of these *kinds* back into the queue, as if nobody had sent them; returns their keys."""
    change(
        installation.database_url,
        f"update letter set state = 'queued', attempts = 0, sent_at = null, answer = null where kind in ({kinds})",  # noqa: S608 -- our own words
    )
    with sqlite3.connect(installation.home / "accreditation.db") as database:
        return [key for (key,) in database.execute("select key from letter where state = 'queued'")]


@pytest.mark.full
@pytest.mark.parametrize("kills", [2, 12])
def test_a_delivery_killed_while_sending_repeats_only_what_was_in_flight(
    undisturbed: Installation, prefect_server: OneServer, tmp_path: Path, kills: int
) -> None:
    kinds = "'credential', 'approval'" if kills == 2 else "'credential', 'approval', 'receipt', 'placement', 'referral'"
    rng = random.Random(kills)
    with mail_server() as (box, port):
        sending = undisturbed.copied(
            tmp_path / "var",
            prefect_server.api_url,
            ACCREDIT_SMTP_HOST="127.0.0.1",
            ACCREDIT_SMTP_PORT=str(port),
            ACCREDIT_SMTP_SECURITY="plain",
        )
        keys = queue_again(sending, kinds)
        for share in range(kills):
            process = sending.start("deliver", "--as-of", AS_OF)
            reached = round((share + rng.random()) * len(keys) / kills)
            while len(box.taken) < reached and process.poll() is None:
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.01))
            assert process.poll() is None, "all was sent before it could be killed"
            kill_family(process)
        sending.accredit("deliver", "--as-of", AS_OF)
    arrived = Counter(box.taken)
    assert set(arrived) == {message_id(key, "elections.example") for key in keys}
    assert arrived.total() - len(keys) <= kills  # one connection, one message in flight on it
    assert all(len(dates) == 1 for dates in box.dates.values())
    assert set(final_state(sending).letters.values()) <= {"sent", "gathered"}
