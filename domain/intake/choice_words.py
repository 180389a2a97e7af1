"""What else organisations write where a form offers choices: abbreviations, women's forms, telephone English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OTHER_CHOICES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "role": {
            "head_of_mission": ("HoM", "head of delegation", "chief observer", "cheffe de mission",
                                "chef de délégation", "cheffe de délégation", "jefa de misión",
                                "jefe de delegación", "jefa de delegación",
                                "руководитель миссии", "глава делегации", "رئيسة البعثة", "رئيس الوفد", "رئيسة الوفد",
                                "团长"),
            "core_team": ("core team member", "membre de l'équipe cadre", "miembro del equipo central"),
            "long_term_observer": ("LTO", "long-term", "observatrice de long terme", "observateur à long terme",
                                   "observatrice à long terme", "observadora de largo plazo",
                                   "observador a largo plazo", "observadora a largo plazo",
                                   "наблюдатель долгосрочный", "مراقبة طويلة الأمد", "مراقب طويل المدى"),
            "short_term_observer": ("STO", "short-term", "observatrice de court terme", "observateur à court terme",
                                    "observatrice à court terme", "observadora de corto plazo",
                                    "observador a corto plazo", "observadora a corto plazo",
                                    "наблюдатель краткосрочный", "مراقبة قصيرة الأمد", "مراقب قصير المدى"),
            "parliamentarian": ("member of parliament", "MP", "député", "députée", "diputado", "diputada",
                                "parlamentaria", "депутат", "برلمانية", "نائب", "نائبة"),
            "embassy_observer": ("observatrice d'ambassade", "observadora de embajada", "مراقبة من السفارة"),
            "election_body_guest": ("guest of the election body", "invitée de l'organe électoral",
                                    "invitada del órgano electoral", "гостья избирательного органа"),
            "expert": ("experte", "experta", "خبيرة"),
            "interpreter": ("translator", "traducteur", "traductrice", "traductor", "traductora", "переводчица",
                            "устный переводчик", "مترجمة", "翻译"),
        },
        "document_kind": {
            "passport": ("ordinary passport", "national passport", "diplomatic passport", "service passport",
                         "official passport", "passeport ordinaire", "passeport diplomatique", "passeport de service",
                         "pasaporte ordinario", "pasaporte diplomático", "заграничный паспорт",
                         "дипломатический паспорт", "جواز سفر دبلوماسي", "外交护照"),
            "identity_card": ("ID", "ID card", "national ID", "national ID card", "national identity card",
                              "carte nationale d'identité", "cédula", "tarjeta de identidad"),
            "laissez_passer": ("UNLP",),
        },
        "sex": {
            "M": ("male", "man", "masculin", "homme", "masculino", "hombre", "мужской", "муж", "ذكر", "男"),
            "F": ("female", "woman", "féminin", "femme", "femenino", "mujer", "женский", "жен", "أنثى", "女"),
        },
    }
)  # fmt: skip
"""By column and what it means; never what could mean two of the choices, such as "observer"."""
