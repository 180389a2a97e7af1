"""What is wrong with a file and what to do, in the other languages of the United Nations; the English is the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Others = tuple[str, str, str, str, str]
"""A sentence in French, Spanish, Russian, Arabic and Chinese."""

FILE_SENTENCES: Final[Mapping[str, Others]] = {
    "The file is empty.": ("Le fichier est vide.", "El archivo está vacío.", "Файл пуст.", "الملف فارغ.", "文件为空。"),
    "The file is too large.": (
        "Le fichier est trop volumineux.", "El archivo es demasiado grande.", "Файл слишком большой.",
        "الملف كبير جدًا.", "文件过大。",
    ),
    "This is no picture or document that can be read.": (
        "Le format du fichier est inconnu.", "Formato de archivo desconocido.", "Неизвестный формат файла.",
        "صيغة الملف غير معروفة.", "文件格式未知。",
    ),
    "This is a HEIC picture, as telephones make them.": (
        "C'est une image HEIC, comme en font les téléphones.", "Es una imagen HEIC, como las que hacen los teléfonos.",
        "Это изображение HEIC, какие делают телефоны.", "هذه صورة HEIC كالتي تلتقطها الهواتف.",
        "这是手机拍摄的 HEIC 图像。",
    ),
    "This is a WebP picture.": (
        "C'est une image WebP.", "Es una imagen WebP.", "Это изображение WebP.", "هذه صورة WebP.", "这是 WebP 图像。",
    ),
    "This is a TIFF picture.": (
        "C'est une image TIFF.", "Es una imagen TIFF.", "Это изображение TIFF.", "هذه صورة TIFF.", "这是 TIFF 图像。",
    ),
    "Files of this form are not accepted here.": (
        "Ce format de fichier n'est pas admis.", "Formato de archivo no admitido.", "Формат файла не допускается.",
        "صيغة الملف غير مقبولة.", "不接受此文件格式。",
    ),
    "The file is damaged.": (
        "Le fichier est endommagé.", "El archivo está dañado.", "Файл повреждён.", "الملف تالف.", "文件已损坏。",
    ),
    "The picture has too many pixels.": (
        "L'image a trop de pixels.", "La imagen tiene demasiados píxeles.", "В изображении слишком много пикселей.",
        "عدد بكسلات الصورة أكبر من المسموح.", "图像像素过多。",
    ),
    "The picture has too few pixels.": (
        "L'image a trop peu de pixels.", "La imagen tiene muy pocos píxeles.", "В изображении слишком мало пикселей.",
        "عدد بكسلات الصورة أقل من المطلوب.", "图像像素过少。",
    ),
    "The picture is too wide or too narrow.": (
        "Les proportions de l'image ne conviennent pas.", "Las proporciones de la imagen no son correctas.",
        "Неподходящие пропорции изображения.", "أبعاد الصورة غير متناسبة.", "图像长宽比不符。",
    ),
    "The file holds several pictures.": (
        "Le fichier contient plusieurs images.", "El archivo contiene varias imágenes.",
        "В файле несколько изображений.", "يحتوي الملف على عدة صور.", "文件包含多幅图像。",
    ),
    "Nothing can be seen on the picture.": (
        "L'image ne montre rien.", "La imagen no muestra nada.", "На изображении ничего нет.", "الصورة فارغة.",
        "图像为空白。",
    ),
    "The picture is not in colour.": (
        "L'image n'est pas en couleur.", "La imagen no es en color.", "Изображение не цветное.",
        "الصورة ليست ملونة.", "图像不是彩色。",
    ),
    "The PDF is not complete.": (
        "Le PDF est incomplet.", "El PDF está incompleto.", "Файл PDF неполон.", "ملف PDF غير مكتمل.", "PDF 不完整。",
    ),
    "The PDF is protected by a password.": (
        "Le PDF est chiffré.", "El PDF está cifrado.", "Файл PDF зашифрован.", "ملف PDF مشفر.", "PDF 已加密。",
    ),
    "The PDF has no pages.": (
        "Le PDF n'a aucune page.", "El PDF no tiene páginas.", "В файле PDF нет страниц.",
        "لا توجد صفحات في ملف PDF.", "PDF 没有页面。",
    ),
    "The PDF shows only a notice that another program is needed to open it.": (
        "Le PDF n'affiche qu'un avis demandant un autre programme pour l'ouvrir.",
        "El PDF solo muestra un aviso de que hace falta otro programa para abrirlo.",
        "В файле PDF видно лишь сообщение, что для него нужна другая программа.",
        "لا يظهر في ملف PDF سوى تنبيه بأن فتحه يحتاج إلى برنامج آخر.", "PDF 仅显示需用其他程序打开的提示。",
    ),
    "The PDF has more pages than are kept.": (
        "Le PDF a plus de pages que l'on n'en conserve.", "El PDF tiene más páginas de las que se conservan.",
        "В файле PDF больше страниц, чем сохраняется.", "عدد صفحات ملف PDF أكثر مما يُحفظ.",
        "PDF 页数超过可保存的页数。",
    ),
    "The PDF holds scripts or other active content.": (
        "Le PDF contient des éléments actifs.", "El PDF incluye contenido activo.",
        "В файле PDF есть активное содержимое.", "يحتوي ملف PDF على عناصر نشطة.", "PDF 含有活动内容。",
    ),
    "Save it as a JPEG or PNG picture (a scan may be a PDF too) and send it again.": (
        "Enregistrez-le en image JPEG ou PNG (une copie peut aussi être un PDF) et renvoyez-le.",
        "Guárdelo como imagen JPEG o PNG (una copia puede ser también PDF) y envíelo de nuevo.",
        "Сохраните его как изображение JPEG или PNG (скан может быть и PDF) и пришлите снова.",
        "احفظوه صورة JPEG أو PNG (ويمكن أن تكون النسخة PDF) وأرسلوه من جديد.",
        "请存为 JPEG 或 PNG 图像（扫描件也可为 PDF）后重新发送。",
    ),
    "Save it anew, check that it opens, and send it again.": (
        "Enregistrez-le à nouveau, vérifiez qu'il s'ouvre et renvoyez-le.",
        "Guárdelo de nuevo, compruebe que se abre y envíelo otra vez.",
        "Сохраните его заново, проверьте, что он открывается, и пришлите снова.",
        "احفظوه من جديد وتأكدوا من أنه يُفتح وأرسلوه.", "请重新保存，确认能打开后再发送。",
    ),
    "Save it smaller and send it again.": (
        "Enregistrez-le en plus petit et renvoyez-le.", "Guárdelo más pequeño y envíelo de nuevo.",
        "Сохраните его меньшего размера и пришлите снова.", "احفظوه بحجم أصغر وأرسلوه من جديد.",
        "请缩小保存后重新发送。",
    ),
    "Send a larger picture, of at least {} pixels on its shorter side.": (
        "Envoyez une image plus grande, d'au moins {} pixels sur son petit côté.",
        "Envíe una imagen mayor, de al menos {} píxeles en su lado corto.",
        "Пришлите изображение большего размера, не менее {} пикселей по короткой стороне.",
        "أرسلوا صورة أكبر، لا يقل ضلعها القصير عن {} بكسل.", "请发送更大的图像，短边至少 {} 像素。",
    ),
    "Cut it as a portrait, about {} percent as wide as high.": (
        "Recadrez-la en portrait, d'une largeur d'environ {} pour cent de sa hauteur.",
        "Recórtela como retrato, con un ancho de alrededor del {} por ciento de su alto.",
        "Обрежьте её как портрет: ширина около {} процентов высоты.",
        "قصوها طوليا بحيث يكون العرض نحو {} بالمئة من الارتفاع.", "请裁成肖像，宽度约为高度的百分之 {}。",
    ),
    "Send one single picture.": (
        "Envoyez une seule image.", "Envíe una sola imagen.", "Пришлите одно изображение.", "أرسلوا صورة واحدة.",
        "请只发送一幅图像。",
    ),
    "Send a picture on which the person, or the page, can be seen.": (
        "Envoyez une image où l'on voit la personne, ou la page.",
        "Envíe una imagen en la que se vea a la persona o la página.",
        "Пришлите изображение, на котором видно лицо или страницу.", "أرسلوا صورة يظهر فيها الشخص أو الصفحة.",
        "请发送能看到本人或证件页的图像。",
    ),
    "Send a photograph in colour.": (
        "Envoyez une photographie en couleur.", "Envíe una fotografía en color.", "Пришлите цветную фотографию.",
        "أرسلوا صورة ملونة.", "请发送彩色照片。",
    ),
    "Save it without a password and send it again.": (
        "Enregistrez-le sans mot de passe et renvoyez-le.", "Guárdelo sin contraseña y envíelo de nuevo.",
        "Сохраните его без пароля и пришлите снова.", "احفظوه بلا كلمة مرور وأرسلوه من جديد.",
        "请取消密码保存后重新发送。",
    ),
    "Send only the page that shows the person and the number of the document.": (
        "N'envoyez que la page qui montre la personne et le numéro du document.",
        "Envíe solo la página que muestra a la persona y el número del documento.",
        "Пришлите только страницу с фотографией и номером документа.",
        "أرسلوا فقط الصفحة التي تظهر فيها صورة الشخص ورقم الوثيقة.", "请仅发送显示本人照片和证件号码的页面。",
    ),
    "Send it as JPEG: choose \"most compatible\" in the camera's settings, or open it and save it as JPEG.": (
        "Envoyez-le en JPEG : réglez l'appareil sur « le plus compatible », ou ouvrez-le et enregistrez-le en JPEG.",
        "Envíelo como JPEG: elija «más compatible» en los ajustes de la cámara, o ábralo y guárdelo como JPEG.",
        "Пришлите его в JPEG: выберите в камере «наиболее совместимый» или откройте и сохраните как JPEG.",
        "أرسلوه بصيغة JPEG: اختاروا «الأكثر توافقًا» في إعدادات الكاميرا، أو افتحوه واحفظوه بصيغة JPEG.",
        "请以 JPEG 发送：在相机设置中选择“兼容性最佳”，或打开后另存为 JPEG。",
    ),
    "Print the page into a new PDF, or send it as a picture.": (
        "Imprimez la page dans un nouveau PDF ou envoyez-la en image.",
        "Imprima la página en un nuevo PDF o envíela como imagen.",
        "Напечатайте страницу в новый PDF или пришлите её изображением.",
        "اطبعوا الصفحة في ملف PDF جديد أو أرسلوها صورة.", "请将该页打印为新的 PDF，或以图像发送。",
    ),
}  # fmt: skip
