"""``accredit screen`` and ``accredit duplicates``: tools in their own right, without an election."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from domain.errors import BadInputError
from domain.numbers import number_of
from domain.reference_lists.lists import ListTerms, LoadedList, load_list
from domain.reference_lists.people import read_people, subject_of, text_of
from domain.screening.blocking import LARGEST_BLOCK
from domain.screening.duplicates import DuplicatePair, DuplicateReport, compare_people, find_duplicates
from domain.screening.index import MemoryIndex
from domain.screening.score import Thresholds
from domain.screening.screening import PRESET, ScreeningResult
from domain.screening.screening import screen as screen_person
from domain.screening.screening_hit import REVIEWED, Band, ScreeningHit
from domain.screening.subject import Subject
from flows.cli.registry import command
from flows.cli.vetting.columns import Columns, said_of_columns

_MOST_CROWDED: Final = 5
"""Keys of one kind that are named where too many people share them."""

NOT_STATED: Final = "not stated"
_NO_DATE: Final = "The birth_date is not a date (YYYY-MM-DD, YYYY-MM or YYYY); compared without it."
_LARGEST: Final = 4 * 2**30
"""Bytes; the largest public lists are about a tenth of it."""


@command("screen", example="queries.csv --against list.csv --jsonl")
def screen(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    queries: Annotated[
        Path, typer.Argument(help="CSV: id, name (or its parts)[, birth_date][, country][, document]; - for input.")
    ],
    against: Annotated[
        list[Path], typer.Option("--against", help="List: own CSV, FollowTheMoney JSON lines or targets.simple.csv.")
    ],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="For scripts: one JSON object a line.")] = False,
    best: Annotated[int, typer.Option("--best", min=1, help="Hits shown per person.")] = 5,
    at_least: Annotated[
        float, typer.Option("--at-least", min=0.01, max=1.0, help="Lowest name score of a hit that is shown.")
    ] = PRESET.weak,
    legal_basis: Annotated[str, typer.Option("--legal-basis", help="The law that allows the comparison.")] = NOT_STATED,
    owner: Annotated[str, typer.Option("--owner", help="The authority that keeps the list.")] = NOT_STATED,
    column: Columns = None,
) -> None:
    """Say for each person whom on the lists they resemble, how much, and why. The result informs; it decides nothing.

    Exact and strong hits need a look; weak ones are shown as well.
    An equal name, in any script or order, is always found.
    Common names: where only they agree and no birth date supports them,
    what differs counts up to double.
    A name in another script is compared as that script hears it. Japanese
    names in kanji are read as Chinese: give the kana or the Latin name too.

    Shows personal data on the screen. Exit code 0 if the files were read, whatever was found; 2 if not.
    """
    agreed = said_of_columns(column or [])
    index = _index(against, legal_basis=legal_basis, owner=owner, agreed=agreed)
    thresholds = Thresholds(alone=PRESET.alone, with_birth=PRESET.with_birth, weak=min(at_least, PRESET.alone))
    for entry_id, person in _people(queries, agreed):
        if isinstance(person, str):
            typer.echo(_unread(entry_id, person, jsonl=jsonl))
            continue
        result = screen_person(person, index, thresholds=thresholds)
        typer.echo(_as_json(result, person, best=best) if jsonl else "\n".join(_as_text(result, person, best=best)))


@command("duplicates", example="people.csv --jsonl")
def duplicates(
    file: Annotated[
        Path,
        typer.Argument(help="CSV: id, name[, birth_date][, document][, email][, phone][, postcode]; - for input."),
    ],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="For scripts: one JSON object a line.")] = False,
    weak: Annotated[bool, typer.Option("--weak", help="Show weak resemblances too.")] = False,
    column: Columns = None,
) -> None:
    """Say which rows may be the same person, and why; nothing is merged.

    Common names: one name with two dates of birth, common or not, is weak
    until a document, contact or place agrees; without dates it needs a look,
    but for names of one word. Relatives who share all names but their own
    are weak. What is counted, weak pairs and namesakes too many to compare,
    stands in the last line.

    Shows personal data on the screen. Exit code 0 if the file was read, whatever was found; 2 if not.
    """
    people: dict[str, Subject] = {}
    for entry_id, person in _people(file, said_of_columns(column or [])):
        if isinstance(person, str):
            typer.echo(person, err=True)
        elif entry_id in people:
            raise BadInputError(str(file), f"the id {entry_id} occurs twice.", remedy="Give every row its own id.")
        else:
            people[entry_id] = person
    report = find_duplicates(list(people.values()))
    _report_crowded(report)
    for found in report.pairs:
        if weak or found.band in REVIEWED:
            pair = compare_people(people[found.left_id], people[found.right_id])
            typer.echo(_dumped(_pair(pair)) if jsonl else "\n".join(_pair_as_text(pair)))
    counts = _summary(report, people=len(people))
    typer.echo(_dumped({"counts": counts}) if jsonl else _summary_as_text(counts))


def _report_crowded(report: DuplicateReport) -> None:
    """Say what too many people share, the largest of each kind and how many more there are."""
    for kind, alike in groupby(report.crowded, key=attrgetter("kind")):
        blocks = list(alike)
        for block in blocks[:_MOST_CROWDED]:
            shared = f"{number_of(block.size, 'people share')} one {kind} (such as {', '.join(block.example_ids)})"
            typer.echo(f"{shared}: too many to compare for that alone.", err=True)
        if further := blocks[_MOST_CROWDED:]:
            typer.echo(
                f"{kind}: {len(further):,} more, each of {number_of(further[-1].size, 'people')} or more.", err=True
            )


def _index(paths: list[Path], *, legal_basis: str, owner: str, agreed: Mapping[str, str]) -> MemoryIndex:
    """Return an index of the lists at *paths*, and say on the error stream what could not be taken."""
    if legal_basis == NOT_STATED:
        typer.echo("No --legal-basis stated: for trying out, not for deciding about anybody.", err=True)
    index = MemoryIndex()
    for path in paths:
        list_id = re.sub(r"[^A-Za-z0-9._-]", "-", path.name).lstrip("._-")[:64] or "list"
        terms = ListTerms(list_id=list_id, owner=owner, legal_basis=legal_basis)
        loaded = load_list(_read(path), terms=terms, agreed=agreed)
        _report_ignored(str(path), loaded.ignored)
        _report_faults(loaded)
        index.add_list(loaded.reference, loaded.entries)
    return index


def _report_faults(loaded: LoadedList) -> None:
    for fault in loaded.faults:
        place = f"{loaded.reference.list_id}, row {fault.row}, {fault.field}"
        typer.echo(f"{place}: {fault.problem} {fault.remedy}", err=True)


def _report_ignored(place: str, ignored: Sequence[str]) -> None:
    if ignored:
        typer.echo(f"{place}: not read are the columns {', '.join(ignored)}.", err=True)


def _people(path: Path, agreed: Mapping[str, str]) -> Iterator[tuple[str, Subject | str]]:
    """Yield each row's id with its person, or with what keeps the row from being used."""
    place = str(path)
    table = read_people(text_of(_read(path), place=place), place=place, agreed=agreed)
    _report_ignored(place, table.headings.ignored)
    for row in table.rows:
        yield row.entry_id, subject_of(row)


