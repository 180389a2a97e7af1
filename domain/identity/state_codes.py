"""State, nationality and organisation codes of travel documents: ISO 3166-1 alpha-3 and the codes ICAO adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from domain.values import Frozen


class CodeKind(StrEnum):
    """What sort of issuer or status a three-letter code stands for."""

    STATE = "state"
    USER_ASSIGNED = "user-assigned"
    ORGANISATION = "organisation"
    NO_NATIONALITY = "no nationality"
    STATUS = "status under a state"
    WITHDRAWN = "withdrawn"
    SPECIMEN = "specimen"


class StateCode(Frozen):
    """One code that a travel document may carry, what it stands for and the code to compare it as."""

    code: str
    kind: CodeKind
    meaning: str
    compare_as: str


# ISO 3166-1, the officially assigned alpha-3 elements. A country's presence or absence is ISO's, not ours.
_ISO: Final = frozenset(
    """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM
    BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR
    CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB
    GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA
    JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA
    MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR
    NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS
    SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON
    TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE
    """.split()  # noqa: SIM905 -- 249 quoted codes would hide the table
)

_SPECIAL: Final[tuple[tuple[str, CodeKind, str, str], ...]] = (
    # ICAO Doc 9303-3 section 5, and the organisations it lists as issuers.
    ("D", CodeKind.STATE, "Germany, one letter in travel documents", "DEU"),
    ("GBD", CodeKind.STATUS, "British overseas territories citizen", "GBR"),
    ("GBN", CodeKind.STATUS, "British national (overseas)", "GBR"),
    ("GBO", CodeKind.STATUS, "British overseas citizen", "GBR"),
    ("GBP", CodeKind.STATUS, "British protected person", "GBR"),
    ("GBS", CodeKind.STATUS, "British subject", "GBR"),
    ("RKS", CodeKind.STATE, "Kosovo, as its documents print it", "RKS"),
    ("XKX", CodeKind.STATE, "Kosovo, a user-assigned code in wide use", "RKS"),
    ("XXK", CodeKind.STATE, "Kosovo, seen on older documents", "RKS"),
    ("UNK", CodeKind.STATUS, "resident of Kosovo, document of the United Nations mission", "UNK"),
    ("UNO", CodeKind.ORGANISATION, "United Nations", "UNO"),
    ("UNA", CodeKind.ORGANISATION, "specialised agency of the United Nations", "UNA"),
    ("EUE", CodeKind.ORGANISATION, "European Union, laissez-passer", "EUE"),
    ("XPO", CodeKind.ORGANISATION, "INTERPOL", "XPO"),
    ("XOM", CodeKind.ORGANISATION, "Sovereign Military Order of Malta", "XOM"),
    ("XCE", CodeKind.ORGANISATION, "Council of Europe", "XCE"),
    ("XBA", CodeKind.ORGANISATION, "African Development Bank", "XBA"),
    ("XIM", CodeKind.ORGANISATION, "African Export-Import Bank", "XIM"),
    ("XCC", CodeKind.ORGANISATION, "Caribbean Community", "XCC"),
    ("XCO", CodeKind.ORGANISATION, "Common Market for Eastern and Southern Africa", "XCO"),
    ("XEC", CodeKind.ORGANISATION, "Economic Community of West African States", "XEC"),
    ("XES", CodeKind.ORGANISATION, "Organisation of Eastern Caribbean States", "XES"),
    ("XDC", CodeKind.ORGANISATION, "Southern African Development Community", "XDC"),
    ("XMP", CodeKind.ORGANISATION, "Parliamentary Assembly of the Mediterranean", "XMP"),
    ("XXA", CodeKind.NO_NATIONALITY, "stateless person, 1954 Convention", "XXA"),
    ("XXB", CodeKind.NO_NATIONALITY, "refugee, 1951 Convention and 1967 Protocol", "XXB"),
    ("XXC", CodeKind.NO_NATIONALITY, "refugee, other", "XXC"),
    ("XXX", CodeKind.NO_NATIONALITY, "nationality unspecified", "XXX"),
    ("UTO", CodeKind.SPECIMEN, "Utopia, the specimens of ICAO Doc 9303", "UTO"),
    # Withdrawn from ISO 3166-1; still printed in documents that have not expired or were never replaced.
    ("ANT", CodeKind.WITHDRAWN, "Netherlands Antilles", "ANT"),
    ("NTZ", CodeKind.WITHDRAWN, "Neutral Zone", "NTZ"),
    ("ROM", CodeKind.WITHDRAWN, "Romania, before 2002", "ROU"),
    ("ZAR", CodeKind.WITHDRAWN, "Zaire", "COD"),
    ("TMP", CodeKind.WITHDRAWN, "East Timor, before 2002", "TLS"),
    ("SCG", CodeKind.WITHDRAWN, "Serbia and Montenegro", "SCG"),
    ("YUG", CodeKind.WITHDRAWN, "Yugoslavia", "YUG"),
    ("SUN", CodeKind.WITHDRAWN, "Soviet Union", "SUN"),
)

_TABLE: Final[Mapping[str, StateCode]] = MappingProxyType(
    {code: StateCode(code=code, kind=CodeKind.STATE, meaning="", compare_as=code) for code in _ISO}
    | {
        code: StateCode(code=code, kind=kind, meaning=meaning, compare_as=compare_as)
        for code, kind, meaning, compare_as in _SPECIAL
    }
)

_USER_ASSIGNED: Final = (("AAA", "AAZ"), ("QMA", "QZZ"), ("XAA", "XZZ"), ("ZZA", "ZZZ"))


@lru_cache(maxsize=1024)
def lookup(code: str) -> StateCode | None:
    """Return what *code* stands for (fillers and case do not matter), or ``None`` for a code nobody assigned.

    The ranges ISO 3166-1 leaves to users (AAA-AAZ, QMA-QZZ, XAA-XZZ, ZZA-ZZZ) are valid as user-assigned.
    """
    plain = code.replace("<", "").strip().upper()
    entry = _TABLE.get(plain)
    if entry is None and _is_user_assigned(plain):
        entry = StateCode(code=plain, kind=CodeKind.USER_ASSIGNED, meaning="user-assigned", compare_as=plain)
    return entry


def known(code: str) -> bool:
    """Say whether *code* can stand in a travel document: ISO, ICAO, withdrawn, specimen or user-assigned."""
    return lookup(code) is not None


def comparable(code: str) -> str:
    """Return the code under which two spellings of one nationality meet: D and DEU, every GB* and GBR."""
    entry = lookup(code)
    return entry.compare_as if entry else code.replace("<", "").strip().upper()


def iso_codes() -> frozenset[str]:
    """Return the officially assigned alpha-3 codes of ISO 3166-1."""
    return _ISO


def _is_user_assigned(code: str) -> bool:
    shaped = len(code) == 3 and code.isascii() and code.isalpha()  # noqa: PLR2004 -- alpha-3
    return shaped and any(first <= code <= last for first, last in _USER_ASSIGNED)
