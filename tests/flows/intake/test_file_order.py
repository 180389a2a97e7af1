"""Turns: the later of two rows stays, and nothing later of an organisation is recorded before what failed earlier."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, case

from db.store import open_reader
from domain.errors import UnavailableError
from domain.intake.nominations_file import ChunkCounts
from domain.values import ElectionCode, UtcTime
from flows.context import database
from flows.intake import file_order
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival, arrivals
from flows.intake.file_order import Bundle, FileChunk, Repeats
from flows.intake.reading.tables import RawRow
from flows.runtime.outcomes import ChunkFailure, ChunkOutcome, StageOutcome

NAMES = ("Tarvold", "Ondrakis", "Brusetto")
HEADER = "reference,role,surname,given_names\n"


def a_row(number: int, **cells: str) -> RawRow:
    return RawRow(number, cells)


def test_a_row_that_comes_again_waits_for_every_chunk_that_had_it() -> None:
    repeats = Repeats()
    assert repeats.turn_of([a_row(2, reference="1"), a_row(3, reference="2"), a_row(4, reference="1")]) == 0
    assert repeats.turn_of([a_row(5, reference="3"), a_row(6, document_number="1")]) == 0
    assert repeats.turn_of([a_row(7, reference=" 2 ")]) == 1
    assert repeats.turn_of([a_row(8, reference="2"), a_row(9, reference="3")]) == 2
    assert repeats.turn_of([a_row(10, surname="A"), a_row(11, reference="2", organisation="ORG-02")]) == 0


def test_of_two_rows_in_different_chunks_of_a_file_the_later_one_stays(stages: Stages, tmp_path: Path) -> None:
    lines = [f"{number},expert,Name{number},Ava\n" for number in range(60)]
    path = tmp_path / "twice.csv"
    path.write_text(HEADER + "".join(lines) + "7,interpreter,Name7,Ava\n")
    with stages.copy("loaded"):
        chunks, _ = intake.stage_files([Arrival(path, "ORG-01")], ELECTION, now=AS_OF)
        assert [chunk.turn for chunk in chunks] == [0, 0, 1]
        for chunk in sorted(chunks, key=lambda chunk: (chunk.turn, -chunk.number)):
            intake.take_in(chunk, ELECTION, now=AS_OF)
        with open_reader(database()) as store:
            known = case("ORG-01", "7").id
            assert store.people.current([known])[known].role == "interpreter"


def test_of_two_files_of_an_organisation_the_one_received_later_stays(sqlite_stages: Stages, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + "7,interpreter,Name7,Ava\n")
    (tmp_path / "b.csv").write_text(HEADER + "".join(f"{number},expert,Name{number},Ava\n" for number in range(9)))
    (tmp_path / "received.csv").write_text(
        "file,organisation,received_at\na.csv,ORG-01,2027-03-02T08:00+02:00\nb.csv,ORG-01,2027-03-01T08:00+02:00\n"
    )
    with sqlite_stages.copy("loaded"):
        found = arrivals(tmp_path, organisation="", received_at=None)
        chunks, _ = intake.stage_files(found, ELECTION, now=AS_OF)
        assert [(found[0].path.name, chunks[0].turn), chunks[-1].turn] == [("b.csv", 0), 1]
        intake.take_in_all(chunks, ELECTION, now=AS_OF)
        with open_reader(database()) as store:
            known = case("ORG-01", "7").id
            assert store.people.current([known])[known].role == "interpreter"


def test_where_a_chunk_fails_the_same_senders_later_turns_wait_and_say_so(
    stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / f"{name}.csv" for name in ("first", "second", "other")]
    for place, path in enumerate(files):
        path.write_text(f"{HEADER}{place},expert,{NAMES[place]},Ava\n")
    found = [Arrival(files[0], "ORG-01"), Arrival(files[1], "ORG-01"), Arrival(files[2], "ORG-02")]
    failing: set[UUID] = set()

    def take_in(chunk: FileChunk, election: ElectionCode, *, now: UtcTime) -> ChunkCounts:
        if chunk.file in failing:
            raise UnavailableError("The database does not answer.")
        return really(chunk, election, now=now)

    async def run_chunks(stage: str, work: Any, chunks: Sequence[Bundle], **_: Any) -> StageOutcome:
        del work
        tasks.append([len(chunk.parts) for chunk in chunks])
        parts: list[ChunkOutcome | ChunkFailure] = []
        for chunk in chunks:
            try:
                counts = intake.take_in_all(chunk.parts, ELECTION, now=AS_OF)
            except UnavailableError:
                parts.append(ChunkFailure(chunk=chunk.number, applications=len(chunk.ids), code="unavailable"))
                continue
            parts.append(ChunkOutcome(stage=stage, chunk=chunk.number, counts=counts.model_dump()))
        return StageOutcome.of(stage, parts, applications=sum(len(chunk.ids) for chunk in chunks), seconds=0.0)

    tasks: list[list[int]] = []
    really = intake.take_in
    monkeypatch.setattr(intake, "take_in", take_in)
    monkeypatch.setattr(file_order, "run_chunks", run_chunks)
    work: Any = None
    with stages.copy("loaded"):
        chunks, _ = intake.stage_files(found, ELECTION, now=AS_OF)
        failing.add(chunks[0].file)
        outcome = asyncio.run(file_order.run_in_turns(work, chunks, election=ELECTION, as_of=AS_OF))
        assert (outcome.applications, outcome.counts["recorded"]) == (3, 1)
        assert [failure.code for failure in outcome.failures] == ["unavailable", "earlier_failed"]
        assert outcome.failures[1].reason == file_order.WAITS
        assert tasks == [[2], [1], []]  # two small files in one task, then what failed there by itself; nobody is next
        failing.clear()
        left, _ = intake.stage_files(found, ELECTION, now=AS_OF)
        again = asyncio.run(file_order.run_in_turns(work, left, election=ELECTION, as_of=AS_OF))
        assert (again.counts["recorded"], again.failures) == (2, ())


def test_bundles_keep_the_order_and_hold_no_more_rows_than_a_chunk_may(stages: Stages, tmp_path: Path) -> None:
    for place, rows in enumerate((1, 3, 4, 5, 2)):
        lines = "".join(f"{place}-{row},expert,Name,Ava\n" for row in range(rows))
        (tmp_path / f"{place}.csv").write_text(HEADER + lines)
    found = [Arrival(tmp_path / f"{place}.csv", f"ORG-{place + 1:02}") for place in range(5)]
    with stages.copy("loaded"):
        chunks, _ = intake.stage_files(found, ELECTION, now=AS_OF)
    cut = file_order.bundles(chunks, 4)
    assert [[len(part.ids) for part in one.parts] for one in cut] == [[1, 3], [4], [5], [2]]
    assert [part for one in cut for part in one.parts] == chunks
    assert [one.ids for one in cut] == [tuple(known for part in one.parts for known in part.ids) for one in cut]