def _read(path: Path) -> bytes:
    """Return the content of *path*; raises BadInputError for what cannot be read."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read()
        if path.stat().st_size > _LARGEST:
            raise BadInputError(str(path), "it is larger than 4 GB.", remedy="Split it.")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise BadInputError(str(path), f"{reason}.", remedy="Name a file that you may read.") from error


def _dumped(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _unread(entry_id: str, problem: str, *, jsonl: bool) -> str:
    return _dumped({"id": entry_id, "outcome": "unread", "problem": problem, "hits": []}) if jsonl else problem


def _as_json(result: ScreeningResult, person: Subject, *, best: int) -> str:
    fields: dict[str, Any] = {"id": result.subject_id, "outcome": result.outcome}
    if len(person.births) < len(person.birth_dates):
        fields["problem"] = _NO_DATE
    hits = [_hit(hit) for hit in result.hits[:best]]
    return _dumped(fields | {"hits": hits, "algorithm": result.algorithm_version})


def _hit(hit: ScreeningHit) -> dict[str, Any]:
    return {
        "list": hit.list_id,
        "list_version": hit.list_version_hash,
        "entry": hit.entry_id,
        "name": hit.entry_name,
        "score": hit.score,
        "name_score": hit.name_score,
        "band": hit.band,
        "evidence": [evidence.model_dump(mode="json") for evidence in hit.evidence],
    }


def _as_text(result: ScreeningResult, person: Subject, *, best: int) -> Iterator[str]:
    yield f"{result.subject_id} {person.names[0]}: {result.outcome}"
    if len(person.births) < len(person.birth_dates):
        yield f"    {_NO_DATE}"
    for hit in result.hits[:best]:
        yield f"  {hit.score:.2f} {hit.band:<6} {hit.entry_name} ({hit.list_id}, {hit.entry_id})"
        yield from (f"    {evidence.contribution:+.2f} {evidence.reason}" for evidence in hit.evidence)


def _pair(pair: DuplicatePair) -> dict[str, Any]:
    """Return a pair for scripts; of its evidence what each piece adds, and the sentence that says why."""
    evidence = [[part.contribution, part.reason] for part in pair.evidence]
    return {"a": pair.left_id, "b": pair.right_id, "score": pair.score, "band": pair.band, "evidence": evidence}


def _pair_as_text(pair: DuplicatePair) -> Iterator[str]:
    yield f"{pair.left_id} and {pair.right_id}: {pair.score:.2f} {pair.band}"
    yield from (f"    {evidence.contribution:+.2f} {evidence.reason}" for evidence in pair.evidence)


def _summary(report: DuplicateReport, *, people: int) -> dict[str, Any]:
    """Return the counts of a search for duplicates, and whom it left aside."""
    bands = Counter(pair.band for pair in report.pairs)
    return {
        "people": people,
        "compared": report.compared,
        "to_look_at": sum(bands[band] for band in REVIEWED),
        "weak": bands[Band.WEAK],
        "namesakes_not_compared": sum(block.size for block in report.namesakes),
    }


def _summary_as_text(counts: Mapping[str, Any]) -> str:
    weak = f", {counts['weak']} weak (--weak shows them)" if counts["weak"] else ""
    aside = counts["namesakes_not_compared"]
    crowd = f"{number_of(aside, 'people')} with names of more than {LARGEST_BLOCK}"
    left = f"; {crowd}, for which alone nobody was compared" if aside else ""
    compared = f"{number_of(counts['people'], 'people')}, {number_of(counts['compared'], 'pairs')} compared, "
    return f"{compared}{counts['to_look_at']} to look at{weak}{left}"
