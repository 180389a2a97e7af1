"""The process of a Prefect server: ``python -m flows.engine.child PORT``, with a pipe from its parent as input."""

from __future__ import annotations

import sys

from flows.engine.lifeline import end_with_parent


def main() -> None:
    """Serve on the loopback port given as the only argument until ended."""
    end_with_parent()
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
