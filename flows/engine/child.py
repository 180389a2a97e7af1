"""The process of a Prefect server that lives exactly as long as whoever started it.

Run as ``python -m flows.engine.child PORT``. Its standard input is a pipe from the parent; when the parent ends in
any way, SIGKILL included, the pipe closes and the server ends. (``PR_SET_PDEATHSIG`` would do so on Linux only, and
fires already when the parent's *thread* ends.)
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Final

SECONDS_TO_CLOSE: Final = 5.0


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_CLOSE)
    os._exit(1)


def main() -> None:
    """Serve on the loopback port given as the only argument until ended."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import uvicorn  # noqa: PLC0415 -- the watch over the parent must stand before this takes its seconds

    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
