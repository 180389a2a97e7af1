"""Which state code somebody may have meant who wrote another one: two letters, sport, vehicles, or a name in words.

A guess to show beside a question, never an answer to it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from babel import Locale
from babel.core import get_global

from domain.identity.state_codes import CodeKind, comparable, iso_codes, lookup
from domain.placeholders import is_placeholder

_SPORT: Final = """
ALG DZA ANG AGO ARU ABW ASA ASM BAH BHS BAN BGD BAR BRB BER BMU BHU BTN BIZ BLZ BOT BWA BRU BRN BUL BGR BUR BFA
CAM KHM CAY CYM CGO COG CHA TCD CHI CHL CRC CRI CRO HRV CTA CAF DEN DNK ENG GBR EQG GNQ ESA SLV FIJ FJI GAM GMB
GEQ GNQ GER DEU GRE GRC GRN GRD GUA GTM GUI GIN HAI HTI HOL NLD HON HND INA IDN IRI IRN ISV VIR IVB VGB KOS RKS
KSA SAU KUW KWT KVX RKS LAT LVA LBA LBY LES LSO LIB LBN MAD MDG MAS MYS MAW MWI MGL MNG MON MCO MRI MUS MTN MRT
MYA MMR NCA NIC NED NLD NEP NPL NGR NGA NIG NER NIR GBR OMA OMN PAR PRY PHI PHL PLE PSE POR PRT PUR PRI RSA ZAF
SAM WSM SCO GBR SEY SYC SIN SGP SKN KNA SLO SVN SOL SLB SRI LKA SUD SDN SUI CHE TAH PYF TAN TZA TGA TON TOG TGO
TPE TWN TRI TTO UAE ARE URU URY VAN VUT VIE VNM VIN VCT WAL GBR ZAM ZMB ZIM ZWE
"""
"""Codes of the international Olympic and football committees that differ from ISO 3166-1, each with ISO's."""
_ON_VEHICLES: Final = """
A AUT B BEL C CUB D DEU E ESP F FRA G GAB H HUN I ITA J JPN K KHM L LUX M MLT N NOR P PRT Q QAT S SWE T THA V VAT
Z ZMB UK GBR RA ARG RB BWA RC TWN RCB COG RCH CHL RG GIN RH HTI RI IDN RIM MRT RL LBN RM MDG RN NER ROK KOR
RP PHL EAK KEN EAT TZA EAU UGA KSA SAU WAG GMB WAL SLE WAN NGA WD DMA WG GRD WL LCA WV VCT
YU YUG YV VEN PRC CHN DPRK PRK BRD DEU DDR DEU SWI CHE
"""
"""Distinguishing signs of vehicles (Vienna Convention on Road Traffic, annex 3) that are no ISO codes."""
_NOBODYS: Final = frozenset({"XYZ"})
_LOCALES: Final = ("en", "fr", "es", "ru", "ar", "zh", "zh_Hant", "de", "pt", "it", "uk", "tr", "fa")
_MARKS: Final = re.compile(r"[\W_]+")
STATELESS: Final = (
    "stateless", "stateless person", "no nationality", "none stateless", "apatride", "sans nationalité", "apátrida",
    "sin nacionalidad", "без гражданства", "лицо без гражданства", "апатрид", "عديم الجنسية", "عديمة الجنسية",
    "بدون جنسية", "بدون", "无国籍", "無國籍", "无国籍人",
)  # fmt: skip
REFUGEES: Final = (
    "refugee", "convention refugee", "recognised refugee", "réfugié", "réfugiée", "refugiado", "refugiada", "беженец",
    "беженка", "لاجئ", "لاجئة", "难民", "難民",
)  # fmt: skip


def is_issued(code: str) -> bool:
    """Say whether somebody could print *code*: one of ISO or ICAO, or one that users of a rehearsal or issuers took.

    ISO 3166-1 (8.1.3) leaves ranges to users. Issuers took codes in X, and rehearsals have invented states in X and
    QM to QZ. In AA and ZZ, and in three equal letters, is what people type for "none".
    """
    entry = lookup(code)
    if entry is None or entry.kind in {CodeKind.WITHDRAWN, CodeKind.SPECIMEN} or code in _NOBODYS:
        return False
    return entry.kind is not CodeKind.USER_ASSIGNED or (entry.code[0] in "QX" and len(set(code)) > 1)


def likely_code(text: str) -> str:
    """Return the code of ISO 3166-1 that *text* may mean, or an empty text; wrong codes of sport come first.

    >>> likely_code("GER"), likely_code("UK"), likely_code("Suisse"), likely_code("stateless")
    ('DEU', 'GBR', 'CHE', 'XXA')
    """
    written = unicodedata.normalize("NFKC", text).strip(" .").upper()
    if is_placeholder(written):
        return ""
    known = written if len(written) == 3 and is_issued(written) else ""  # noqa: PLR2004 -- alpha-3
    dense = written.replace(".", "").replace(" ", "")
    known = known or (comparable(written) if comparable(written) in iso_codes() else "")
    return _pairs().get(written) or known or _names().get(_plain(text), "") or _pairs().get(dense) or _within(written)


def _within(text: str) -> str:
    """Return the one issued code of three letters that stands in *text* by itself, such as France (FRA)."""
    dense = "".join(text.split()).replace(".", "")
    words = [dense] if len(dense) == 3 else _MARKS.sub(" ", text).split()  # noqa: PLR2004 -- alpha-3
    found = {word for word in words if len(word) == 3 and word in iso_codes()}  # noqa: PLR2004 -- alpha-3
    return found.pop() if len(found) == 1 else ""


def status_code(text: str) -> str:
    """Return XXA or XXB where *text* says in words that a person is stateless or a refugee (ICAO Doc 9303-3)."""
    return _statuses().get(_plain(text), "")


def _plain(text: str) -> str:
    return _MARKS.sub(" ", text.casefold()).strip()


@cache
def _two_letters() -> dict[str, str]:
    """Return the alpha-2 codes of ISO 3166-1 with the alpha-3 ones (Unicode CLDR)."""
    aliases = get_global("territory_aliases")
    return {aliases[code][0]: code for code in iso_codes()}


@cache
def _pairs() -> dict[str, str]:
    words = f"{_ON_VEHICLES} {_SPORT}".split()
    return dict(zip(words[::2], words[1::2], strict=True)) | _two_letters()


@cache
def _statuses() -> dict[str, str]:
    return {_plain(word): code for code, words in (("XXA", STATELESS), ("XXB", REFUGEES)) for word in words}


@cache
def _names() -> dict[str, str]:
    """Return the names of states in the six languages (Unicode CLDR), with their codes."""
    named: dict[str, str] = {}
    for locale in map(Locale.parse, _LOCALES):
        named |= {_plain(str(locale.territories[short])): code for short, code in _two_letters().items()}
    return named | _statuses()
