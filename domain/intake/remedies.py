"""What to write instead: for each column the problem and the remedy in words, never with what stood there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination
from domain.election.profile import ElectionProfile
from domain.intake.column_notes import SORTS, asked_for
from domain.intake.completeness import document_needed_until
from domain.values import Frozen

_PROBLEMS: Final = {
    "field_missing": "Nothing stands here.",
    "field_unreadable": "What stands here cannot be read.",
    "day_impossible": "No such day can be meant here.",
    "days_reversed": "The departure lies before the arrival.",
    "document_missing": "The file is not there.",
    "document_expires_early": "The document expires before the time that the rules ask for.",
    "email_unusable": "No letter can be sent to this address.",
    "file_empty": "The file is empty.",
    "file_too_large": "The file is too large.",
    "file_format_unknown": "This is no picture or document that can be read.",
    "file_format_heic": "This is a HEIC picture, as telephones make them.",
    "file_format_webp": "This is a WebP picture.",
    "file_format_tiff": "This is a TIFF picture.",
    "file_format_not_allowed": "Files of this form are not accepted here.",
    "file_damaged": "The file is damaged.",
    "image_too_many_pixels": "The picture has too many pixels.",
    "image_too_few_pixels": "The picture has too few pixels.",
    "image_aspect": "The picture is too wide or too narrow.",
    "image_several_frames": "The file holds several pictures.",
    "image_blank": "Nothing can be seen on the picture.",
    "image_not_colour": "The picture is not in colour.",
    "pdf_incomplete": "The PDF is not complete.",
    "pdf_encrypted": "The PDF is protected by a password.",
    "pdf_no_pages": "The PDF has no pages.",
    "pdf_notice_only": "The PDF shows only a notice that another program is needed to open it.",
    "pdf_many_pages": "The PDF has more pages than are kept.",
    # No longer found, since pages are kept as pictures; said of what was found before.
    "pdf_active_content": "The PDF holds scripts or other active content.",
}
_DATE_UNCLEAR: Final = "This is no date, or a date that can be read in two ways."
_DATE_REMEDY: Final = "Write year-month-day, such as 2027-04-03, or spell the month, such as 3 April 2027."
_SAVE_ANEW: Final = "Save it anew, check that it opens, and send it again."
_AS_PICTURE: Final = "Save it as a JPEG or PNG picture (a scan may be a PDF too) and send it again."
_AS_PRINTED: Final = "Print the page into a new PDF, or send it as a picture."
_SMALLER: Final = "Save it smaller and send it again."
_REMEDIES: Final = {
    "day_impossible": "Write the day as in the document, year-month-day in the common calendar, such as 2027-04-03.",
    "days_reversed": "Check both days.",
    "document_missing": "Put the file into the folder or ZIP archive and its name into this cell.",
    "document_expires_early": "Give a document that is valid until {valid_until} or longer.",
    "email_unusable": "Write one address, such as name@mission.example.",
    "file_empty": _SAVE_ANEW,
    "file_too_large": _SMALLER,
    "file_format_unknown": _AS_PICTURE,
    "file_format_heic": (
        'Send it as JPEG: choose "most compatible" in the camera\'s settings, or open it and save it as JPEG.'
    ),
    "file_format_webp": _AS_PICTURE,
    "file_format_tiff": _AS_PICTURE,
    "file_format_not_allowed": _AS_PICTURE,
    "file_damaged": _SAVE_ANEW,
    "image_too_many_pixels": _SMALLER,
    "image_too_few_pixels": "Send a larger picture, of at least {shortest_side} pixels on its shorter side.",
    "image_aspect": "Cut it as a portrait, about {width} percent as wide as high.",
    "image_several_frames": "Send one single picture.",
    "image_blank": "Send a picture on which the person, or the page, can be seen.",
    "image_not_colour": "Send a photograph in colour.",
    "pdf_incomplete": _SAVE_ANEW,
    "pdf_encrypted": "Save it without a password and send it again.",
    "pdf_no_pages": _SAVE_ANEW,
    "pdf_notice_only": _AS_PRINTED,
    "pdf_many_pages": "Send only the page that shows the person and the number of the document.",
    "pdf_active_content": _AS_PRINTED,
}


class Asked(Frozen):
    """What the rules ask for, as far as a remedy names it."""

    valid_until: date
    """The travel document lasts at least until then."""
    shortest_side: int
    """Pixels of a photograph."""
    width: int
    """Percent of a photograph's height."""

    @classmethod
    def of(cls, profile: ElectionProfile, nomination: Nomination) -> Asked:
        """Return what *profile* asks of *nomination*."""
        return cls(
            valid_until=document_needed_until(nomination, profile),
            shortest_side=profile.photo.min_short_side,
            width=round(100 * profile.photo.aspect),
        )


def remedy_for(finding: Finding, field: str, asked: Asked) -> tuple[str, str]:
    """Return what is wrong with *field* according to *finding*, and what to write there instead."""
    if SORTS.get(field) == "date" and finding.rule in {"field_missing", "field_unreadable"}:
        return (_DATE_UNCLEAR if finding.rule == "field_unreadable" else _PROBLEMS["field_missing"]), _DATE_REMEDY
    problem = _PROBLEMS.get(finding.rule, f"{finding.rule.replace('_', ' ').capitalize()}.")
    if finding.rule in _REMEDIES:
        return problem, _REMEDIES[finding.rule].format(**dict(asked))
    return problem, asked_for(field) if field in SORTS else "Send it again."


def advice_for(finding: Finding, field: str, asked: Asked) -> str:
    """Return the remedy as a letter gives it; empty where the letter's own advice for the code says it better."""
    if finding.rule == "document_missing" or field == "pledge_accepted_on":
        return ""
    return remedy_for(finding, field, asked)[1]


class FieldProblem(Frozen):
    """What is wrong in one place of a row, and what to do; never what stands there."""

    field: str
    problem: str
    remedy: str


def problems_of(findings: Sequence[Finding], asked: Asked) -> Iterator[FieldProblem]:
    """Yield what the organisation can mend of *findings*, field by field."""
    for finding in findings:
        if finding.severity is Severity.CURE:
            for field in finding.fields:
                problem, remedy = remedy_for(finding, field, asked)
                yield FieldProblem(field=field, problem=problem, remedy=remedy)
