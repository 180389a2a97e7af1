"""What Prefect must find in the environment before it is imported: quiet, local, and telling nobody."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from flows.settings import Settings, prepare_home

HEARTBEAT_SECONDS: Final = 30
"""The shortest that Prefect allows; the watch over dead runs needs it (:mod:`flows.upkeep.service`)."""

ALWAYS: Final[Mapping[str, str]] = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # V2 asks an analytics host outside even with analytics off, and shows the new forms of V1 no better.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    # A process that does not find the server must fail, not start a server of its own: each pool process would.
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    # In memory, as is the default, a server that starts again would end each run that has a place of its own.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
}
"""Not for the operator to change: privacy and what the engine relies on."""

AS_JSON: Final[Mapping[str, str]] = {
    # The class of Prefect's formatter "standard", which its terminal handler uses, also for what uvicorn says.
    "PREFECT_LOGGING_FORMATTERS_STANDARD_": "flows.upkeep.json_lines.JsonLines",
    "PREFECT_LOGGING_COLORS": "false",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
}
"""Where logs are wanted as JSON."""

UNLESS_SET: Final[Mapping[str, str]] = {
    # The run's log in the UI keeps everything from INFO on; the terminal shows what needs attention.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "ERROR",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    # Task runs reach the database in batches; the default of five seconds would be waited for at every end.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}
"""Ours by default; the operator's own variable wins."""


def prefect_environment(
    settled: Settings, *, api_url: str | None = None, password: str | None = None
) -> dict[str, str]:
    """Return the variables for every process that imports Prefect, here and in children.

    With *api_url* and *password* they are complete: the UI and all clients use that address. Prefect's own files lie
    below ``prefect_home``, so nothing of another Prefect on this machine is read or changed.
    """
    chosen = {name: os.environ.get(name, value) for name, value in UNLESS_SET.items()}
    chosen |= AS_JSON if settled.log_json else {}
    address = {"PREFECT_API_URL": api_url} if api_url else {}
    address |= {"PREFECT_API_AUTH_STRING": password} if password else {}
    if (api_url or "").startswith("http://"):
        given = os.environ.get("PREFECT_API_SSL_CERT_FILE")
        chosen["PREFECT_API_SSL_CERT_FILE"] = given or str(_one_authority(settled))
    return {**chosen, **ALWAYS, "PREFECT_HOME": str(settled.prefect_home), **address}


def _one_authority(settled: Settings) -> Path:
    """Return a file with one certificate authority that vouches for nothing, made when it is missing.

    Prefect's client reads all authorities of the bundle anew for each of its clients, several in every task run, and
    does so for a plain ``http://`` address too: two fifths of a task run's time, measured at 1,500 applications.
    """
    path = settled.prefect_home / "authority.pem"
    if not path.exists():
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
        key = Ed25519PrivateKey.generate()
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
            .sign(key, None)
        )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(certificate.public_bytes(Encoding.PEM))
        Path(file.name).replace(path)
    return path


@contextmanager
def prefect_configured(
    settled: Settings, *, api_url: str | None = None, password: str | None = None
) -> Generator[None]:
    """Set the environment for Prefect inside this block; it may be imported before or, better, inside.

    A Prefect that was imported inside keeps what it read: to read it all again at the end of a command helps nobody.
    """
    prepare_home(settled)
    settled.prefect_home.mkdir(mode=0o700, parents=True, exist_ok=True)
    changes = prefect_environment(settled, api_url=api_url, password=password)
    before, is_there = {name: os.environ.get(name) for name in changes}, "prefect.context" in sys.modules
    os.environ.update(changes)
    reread()
    try:
        yield
    finally:  # what others changed meanwhile is theirs
        for name in before:
            os.environ.pop(name, None)
        os.environ.update({name: value for name, value in before.items() if value is not None})
        if is_there:
            reread()


def reread() -> None:
    """Let a Prefect that is already imported see the environment as it is now."""
    if "prefect.context" not in sys.modules:
        return
    from prefect.context import refresh_global_settings_context  # noqa: PLC0415 -- importing Prefect reads settings
    from prefect.logging.configuration import setup_logging  # noqa: PLC0415 -- the same

    refresh_global_settings_context()
    setup_logging()


ENTRANCE: Final = "/enter"
"""Where the gate makes links that log in once, and where they lead."""
SIGNPOST: Final = "/to"
"""Where the gate knows short addresses of forms and of the overview, which fit on a screen of 80 columns."""
PLACES: Final = "serving.ready"
"""The file below Prefect's home in which the serving process says where its forms are."""


def basic(password: str) -> str:
    """Return what the header Authorization says of *password* (RFC 7617, with Prefect's whole string)."""
    return f"Basic {encoded(password)}"


def encoded(password: str) -> str:
    """Return *password* as it is sent, and as Prefect's pages keep it."""
    return base64.b64encode(password.encode()).decode("ascii")
