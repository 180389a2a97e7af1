"""From a nominations file to nominations: names of columns, dates, choices and rows, as people really write them."""

from domain.forms.dates import read_date
from domain.forms.encodings import Decision, EncodingUnclearError, decide_encoding
from domain.forms.headers import (
    NECESSARY,
    Header,
    HeaderError,
    check_header,
    find_header,
    read_header,
    recognised_names,
    repeats_header,
)
from domain.forms.remedies import remedy_for
from domain.forms.rows import LONGEST_CELL, read_row, row_problem

__all__ = [
    "LONGEST_CELL",
    "NECESSARY",
    "Decision",
    "EncodingUnclearError",
    "Header",
    "HeaderError",
    "check_header",
    "decide_encoding",
    "find_header",
    "read_date",
    "read_header",
    "read_row",
    "recognised_names",
    "remedy_for",
    "repeats_header",
    "row_problem",
]
