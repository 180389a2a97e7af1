"""What lies in deploy/: units that systemd takes and that are closed, settings that exist, commands that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Need

from flows.cli.registry import declared
from flows.settings import OTHER_VARIABLES, PREFIX, Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
INSTALLED = "/opt/accredit/.venv/bin"
MOST_EXPOSED = {"accredit-signer.service": 15, "accredit-publish.service": 15}
"""Tenths by ``systemd-analyze security``; 10 is fully closed, 100 is open. Whoever sends mail needs a network."""


@pytest.fixture
def units(tmp_path: Path, need: Need) -> Path:
    """Give the units with the programs of this environment in place of those that are installed."""
    need(shutil.which("systemd-analyze"), "systemd-analyze", "It comes with systemd.")
    for unit in UNITS:
        told = unit.read_text("utf-8").replace(INSTALLED, str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(told, "utf-8")
    return tmp_path


def analysed(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )


def test_systemd_takes_every_unit(units: Path) -> None:
    told = analysed("verify", "--man=no", *sorted(units.glob("accredit*")))
    ours = [line for line in told.stderr.splitlines() if "accredit" in line]
    assert (told.returncode, ours) == (0, [])


@pytest.mark.parametrize("service", SERVICES, ids=lambda unit: unit.name)
def test_every_service_is_closed_to_what_it_does_not_need(units: Path, service: Path) -> None:
    most = MOST_EXPOSED.get(service.name, 40)
    told = analysed("security", "--offline=true", f"--threshold={most}", units / service.name)
    assert told.returncode == 0, told.stdout[-600:]


def test_the_signer_has_no_network_and_a_user_of_its_own() -> None:
    told = (DEPLOY / "systemd/accredit-signer.service").read_text()
    assert "PrivateNetwork=yes" in told
    assert "RestrictAddressFamilies=AF_UNIX\n" in told
    assert "User=accredit-signer" in told
    others = [unit for unit in SERVICES if "key_passphrase" in unit.read_text()]
    assert {unit.name for unit in others} == {"accredit-signer.service", "accredit-publish.service"}


def test_every_setting_command_and_module_in_it_exists() -> None:
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    told = "\n".join(path.read_text("utf-8") for path in files)
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields} | OTHER_VARIABLES
    assert set(re.findall(r"\bACCREDIT_[A-Z_]*[A-Z]", told)) <= known
    secrets = set(re.findall(r"LoadCredential=(\w+):", told))
    assert {name.upper() for name in secrets} <= known
    commands = re.findall(rf"{INSTALLED}/accredit ([a-z]+(?: [a-z]+)?)", told)
    assert all(any(path in {said, said.split()[0]} for path in declared()) for said in commands)
    modules = re.findall(r"-m (flows[\w.]+)|factory (flows[\w.]+):", told)
    assert modules
    assert all((ROOT / f"{(one or other).replace('.', '/')}.py").exists() for one, other in modules)


def test_the_container_copies_what_the_engine_is_made_of() -> None:
    told = (DEPLOY / "Containerfile").read_text()
    lines = re.findall(r"^COPY (?!--)(.+) \S+$", told, re.MULTILINE)
    copied = {name.rstrip("/") for line in lines for name in line.split()}
    assert {"domain", "db", "notifications", "flows", "requirements", "pyproject.toml"} <= copied
    assert {name for name in copied if not (ROOT / name).exists()} == set()
    assert "USER accredit" in told
