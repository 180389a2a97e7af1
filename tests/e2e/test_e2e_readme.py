"""What the README tells people to type works as it is written, in its order; and reads well at 80 columns."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from e2e.installation import COMMAND, Installation

from flows.runtime.server import OneServer

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
WALK = README[README.index("## Day by day") : README.index("## Settings")]
LINES = re.findall(r"^ {4}(\S.*)$", WALK, re.MULTILINE)
FRAME = "─━═┏┓└┘┡┩╇│┃"

pytestmark = [pytest.mark.xdist_group("e2e-readme"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def said(prefect_server: OneServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Type every line of "Day by day", one after the other, beside a running server; give what each command said."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "examples").symlink_to(ROOT / "examples")
    settled = Installation(folder, {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}, prefect_server.api_url).environment
    exports = [line for line in LINES if line.startswith("export")]
    answers: dict[str, str] = {}
    for line in LINES:
        if line not in exports:
            typed = "\n".join([*exports, f"PATH={COMMAND.parent}:$PATH", line])
            run = subprocess.run(["bash", "-ec", typed], cwd=folder, env=settled, capture_output=True, text=True,
                                 stdin=subprocess.DEVNULL, timeout=300, check=False)  # fmt: skip
            answers[line] = run.stdout + run.stderr
            assert run.returncode == 0, f"{line}\n{answers[line]}"
    return answers


def require_readable(said: dict[str, str]) -> None:
    """Demand that what the commands say fits 80 columns, and that no word is broken."""
    broken = []
    for line, text in said.items():
        rows = [row for row in text.splitlines() if row.startswith("│")]
        cells = [[cell.strip() for cell in row.strip("│").split("│")] for row in rows]
        broken += [
            (line, above, below)
            for upper, lower in pairwise(cells)
            for above, below in zip(upper, lower, strict=False)
            if len(upper) == len(lower)
            and not lower[0]
            and re.fullmatch(r"\S{12,}", above)
            and re.fullmatch(r"\S{1,3}", below)
        ]
        assert all(len(row) <= 80 for row in text.splitlines() if set(row) & set(FRAME)), line
    assert broken == []


def test_every_command_of_the_readme_works_as_it_is_written_and_reads_well(said: dict[str, str]) -> None:
    assert len(said) >= 25
    told = {line.split("#")[0].strip(): text for line, text in said.items()}
    assert "24 rows: 23 recorded, 0 unchanged, 0 corrected, 1 held, 0 returned." in " ".join(
        told["accredit intake examples/valdara/package/nominations"].split()
    )
    assert "5 cases wait for officers" in told["accredit queue"]
    assert "Next: accredit queue (" in told["accredit vet"]
    assert told["accredit status"].startswith("VALDARA-2027: waits")
    assert "1 to judge" in told["accredit hits UQIF-E4VE-2FJ3"]
    assert "VALID" in told["accredit verify badges.pdf --as-of 2027-03-13T08:00"]
    assert "Every history is whole" in told["accredit audit verify"]
    assert "The register of Aul names him as a citizen." in told["accredit history 2L7R-Y5HI-AJMJ"]
    require_readable(said)
