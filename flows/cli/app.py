"""The command ``accredit``: how it starts, and how errors are shown."""

from __future__ import annotations

import atexit
import gc
import os
import sys

from flows.cli.registry import application

app = application()


def main() -> None:
    """Run the command; the text of an error goes to standard error.

    Exit codes: 0 done; 1 not done; 2 wrong input; 3 not now, try again; 4 done, but rows went back.
    """
    os.umask(0o077)  # what the engine writes is for its own user; what is published says so itself
    _start_quickly()
    try:
        app()
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is told in a sentence
        from flows.cli.failures import refusal
        from flows.cli.options import problems

        said, code = refusal(error)
        problems.print(said, style="red", highlight=False, markup=False)
        sys.exit(code)


def _start_quickly() -> None:
    """Spare a command what it needs only if it runs for long.

    Loading modules makes many objects and no garbage, so garbage is looked for seldom; at the end, nobody looks
    through what ends with the process. Pydantic reads the metadata of every installed package for plug-ins, and the
    engine has none.
    """
    gc.set_threshold(150_000)
    atexit.register(gc.freeze)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
