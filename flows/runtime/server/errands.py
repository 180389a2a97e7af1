"""Errands: runs that a command asks of ``accredit up``, whose processes have imported Prefect already.

The command asks Prefect's server over HTTP and imports nothing of Prefect, which would take longer than its own work.
The run leaves what it did in a file below ``prefect_home``, because Prefect keeps no results here.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID, uuid4

from pydantic import ValidationError

from domain.errors import AccreditationError, UnavailableError
from domain.values import Frozen
from flows.runtime.environment import basic
from flows.runtime.outcomes import StageOutcome
from flows.settings import Settings, settings

TAG: Final = "by command"
"""The tag of a run that a command waits for."""
SECONDS_BETWEEN_LOOKS: Final = 0.4
SECONDS_TO_ANSWER: Final = 300.0
"""How long the server may be too busy to answer before the command gives up waiting; the run itself goes on."""
SECONDS_OF_ONE_ANSWER: Final = 60.0
BUSY: Final = frozenset({403, 500, 502, 503, 504})
"""What Prefect answers while its database is locked: it may not even know the token that it has just given."""
_GOES_ON: Final = "What it was asked for may go on: accredit status"
ENDS: Final = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
_BY_COMMAND: Final = {"as_of", "election", "signing_socket", "log_json"}
"""Settings that decide nothing here: the run is told the first two, and the others are those of whoever serves."""


class Ended(Frozen):
    """How a run ended, in Prefect's words, and what its stage left."""

    kind: str
    name: str
    message: str = ""
    outcome: StageOutcome | None = None


class Look(Frozen):
    """How a run stands at one moment: of a hundred parts so many are done; None before it shows a bar."""

    begun: bool
    percent: float | None = None


def fingerprint(settled: Settings) -> str:
    """Return a hash of what decides on what work is done: only a run under the same settings does the same work.

    Secrets are masked in it.
    """
    return hashlib.sha256(settled.model_dump_json(exclude=_BY_COMMAND).encode()).hexdigest()


class Errands:
    """Asks a server, of one password, for runs of the deployments that it serves."""

    def __init__(self, api_url: str, password: str, deployments: Mapping[str, str]) -> None:
        self._api_url = api_url
        self._deployments = deployments
        self._client = str(uuid4())
        self._headers = {"Authorization": basic(password), "Content-Type": "application/json"}

    @classmethod
    def of(cls, notice: Mapping[str, Any], password: str, settled: Settings) -> Self | None:
        """Return errands to the server that left *notice*; None where it works under other settings than *settled*."""
        same = notice.get("settings") == fingerprint(settled)
        return cls(str(notice["api_url"]), password, notice["deployments"]) if same else None

    def serves(self, deployment: str) -> bool:
        """Whether runs of *deployment* can be asked for."""
        return deployment in self._deployments

    def run(self, deployment: str, parameters: Mapping[str, object], *, shown: Callable[[Look], None]) -> Ended:
        """Run *deployment* with *parameters* of its form, tell *shown* how far it is, and return how it ended.

        Whoever interrupts the wait cancels the run. A server that stays away is an UnavailableError.
        """
        # Asked again after a lost answer, the server finds the run by this key and makes no second one.
        asked = {"parameters": dict(parameters), "tags": [TAG], "idempotency_key": str(uuid4())}
        made = self._ask(f"/deployments/{self._deployments[deployment]}/create_flow_run", asked)
        try:
            while (state := self._ask(f"/flow_runs/{made['id']}")["state"])["type"] not in ENDS:
                shown(self._look(made["id"], state))
                time.sleep(SECONDS_BETWEEN_LOOKS)
        except KeyboardInterrupt:
            self._ask(f"/flow_runs/{made['id']}/set_state", {"state": {"type": "CANCELLING"}})
            raise
        outcome = _taken(UUID(made["id"]))
        return Ended(kind=state["type"], name=state["name"], message=state["message"] or "", outcome=outcome)

    def _look(self, run: str, state: Mapping[str, str]) -> Look:
        begun = state["type"] not in {"SCHEDULED", "PENDING"}
        wanted = {"flow_run_id": {"any_": [run]}, "type": {"any_": ["progress"]}}
        bars: list[Any] = self._ask("/artifacts/filter", {"artifacts": wanted, "limit": 1}) if begun else []
        return Look(begun=begun, percent=bars[0]["data"] if bars else None)

    def _ask(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Return the answer of Prefect's API, asked again while its database is busy or it starts anew."""
        until = time.monotonic() + SECONDS_TO_ANSWER
        while True:
            try:
                return self._asked(path, body)
            except urllib.error.HTTPError as error:
                told: AccreditationError = AccreditationError(f"Prefect's server answers {error.code}, at {path}.")
                passes = error.code in BUSY
            except (OSError, ValueError) as error:
                told = UnavailableError(f"Prefect's server does not answer ({type(error).__name__}). {_GOES_ON}")
                passes = not _is_gone(error)
            if not passes or time.monotonic() > until:
                raise told
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _asked(self, path: str, body: Mapping[str, object] | None) -> Any:
        """Ask once; a *body* is posted, with the token that Prefect's CSRF protection wants."""
        headers = dict(self._headers)
        if body is not None:
            token = self._asked(f"/csrf-token?client={self._client}", None)["token"]
            headers |= {"Prefect-Csrf-Client": self._client, "Prefect-Csrf-Token": token}
        sent = None if body is None else json.dumps(body, default=str).encode()
        asked = urllib.request.Request(f"{self._api_url}{path}", data=sent, headers=headers)  # noqa: S310 -- our own
        with urllib.request.urlopen(asked, timeout=SECONDS_OF_ONE_ANSWER) as answer:  # noqa: S310 -- the same
            return json.load(answer)


def _is_gone(error: Exception) -> bool:
    """Whether nobody listens any more: a server of ``accredit up`` that has ended does not come back by itself."""
    return isinstance(getattr(error, "reason", error), ConnectionRefusedError)


def leave(run: UUID, outcome: StageOutcome) -> None:
    """Leave *outcome* of *run* for the command that waits for it; one that waits no more leaves it lying for a day."""
    place = _place(run)
    place.parent.mkdir(mode=0o700, exist_ok=True)
    for old in place.parent.glob("*.json"):
        if old.stat().st_mtime < time.time() - 86_400:
            old.unlink(missing_ok=True)
    beside = place.with_suffix(f".{os.getpid()}")
    beside.write_text(outcome.model_dump_json(), "utf-8")
    beside.replace(place)


def _taken(run: UUID) -> StageOutcome | None:
    try:
        return StageOutcome.model_validate_json(_place(run).read_text("utf-8"))
    except (OSError, ValidationError):
        return None
    finally:
        _place(run).unlink(missing_ok=True)


def _place(run: UUID) -> Path:
    return settings().prefect_home / "errands" / f"{run}.json"
