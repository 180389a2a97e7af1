"""Delivers until nothing waits, each round five hours after the last; run as a process that tests may kill.

python -m support.rounds BEGIN, BEGIN being the moment of the first round in ISO 8601.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta

from db.store import open_reader
from flows.context import database
from flows.delivery.outage import mail_standing, note_outage
from flows.delivery.postman import recover, send_due
from notifications.mail.mailers import MailUnavailableError
from support.builders import ELECTION


def main() -> None:
    """Deliver; a server that is gone is asked again shortly."""
    now = datetime.fromisoformat(sys.argv[1])
    with open_reader(database()) as store:
        profile = store.elections.profile(ELECTION)
    while mail_standing(ELECTION).account.waiting:
        recover(ELECTION)
        try:
            for _ in send_due(ELECTION, profile, now=now):
                pass
        except MailUnavailableError as error:
            note_outage(ELECTION, error, now=now)
            time.sleep(0.1)
        now += timedelta(hours=5)


if __name__ == "__main__":
    main()
