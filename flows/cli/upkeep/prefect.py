"""``accredit prefect``: what a Prefect server of several machines needs, and the workers that serve it."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from domain.numbers import number_of
from flows.cli.options import console
from flows.cli.registry import command
from flows.runtime.environment import prefect_configured
from flows.runtime.worker import await_server, become_worker, named_server
from flows.settings import prepare_home, settings


@command("prefect setup")
def prefect_setup() -> None:
    """Make what workers need on the server that PREFECT_API_URL names: limits, watch, pool, deployments.

    A second time it renews the deployments and changes nothing else. accredit up does the same for its own server.
    """
    known, api_url = settings(), named_server()
    await_server(api_url)
    with prefect_configured(known, api_url=api_url, password=os.environ.get("PREFECT_API_AUTH_STRING")):
        from flows.runtime.setup import prepare_for_workers  # noqa: PLC0415 -- it reads the environment

        made = asyncio.run(prepare_for_workers(known))
    console.print(f"Ready for workers: limits, the watch over dead runs, and {number_of(len(made), 'deployments')}.")


@command("prefect worker", example="--name $(hostname)")
def prefect_worker(
    name: Annotated[str | None, typer.Option(help="What Prefect calls this worker; else one is made up.")] = None,
) -> None:
    """Work on whatever the Prefect server that PREFECT_API_URL names has to do, until ended.

    It waits for the server, and takes no work while the clock of this machine is wrong. Let a service start it again
    when it ends: it does so where the server does not answer for some time.
    """
    known = settings()
    prepare_home(known)
    become_worker(known, name=name)
