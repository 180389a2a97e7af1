"""What the pages say is so: generated ones are current, links lead somewhere, commands and settings exist."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from flows.cli.app import app

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "docs" / "source"
AT_THE_TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
PAGES = [*(ROOT / name for name in AT_THE_TOP),
         *(page for page in sorted((ROOT / "docs").rglob("*.md")) if SOURCE not in page.parents)]  # fmt: skip
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
LARGEST_PICTURE = 150_000


def commands(group: Any, before: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Return every command of the command line by its words."""
    found: dict[tuple[str, ...], Any] = {}
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        inner = commands(command, (*before, name)) if hasattr(command, "commands") else {(*before, name): command}
        found |= inner
    return found


COMMANDS = commands(get_command(app))


def named(page: Path) -> list[tuple[int, list[str]]]:
    """Return the commands that *page* tells people to type, with their line numbers."""
    lines = enumerate(page.read_text("utf-8").splitlines(), start=1)
    return [
        (number, call.split())
        for number, line in lines
        for call in re.findall(r"(?:^ {4}|`)(?:\.venv/bin/)?accredit ([a-z][^`#|]*)", line)
    ]


def anchors(page: Path) -> set[str]:
    text = page.read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)">', text))


def test_generated_pages_say_what_the_code_says() -> None:
    pages: dict[str, str] = runpy.run_path(str(ROOT / "docs" / "generate.py"))["pages"]()
    stale = [name for name, text in pages.items() if (ROOT / "docs" / name).read_text("utf-8") != text]
    assert stale == [], "out of date; run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        place, _, anchor = target.partition("#")
        file = (page.parent / place) if place else page
        if "://" not in target and (not file.exists() or (anchor and anchor not in anchors(file))):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_in_the_pages_exists(page: Path) -> None:
    wrong = []
    for number, words in named(page):
        known = next((COMMANDS[key] for n in (2, 1) if (key := tuple(words[:n])) in COMMANDS), None)
        options = {option for param in known.params for option in param.opts} | {"--help"} if known else set[str]()
        given = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        if known is None or not given <= options:
            wrong.append(f"line {number}: accredit {' '.join(words)}")
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_folder_of_the_code_that_a_page_names_is_there(page: Path) -> None:
    named_paths = re.findall(
        r"`((?:domain|db|notifications|flows|tests|benchmarks)/[\w./-]*)`", page.read_text("utf-8")
    )
    assert sorted({path for path in named_paths if not (ROOT / path).exists()}) == []


@pytest.mark.parametrize("record", DECISIONS, ids=lambda record: record.name[:4])
def test_every_decision_has_a_number_of_its_own_a_date_and_a_status(record: Path) -> None:
    number = record.name[:4]
    title, _, about = record.read_text("utf-8").split("\n", maxsplit=3)[:3]
    assert title.startswith(f"# {number} ")
    assert re.match(r"Date: \d{4}-\d\d-\d\d.* · Status: (proposed|accepted|replaced|rejected)", about), about
    assert [other.name for other in DECISIONS if other.name.startswith(number)] == [record.name]


def test_every_setting_in_the_pages_exists() -> None:
    from flows.settings import OTHER_VARIABLES, PREFIX, Settings

    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields} | OTHER_VARIABLES
    said = {name for page in PAGES for name in re.findall(r"ACCREDIT_[A-Z_]*[A-Z]", page.read_text("utf-8"))}
    assert said <= known


def test_pictures_are_small_and_all_of_them_are_shown() -> None:
    shown = {Path(target).name for page in PAGES for target in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text())}
    pictures = {path.name: path.stat().st_size for path in (ROOT / "docs" / "pictures").iterdir()}
    assert pictures.keys() == shown
    assert {name: size for name, size in pictures.items() if size > LARGEST_PICTURE} == {}


@pytest.mark.parametrize("script", ["page_pictures.py", "desk_pictures.py", "prefect_pictures.py"])
def test_every_script_of_pictures_finds_what_it_draws_with(script: str) -> None:
    pytest.importorskip("playwright")
    assert callable(runpy.run_path(str(ROOT / "docs" / script))["main"])


def test_every_dependency_has_its_line_with_a_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = [*project["project"]["optional-dependencies"].values(), *project["dependency-groups"].values()]
    wanted = {
        re.split(r"[<>=\[;!~ ]", line)[0]
        for group in [project["project"]["dependencies"], *groups]
        for line in group
        if isinstance(line, str)
    }
    page = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text("utf-8")
    assert set(re.findall(r"^\| ([\w.-]+) \| .+ \| .+ \|$", page, re.MULTILINE)) - {"package", "---"} == wanted


def test_every_test_that_the_threat_model_names_exists() -> None:
    page = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    functions = set(re.findall(r"^ *(?:async )?def (test_\w+)\(", written, re.MULTILINE))
    modules = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    named = set(re.findall(r"`(test_\w+(?:\.py)?)`", page))
    assert len(named) > 40
    assert named - functions - modules == set()


def test_every_threat_has_a_counter_with_the_test_of_it() -> None:
    page = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
    threats = page.partition("## Threats and counters")[2].partition("\n## ")[0]
    rows = [row for row in threats.splitlines() if row.startswith("| ") and not row.startswith(("| ---", "| threat |"))]
    assert [row for row in rows if "(`test_" not in row and ": `test_" not in row and ", `test_" not in row] == []
