"""An office that ``accredit up`` serves, with schedules short enough for a test; everything else is the real thing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from e2e.installation import Installation, kill_family
from support.prefect import asked

from flows.deployments import Deployed, as_arguments
from flows.runtime.server.lifetime import free_port

PATIENCE = 600.0
UP = """
import sys
from flows.deployments import from_arguments
from flows.upkeep.service import up
up(port=int(sys.argv[1]), deployments=from_arguments(sys.argv[2:]))
"""


@dataclass(frozen=True)
class Office:
    """An installation with its server running."""

    found: Installation
    url: str
    process: subprocess.Popen[bytes]
    terminal: Path

    @property
    def password(self) -> str:
        return (self.found.home / "prefect/server.secret").read_text()

    def said(self) -> str:
        return self.terminal.read_text()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask Prefect's API as the engine's own clients do."""
        return asked(f"{self.url}/api", self.password, method, path, body)

    def runs(self, flow: str) -> list[dict[str, Any]]:
        """Return the runs of *flow* that began, the newest last."""
        wanted = {"flows": {"name": {"any_": [flow]}}, "sort": "START_TIME_ASC", "limit": 200}
        return [run for run in self.ask("POST", "/flow_runs/filter", wanted) if run["state_type"] != "SCHEDULED"]


def wait_for(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"{what}: waited in vain"
        time.sleep(0.5)


@contextmanager
def office(found: Installation, deployments: Sequence[Deployed], *imports: Path) -> Generator[Office]:
    """Serve *deployments* for the time of the block; modules in *imports* can be loaded, or change others."""
    terminal, port = found.home.parent / f"terminal-{found.home.name}", free_port()
    own = {"PYTHONPATH": ":".join([*map(str, imports), found.environment.get("PYTHONPATH", "")])}
    with terminal.open("wb") as screen:
        process = subprocess.Popen(
            [sys.executable, "-c", UP, str(port), *as_arguments(deployments)],
            env={**found.environment, **own},
            stdout=screen,
            stderr=screen,
            start_new_session=True,
        )
    running = Office(replace(found, api_url=""), f"http://127.0.0.1:{port}", process, terminal)
    try:
        secret = found.home / "prefect/server.json"
        wait_for(lambda: secret.exists() or process.poll() is not None, "the server to come up")
        assert process.poll() is None, running.said()
        yield running
    finally:
        kill_family(process)
