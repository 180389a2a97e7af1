"""From answers to a package: YAML with comments, checked as a whole before a file of it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Final

from pydantic import TypeAdapter

from domain.election.geography import Geography
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.intake.plausibility.cleaning import parts_of
from domain.statements.officers import Officer, OfficerRole
from flows.documents import load_document
from flows.election.wizard.questions import Answers

_FILES: Final = ("election", "geography", "organisations", "officers")
_LONGEST_CODE: Final = 16
_AFTER_RESULTS: Final = 7
_SERVED_BEFORE: Final = 60


def require_free(folder: Path) -> None:
    """Raise :class:`BadInputError` where a package lies in *folder*: the wizard begins one, it changes none."""
    there = [f"{name}.yaml" for name in ("election", "geography") if (folder / f"{name}.yaml").exists()]
    if there:
        raise BadInputError(str(folder), f"holds {' and '.join(there)}.", remedy="Name a folder for a new election.")


def write_started(folder: Path, answers: Answers) -> list[Path]:
    """Write the package that *answers* make into *folder*; spreadsheets that lie there stay in the place of YAML.

    Raises :class:`BadInputError` where the whole does not load; nothing is written then.
    """
    require_free(folder)
    texts = {f"{name}.yaml": _filled(name, answers) for name in _FILES if not _spreadsheet(folder, name)}
    _check(texts)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def _spreadsheet(folder: Path, name: str) -> bool:
    return any((folder / f"{name}{suffix}").exists() for suffix in (".xlsx", ".ods", ".csv", ".yaml"))


def _check(texts: dict[str, str]) -> None:
    with TemporaryDirectory(prefix="accredit-") as kept:
        folder = Path(kept)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
        load_document(folder / "election.yaml", ElectionProfile)
        load_document(folder / "geography.yaml", Geography)
        if "officers.yaml" in texts:
            load_document(folder / "officers.yaml", TypeAdapter(list[Officer]))


def _filled(name: str, answers: Answers) -> str:
    text = files("flows.election.wizard").joinpath(f"{name}.in.yaml").read_text("utf-8")
    return Template(text).substitute(_values(answers))


def _values(answers: Answers) -> dict[str, str]:
    """Return what stands in the place of each name, as YAML: a text in quotes is one of JSON, too."""
    day, results = date.fromisoformat(answers["day"]), int(answers["results"])
    ends = results + _AFTER_RESULTS
    quoted = {name: json.dumps(text, ensure_ascii=False) for name, text in answers.items()}
    return quoted | {
        "version": json.dumps(f"{answers['code']}.1"),
        "day": answers["day"],
        "results": str(results),
        "ends": str(ends),
        "languages": f"[{', '.join(parts_of(answers['languages']))}]",
        "serves_from": (day - timedelta(days=_SERVED_BEFORE)).isoformat(),
        "serves_until": (day + timedelta(days=ends + 1)).isoformat(),
        "region_lines": "\n".join(_regions(answers)),
        "officer_lines": "\n".join(_officers(answers)),
    }


def _regions(answers: Answers) -> Iterator[str]:
    names = dict.fromkeys(name for part in re.split("[;；؛]", answers["regions"]) if (name := part.strip()))
    for number, name in enumerate(names, start=1):
        code = f"{answers['serial_prefix']}-{number:02d}"[:_LONGEST_CODE]
        quoted = json.dumps(name, ensure_ascii=False)
        yield f"  - {{code: {code}, name: {quoted}, capacity: {answers['seats']}, office: OF-01}}"


def _officers(answers: Answers) -> Iterator[str]:
    """Yield a line for each officer; whoever was named for several things has several roles."""
    roles: dict[str, list[OfficerRole]] = {}
    for name, given in (
        ("administrators", (OfficerRole.ADMINISTRATOR,)),
        ("case_officers", (OfficerRole.CASE_OFFICER, OfficerRole.CONFIRMING_OFFICER)),
        ("appeals_officers", (OfficerRole.APPEALS_OFFICER,)),
    ):
        for code in dict.fromkeys(parts_of(answers[name])):
            roles.setdefault(code, []).extend(given)
    return (f"- {{code: {code}, roles: [{', '.join(held)}]}}" for code, held in roles.items())
