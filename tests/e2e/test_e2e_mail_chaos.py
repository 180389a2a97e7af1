"""A bad week of mail: refused, closed, cut, locked out, gone and killed; every letter arrives and none is lost."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from e2e.installation import ended, kill_family
from sqlalchemy import func, select
from support.builders import ELECTION, NOW
from support.databases import keys_of
from support.post_office import PASSWORD, USER, BadDay, PostOffice, certificate, outbox_of

from db.engine import sessions
from db.letters.letters import EVERY_LETTER
from db.store import open_reader, open_store
from db.tables.letters import LetterAttemptRow
from domain.letters.delivery import Reconciliation
from domain.letters.envelope import BEGIN_A_TIME, LetterOrder
from flows.runtime.server.lifetime import free_port
from notifications.mail.message import message_id

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.filterwarnings("ignore:unclosed transport:ResourceWarning"),  # the server is cut off on purpose
]
TESTS = Path(__file__).parents[1]


class Engine:
    """The delivery as a process that can be killed and begun again, later by its own clock."""

    def __init__(self, home: Path, port: int, authorities: Path) -> None:
        self.url = f"sqlite:///{home / 'letters.db'}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACCREDIT_", "PREFECT_"))}
        ours = {
            "HOME": home, "DATABASE_URL": self.url, "WORKERS": 1, "SMTP_HOST": "127.0.0.1", "SMTP_PORT": port,
            "SMTP_USER": USER.decode(), "SMTP_PASSWORD": PASSWORD.decode(), "SMTP_AUTHORITIES": authorities,
            "SMTP_PER_SECOND": 100_000, "SMTP_BURST": 100_000, "SMTP_TIMEOUT": 10,
        }  # fmt: skip
        self._environment = {**kept, "PYTHONPATH": str(TESTS), **{f"ACCREDIT_{n}": str(v) for n, v in ours.items()}}
        self._starts = 0

    def start(self) -> subprocess.Popen[str]:
        self._starts += 1
        begin = NOW + timedelta(days=self._starts)
        return subprocess.Popen(
            [sys.executable, "-m", "support.rounds", begin.isoformat()],
            env=self._environment, cwd=TESTS.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip

    def outages(self) -> int:
        with sessions(self.url)() as session:
            query = select(func.count()).select_from(LetterAttemptRow).where(LetterAttemptRow.key.is_(None))
            return session.scalars(query).one()


@contextmanager
def opened(office: PostOffice) -> Generator[None]:
    office.open()
    try:
        yield
    finally:
        office.close()


def awaited(process: subprocess.Popen[str], reached: object) -> None:
    """Wait until *reached* says so; the process must not have ended before."""
    assert callable(reached)
    while not reached():
        assert process.poll() is None, process.communicate()[0][-3000:]
        time.sleep(0.002)


@pytest.mark.parametrize(("letters", "kills"), [(120, 1), pytest.param(10_000, 12, marks=pytest.mark.full)])
def test_on_a_bad_day_every_letter_arrives_and_at_most_those_in_flight_twice(
    tmp_path: Path, letters: int, kills: int
) -> None:
    rng = random.Random(letters)
    tls = certificate(tmp_path)
    stranger = certificate(tmp_path / "other")
    unknown = frozenset(f"p{n}@d{n}.example" for n in rng.sample(range(letters), letters // 40))
    day, port = BadDay(random.Random(7), unknown=unknown), free_port()
    office, engine = PostOffice(day, port, tls), Engine(tmp_path, port, tls[0])
    keys = outbox_of(engine.url, letters)
    troubles = ["kill"] * kills + ["password", "certificate", "gone"]
    rng.shuffle(troubles)
    with opened(office):
        process = engine.start()
        for place, trouble in enumerate(troubles, start=1):
            count = round((place - rng.random()) * letters * 0.8 / len(troubles))
            awaited(process, lambda reached=count: len(day.taken) >= reached)
            outages = engine.outages()
            match trouble:
                case "kill":
                    time.sleep(rng.uniform(0, 0.01))
                    kill_family(process)
                    process = engine.start()
                case "password":
                    day.password = b"changed"
                    office.close()
                    office.open()
                    awaited(process, lambda: day.logins_refused)
                    day.password = PASSWORD
                case _:
                    office.close()
                    if trouble == "certificate":
                        office.open(stranger)
                    awaited(process, lambda known=outages: engine.outages() > known)
                    office.close()
                    office.open()
        ended(process, seconds=1800)
        with open_reader(sessions(engine.url)) as store:
            account = store.letters.reconciliation(ELECTION)
        assert account == Reconciliation(queued=letters, sent=letters - len(unknown), failed=len(unknown))
        day.unknown = frozenset()
        with keys_of(tmp_path), open_store(sessions(engine.url)) as store:
            store.letters.order(ELECTION, LetterOrder.RETRY, EVERY_LETTER, officer="OFF-1", now=NOW)
        ended(engine.start())
    arrived = Counter(day.taken)
    assert set(arrived) == {message_id(key, "elections.example") for key in keys}
    # One connection, one letter in flight on it; closing the server cuts its connections too.
    assert arrived.total() - letters <= day.cuts + kills + 3
    # One that begins a time says since when: sent again a day later it says the later day, from which the time counts.
    timed = {message_id(key, "elections.example") for key in keys if key.partition(":")[0] in BEGIN_A_TIME}
    once = {name: contents for name, contents in day.contents.items() if name not in timed}
    assert all(len(contents) == 1 for contents in once.values()), "a repeated letter is the same letter"
    with open_reader(sessions(engine.url)) as store:
        assert store.letters.reconciliation(ELECTION) == Reconciliation(queued=letters, sent=letters)
        assert all(store.letters.history(key)[-1].state == "sent" for key in keys[:50])
