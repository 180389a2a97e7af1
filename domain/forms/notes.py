"""What a form says about each of its columns, in the languages of the United Nations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from domain.forms.words import LANGUAGES

Sort = Literal[
    "text", "name", "date", "countries", "country", "language", "languages", "choice", "file", "email", "phone", "codes"
]

SORTS: Final[Mapping[str, Sort]] = MappingProxyType(
    {
        "reference": "text", "organisation": "codes", "role": "choice", "surname": "name", "given_names": "name",
        "native_name": "text", "sex": "choice", "birth_date": "date", "nationality": "countries",
        "document_kind": "choice", "document_number": "text", "document_issuer": "country", "document_expiry": "date",
        "mrz": "text", "email": "email", "phone": "phone", "languages": "languages", "letter_language": "language",
        "arrival": "date", "departure": "date", "preferred_regions": "codes", "accepted_notices": "codes",
        "conflict_declared": "choice", "conflict_regions": "codes", "stay_together": "choice",
        "gain_from_contestant": "choice", "family_tie": "choice", "paid_by_host": "choice",
        "excluded_before": "choice", "disclosure": "text", "funded_by": "text", "pledge_text": "text",
        "pledge_accepted_on": "date", "photo": "file", "identity_page": "file",
    }
)  # fmt: skip
"""What is written into each column."""

_NOTES: Final[Mapping[Sort, tuple[str, str, str, str, str, str]]] = {
    "text": ("Text", "Texte", "Texto", "Текст", "نص", "文字"),
    "name": (
        "As in the travel document, Latin letters", "Comme dans le document de voyage, en lettres latines",
        "Como en el documento de viaje, en letras latinas", "Как в проездном документе, латиницей",
        "كما في وثيقة السفر، بالحروف اللاتينية", "与旅行证件一致，拉丁字母",
    ),
    "date": (
        "Year-month-day, such as 2027-04-03", "Année-mois-jour, par exemple 2027-04-03",
        "Año-mes-día, por ejemplo 2027-04-03", "Год-месяц-день, например 2027-04-03",
        "سنة-شهر-يوم، مثل 2027-04-03", "年-月-日，例如 2027-04-03",
    ),
    "countries": (
        "Three-letter codes of all citizenships held, separated by ;",
        "Codes à trois lettres de toutes les nationalités, séparés par ;",
        "Códigos de tres letras de todas las nacionalidades, separados por ;",
        "Трёхбуквенные коды всех гражданств через ;", "رموز من ثلاثة أحرف لكل الجنسيات، تفصل بينها ;",
        "所有国籍的三字母代码，用 ; 分隔",
    ),
    "country": (
        "Three-letter code of the issuing state or organisation", "Code à trois lettres de l'État ou de l'organisation",
        "Código de tres letras del Estado u organización", "Трёхбуквенный код государства или организации",
        "رمز من ثلاثة أحرف للدولة أو المنظمة", "签发国家或组织的三字母代码",
    ),
    "language": (
        "Two-letter code", "Code à deux lettres", "Código de dos letras", "Двухбуквенный код", "رمز من حرفين",
        "两字母代码",
    ),
    "languages": (
        "Two-letter codes, separated by ;", "Codes à deux lettres, séparés par ;",
        "Códigos de dos letras, separados por ;", "Двухбуквенные коды через ;", "رموز من حرفين، تفصل بينها ;",
        "两字母代码，用 ; 分隔",
    ),
    "choice": (
        "Choose from the list", "Choisir dans la liste", "Elegir de la lista", "Выберите из списка",
        "اختر من القائمة", "从列表中选择",
    ),
    "file": (
        "File name in the folder or ZIP archive", "Nom du fichier dans le dossier ou l'archive ZIP",
        "Nombre del archivo en la carpeta o el ZIP", "Имя файла в папке или архиве ZIP",
        "اسم الملف في المجلد أو أرشيف ZIP", "文件夹或 ZIP 中的文件名",
    ),
    "email": (
        "The person's own address", "Adresse de la personne", "Dirección de la persona", "Личный адрес",
        "عنوان الشخص نفسه", "本人的地址",
    ),
    "phone": (
        "With country code", "Avec l'indicatif du pays", "Con el código del país", "С кодом страны",
        "مع رمز البلد", "含国家代码",
    ),
    "codes": (
        "Codes, separated by ;", "Codes, séparés par ;", "Códigos, separados por ;", "Коды через ;",
        "رموز تفصل بينها ;", "代码，用 ; 分隔",
    ),
}  # fmt: skip
_REQUIRED: Final = ("required", "obligatoire", "obligatorio", "обязательно", "إلزامي", "必填")
_OPTIONAL: Final = ("optional", "facultatif", "opcional", "необязательно", "اختياري", "选填")


def note(column: str, language: str, *, required: bool) -> str:
    """Return what the form says of *column*: what to write there, and whether it may stay empty."""
    place = LANGUAGES.index(language)
    return f"{bare_note(column, language)} ({(_REQUIRED if required else _OPTIONAL)[place]})"


def bare_note(column: str, language: str) -> str:
    """Return what is to be written into *column*, in *language*."""
    return _NOTES[SORTS[column]][LANGUAGES.index(language)]
