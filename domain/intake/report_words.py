"""The words of the report on a nominations file, in the languages of the United Nations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.intake.form_words import LANGUAGES

_Words = tuple[str, str, str, str, str, str]

_PHRASES: Final[Mapping[str, _Words]] = {
    "report": (
        "Report on {}", "Rapport sur {}", "Informe sobre {}", "Отчёт о файле {}", "تقرير عن {}", "关于 {} 的报告",
    ),
    "refused": (
        "This file was not taken in.", "Ce fichier n'a pas été pris en compte.", "Este archivo no se ha admitido.",
        "Этот файл не принят.", "لم يُقبل هذا الملف.", "此文件未被接收。",
    ),
    "organisation": (
        "Organisation: {}", "Organisation : {}", "Organización: {}", "Организация: {}", "المنظمة: {}", "组织：{}",
    ),
    "by_row": (
        "named row by row", "nommée ligne par ligne", "indicada fila por fila", "указана построчно", "مذكورة سطرا سطرا",
        "逐行注明",
    ),
    "received": ("Received: {}", "Reçu : {}", "Recibido: {}", "Получено: {}", "ورد في: {}", "收到时间：{}"),
    "rows": ("Rows: {}", "Lignes : {}", "Filas: {}", "Строк: {}", "الأسطر: {}", "行数：{}"),
    "recorded": ("recorded", "enregistrées", "registradas", "записано", "مسجلة", "已登记"),
    "unchanged": ("unchanged", "inchangées", "sin cambios", "без изменений", "دون تغيير", "未变"),
    "corrected": ("corrected", "corrigées", "corregidas", "исправлено", "مصححة", "已更正"),
    "held": ("held", "en attente", "en espera", "отложено", "معلقة", "暂留"),
    "returned": ("returned", "renvoyées", "devueltas", "возвращено", "معادة", "退回"),
    "not_processed": (
        "Rows that were not processed:", "Lignes non traitées :", "Filas no tramitadas:", "Необработанные строки:",
        "أسطر لم تُعالج:", "未处理的行：",
    ),
    "row": ("Row {}, {}", "Ligne {}, {}", "Fila {}, {}", "Строка {}, {}", "السطر {}، {}", "第 {} 行，{}"),
    "rest": (
        "What is missing in recorded rows is asked for by letter, case by case.",
        "Ce qui manque dans les lignes enregistrées est demandé par lettre, dossier par dossier.",
        "Lo que falta en las filas registradas se pide por carta, expediente por expediente.",
        "Чего не хватает в записанных строках, запрашивается письмом по каждому делу.",
        "ما ينقص في الأسطر المسجلة يُطلب برسالة، ملفا ملفا.", "已登记各行所缺内容将逐案发函索取。",
    ),
}  # fmt: skip


def phrase(name: str, language: str, *filled: object) -> str:
    """Return the phrase *name* in *language*, English where there is none, with *filled* in its places."""
    place = LANGUAGES.index(language) if language in LANGUAGES else 0
    return _PHRASES[name][place].format(*filled)
