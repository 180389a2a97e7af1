"""A complete invented election in a folder: everything the engine takes in, and the truth beside it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import yaml
from openpyxl import Workbook

from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.values import Frozen
from flows.rehearsal.package import election_files
from flows.rehearsal.package.batches import NominatingOrganisation, batches, sponsors
from flows.rehearsal.package.cases import RehearsalCase, cases, in_file_order
from flows.rehearsal.package.chance import STREAM_VERSION
from flows.rehearsal.package.drawing import draw, pictures
from flows.rehearsal.package.lists.other_kinds import other_kinds
from flows.rehearsal.package.lists.refused import REFUSED, write_refused
from flows.rehearsal.package.lists.relisted import relisted
from flows.rehearsal.package.oddities import with_oddities
from flows.rehearsal.package.planted_problems import namesakes, plan_mending, plant
from flows.rehearsal.package.resources import text_of, valdara
from flows.rehearsal.package.separation import set_apart
from flows.rehearsal.package.truth import CasePath, PlantedProblem, TruthRow, write_truth
from notifications.workbooks import timeless

_DATES: Final = {"birth_date", "document_expiry", "arrival", "departure", "pledge_accepted_on"}


def write_nominations(folder: Path, rows: list[RehearsalCase]) -> None:
    """Write the file of *rows*, all of one batch, at its place below the package *folder*."""
    path = folder / rows[0].batch.file
    if rows[0].batch.kind == "csv":
        write_csv(path, list(rows[0].cells), ([*case.cells.values(), *case.spare_cells] for case in rows))
    else:
        path.write_bytes(_workbook(rows))


def write_csv(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    """Write a CSV file in UTF-8 with commas and, as RFC 4180 has it, CRLF."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _workbook(rows: list[RehearsalCase]) -> bytes:
    """Return a workbook with the lines of a zone below each other, and nothing in it of when it was written."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Nominations")
    sheet.append(list(rows[0].cells))
    for case in rows:
        sheet.append([_cell(column, text) for column, text in case.cells.items()])
    written = io.BytesIO()
    book.save(written)
    return timeless(written.getvalue())


def _cell(column: str, text: str) -> str | datetime | None:
    if not text:
        return None
    if column in _DATES:
        return datetime.combine(date.fromisoformat(text), datetime.min.time())
    return text.replace("/", "\n") if column == "mrz" else text


Progress = Callable[[int, int], None]
"""Called with the people drawn so far, and how many there are in all."""

Arguments = dict[str, int | str]
"""What a package was made of, as its mark keeps it."""

_MARK: Final = "rehearsal.json"
_FORMAT: Final = 4
"""Changes when the same draws are written down differently."""
_APPROVED_OF_REVIEWED: Final = 0.4
"""The share of referred cases that demonstration officers approve, roughly."""


class PackageSummary(Frozen):
    """What a package holds; counts of rows."""

    folder: Path
    applications: int
    seed: int
    files: int
    organisations: int
    places: int
    problems: dict[str, int]
    paths: dict[str, int]
    was_there: bool = False
    """The same package lay there complete; nothing was written."""


def write_package(  # noqa: PLR0913 -- each is an option of the command
    folder: Path,
    *,
    applications: int,
    seed: int,
    progress: Progress | None = None,
    processes: int | None = None,
    oddities: bool = False,
    renumbered: bool = False,
    kinds: bool = False,
) -> PackageSummary:
    """Write the rehearsal of *applications* rows to *folder*; equal arguments give equal bytes.

    With *oddities* it holds further people besides (:mod:`flows.rehearsal.package.oddities`), with *renumbered* further
    lists (:mod:`flows.rehearsal.package.lists.relisted`), with *kinds* drivers and media
    (:mod:`flows.rehearsal.package.lists.other_kinds`); all others stay as they are.

    A complete package of the same arguments is left as it is, an interrupted one is written anew, and a folder that
    holds anything else is refused with :class:`BadInputError`.
    """
    if applications < 1:
        raise BadInputError(
            "applications", f"{applications} rows are too few for a rehearsal.", remedy="Give at least 1."
        )
    try:
        arguments = _arguments(applications, seed, oddities=oddities, renumbered=renumbered, kinds=kinds)
        if there := _already_there(folder, arguments):
            return there
        every = _people(arguments)
        return _written(folder, every, arguments, progress=progress, processes=processes)
    except OSError as error:
        raise BadInputError(
            str(folder), f"cannot be written ({error.strerror}).", remedy="Choose another folder, or make room."
        ) from error


def _people(arguments: Arguments) -> list[RehearsalCase]:
    """Return every row with what is planted in it and what of that is mended later."""
    profile, applications, seed = valdara(), int(arguments["applications"]), int(arguments["seed"])
    every = cases(batches(applications, seed, profile), seed, profile)
    set_apart(every, seed, profile)
    right = [dict(case.cells) for case in every]
    plant(every, seed, profile)
    plan_mending(every, right)
    if "oddities" in arguments:
        every = with_oddities(every, seed, profile)
    further = relisted(every, seed, profile) if "renumbered" in arguments else []
    return [*every, *further, *(other_kinds([*every, *further], seed, profile) if "kinds" in arguments else [])]


def _written(
    folder: Path, every: list[RehearsalCase], arguments: Arguments, *, progress: Progress | None, processes: int | None
) -> PackageSummary:
    profile, seed = valdara(), int(arguments["seed"])
    _clear(folder)
    rules = text_of("valdara.yaml") + (text_of("kinds.yaml") if "kinds" in arguments else "")
    (folder / "election.yaml").write_text(rules, encoding="utf-8", newline="\n")
    summary = _write(folder, every, sponsors(int(arguments["applications"])), seed, profile)
    if "oddities" in arguments:
        write_refused(folder)
    ordered = pictures(folder, every, seed, profile)
    draw(ordered, len(every), processes=processes, advance=_counting(progress, len(every)))
    _write_mark(folder, summary, arguments)
    return summary


def _already_there(folder: Path, arguments: Arguments) -> PackageSummary | None:
    """Return the summary of a complete package of these arguments; raises for a folder that is not ours to write."""
    mark = folder / _MARK
    if not folder.exists() or not any(folder.iterdir()):
        return None
    if not mark.is_file():
        raise BadInputError(
            str(folder), "is not empty and holds no rehearsal.", remedy="Choose an empty or a new folder."
        )
    said = json.loads(mark.read_text(encoding="utf-8"))
    if said.get("summary") is None:
        return None
    if said["arguments"] != arguments:
        raise BadInputError(
            str(folder),
            "holds a rehearsal made with other arguments.",
            remedy="Choose another folder, or delete this one.",
        )
    return PackageSummary.model_validate({**said["summary"], "folder": folder, "was_there": True})


def _arguments(applications: int, seed: int, **chosen: bool) -> Arguments:
    said: Arguments = {"applications": applications, "seed": seed, "generator": f"{STREAM_VERSION}.{_FORMAT}"}
    return said | {name: 1 for name, wanted in chosen.items() if wanted}


def _clear(folder: Path) -> None:
    """Remove what an interrupted writing left, and mark the folder as ours, not complete."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("nominations", "reference", "corrections", REFUSED):
        shutil.rmtree(folder / part, ignore_errors=True)
    (folder / _MARK).write_text("{}\n", encoding="utf-8")


