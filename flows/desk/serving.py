"""The process of the desk: ``python -m flows.desk.serving PORT``, with a pipe from its parent as input."""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
from contextlib import ExitStack
from typing import Final

from domain.errors import BadInputError, UnavailableError
from flows.desk.address import LOOPBACK, Address
from flows.runtime.processes.lifeline import Child, end_with_parent
from flows.runtime.processes.readers import prepare_readers
from flows.settings import Settings, prepare_home, settings

SECONDS_TO_START: Final = 180.0
"""It needs 3 s of work, which a busy machine stretches."""


class DeskChild(Child):
    """The desk in a process of its own, as ``accredit up`` starts it."""

    def __init__(self, settled: Settings, *, port: int | None = None) -> None:
        self.address = Address.of(settled, port=port)
        require_free(self.address)
        prepare_home(settled)
        log = settled.home / "desk.log"
        environment = {**os.environ, **told_by(settled)}
        super().__init__("flows.desk.serving", str(self.address.port), environment=environment, log=log)

    def wait_until_answering(self, seconds: float = SECONDS_TO_START) -> None:
        """Return when the desk listens; one that ends or stays silent is an UnavailableError naming its log."""
        until = time.monotonic() + seconds
        while not is_listening(self.address):
            if self.has_ended:
                raise UnavailableError(f"The desk ended while starting; its log is {self.log}.")
            if time.monotonic() > until:
                self.stop()
                raise UnavailableError(f"The desk did not answer in {seconds:.0f} s; its log is {self.log}.")
            time.sleep(0.1)


def told_by(settled: Settings) -> dict[str, str]:
    """Return the variables by which a child has the home and the database of *settled*."""
    return {"ACCREDIT_HOME": str(settled.home), "ACCREDIT_DATABASE_URL": settled.database_url}


def started_desk(settled: Settings, started: ExitStack) -> DeskChild:
    """Return the desk, which answers, and ends with *started*."""
    desk = DeskChild(settled)
    started.callback(desk.stop)
    desk.wait_until_answering()
    return desk


def is_listening(address: Address) -> bool:
    """Whether somebody listens where the desk is to be."""
    host = "127.0.0.1" if address.bind == "0.0.0.0" else address.bind  # noqa: S104 -- compared only
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, address.port)) == 0


def require_free(address: Address) -> None:
    """Raise :class:`BadInputError` where the desk's port is taken: passkeys are bound to the address."""
    try:
        for own in listening(address):
            own.close()
    except OSError as error:
        problem = f"port {address.port} cannot be used ({error.strerror})."
        remedy = "End what uses it, or set ACCREDIT_DESK_PORT; passkeys of this machine hold for one port."
        raise BadInputError("desk", problem, remedy=remedy) from error


def listening(address: Address) -> list[socket.socket]:
    """Return the sockets bound where the desk listens: for *localhost* both loopback addresses.

    Browsers try the one of IPv6 first. Left free, another user of this machine could show a desk of their own there.
    """
    bound = [_bound(socket.AF_INET, address.bind, address.port)]
    if address.bind == LOOPBACK and socket.has_ipv6:
        try:
            bound.append(_bound(socket.AF_INET6, "::1", address.port))
        except OSError as error:
            if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:  # a machine without IPv6
                bound[0].close()
                raise
    return bound


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    own = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        own.bind((host, port))
    except OSError:
        own.close()
        raise
    return own


def serve(address: Address) -> None:
    """Serve the desk until ended; requests are in no log, for their addresses name cases."""
    import uvicorn  # noqa: PLC0415 -- the watch over the parent must stand before this takes its second

    from flows.desk.application import create_app  # noqa: PLC0415 -- as above
    from flows.desk.visit import pages  # noqa: PLC0415 -- as above
    from flows.runtime.server.patience import PatientProtocol  # noqa: PLC0415 -- as above

    prepare_readers()
    pages()
    with ExitStack() as bound:
        sockets = [bound.enter_context(own) for own in listening(address)]
        config = uvicorn.Config(
            create_app(address),
            http=PatientProtocol,
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            ws="none",
            timeout_graceful_shutdown=2,
            ssl_certfile=address.certificate,
            ssl_keyfile=address.certificate_key,
        )
        uvicorn.Server(config).run(sockets=sockets)


def main() -> None:
    """Serve on the port given as the only argument until ended."""
    end_with_parent()
    serve(Address.of(settings(), port=int(sys.argv[1])))


if __name__ == "__main__":
    main()
