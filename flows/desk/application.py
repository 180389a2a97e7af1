"""The web application, put together: guard, pages, static files, and how errors are told."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from domain.errors import AccreditationError, UnavailableError, UnknownThingError
from domain.statements.officers import OfficerRefusedError
from domain.statements.signatures import SignatureRefusedError
from flows.desk.address import Address
from flows.desk.ceremonies import PasskeyRefusedError
from flows.desk.guarding import Guard, TooLargeError
from flows.desk.pages import (
    calendars,
    case,
    case_queue,
    entrance,
    extracts,
    letters,
    linked,
    officers,
    organisations,
    pile,
    signing,
    upload,
)
from flows.desk.state import State
from flows.desk.visit import ForgedError, SignedOutError, problem, rendered, speaks, visiting

HERE: Final = Path(__file__).parent
PAGES: Final = (
    entrance, linked, case_queue, case, pile, signing, organisations, letters, upload, officers, calendars, extracts,
)  # fmt: skip
_STATUS: Final[dict[type[Exception], int]] = {
    SignedOutError: 401,
    ForgedError: 403,
    PasskeyRefusedError: 403,
    SignatureRefusedError: 403,
    OfficerRefusedError: 403,
    UnknownThingError: 404,
    UnavailableError: 503,
}


def create_app(address: Address) -> FastAPI:
    """Return the desk at *address*; its sessions live and end with it."""
    app = FastAPI(title="Accreditation desk", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = State.at(address)
    for page in PAGES:
        app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.add_exception_handler(AccreditationError, _refused)
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(ValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(TooLargeError, _too_large)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(Guard, address=address)  # outermost: nothing else sees what it turns away
    return app


def _refused(request: Request, error: Exception) -> Response:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 409)
    if request.method != "GET":
        return problem(str(error), status)
    if isinstance(error, SignedOutError):
        return RedirectResponse("/signin", 303)
    return _problem_page(request, str(error), status)


def _problem_page(request: Request, sentence: str, status: int) -> Response:
    try:
        return visiting(request).page("problem.html", status=status, sentence=sentence)
    except AccreditationError:
        content = rendered("problem.html", speaks(request, None), None, sentence=sentence)
        return Response(content, status, media_type="text/html")


def _misshapen(request: Request, _error: Exception) -> Response:
    sentence = "This request is not as the desk's pages send it."
    return _problem_page(request, sentence, 422) if request.method == "GET" else problem(sentence, 422)


def _http(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    if request.method == "GET" and status == 404:  # noqa: PLR2004 -- HTTP's not found
        return _problem_page(request, "There is no such page.", status)
    return PlainTextResponse(str(getattr(error, "detail", "")), status)


def _too_large(_request: Request, _error: Exception) -> Response:
    return problem("This is too large.", 413)


def _failed(_request: Request, error: Exception) -> JSONResponse:
    # The kind only: what an error says may be personal, and goes to a log.
    return problem(f"The desk failed ({type(error).__name__}). Nothing was decided; try again.", 500)
