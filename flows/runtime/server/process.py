"""The process of a Prefect server: ``python -m flows.runtime.server.process PORT``, with a pipe from its parent."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

from flows.runtime.processes.lifeline import collect_seldom, end_with_parent


def main() -> None:
    """Serve on the loopback port given as the only argument until ended."""
    end_with_parent()
    collect_seldom()
    os.umask(0o077)
    with loopback(int(sys.argv[1])) as own:  # taken before the database is made: a port in use is known at once
        serve(own)


def loopback(port: int) -> socket.socket:
    """Return a socket bound to the loopback *port*.

    Its protocol is named, because asyncio switches TCP_NODELAY on only where a socket says that it is TCP; without,
    every second answer on a connection waits 40 ms for the client's acknowledgement.
    """
    own = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.bind(("127.0.0.1", port))
    return own


def serve(own: socket.socket) -> None:
    """Serve Prefect on a bound socket, behind the gate."""
    import uvicorn  # noqa: PLC0415 -- the watch over the parent must stand before this takes its seconds

    from flows.runtime.server.patience import PatientProtocol  # noqa: PLC0415 -- the same

    config = uvicorn.Config(
        closed_server,
        factory=True,
        http=PatientProtocol,
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[own])


def closed_server() -> Any:
    """Return Prefect's server behind the gate; the environment says under which address and password.

    It is served by :func:`serve`, or on a network by any ASGI server that has a certificate.
    """
    from flows.runtime.environment import ALWAYS, PLACES  # noqa: PLC0415 -- the watch over the parent must stand before
    from flows.runtime.server.gate import Gate  # noqa: PLC0415 -- the same
    from flows.runtime.server.lifetime import closed  # noqa: PLC0415 -- the same
    from flows.runtime.server.retries import Retried  # noqa: PLC0415 -- the same

    url, password = os.environ["PREFECT_API_URL"].removesuffix("/api"), os.environ["PREFECT_SERVER_API_AUTH_STRING"]
    os.environ.update({**ALWAYS, **closed(url, password)})
    # Prefect writes its pages anew where it is installed, which is another user's folder in service.
    home = Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()
    os.environ.setdefault("PREFECT_SERVER_UI_STATIC_DIRECTORY", str(home / "pages"))
    import prefect  # noqa: PLC0415 -- it reads the environment
    from prefect.server.api.server import create_app  # noqa: PLC0415 -- the same

    # Where there is no second UI, the pages invite nobody to it and no browser gets it: it asks a host outside.
    prefect.__ui_v2_static_path__ = prefect.__ui_v2_static_path__ / "none"
    return Gate(Retried(create_app()), url=url, password=password, places=home / PLACES)


if __name__ == "__main__":
    main()
