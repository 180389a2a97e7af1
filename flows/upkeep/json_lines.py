"""Logs as JSON, a line a record: when, how bad, which run, stage and chunk, and our own words; never a person's."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Final

_CHUNK: Final = re.compile(r"^(?P<stage>[a-z ]+) (?P<chunk>\d+)")


class JsonLines(logging.Formatter):
    """Writes a record as one line. Of an exception it says the class alone: foreign words may quote somebody."""

    def __init__(self, **_of_another: object) -> None:
        """Take the options of the formatter in whose place it stands, and use none of them."""
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as JSON; what is not known is left out."""
        run, task = getattr(record, "flow_run_name", None), str(getattr(record, "task_run_name", "") or "")
        part = _CHUNK.match(task)
        kind = record.exc_info[0] if record.exc_info else None
        said: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "run": run,
            "stage": part["stage"] if part else str(run).split(" ", 1)[0] if run else None,
            "chunk": int(part["chunk"]) if part else None,
            "error": kind.__name__ if kind else None,
            "message": record.getMessage(),
        }
        known = {name: value for name, value in said.items() if value is not None}
        return json.dumps(known, ensure_ascii=False, default=str)
