"""What a finished demo left behind, in a form that can be compared with what older code left."""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"
CODE = re.compile(r"^Code of this letter: [A-Z0-9-]+", re.MULTILINE)
"""Every installation has a secret of its own, so the codes of its letters differ."""


def recorded_state(home: Path) -> dict[str, Any]:
    """Return where each case stands, each letter's state, the plan's places, and a hash of each English text."""
    with sqlite3.connect(home / "accreditation.db") as database:
        cases = {row[0]: list(row[1:]) for row in database.execute(
            "SELECT id, status, region, office, serial, version, person_version, decided FROM application"
        )}  # fmt: skip
        letters = dict(database.execute("SELECT key, state FROM letter").fetchall())
        plans = [json.loads(body) for (body,) in database.execute("SELECT body FROM plan ORDER BY adoption")]
    return {"cases": cases, "letters": letters, "plans": plans, "texts": _texts(home / "mail" / "new")}


def _texts(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted(folder.iterdir()):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        if message["Content-Language"] == "en" and body is not None:
            text = CODE.sub("Code of this letter: …", body.get_content())
            found[str(message["Message-ID"])] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return found
