"""The command ``accredit``: how it starts, and how errors are shown."""

from __future__ import annotations

import os
import sys

from flows.cli.registry import application

app = application()


def main() -> None:
    """Run the command; the text of an error goes to standard error.

    Exit codes: 0 done; 1 not done; 2 wrong input; 3 not now, try again; 4 done, but rows went back.
    """
    os.umask(0o077)  # what the engine writes is for its own user; what is published says so itself
    try:
        app()
    except Exception as error:
        # The errors of the domain bring pydantic, which takes longer than all else that --help needs.
        from domain.errors import AccreditationError
        from flows.cli.options import problems

        if not isinstance(error, AccreditationError):
            raise
        problems.print(str(error), style="red", highlight=False, markup=False)
        sys.exit(error.exit_code)
