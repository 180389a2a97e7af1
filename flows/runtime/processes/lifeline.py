"""Child processes that live exactly as long as whoever started them."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

SECONDS_TO_CLOSE: Final = 15.0


def collect_seldom() -> None:
    """Look for cycles in memory more seldom than Python does by itself.

    A start makes a million objects that stay; to look at them again and again took a fifth of a command's time.
    """
    gc.set_threshold(50_000, 20, 20)


def end_with_parent() -> None:
    """Let this process end when its standard input closes, which is when its parent ends in any way, SIGKILL included.

    (``PR_SET_PDEATHSIG`` would do so on Linux only, and fires already when the parent's *thread* ends.)
    """
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    # Not sys.stdin: its lock would be held when the interpreter ends, which Python answers by aborting.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_CLOSE)
    os.killpg(0, signal.SIGKILL)


def _safe_path(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what keeps the current folder off the module path of a child and of all that it starts.

    A file ``prefect.py`` that lies where the command was started would be imported in place of Prefect. An empty entry
    of PYTHONPATH means the current folder too.
    """
    named = environment.get("PYTHONPATH", "").split(os.pathsep)
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(entry for entry in named if entry)}


class Child:
    """A module of ours in a process of its own; the module calls :func:`end_with_parent` first of all.

    Nothing is imported from the current folder, in the child or below it.
    """

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 -- our own module on our own interpreter
                [sys.executable, "-P", "-m", module, *arguments],
                env={**environment, **_safe_path(environment)},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                # Ctrl-C goes to the whole foreground group; children must outlive it long enough to end in order.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is also that of its group."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def stop(self, seconds: float = SECONDS_TO_CLOSE) -> None:
        """End the process and whatever it started, by force after *seconds*; doing so twice is harmless."""
        with suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
