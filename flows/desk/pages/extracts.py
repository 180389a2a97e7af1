"""Tables for other systems: taken by a case officer for a purpose, on record; nobody's data is in them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import APIRouter, Body, Depends
from fastapi.responses import JSONResponse, Response

from domain.errors import BadInputError, UnknownThingError
from domain.oversight.extracts import ExtractTable
from domain.statements.officers import OfficerRefusedError, OfficerRole
from flows.desk.visit import Visit, acting, go, text_of, visiting
from flows.oversight.extracts.taking import Wanted, extracts_table, take
from flows.statements.acceptance import ActingOfficer

router = APIRouter()


class Form(StrEnum):
    """How a table is written."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


@router.get("/extracts")
def extracts(visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show the form, and every table that was taken."""
    _require(visit)
    return visit.page(
        "extracts.html", tables=[*ExtractTable], forms=[*Form], taken=extracts_table(visit.election)[::-1]
    )


@router.post("/extracts")
def take_table(visit: Annotated[Visit, Depends(acting)], body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Take a table: who, when and for what is on record before the browser gets it."""
    _require(visit)
    try:
        wanted = Wanted(table=ExtractTable(text_of(body, "table")), purpose=text_of(body, "purpose"))
        ending = Form(text_of(body, "form")).value
    except ValueError as error:
        raise BadInputError("form", "something is missing, or not as it should be.", remedy="Fill it in.") from error
    by = ActingOfficer(visit.officer.code, visit.election, visit.now)
    with TemporaryDirectory(prefix="accredit-") as folder:
        out = Path(folder) / f"{wanted.table.value}.{ending}"
        taken = take(wanted, by, out, account=visit.officer.code)
        visit.session.extract = _packed(taken.files)
    return go("/extracts/file")


@router.get("/extracts/file")
def file(visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Give the table that was taken last, with its schema and its account, in one archive: once."""
    packed, visit.session.extract = visit.session.extract, b""
    if not packed:
        raise UnknownThingError("table", "that was taken")
    headers = {"Content-Disposition": 'attachment; filename="extract.zip"'}
    return Response(packed, media_type="application/zip", headers=headers)


def _packed(files: Sequence[Path]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as into:
        for path in files:
            into.write(path, path.name)
    return packed.getvalue()


def _require(visit: Visit) -> None:
    if not visit.may("case_officer"):
        raise OfficerRefusedError(visit.officer.code, OfficerRole.CASE_OFFICER.asked_for)
