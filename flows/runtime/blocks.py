"""Secrets kept in Prefect. Importing this takes Prefect's seconds: do it where a block is asked for."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import Any

from httpx import HTTPError
from prefect.blocks.system import Secret
from prefect.exceptions import PrefectException
from pydantic import SecretStr

from domain.errors import BadInputError
from flows.runtime.environment import prefect_configured
from flows.runtime.server import running_server
from flows.settings import settings


def secret_block(name: str) -> SecretStr:
    """Return what the Prefect Secret block *name* holds: of the server that this run, or ``accredit up``, works with.

    Raises BadInputError where there is no such block, or no server to ask.
    """
    try:
        with _server():
            # The decorator of ``load`` chooses by its caller's loop unless told; types know neither that nor the class.
            load: Any = Secret.load
            return SecretStr(str(load(name, _sync=True).get()))
    except (ValueError, HTTPError, PrefectException) as error:
        raise BadInputError(
            f"Prefect block {name}", "cannot be read.",
            remedy="Start accredit up, or set PREFECT_API_URL, and make a Secret block of that name there.",
        ) from error  # fmt: skip


def _server() -> Any:
    if os.environ.get("PREFECT_API_URL"):
        return nullcontext()
    return prefect_configured(settings(), api_url=running_server(settings()))
