"""Prefect for tests: its empty database, made once, and questions asked as the engine's own clients ask them."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from flows.runtime.environment import basic
from flows.runtime.server.lifetime import ServerChild, free_port
from flows.settings import Settings
from support.databases import copy_file
from support.kept import made_once

PATIENCE = 120.0
BUSY = {403, 500, 503}
"""What Prefect answers while its database is locked: it may not even know the token that it has just given."""


def asked(api_url: str, password: str | None, method: str, path: str, body: object = None) -> Any:
    """Ask with the password and a fresh token; SQLite may be locked for a moment, then it is asked again."""
    headers = {"Authorization": basic(password or "")}
    until = time.monotonic() + PATIENCE
    with httpx.Client(base_url=api_url, headers=headers, timeout=PATIENCE) as client:
        while time.monotonic() < until:
            with suppress(httpx.TransportError):
                token = client.get("/csrf-token", params={"client": "test"})
                own = {"Prefect-Csrf-Token": token.json().get("token", ""), "Prefect-Csrf-Client": "test"}
                answer = client.request(method, path, json=body, headers=own)
                if answer.status_code not in BUSY:
                    return answer.raise_for_status().json()
            time.sleep(0.5)
    raise AssertionError("busy for two minutes")


def empty_database(path: Path) -> None:
    """Let a server of Prefect's make its tables, and keep them at *path*."""
    server = ServerChild(Settings(home=path.with_suffix(".home")), port=free_port(), with_ui=False)
    server.wait_until_healthy()
    server.stop()
    copy_file(path.with_suffix(".home") / "prefect" / "prefect.db", path)


def with_tables(home: Path, kept: Path) -> Path:
    """Return *home* with an empty database of Prefect's: to make one takes most of a server's first start."""
    wanted = home / "prefect" / "prefect.db"
    wanted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(made_once(kept, "prefect.db", empty_database), wanted)
    return home
