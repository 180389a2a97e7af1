"""Canonical JSON: one value, one sequence of bytes, so that a hash or a signature of it means something."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import cast

from domain.values import Sha256


def canonical(value: object) -> bytes:
    """Return *value* as RFC 8785 writes it: names in order, no blanks, UTF-8.

    Restricted to strings, whole numbers, true, false, null, lists and objects with ASCII names, for which Python's
    order of names and escapes are those of the standard. Raises :class:`ValueError` for anything else.
    """
    _require_exact(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(value: object) -> Sha256:
    """Return the SHA-256 of *value* in canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _require_exact(value: object) -> None:
    # By exact types first: nearly everything is one of them, and abstract ones take ten times as long to ask.
    kind = type(value)
    if kind is str or kind is int:
        return
    if kind is dict or isinstance(value, Mapping):
        for name, part in cast("Mapping[object, object]", value).items():
            if not isinstance(name, str) or not name.isascii():
                raise ValueError("names are ASCII text")
            _require_exact(part)
    elif kind is list or (isinstance(value, Sequence) and not isinstance(value, str | bytes)):
        for part in cast("Sequence[object]", value):
            _require_exact(part)
    elif value is not None and not isinstance(value, str | int):
        raise ValueError(f"{kind.__name__} has no canonical form here")
