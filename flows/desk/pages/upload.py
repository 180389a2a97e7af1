"""Uploading a nominations file: tried out first, row by row, and taken in when the officer says so."""

from __future__ import annotations

import os
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from db.store import open_reader
from domain.errors import BadInputError, UnknownThingError
from domain.statements.officers import OfficerRefusedError, OfficerRole
from flows.context import database
from flows.decisions.openings import keep
from flows.desk.uploads import Upload, is_table
from flows.desk.visit import Visit, acting, go, visiting

router = APIRouter()


@router.get("/upload")
def uploads(visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show the form, and this officer's files."""
    _require(visit)
    with open_reader(database()) as store:
        organisations = list(store.organisations.all_in(visit.election).values())
    return visit.page("upload.html", organisations=organisations, uploads=visit.state.uploads.of(visit.officer.code))


@router.put("/upload")
async def receive(request: Request, visit: Annotated[Visit, Depends(acting)]) -> JSONResponse:
    """Keep the file that is sent, and begin to try it out; nothing of it is recorded."""
    _require(visit)
    name = unquote(request.headers.get("x-file-name", ""))
    if not is_table(name):
        raise BadInputError("upload", "this is no nominations file.", remedy="Send CSV, XLSX, ODS, JSONL or ZIP.")
    organisation = await run_in_threadpool(_known, visit, request.headers.get("x-organisation", ""))
    upload = visit.state.uploads.place(name, visit.officer.code, organisation)
    try:
        await _written(request, upload)
    except BaseException:
        visit.state.uploads.give_up(upload)
        raise
    visit.state.uploads.try_out(upload, visit.election)
    return go(f"/upload/{upload.id}")


async def _written(request: Request, upload: Upload) -> None:
    with os.fdopen(os.open(upload.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        async for part in request.stream():
            await run_in_threadpool(target.write, part)


def _known(visit: Visit, organisation: str) -> str:
    """Return the organisation, which exists; empty where the rows name it."""
    if organisation:
        with open_reader(database()) as store:
            store.organisations.get(visit.election, organisation)
    return organisation


@router.get("/upload/{key}")
def report(key: str, visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show what would become of the rows, or what became of them."""
    return visit.page("upload_report.html", upload=_own(visit, key))


@router.post("/upload/{key}/take")
def take(key: str, visit: Annotated[Visit, Depends(acting)]) -> JSONResponse:
    """Take the file in; that the officer did so is recorded."""
    _require(visit)
    upload = _own(visit, key)
    if upload.state not in {"tried", "failed"}:
        raise BadInputError(
            upload.name, "was not tried out yet, or is taken in already.", remedy="Wait for its report."
        )
    keep(visit.election, visit.officer.code, f"upload:{upload.id}")
    visit.state.uploads.take_in(upload, visit.election)
    return go(f"/upload/{key}")


@router.post("/upload/{key}/drop")
def drop(key: str, visit: Annotated[Visit, Depends(acting)]) -> JSONResponse:
    """Forget the file."""
    visit.state.uploads.give_up(_own(visit, key))
    return go("/upload")


def _own(visit: Visit, key: str) -> Upload:
    upload = visit.state.uploads.find(key, visit.officer.code)
    if upload is None:
        raise UnknownThingError("upload", key[:20])
    return upload


def _require(visit: Visit) -> None:
    if not visit.may("case_officer"):
        raise OfficerRefusedError(visit.officer.code, OfficerRole.CASE_OFFICER.asked_for)
