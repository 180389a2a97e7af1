"""Words that organisations write over columns and into cells, by language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("en", "fr", "es", "ru", "ar", "zh")
"""The languages whose header names, month names and choices are known: the six of the United Nations."""

TITLES: Final[Mapping[str, tuple[str, str, str, str, str, str]]] = MappingProxyType(
    {
        "reference": ("Reference", "Référence", "Referencia", "Номер строки", "المرجع", "编号"),
        "organisation": ("Organisation", "Organisation", "Organización", "Организация", "المنظمة", "组织"),
        "role": ("Role", "Fonction", "Función", "Роль", "الدور", "角色"),
        "surname": ("Surname", "Nom de famille", "Apellidos", "Фамилия", "اسم العائلة", "姓"),
        "given_names": ("Given names", "Prénoms", "Nombres", "Имена", "الأسماء الشخصية", "名"),
        "native_name": (
            "Name in own script", "Nom dans son écriture", "Nombre en su escritura", "Имя на родном языке",
            "الاسم بلغته", "本国文字姓名",
        ),
        "sex": ("Sex", "Sexe", "Sexo", "Пол", "الجنس", "性别"),
        "birth_date": (
            "Date of birth", "Date de naissance", "Fecha de nacimiento", "Дата рождения", "تاريخ الميلاد", "出生日期",
        ),
        "nationality": ("Nationality", "Nationalité", "Nacionalidad", "Гражданство", "الجنسية", "国籍"),
        "document_kind": (
            "Document type", "Type de document", "Tipo de documento", "Вид документа", "نوع الوثيقة", "证件类型",
        ),
        "document_number": (
            "Document number", "Numéro du document", "Número de documento", "Номер документа", "رقم الوثيقة",
            "证件号码",
        ),
        "document_issuer": (
            "Issued by", "Délivré par", "Expedido por", "Кем выдан", "جهة الإصدار", "签发机关",
        ),
        "document_expiry": (
            "Expiry date", "Date d'expiration", "Fecha de caducidad", "Срок действия", "تاريخ الانتهاء", "有效期至",
        ),
        "mrz": (
            "Machine-readable zone", "Zone de lecture automatique", "Zona de lectura mecánica",
            "Машиносчитываемая зона", "المنطقة المقروءة آليا", "机读区",
        ),
        "email": (
            "E-mail", "Courriel", "Correo electrónico", "Электронная почта", "البريد الإلكتروني", "电子邮件",
        ),
        "phone": ("Phone", "Téléphone", "Teléfono", "Телефон", "الهاتف", "电话"),
        "languages": ("Languages", "Langues", "Idiomas", "Языки", "اللغات", "语言"),
        "letter_language": (
            "Language of letters", "Langue de correspondance", "Idioma de correspondencia", "Язык переписки",
            "لغة المراسلات", "通信语言",
        ),
        "arrival": (
            "Arrival date", "Date d'arrivée", "Fecha de llegada", "Дата прибытия", "تاريخ الوصول", "抵达日期",
        ),
        "departure": (
            "Departure date", "Date de départ", "Fecha de salida", "Дата отъезда", "تاريخ المغادرة", "离境日期",
        ),
        "preferred_regions": (
            "Preferred regions", "Régions souhaitées", "Regiones preferidas", "Желаемые регионы",
            "المناطق المفضلة", "首选地区",
        ),
        "accepted_notices": (
            "Accepted notices", "Avis acceptés", "Avisos aceptados", "Принятые уведомления",
            "الإشعارات المقبولة", "已接受的通知",
        ),
        "conflict_declared": (
            "Conflict of interest", "Conflit d'intérêts", "Conflicto de intereses", "Конфликт интересов",
            "تضارب المصالح", "利益冲突",
        ),
        "conflict_regions": (
            "Regions of conflict", "Régions du conflit", "Regiones del conflicto", "Регионы конфликта интересов",
            "مناطق تضارب المصالح", "利益冲突地区",
        ),
        "stay_together": (
            "Stay together", "Rester ensemble", "Permanecer juntos", "Оставаться вместе", "البقاء معا", "同组",
        ),
        "gain_from_contestant": (
            "Gain from a contestant", "Avantage d'un candidat", "Beneficio de un contendiente", "Выгода от участника",
            "منفعة من متنافس", "自参选方获益",
        ),
        "family_tie": (
            "Family tie to a contestant", "Lien familial avec un candidat", "Parentesco con un contendiente",
            "Родство с участником", "صلة عائلية بمتنافس", "与参选方有亲属关系",
        ),
        "paid_by_host": (
            "Paid by the host before", "Payé par l'État hôte auparavant", "Pagado antes por el anfitrión",
            "Оплата принимающей стороной", "دفع من الدولة المضيفة", "曾由东道国付费",
        ),
        "excluded_before": (
            "Excluded from a mission before", "Exclu d'une mission auparavant", "Excluido antes de una misión",
            "Исключение из миссии ранее", "استبعاد سابق من بعثة", "曾被观察团除名",
        ),
        "disclosure": ("Disclosure", "Précisions", "Aclaración", "Пояснение", "إيضاح", "说明"),
        "funded_by": ("Funded by", "Financé par", "Financiado por", "Кто финансирует", "جهة التمويل", "资助方"),
        "pledge_text": (
            "Pledge version", "Version de l'engagement", "Versión del compromiso", "Редакция обязательства",
            "نسخة التعهد", "承诺书版本",
        ),
        "pledge_accepted_on": (
            "Pledge signed on", "Engagement signé le", "Compromiso firmado el", "Обязательство подписано",
            "تاريخ توقيع التعهد", "承诺书签署日期",
        ),
        "photo": ("Photo", "Photo", "Foto", "Фотография", "الصورة", "照片"),
        "identity_page": (
            "Identity page", "Page d'identité", "Página de identidad", "Страница с данными", "صفحة الهوية", "身份页",
        ),
    }
)  # fmt: skip
"""The title of each column in each of :data:`LANGUAGES`, as a template shows it."""

OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "reference": ("ref", "row", "row number", "your number", "réf", "n°", "№"),
        "organisation": ("organization", "organisation code", "sponsor", "mission", "organisme", "机构"),
        "role": ("function", "category", "observer type", "type of observer", "rôle", "qualité", "rol", "cargo",
                 "функция", "должность", "категория", "الصفة", "职务"),
        "surname": ("last name", "family name", "family names", "surnames", "last names", "nom", "noms",
                    "patronyme", "apellido", "primer apellido", "фамилии", "اللقب", "姓氏"),
        "given_names": ("given name", "first name", "first names", "forename", "forenames", "prénom", "nombre",
                        "nombre de pila", "имя", "имя и отчество", "الاسم الأول", "الاسم الشخصي", "名字"),
        "native_name": ("native name", "name in native script", "original name", "name on badge", "badge name"),
        "sex": ("gender", "genre", "género", "النوع"),
        "birth_date": ("birth date", "birthdate", "birthday", "dob", "born", "born on", "né le", "né(e) le",
                       "nacimiento", "родился", "تاريخ الولادة", "生日"),
        "nationality": ("nationalities", "citizenship", "citizenships", "citoyenneté", "ciudadanía", "национальность",
                        "المواطنة", "公民身份"),
        "document_kind": ("document kind", "type of document", "kind of document", "тип документа"),
        "document_number": ("passport number", "passport no", "passport", "document no", "travel document number",
                            "numéro de passeport", "n° de passeport", "passeport", "número de pasaporte", "pasaporte",
                            "n.º de pasaporte", "номер паспорта", "паспорт", "رقم جواز السفر", "رقم الجواز",
                            "护照号码", "护照号"),
        "document_issuer": ("document issuer", "issuing state", "issuing country", "issuing authority", "issuer",
                            "country of issue", "pays de délivrance", "pays émetteur", "autorité de délivrance",
                            "país emisor", "país de expedición", "страна выдачи", "بلد الإصدار", "签发国"),
        "document_expiry": ("document expiry", "date of expiry", "expiration date", "expiry", "expires", "expires on",
                            "passport expiry", "valid until", "valable jusqu'au", "expire le", "fecha de vencimiento",
                            "válido hasta", "действителен до", "годен до", "дата окончания срока", "صالح حتى",
                            "失效日期"),
        "mrz": ("machine readable zone", "machine readable lines"),
        "email": ("email", "mail", "e mail address", "email address", "adresse électronique", "adresse e-mail",
                  "correo", "эл почта", "почта", "имейл", "الايميل", "البريد", "邮箱", "电子邮箱"),
        "phone": ("telephone", "telephone number", "phone number", "mobile", "mobile phone", "tel", "tél", "portable",
                  "móvil", "номер телефона", "رقم الهاتف", "手机", "电话号码"),
        "languages": ("language", "languages spoken", "langues parlées", "idiomas hablados", "владение языками"),
        "letter_language": ("letter language", "correspondence language"),
        "arrival": ("arrival", "arrives", "arrives on", "date of arrival", "arrivée", "llegada", "прибытие", "الوصول"),
        "departure": ("departure", "departs", "leaves on", "date of departure", "départ", "salida", "отъезд",
                      "المغادرة"),
        "preferred_regions": ("regions", "preferred region", "region preferences"),
        "accepted_notices": ("notices",),
        "conflict_declared": ("conflict declared", "conflict", "conflicts of interest"),
        "conflict_regions": ("conflict region", "excluded regions"),
        "stay_together": ("together", "keep together", "delegation together"),
        "pledge_accepted_on": ("pledge accepted on", "pledge", "pledge date", "date of pledge",
                               "code of conduct signed"),
        "photo": ("photograph", "picture", "photo file", "photographie", "fotografía", "фото", "صورة"),
        "identity_page": ("passport scan", "passport copy", "scan", "copie du passeport", "copia del pasaporte",
                          "копия паспорта"),
    }
)  # fmt: skip
"""What else is written over the columns."""

NOT_OURS: Final = (
    "date of issue", "issue date", "issued on", "date de délivrance", "fecha de expedición", "дата выдачи",
    "تاريخ الإصدار", "签发日期", "place of birth", "birth place", "lieu de naissance", "lugar de nacimiento",
    "место рождения", "مكان الميلاد", "出生地点", "place of issue", "lieu de délivrance", "remarks", "comments",
    "remarques", "observaciones", "примечания", "ملاحظات", "备注", "address", "adresse", "dirección", "адрес",
    "العنوان", "地址", "middle name", "отчество", "title", "occupation", "profession", "employer", "date",
)  # fmt: skip
"""Columns that forms of others have and ours does not: near to some of ours, and never to be taken for them."""

SEVERAL_MEANINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "name": ("surname", "given_names", "native_name"),
        "names": ("surname", "given_names"),
        "full name": ("surname", "given_names", "native_name"),
        "фио": ("surname", "given_names"),
        "الاسم": ("surname", "given_names", "native_name"),
        "姓名": ("surname", "given_names", "native_name"),
        "type": ("role", "document_kind"),
        "number": ("reference", "document_number"),
        "country": ("nationality", "document_issuer"),
        "pays": ("nationality", "document_issuer"),
        "país": ("nationality", "document_issuer"),
        "страна": ("nationality", "document_issuer"),
        "البلد": ("nationality", "document_issuer"),
        "国家": ("nationality", "document_issuer"),
    }
)
"""Names that could mean more than one column; who sent the file must say which."""

CHOICES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "role": {
            "head_of_mission": ("Head of mission", "Chef de mission", "Jefe de misión", "Глава миссии", "رئيس البعثة",
                                "代表团团长"),
            "core_team": ("Core team", "Équipe cadre", "Equipo central", "Основная группа", "الفريق الأساسي",
                          "核心小组"),
            "long_term_observer": ("Long-term observer", "Observateur de long terme", "Observador de largo plazo",
                                   "Долгосрочный наблюдатель", "مراقب طويل الأمد", "长期观察员"),
            "short_term_observer": ("Short-term observer", "Observateur de court terme", "Observador de corto plazo",
                                    "Краткосрочный наблюдатель", "مراقب قصير الأمد", "短期观察员"),
            "parliamentarian": ("Parliamentarian", "Parlementaire", "Parlamentario", "Парламентарий", "برلماني",
                                "议员"),
            "embassy_observer": ("Embassy observer", "Observateur d'ambassade", "Observador de embajada",
                                 "Наблюдатель от посольства", "مراقب من السفارة", "使馆观察员"),
            "election_body_guest": ("Election body guest", "Invité de l'organe électoral",
                                    "Invitado del órgano electoral", "Гость избирательного органа",
                                    "ضيف الهيئة الانتخابية", "选举机构来宾"),
            "expert": ("Expert", "Expert", "Experto", "Эксперт", "خبير", "专家"),
            "interpreter": ("Interpreter", "Interprète", "Intérprete", "Переводчик", "مترجم", "口译员"),
        },
        "document_kind": {
            "passport": ("Passport", "Passeport", "Pasaporte", "Паспорт", "جواز سفر", "护照"),
            "identity_card": ("Identity card", "Carte d'identité", "Documento de identidad", "Удостоверение личности",
                              "بطاقة هوية", "身份证"),
            "laissez_passer": ("Laissez-passer", "Laissez-passer", "Salvoconducto", "Лессе-пассе", "وثيقة مرور",
                               "通行证"),
        },
        "conflict_declared": {
            "yes": ("yes", "oui", "sí", "да", "نعم", "是"),
            "no": ("no", "non", "no", "нет", "لا", "否"),
        },
        "gain_from_contestant": {
            "yes": ("yes", "oui", "sí", "да", "نعم", "是"),
            "no": ("no", "non", "no", "нет", "لا", "否"),
        },
        "family_tie": {
            "yes": ("yes", "oui", "sí", "да", "نعم", "是"),
            "no": ("no", "non", "no", "нет", "لا", "否"),
        },
        "paid_by_host": {
            "yes": ("yes", "oui", "sí", "да", "نعم", "是"),
            "no": ("no", "non", "no", "нет", "لا", "否"),
        },
        "excluded_before": {
            "yes": ("yes", "oui", "sí", "да", "نعم", "是"),
            "no": ("no", "non", "no", "нет", "لا", "否"),
        },
        "stay_together": {
            "yes": ("yes", "oui", "sí", "да", "نعم", "是"),
            "no": ("no", "non", "no", "нет", "لا", "否"),
        },
        "sex": {one: (one,) * 6 for one in "MFX"},
    }
)  # fmt: skip
"""What may stand in a column with choices, by what it means."""

MONTHS: Final = (
    ("january", "janvier", "enero", "января", "январь", "يناير", "كانون الثاني"),
    ("february", "fevrier", "febrero", "февраля", "февраль", "فبراير", "شباط"),
    ("march", "mars", "marzo", "марта", "март", "مارس", "آذار"),
    ("april", "avril", "abril", "апреля", "апрель", "أبريل", "نيسان"),
    ("may", "mai", "mayo", "мая", "май", "مايو", "أيار"),
    ("june", "juin", "junio", "июня", "июнь", "يونيو", "حزيران"),
    ("july", "juillet", "julio", "июля", "июль", "يوليو", "تموز"),
    ("august", "août", "agosto", "августа", "август", "أغسطس", "آب"),
    ("september", "septembre", "septiembre", "сентября", "сентябрь", "سبتمبر", "أيلول"),
    ("october", "octobre", "octubre", "октября", "октябрь", "أكتوبر", "تشرين الأول"),
    ("november", "novembre", "noviembre", "ноября", "ноябрь", "نوفمبر", "تشرين الثاني"),
    ("december", "décembre", "diciembre", "декабря", "декабрь", "ديسمبر", "كانون الأول"),
)
"""Month names; Russian in the case of dates and alone, Arabic as in Cairo and as in Damascus."""