def _write_mark(folder: Path, summary: PackageSummary, arguments: Arguments) -> None:
    said = {
        "arguments": arguments,
        "summary": summary.model_dump(mode="json", exclude={"folder", "was_there"}),
    }
    (folder / _MARK).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8", newline="\n")


def _counting(progress: Progress | None, total: int) -> Callable[[int], None]:
    done = 0

    def advance(rows: int) -> None:
        nonlocal done
        done += rows
        if progress:
            progress(done, total)

    return advance


def _write(
    folder: Path,
    every: list[RehearsalCase],
    nominating: list[NominatingOrganisation],
    seed: int,
    profile: ElectionProfile,
) -> PackageSummary:
    """Write everything but rules and pictures, and make the folders for those."""
    truth = [case.truth for case in every if not case.again]
    land = election_files.geography(_expected_approvals(truth), profile)
    _write_yaml(folder / "geography.yaml", land.model_dump(mode="json", exclude_defaults=True))
    known = election_files.organisations(nominating, seed, profile)
    _write_yaml(folder / "organisations.yaml", [_plain(organisation) for organisation in known])
    _write_yaml(folder / "officers.yaml", [officer.model_dump(mode="json", include={"code", "roles", "offices"})
                                           for officer in election_files.officers()])  # fmt: skip
    _write_reference(folder / "reference", every, seed, profile)
    files = _write_files(folder, every)
    write_truth(folder / "truth.jsonl", truth)
    return PackageSummary(
        folder=folder,
        applications=len(every),
        seed=seed,
        files=files,
        organisations=len(nominating),
        places=sum(region.capacity for region in land.regions),
        problems=_counted(problem.value for row in truth for problem in row.problems),
        paths=_counted(row.path.value for row in truth),
    )


def _expected_approvals(truth: list[TruthRow]) -> int:
    paths = Counter(row.path for row in truth if PlantedProblem.OTHER_KIND not in row.problems)
    return round(paths[CasePath.CLEARED] + _APPROVED_OF_REVIEWED * paths[CasePath.REVIEW])


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _plain(organisation: Frozen) -> dict[str, Any]:
    return {key: value for key, value in organisation.model_dump(mode="json").items() if value is not None}


def _write_reference(folder: Path, every: list[RehearsalCase], seed: int, profile: ElectionProfile) -> None:
    folder.mkdir()
    listed = election_files.watch_list(namesakes(every), seed, profile, every=every)
    write_csv(folder / "excluded.csv", ["id", "name", "birth_date", "country"], listed)
    _write_yaml(folder / "excluded.yaml", election_files.watch_list_terms(profile))


def _write_files(folder: Path, every: list[RehearsalCase]) -> int:
    """Write each nominations file, and the list of what was received when."""
    received: list[list[str]] = []
    for rows in in_file_order(every):
        batch = rows[0].batch
        (folder / "nominations" / batch.stem).mkdir(parents=True)
        if any(case.truth.mends for case in rows):
            (folder / "corrections" / batch.sponsor.code).mkdir(parents=True, exist_ok=True)
        write_nominations(folder, rows)
        received.append([batch.file.removeprefix("nominations/"), batch.sponsor.code, batch.received_at.isoformat()])
    write_csv(folder / "nominations" / "received.csv", ["file", "organisation", "received_at"], received)
    return len(received)


def _write_yaml(path: Path, content: Any) -> None:
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
    path.write_text(text, encoding="utf-8", newline="\n")
