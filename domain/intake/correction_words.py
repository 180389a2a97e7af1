"""The words of a corrections workbook besides those of the form: its own columns, and what to do with them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.intake.form_words import LANGUAGES

CORRECTION: Final = "correction"
"""The column that holds a row's signed reference; it belongs to corrections files only."""

_Words = tuple[str, str, str, str, str, str]

_CORRECTION_TITLES: Final[_Words] = (
    "Correction", "Référence de correction", "Referencia de corrección", "Номер исправления", "مرجع التصحيح",
    "更正编号",
)  # fmt: skip
_TO_MEND: Final[_Words] = (
    "What to mend", "Ce qu'il faut corriger", "Qué hay que corregir", "Что исправить", "ما يجب تصحيحه", "需要更正之处",
)  # fmt: skip
_SHEETS: Final[_Words] = ("Corrections", "Corrections", "Correcciones", "Исправления", "التصحيحات", "更正")
_KEEP: Final[_Words] = (
    "Leave this column as it is: it says which row is mended.",
    "Ne changez pas cette colonne : elle dit quelle ligne est corrigée.",
    "No cambie esta columna: dice qué fila se corrige.",
    "Не меняйте этот столбец: по нему видно, какая строка исправляется.",
    "لا تغيروا هذا العمود: فهو يبين أي سطر يُصحح.",
    "请勿更改此列：它说明更正的是哪一行。",
)
_COLOURED: Final[_Words] = (
    "Mend the coloured cells. A cell that is empty or stays as it is changes nothing.",
    "Corrigez les cellules colorées. Une cellule vide ou inchangée ne modifie rien.",
    "Corrija las celdas coloreadas. Una celda vacía o igual no cambia nada.",
    "Исправьте выделенные ячейки. Пустая или неизменённая ячейка ничего не меняет.",
    "صححوا الخلايا الملونة. الخلية الفارغة أو التي تبقى كما هي لا تغير شيئًا.",
    "请更正着色的单元格。空白或未改动的单元格不改变任何内容。",
)

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {CORRECTION: CORRECTION} | dict.fromkeys(_CORRECTION_TITLES, CORRECTION) | dict.fromkeys(_TO_MEND, "")
)
"""The names of a corrections workbook's own columns, with what they mean to a reader; the second is for people."""


def own_columns(language: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return title and note of the two columns before the form's: the reference, and what is to be mended."""
    place = LANGUAGES.index(language)
    return (_CORRECTION_TITLES[place], _KEEP[place]), (_TO_MEND[place], _COLOURED[place])


def sheet_name(language: str) -> str:
    """Return the name of the sheet."""
    return _SHEETS[LANGUAGES.index(language)]
