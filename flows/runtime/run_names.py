"""Names of runs in Prefect: the stage, the election it works on, and the case where there is one; never a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prefect.runtime import flow_run

from flows.context import scheduled_elections


def run_name(stage: str, *fields: str, cases: Callable[[dict[str, Any]], str] | None = None) -> Callable[[], str]:
    """Return what names a run of *stage*: its elections (of an empty form too), *fields* of its form, its *cases*."""

    def named() -> str:
        given: dict[str, Any] = flow_run.parameters or {}
        told = [str(given.get(field) or "") for field in fields]
        return " ".join(filter(None, [stage, _elections(given.get("election")), *told, cases and _cases(cases, given)]))

    return named


def _cases(cases: Callable[[dict[str, Any]], str], given: dict[str, Any]) -> str:
    try:
        return cases(given)
    except Exception:  # noqa: BLE001 -- as below
        return ""


def _elections(named: str | None) -> str:
    """Return the codes. No name ends a run: what is wrong is told by the run itself."""
    try:
        return ", ".join(scheduled_elections(named))
    except Exception:  # noqa: BLE001 -- whatever it is: the run meets it again, behind its shield
        return named or "no election"
