"""Typed documents in YAML: profile, geography, organisations, officers; mistakes named by place and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from domain.errors import BadInputError

Document = TypeVar("Document")


def load_document(path: Path, kind: type[Document] | TypeAdapter[Document]) -> Document:
    """Return the document in the YAML file *path* as *kind*.

    Raises :class:`BadInputError` that names every wrong place of the file at once; unknown keys are refused, with
    the nearest known one.
    """
    adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    content = _parsed(path)
    try:
        return adapter.validate_python(content, strict=False)
    except ValidationError as error:
        known = sorted(set(_keys(adapter.json_schema())))
        problems = [_sentence(problem, known) for problem in error.errors(include_url=False, include_input=False)]
        shown = "; ".join(problems[:8]) + (f"; and {len(problems) - 8} more" if len(problems) > 8 else "")  # noqa: PLR2004 -- as many as fit a screen
        raise BadInputError(path.name, f"{shown}.", remedy="Correct the file and run it again.") from None


def _parsed(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BadInputError(path.name, "is not there.", remedy=f"Put it into {path.parent}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(path.name, "cannot be read as UTF-8 text.", remedy="Save it as UTF-8.") from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise BadInputError(f"{path.name}{line}", f"is no YAML: {problem}.", remedy="Check indentation.") from error


def _keys(schema: Any) -> Iterator[str]:
    match schema:
        case {"properties": {**properties}, **rest}:
            yield from map(str, properties)
            yield from _keys([*properties.values(), *rest.values()])
        case {**members}:
            yield from _keys([*members.values()])
        case [*parts]:
            for part in parts:
                yield from _keys(part)
        case _:
            return


def _place(parts: Iterable[str | int]) -> str:
    """Return where something stands, with the entries of a list counted from 1: ``entry 3.fees entry 1.payers``."""
    return "".join(f" entry {part + 1}" if isinstance(part, int) else f".{part}" for part in parts).strip(" .")


def _sentence(problem: Any, known: Sequence[str]) -> str:
    place = _place(problem["loc"]) or "the whole"
    if problem["type"] == "missing":
        return f"{place}: is missing"
    if problem["type"] in {"model_type", "dict_type"}:
        return f"{place}: holds no keys with values, each on its line"
    if problem["type"] != "extra_forbidden":
        return f"{place}: {problem['msg'].removeprefix('Value error, ')}"
    given = str(problem["loc"][-1])  # it may be a key elsewhere in the file
    near = difflib.get_close_matches(given, [key for key in known if key != given], n=1)
    return f"{place}: there is no such key" + (f" (did you mean {near[0]}?)" if near else "")


def schema_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of *kind*, for editors that check YAML while it is typed."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | kind.model_json_schema()
