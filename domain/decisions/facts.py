"""Facts: what a decision against a person rests on, stated for every coded reason (practice, rule S2)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final

from domain.application.reasons import ReasonCode
from domain.application.weighing import LEAST
from domain.values import Sha256

_CODE: Final = re.compile(r"(?<![^\s])([A-Z]\d{2}):[ \t]*")


def facts_hash(facts: str) -> Sha256 | None:
    """Return the SHA-256 of stated *facts*, which outlasts their erasure; None where there are none."""
    return hashlib.sha256(facts.encode()).hexdigest() if facts else None


def facts_by_reason(reasons: Sequence[ReasonCode], text: str) -> Mapping[ReasonCode, str]:
    """Return what *text* states of each of *reasons*; of one reason alone it is the whole text.

    Of several reasons each has the part that follows its code: ``R04: The register … R06: The party's list …``.
    Reasons of which nothing is said are left out.
    """
    if len(reasons) == 1:
        parts = {reasons[0].value: text}
    else:
        pieces = _CODE.split(text)
        parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    said = {code: parts.get(code.value, "").strip() for code in reasons}
    return {code: part for code, part in said.items() if len(part) >= LEAST}


def facts_of(code: ReasonCode, reasons: Sequence[ReasonCode], text: str) -> str:
    """Return what a letter states of *code*: its own part of *text*, or all of it where the text has no parts."""
    said = facts_by_reason(reasons, text)
    return said.get(code, "") if said else text


def without_facts(reasons: Sequence[ReasonCode], text: str) -> tuple[ReasonCode, ...]:
    """Return the reasons of which *text* states nothing."""
    said = facts_by_reason(reasons, text)
    return tuple(code for code in reasons if code not in said)
