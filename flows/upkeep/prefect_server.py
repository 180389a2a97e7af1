"""Prefect as the doctor looks at it: server, what it must hold, what is served, workers, runs that are stuck.

Asked over HTTP without Prefect's own client, which takes seconds to load.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.errors import UnavailableError
from flows.deployments import AGAIN, DEPLOYMENTS, SMTP_LIMIT, TRIES, UNFINISHED, WATCH, WORK_POOL
from flows.runtime.environment import basic
from flows.runtime.server.lifetime import RunningServer, authorities, is_healthy, running_server
from flows.settings import settings
from flows.upkeep.diagnosis import Diagnosis, right, soon, wrong

SILENT: Final = timedelta(minutes=2)
"""Runner and workers look for work every few seconds; runs give a sign of life every 30 s."""
LATE: Final = timedelta(minutes=15)
LONG: Final = timedelta(hours=6)
_CLIENT: Final = "accredit-doctor"
_UP: Final = "End accredit up and start it again"
_MOST: Final = 200


def served_by() -> RunningServer | None:
    """Return the server that ``PREFECT_API_URL`` names, else that of ``accredit up``; None where there is none."""
    running = running_server(settings())
    if named := os.environ.get("PREFECT_API_URL"):
        own = running.password if running and running.api_url == named else ""
        return RunningServer(named, os.environ.get("PREFECT_API_AUTH_STRING") or own)
    return running


def prefect(server: RunningServer | None = None) -> Iterator[Diagnosis]:
    """Look at the *server*, or at the one that is found."""
    found = server or served_by()
    if found is None:
        remedy = "accredit up. Until then nothing starts by itself: accredit deliver, clocks, remind by hand"
        yield soon("Prefect", "does not run here", remedy)
        return
    if not is_healthy(found.api_url):
        yield wrong("Prefect", f"{found.api_url} does not answer", f"{_UP}, or the service accredit-server")
        return
    yield right("Prefect", f"answers at {found.url}")
    yield from _examined(found, now=datetime.now(UTC))


def _examined(server: RunningServer, *, now: datetime) -> Iterator[Diagnosis]:
    import httpx  # noqa: PLC0415 -- comes with Prefect; most commands need neither

    try:
        with httpx.Client(
            base_url=server.api_url,
            headers={"Authorization": basic(server.password)},
            timeout=10,
            verify=authorities(server.url) or True,
        ) as web:
            token = web.get("/csrf-token", params={"client": _CLIENT})
            if token.is_success:
                web.headers.update({"Prefect-Csrf-Token": token.json()["token"], "Prefect-Csrf-Client": _CLIENT})
            yield from _set_up(web)
            yield from _served(web, now=now)
            yield from _runs(web, now=now)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise UnavailableError(f"Prefect's server does not say how it is ({type(error).__name__}).") from error


def _asked(web: Any, path: str, **body: Any) -> Any:
    return web.post(path, json={"limit": _MOST, **body}).raise_for_status().json()


def _set_up(web: Any) -> Iterator[Diagnosis]:
    limits = {limit["name"] for limit in _asked(web, "/v2/concurrency_limits/filter")}
    watches = {automation["name"]: automation["enabled"] for automation in _asked(web, "/automations/filter")}
    lacking = [what for what, there in (("the pace of mail", SMTP_LIMIT in limits),
                                        ("the watch over dead runs", watches.get(WATCH))) if not there]  # fmt: skip
    if lacking:
        yield wrong("Prefect's set-up", f"lacks {' and '.join(lacking)}", f"{_UP}, or accredit prefect setup")
    else:
        yield right("Prefect's set-up", "limits and watch are there")


def _served(web: Any, *, now: datetime) -> Iterator[Diagnosis]:
    known = {found["name"]: found for found in _asked(web, "/deployments/filter")}
    if lacking := [deployed.name for deployed in DEPLOYMENTS if deployed.name not in known]:
        says = f"{len(lacking)} of {len(DEPLOYMENTS)} are missing: {', '.join(lacking[:3])}"
        yield wrong("deployments", says, f"{_UP}; with workers: accredit prefect setup")
    paused = [name for name, found in known.items() if found.get("paused")]
    if paused:
        yield wrong("schedules", f"paused: {', '.join(paused[:4])}", "Resume them on the page Deployments of Prefect")
    pools = [pool for pool in _asked(web, "/work_pools/filter") if pool["name"] == WORK_POOL]
    in_pool = any(found.get("work_pool_name") == WORK_POOL for found in known.values())
    if pools and in_pool:
        yield _workers(_asked(web, f"/work_pools/{WORK_POOL}/workers/filter"), now=now)
    elif known:
        polled = max((_moment(found.get("last_polled")) for found in known.values()), default=_moment(None))
        yield _alive("runner", polled, "serves all deployments", f"Nothing starts by itself. {_UP}", now=now)


def _workers(found: list[dict[str, Any]], *, now: datetime) -> Diagnosis:
    beats = [_moment(worker.get("last_heartbeat_time")) for worker in found]
    alive = sum(now - beat < SILENT for beat in beats)
    remedy = "systemctl restart accredit-worker@1, or: accredit prefect worker"
    if 0 < alive < len(beats):
        return soon("workers", f"signs of life come from {alive} of {len(beats)}", remedy)
    return _alive("workers", max(beats, default=_moment(None)), f"{alive} at work", remedy, now=now)


def _alive(part: str, last: datetime, says: str, remedy: str, *, now: datetime) -> Diagnosis:
    return right(part, says) if now - last < SILENT else wrong(part, "give no sign of life", remedy)


def _moment(told: str | None) -> datetime:
    return datetime.fromisoformat(told) if told else datetime(2000, 1, 1, tzinfo=UTC)


def _runs(web: Any, *, now: datetime) -> Iterator[Diagnosis]:
    under_way = _of_state(web, "RUNNING", "CANCELLING")
    lost = [run["name"] for run in _of_state(web, "CRASHED", "FAILED") if _is_left(run, now=now)]
    stuck = [run["name"] for run in under_way if now - _moment(run.get("start_time")) > LONG]
    due = [run["name"] for run in _of_state(web, "SCHEDULED", "PENDING")
           if now - _moment(run.get("expected_start_time")) > LATE]  # fmt: skip
    for part, names, remedy in (
        ("lost runs", lost, "Each was lost again and again. Read its log in Prefect, then start the stage by hand"),
        ("stuck runs", stuck, "Look at its page in Prefect. Cancel it there, and start the stage again"),
        ("late runs", due, "Is a runner or worker there, and no other run in its way? Cancel those not needed"),
    ):
        if names:
            yield wrong(part, f"{len(names)}: {', '.join(names[:3])}", remedy)
    if not lost and not stuck and not due:
        yield right("runs", f"{len(under_way)} under way, none lost, stuck or late")


def _is_left(run: dict[str, Any], *, now: datetime) -> bool:
    """Whether a lost run of the last day is started again by nobody: it was often enough."""
    ended = now - _moment(run.get("end_time")) < timedelta(days=1)
    return ended and run.get("state_name") in {"Crashed", UNFINISHED} and f"{AGAIN}{TRIES}" in run.get("tags", ())


def _of_state(web: Any, *states: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _asked(web, "/flow_runs/filter", flow_runs={"state": {"type": {"any_": [*states]}}})
    return found
