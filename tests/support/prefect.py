"""Questions to Prefect's API, asked as the engine's own clients ask them."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import httpx

from flows.runtime.environment import basic

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
