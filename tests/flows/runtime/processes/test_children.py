"""Child processes of the engine import nothing from the folder that a command was started in."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from flows.runtime.processes.lifeline import Child

ASKS = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'calendar', '2027', '3'])"


@pytest.mark.parametrize("arguments", [["calendar", "2027", "3"], ["timeit", "-n1", "-r1", ASKS]], ids=["own", "below"])
def test_a_file_of_the_current_folder_is_never_imported(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "calendar.py").write_text("print('imported from the current folder')")
    monkeypatch.chdir(tmp_path)
    paths = os.pathsep.join(["", os.environ.get("PYTHONPATH", "")])
    child = Child(*arguments, environment={**os.environ, "PYTHONPATH": paths}, log=tmp_path / "log")
    deadline = time.monotonic() + 60
    while not child.has_ended and time.monotonic() < deadline:
        time.sleep(0.05)
    child.stop()
    assert "March 2027" in (tmp_path / "log").read_text()
    assert "current folder" not in (tmp_path / "log").read_text()
