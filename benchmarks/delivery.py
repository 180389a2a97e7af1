"""Letters delivered per second over loopback SMTP: the engine with all its bookkeeping against bare smtplib.

    python -m benchmarks.delivery [--letters 1000] [--rounds 3] [--json FILE]

In turn, each with one connection to the same server, which runs in a process of its own: smtplib with messages that
are written already; the engine's delivery of such messages (claimed, handed over, each outcome kept before the next
goes and recorded with its history); and the whole delivery, which also writes every letter in its language, in the
processes that a delivery has, begun before the clock is. Beside them, in one process: letters queued, letters written.
In the same turns, without a threshold: the task of prefect-email, in one flow run. It takes forty messages that are
written already, opens a connection for each and records only that a task ran. (Twenty at once were slower.)
"""

from __future__ import annotations

import argparse
import json
import os
import smtplib
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import mail_peer

if TYPE_CHECKING:
    from notifications.mail.mailers import SealedMessage

LISTEN = """
import asyncio, sys
from aiosmtpd.smtp import SMTP
class Post:
    async def handle_DATA(self, server, session, envelope):
        return "250 2.0.0 taken"
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Post(), enable_SMTPUTF8=True), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    with subprocess.Popen([sys.executable, "-c", LISTEN], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            figures = measured(int(server.stdout.readline()), chosen.letters, chosen.rounds)
        finally:
            server.kill()
    if not mail_peer.is_installed():
        print("prefect-email is not installed and therefore no side.", file=sys.stderr)
    print("| figure | median of rounds |\n| --- | ---: |")
    for way, figure in figures.items():
        print(f"| {way} | {figure:,.2f} |")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2))


def measured(port: int, letters: int, rounds: int) -> dict[str, float]:
    """Return letters a second by way, the ratios, and the milliseconds that bookkeeping adds to a letter."""
    speeds: defaultdict[str, list[float]] = defaultdict(list)
    work: defaultdict[str, list[float]] = defaultdict(list)
    shares: dict[str, float] = {}
    for turn in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            _settle_in(Path(folder), port)
            written = _written(Path(folder), letters, speeds)
            ways = {
                "bare smtplib": lambda: _bare(port, list(written.values())),  # noqa: B023 -- called in this turn
                "engine, messages written before": lambda: _engine(written),  # noqa: B023 -- called in this turn
                "engine, whole": lambda: _engine(None),
            }
            names = list(ways)
            for name in names[turn % 3 :] + names[: turn % 3]:
                _queue_again()
                begun, worked = perf_counter(), process_time()
                shares = ways[name]() or shares
                work[f"{name}, own work in ms a letter"].append(1000 * (process_time() - worked) / letters)
                speeds[name].append(letters / (perf_counter() - begun))
            for name, speed in _peer(port, list(written.values())).items():
                speeds[name].append(speed)
    medians = {name: statistics.median(speed) for name, speed in speeds.items()}
    bare = medians["bare smtplib"]
    ratios = {f"{name} / bare": medians[name] / bare for name in medians if name.startswith(("engine", mail_peer.NAME))}
    busy = {name: statistics.median(each) for name, each in work.items()}
    by_second = {f"{name}, letters a second": speed for name, speed in medians.items()}
    return by_second | ratios | busy | {f"{name}, ms a letter": 1000 * each / letters for name, each in shares.items()}


def _settle_in(folder: Path, port: int) -> None:

    from flows.settings import reset_settings

    os.environ.update(
        ACCREDIT_HOME=str(folder), ACCREDIT_SMTP_HOST="127.0.0.1", ACCREDIT_SMTP_PORT=str(port),
        ACCREDIT_SMTP_SECURITY="plain", ACCREDIT_SMTP_PER_SECOND="1000000", ACCREDIT_SMTP_BURST="1000000",
    )  # fmt: skip
    reset_settings()


def _written(folder: Path, letters: int, speeds: defaultdict[str, list[float]]) -> dict[str, SealedMessage]:
    from support.builders import ELECTION
    from support.post_office import outbox_of

    from db.engine import sessions
    from db.store import open_reader
    from flows.delivery.messages import write_letters
    from flows.delivery.postman import PART
    from flows.runtime.processes.cores import spread
    from flows.settings import settings
    from notifications.mail.message import Sender

    begun = perf_counter()
    outbox_of(f"sqlite:///{folder}/accreditation.db", letters)
    speeds["queued, with a new database"].append(letters / (perf_counter() - begun))
    with open_reader(sessions(settings().database_url)) as store:
        queued = store.letters.matching(ELECTION, limit=letters)
        sender = Sender.of(store.elections.profile(ELECTION).election, address=settings().mail_from)
    for _ in spread(partial(write_letters, sender=sender), queued[:200], few=PART, part=PART):
        pass
    begun = perf_counter()
    messages = write_letters(queued, sender)
    speeds["written, in one process"].append(letters / (perf_counter() - begun))
    return {
        letter.envelope.key: message
        for letter, message in zip(queued, messages, strict=True)
        if not isinstance(message, str)
    }


def _queue_again() -> None:
    from sqlalchemy import update

    from db.store import open_store
    from db.tables.letters import LetterRow
    from flows.context import database

    with open_store(database()) as store:
        store.session.execute(update(LetterRow).values(state="queued", attempts=0))


def _bare(port: int, messages: list[SealedMessage]) -> dict[str, float]:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for message in messages:
            server.sendmail(message.sender, [*message.to, *message.copies], message.contents)
    return {}


def _peer(port: int, messages: list[SealedMessage]) -> dict[str, float]:
    """Return letters a second of some *messages* through the other's task, where it is installed."""
    if not mail_peer.is_installed():
        return {}
    few = mail_peer.arguments(messages[:40])
    with mail_peer.serving():
        mail_peer.send(port, few[:2])
        begun = perf_counter()
        mail_peer.send(port, few)
        return {mail_peer.NAME: len(few) / (perf_counter() - begun)}


def _engine(written: dict[str, SealedMessage] | None) -> dict[str, float]:
    from support.builders import ELECTION, NOW

    from db.store import open_reader
    from flows.context import database
    from flows.delivery import postman
    from flows.runtime.processes.cores import spread
    from notifications.mail.smtp import SmtpMailer

    spent: defaultdict[str, float] = defaultdict(float)
    with open_reader(database()) as store:
        profile = store.elections.profile(ELECTION)

    def ready(_work: object, letters: Any, **_parts: object) -> Any:
        return iter([written[letter.envelope.key] for letter in letters]) if written else ()

    with (
        patch.object(SmtpMailer, "send", _timed(SmtpMailer.send, spent, "handing over")),
        patch.object(postman.Postman, "_record", _timed(postman.Postman._record, spent, "recording")),  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] -- timed where it stands
        patch.object(postman, "claim", _timed(postman.claim, spent, "claiming")),
        patch.object(postman, "spread", ready if written else spread),
    ):
        for _ in postman.send_due(ELECTION, profile, now=NOW.replace(year=2028)):
            pass
    return dict(spent) if written else {}


def _timed(work: Any, spent: dict[str, float], name: str) -> Any:
    def timed(*given: Any, **named: Any) -> Any:
        begun = perf_counter()
        try:
            return work(*given, **named)
        finally:
            spent[name] += perf_counter() - begun

    return timed


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    main()
