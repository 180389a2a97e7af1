"""How a password reaches the Prefect server, in the words of HTTP."""

from __future__ import annotations

import base64
from typing import Final

ENTRANCE: Final = "/enter"
"""Where the gate makes links that log in once, and where they lead."""


def basic(password: str) -> str:
    """Return what the header Authorization says of *password* (RFC 7617, with Prefect's whole string)."""
    return f"Basic {encoded(password)}"


def encoded(password: str) -> str:
    """Return *password* as it is sent, and as Prefect's pages keep it."""
    return base64.b64encode(password.encode()).decode("ascii")
