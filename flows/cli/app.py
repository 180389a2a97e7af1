"""The command ``accredit``: how it starts, and how errors are shown."""

from __future__ import annotations

import os
import sys

from flows.cli.registry import application
from flows.runtime.lifeline import collect_seldom

app = application()


def main() -> None:
    """Run the command; the text of an error goes to standard error.

    Exit codes: 0 done; 1 not done; 2 wrong input; 3 not now, try again; 4 done, but rows went back.
    """
    collect_seldom()
    os.umask(0o077)  # what the engine writes is for its own user; what is published says so itself
    try:
        app()
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is told in a sentence
        from flows.cli.failures import refusal
        from flows.cli.options import problems

        said, code = refusal(error)
        problems.print(said, style="red", highlight=False, markup=False)
        sys.exit(code)
