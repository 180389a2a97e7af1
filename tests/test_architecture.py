"""What the layout promises: rooms that know only the rooms below, sizes a reader can hold, deployments that import."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.deployments import DEPLOYMENTS, Deployed

ROOT = Path(__file__).parents[1]
ROOMS = ("domain", "db", "notifications", "flows")
MOST_SIBLINGS = 23


def modules() -> Iterator[Path]:
    for room in ROOMS:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if "versions" not in path.parts)


def functions() -> Iterator[tuple[str, int]]:
    """Yield where each function is and how many lines it has."""
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", lines


def test_imports_point_one_way() -> None:
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-3000:]


def test_the_distribution_holds_four_typed_packages() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == set(ROOMS)
    assert all((ROOT / room / "py.typed").exists() for room in ROOMS)
    about = importlib.metadata.metadata("observer-accreditation")
    assert "Private :: Do Not Upload" in (about.get_all("Classifier") or [])


def test_no_module_of_flows_is_named_like_one_of_the_standard_library() -> None:
    """Prefect puts the folder of a file entrypoint on the path, where such a name would hide the library's own."""
    ours = [path for path in modules() if path.is_relative_to(ROOT / "flows")]
    names = {path.stem for path in ours} | {path.parent.name for path in ours}
    assert not names & set(sys.stdlib_module_names)


def folders() -> Iterator[Path]:
    for room in ROOMS:
        yield from (path.parent for path in sorted((ROOT / room).rglob("__init__.py")))


def test_no_folder_has_more_modules_and_folders_than_a_reader_takes_in() -> None:
    inside = {
        folder.relative_to(ROOT).as_posix(): sum(
            path.name != "__init__.py" and (path.suffix == ".py" or (path / "__init__.py").exists())
            for path in folder.iterdir()
        )
        for folder in folders()
    }
    assert {folder: count for folder, count in inside.items() if count > MOST_SIBLINGS} == {}


def test_every_folder_of_code_says_what_lives_there() -> None:
    packages = set(folders())
    holds_code = {path.parent for path in modules()} - {ROOT / "db" / "migrations"}
    silent = [folder for folder in packages if not ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))]
    assert holds_code <= packages
    assert silent == []


def test_functions_are_as_short_as_a_reader_hopes() -> None:
    found = list(functions())
    lengths = sorted(lines for _, lines in found)
    assert statistics.median(lengths) <= 8
    assert lengths[int(len(lengths) * 0.9)] <= 25
    assert [place for place, lines in found if lines > 40] == []


@pytest.mark.parametrize("deployed", DEPLOYMENTS, ids=lambda deployed: deployed.name)
def test_every_deployment_imports_and_bears_the_name_of_its_flow(deployed: Deployed) -> None:
    assert deployed.flow().name == deployed.name


@pytest.mark.parametrize("deployed", DEPLOYMENTS, ids=lambda deployed: deployed.name)
def test_every_parameter_of_a_form_is_typed_and_described(deployed: Deployed) -> None:
    schema = deployed.flow().parameters.model_dump()
    properties: dict[str, Any] = schema.get("properties") or {}
    assert properties or deployed.name in {"doctor", "backup", "takeover"}, "a form has fields"
    for name, field in properties.items():
        assert field.keys() & {"type", "$ref", "allOf", "anyOf"}, name
        assert field.get("description"), f"{deployed.name}: {name} has no line in Args"


def test_no_tracked_file_names_a_machine_or_a_private_package_index() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    banned = re.compile(r"--(extra-)?index-url|--find-links|(?<![\w.])/(root|work|Users|home/\w+)/|file:/{3}")
    hits = [
        f"{name}:{number}"
        for name in filter(None, listed.stdout.split("\0"))
        if name != Path(__file__).relative_to(ROOT).as_posix()
        for number, line in enumerate(_text(ROOT / name).splitlines(), start=1)
        if banned.search(line)
    ]
    assert hits == []


def _text(path: Path) -> str:
    """Return the text of a tracked file; pictures and files just removed have none."""
    try:
        return path.read_text("utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return ""
