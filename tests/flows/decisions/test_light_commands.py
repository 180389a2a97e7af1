"""Commands that only look load nothing heavy: each runs in a process of its own, which says what it loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from support.builders import ELECTION
from support.stages import Stages

from db.store import open_reader
from flows.context import database
from flows.settings import settings

HEAVY = {"prefect", "ortools", "numpy", "typst", "PIL", "openpyxl"}
RULES_AND_NAMES = {"domain.election.profile", "domain.screening.keys", "domain.screening.names"}
"""What only judging needs: some 150 models and tables, and a third of the time that a look took with them."""
NEEDS_RULES = {"status", "queue"}
"""They say what is late and whose turn it is, which hangs on the rules."""
PROBE = """
import json, sys
from flows.cli.app import main
try:
    main()
except SystemExit as left:
    print(json.dumps([left.code, sorted(sys.modules)]), file=sys.stderr)
"""


@pytest.mark.parametrize("command", ["--help", "status", "queue", "show", "history"])
def test_a_command_that_only_looks_loads_nothing_heavy(sqlite_stages: Stages, command: str) -> None:
    with sqlite_stages.copy("vetted"):
        with open_reader(database()) as store:
            known = str(store.applications.all_in(ELECTION)[0].id)
        arguments = [command, known] if command in {"show", "history"} else [command]
        place = {"ACCREDIT_HOME": str(settings().home), "ACCREDIT_DATABASE_URL": settings().database_url}
        run = subprocess.run(
            [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True,
            env=os.environ | place,
        )  # fmt: skip
    code, loaded = json.loads(run.stderr.splitlines()[-1])
    assert code in {0, None}
    assert not HEAVY & set(loaded)
    assert command in NEEDS_RULES or not RULES_AND_NAMES & set(loaded)
