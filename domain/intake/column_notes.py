"""What a form says about each of its columns, in the languages of the United Nations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from domain.intake.form_words import LANGUAGES

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
_OWN: Final[Mapping[str, tuple[str, str, str, str, str, str]]] = {
    "reference": (
        "Your own number for this row; keep it when you send the row again",
        "Votre propre numéro pour cette ligne ; gardez-le si vous renvoyez la ligne",
        "Su propio número para esta fila; consérvelo si la envía de nuevo",
        "Ваш собственный номер строки; сохраните его, когда пришлёте строку снова",
        "رقمكم الخاص لهذا السطر؛ احتفظوا به عند إعادة إرسال السطر", "您自己的行编号；再次发送该行时请保持不变",
    ),
    "organisation": (
        "The code that the election body gave your organisation; empty where the whole file is yours",
        "Le code que l'organe électoral a donné à votre organisation ; vide si tout le fichier est à vous",
        "El código que el órgano electoral dio a su organización; vacío si todo el archivo es suyo",
        "Код, который избирательный орган присвоил вашей организации; пусто, если весь файл ваш",
        "الرمز الذي منحته الهيئة الانتخابية لمنظمتكم؛ فارغ إذا كان الملف كله لكم",
        "选举机构给贵组织的代码；若整个文件均为贵组织所有则留空",
    ),
    "native_name": (
        "The whole name in its own script, as it should stand on the badge",
        "Le nom complet dans son écriture, tel qu'il doit figurer sur le badge",
        "El nombre completo en su escritura, como debe figurar en la credencial",
        "Полное имя на родном языке, как оно должно стоять на бейдже",
        "الاسم الكامل بلغته كما ينبغي أن يظهر على الشارة", "本国文字的全名，将印在证件上",
    ),
    "sex": (
        "M, F or X, as in the travel document", "M, F ou X, comme dans le document de voyage",
        "M, F o X, como en el documento de viaje", "M, F или X, как в проездном документе",
        "M أو F أو X كما في وثيقة السفر", "M、F 或 X，与旅行证件一致",
    ),
    "document_number": (
        "As printed in the travel document", "Tel qu'imprimé dans le document de voyage",
        "Tal como figura en el documento de viaje", "Как напечатано в проездном документе",
        "كما هو مطبوع في وثيقة السفر", "与旅行证件上印刷的一致",
    ),
    "mrz": (
        "The lines of letters, digits and < at the foot of the data page, separated by /",
        "Les lignes de lettres, de chiffres et de < au bas de la page de données, séparées par /",
        "Las líneas de letras, cifras y < al pie de la página de datos, separadas por /",
        "Строки из букв, цифр и < внизу страницы с данными, через /",
        "أسطر الحروف والأرقام و < في أسفل صفحة البيانات، تفصل بينها /",
        "资料页底部由字母、数字和 < 组成的各行，用 / 分隔",
    ),
    "letter_language": (
        "Two-letter code of the language in which letters should be written; left empty: the organisation's language",
        "Code à deux lettres de la langue des courriers; laissé vide: la langue de l'organisation",
        "Código de dos letras del idioma de las cartas; si queda vacío: el idioma de la organización",
        "Двухбуквенный код языка писем; если пусто: язык организации",
        "رمز من حرفين للغة الرسائل؛ إن ترك فارغا: لغة المنظمة", "信件所用语言的两字母代码；留空则用组织的语言",
    ),
    "preferred_regions": (
        "Up to five region codes, most wanted first, separated by ;",
        "Jusqu'à cinq codes de région, la plus souhaitée d'abord, séparés par ;",
        "Hasta cinco códigos de región, la más deseada primero, separados por ;",
        "До пяти кодов регионов через ;, самый желаемый первым",
        "حتى خمسة رموز مناطق، الأكثر رغبة أولا، تفصل بينها ;", "最多五个地区代码，最想去的在前，用 ; 分隔",
    ),
    "accepted_notices": (
        "Notices on regions that the person has accepted, code:version, separated by ;",
        "Avis sur des régions que la personne a acceptés, code:version, séparés par ;",
        "Avisos sobre regiones que la persona ha aceptado, código:versión, separados por ;",
        "Уведомления о регионах, принятые лицом, код:редакция, через ;",
        "الإشعارات عن المناطق التي قبلها الشخص، رمز:نسخة، تفصل بينها ;", "本人已接受的地区通知，代码:版本，用 ; 分隔",
    ),
    "conflict_declared": (
        "yes or no: is there anything to declare about conflicts of interest?",
        "oui ou non : y a-t-il un conflit d'intérêts à déclarer ?",
        "sí o no: ¿hay algún conflicto de intereses que declarar?",
        "да или нет: есть ли конфликт интересов, о котором следует заявить?",
        "نعم أو لا: هل هناك تضارب مصالح يجب التصريح به؟", "是或否：是否有需要申报的利益冲突？",
    ),
    "gain_from_contestant": (
        "yes or no: does the person gain anything from a party or candidate?",
        "oui ou non : la personne tire-t-elle un avantage d'un parti ou d'un candidat ?",
        "sí o no: ¿obtiene la persona algún beneficio de un partido o candidato?",
        "да или нет: получает ли лицо какую-либо выгоду от партии или кандидата?",
        "نعم أو لا: هل يستفيد الشخص من حزب أو مرشح؟", "是或否：本人是否从某政党或候选人获得利益？",
    ),
    "family_tie": (
        "yes or no: is there a close family tie to a contestant, or dependence on one?",
        "oui ou non : un lien familial étroit avec un candidat, ou une dépendance envers lui ?",
        "sí o no: ¿hay parentesco cercano con un contendiente o dependencia de él?",
        "да или нет: есть ли близкое родство с участником выборов или зависимость от него?",
        "نعم أو لا: هل هناك صلة عائلية وثيقة بمتنافس أو تبعية له؟", "是或否：与参选方有近亲关系或依附关系吗？",
    ),
    "paid_by_host": (
        "yes or no: has the host government, or lobbyists for it, ever paid for the person to observe here?",
        "oui ou non : l'État hôte ou ses représentants ont-ils déjà payé une observation de la personne ici ?",
        "sí o no: ¿pagó alguna vez el gobierno anfitrión, o sus cabilderos, que la persona observara aquí?",
        "да или нет: оплачивало ли когда-либо принимающее государство или его лоббисты наблюдение лица здесь?",
        "نعم أو لا: هل سبق أن دفعت الدولة المضيفة أو جماعات ضغطها ليراقب الشخص هنا؟",
        "是或否：东道国政府或其游说者是否曾付费让本人在此观察？",
    ),
    "excluded_before": (
        "yes or no: was the person ever excluded from an observation mission?",
        "oui ou non : la personne a-t-elle déjà été exclue d'une mission d'observation ?",
        "sí o no: ¿fue la persona excluida alguna vez de una misión de observación?",
        "да или нет: исключали ли лицо когда-либо из миссии наблюдения?",
        "نعم أو لا: هل سبق أن استُبعد الشخص من بعثة مراقبة؟", "是或否：本人是否曾被观察团除名？",
    ),
    "disclosure": (
        "What is behind each yes, in a sentence", "Ce qui explique chaque oui, en une phrase",
        "Qué hay detrás de cada sí, en una frase", "Что стоит за каждым «да», одним предложением",
        "ما وراء كل نعم، في جملة", "用一句话说明每个“是”的原因",
    ),
    "funded_by": (
        "Who pays for the mission and the travel", "Qui paie la mission et le voyage",
        "Quién paga la misión y el viaje",
        "Кто оплачивает миссию и поездку", "من يدفع تكاليف البعثة والسفر", "谁支付观察团和旅行费用",
    ),
    "conflict_regions": (
        "Codes of regions where the person must not serve for that reason, separated by ;",
        "Codes des régions où la personne ne doit pas servir pour cette raison, séparés par ;",
        "Códigos de las regiones donde por ello la persona no debe servir, separados por ;",
        "Коды регионов, где лицо по этой причине не должно работать, через ;",
        "رموز المناطق التي يجب ألا يخدم فيها الشخص لهذا السبب، تفصل بينها ;", "因此本人不得任职的地区代码，用 ; 分隔",
    ),
    "stay_together": (
        "yes where the person asks to be with the others of the delegation who ask too",
        "oui si la personne demande à rester avec ceux de la délégation qui le demandent aussi",
        "sí, si la persona pide estar con los demás de la delegación que también lo pidan",
        "да, если лицо просит быть вместе с другими из делегации, кто просит о том же",
        "نعم إذا طلب الشخص أن يكون مع من يطلبون ذلك من أعضاء الوفد", "若本人希望与代表团中同样提出要求的人同组，填“是”",
    ),
    "pledge_accepted_on": (
        "The day on which the person signed the pledge, year-month-day",
        "Le jour où la personne a signé l'engagement, année-mois-jour",
        "El día en que la persona firmó el compromiso, año-mes-día",
        "День, когда лицо подписало обязательство, год-месяц-день",
        "اليوم الذي وقّع فيه الشخص التعهد، سنة-شهر-يوم", "本人签署承诺书的日期，年-月-日",
    ),
    "pledge_text": (
        "The version printed on the pledge that was signed", "La version imprimée sur l'engagement signé",
        "La versión impresa en el compromiso firmado", "Редакция, напечатанная на подписанном обязательстве",
        "النسخة المطبوعة على التعهد الموقّع", "已签署承诺书上印刷的版本",
    ),
    "photo": (
        "File name of the photograph, which lies in the folder or ZIP archive with this table",
        "Nom du fichier de la photographie, placée dans le dossier ou l'archive ZIP avec ce tableau",
        "Nombre del archivo de la fotografía, que está en la carpeta o el ZIP con esta tabla",
        "Имя файла фотографии, лежащей в папке или архиве ZIP вместе с этой таблицей",
        "اسم ملف الصورة الموجودة في المجلد أو أرشيف ZIP مع هذا الجدول",
        "照片的文件名，照片与本表放在同一文件夹或 ZIP 中",
    ),
    "identity_page": (
        "File name of the scan of the data page, which lies in the folder or ZIP archive with this table",
        "Nom du fichier de la copie de la page de données, placée dans le dossier ou l'archive ZIP avec ce tableau",
        "Nombre del archivo de la copia de la página de datos, que está en la carpeta o el ZIP con esta tabla",
        "Имя файла скана страницы с данными, лежащего в папке или архиве ZIP вместе с этой таблицей",
        "اسم ملف نسخة صفحة البيانات الموجودة في المجلد أو أرشيف ZIP مع هذا الجدول",
        "资料页扫描件的文件名，与本表放在同一文件夹或 ZIP 中",
    ),
}  # fmt: skip
"""Columns of which more is to be said than their sort says; the questions are those of the OSCE's assembly."""
_REQUIRED: Final = ("required", "obligatoire", "obligatorio", "обязательно", "إلزامي", "必填")
_OPTIONAL: Final = ("optional", "facultatif", "opcional", "необязательно", "اختياري", "选填")


def note(column: str, language: str, *, required: bool) -> str:
    """Return what the form says of *column*: what to write there, and whether it may stay empty."""
    place = LANGUAGES.index(language)
    return f"{bare_note(column, language)} ({(_REQUIRED if required else _OPTIONAL)[place]})"


def bare_note(column: str, language: str) -> str:
    """Return what is to be written into *column*, in *language*."""
    return _OWN.get(column, _NOTES[SORTS[column]])[LANGUAGES.index(language)]


def asked_for(column: str) -> str:
    """Return the remedy, in English, that says what is to be written into *column*."""
    said = bare_note(column, "en")
    return f"Write {said[:1].lower() + said[1:]}{'' if said.endswith('?') else '.'}"
