"""``accredit metrics``: numbers for Prometheus."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from flows.cli.options import console
from flows.cli.registry import command
from flows.settings import settings
from flows.upkeep.metrics import LOOPBACK, exposition, serve_metrics


@command("metrics", example="--serve")
def metrics(
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve them on ACCREDIT_METRICS_PORT (9310), this machine only.")
    ] = False,
) -> None:
    """Print metrics in the format of Prometheus: queue, clocks, letters, stages, database, lists, backup, doctor.

    With --serve they are served until Ctrl-C; accredit up does that by itself where ACCREDIT_METRICS_PORT is set.
    """
    if not serve:
        typer.echo(exposition().decode(), nl=False)
        return
    port = settings().metrics_port or 9310
    thread = serve_metrics(port)
    console.print(f"http://{LOOPBACK}:{port}/metrics  (Ctrl-C ends it)", highlight=False)
    with suppress(KeyboardInterrupt):
        thread.join()
