"""Writing systems: which one a name is written in, and how its letters, kana among them, become Latin ones."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from enum import StrEnum
from functools import lru_cache
from typing import Final

from anyascii import anyascii

# The Unicode Standard names the signs by their place in the syllabary; these are spoken otherwise.
_SPOKEN: Final = {
    "si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "di": "ji", "du": "zu", "wi": "i",
    "we": "e", "wo": "o",
}  # fmt: skip
_BEFORE_SMALL: Final = {
    "shi": "sh", "chi": "ch", "ji": "j", "fu": "f", "vu": "v", "tsu": "ts", "te": "t", "de": "d", "to": "t", "do": "d",
    "u": "w", "ku": "kw", "gu": "gw",
}  # fmt: skip
"""What is left of a syllable before a small vowel."""

_SIGN: Final = re.compile(r"(?:HIRAGANA|KATAKANA) LETTER (SMALL )?([A-Z]+)")
_LONG: Final = "ー"


@lru_cache(maxsize=1 << 9)
def _syllable(sign: str) -> tuple[str, bool]:
    """Return the syllable of one sign, empty where it is none, and whether it is a small one."""
    found = _SIGN.fullmatch(unicodedata.name(sign, ""))
    return (found[2].lower(), bool(found[1])) if found else ("", False)


def romanised(word: str) -> str:
    """Return *word* with its kana in Latin letters; long vowels are short, as in passports.

    >>> romanised("しょうじ"), romanised("ヴィッチ"), romanised("なんば")
    ('shoji', 'vitchi', 'namba')
    """
    spoken: list[str] = []
    is_double = False
    for sign in word:
        syllable, is_small = _syllable(sign)
        if is_small and syllable == "tu":
            is_double = True
            continue
        if not syllable:
            spoken.append("" if sign == _LONG else sign)
        elif is_small and spoken and spoken[-1]:
            spoken[-1] = _with_small(spoken[-1], syllable)
        else:
            syllable = _SPOKEN.get(syllable, syllable)
            spoken.append(("t" if syllable.startswith("ch") else syllable[0]) + syllable if is_double else syllable)
        is_double = False
    latin = re.sub("n(?=[bmp])", "m", "".join(spoken))
    return re.sub("(?<=o)[uo]|(?<=u)u", "", latin)


def _with_small(before: str, small: str) -> str:
    """Return the syllable that *before* and a small sign make: ki and ya are kya, te and i are ti."""
    if small[0] == "y":
        root = before[:-1]
        return root + (small[1:] if root.endswith(("sh", "ch", "j")) else small)
    return _BEFORE_SMALL.get(before, before.removesuffix(small[-1])) + small


class Script(StrEnum):
    """A family of writing systems that is compared in one way."""

    LATIN = "Latin"
    CYRILLIC = "Cyrillic"
    GREEK = "Greek"
    HEBREW = "Hebrew"
    ARABIC = "Arabic"
    HAN = "Han"
    KANA = "Kana"
    HANGUL = "Hangul"
    OTHER = "other"


ABJADS: Final = frozenset({Script.HEBREW, Script.ARABIC})
"""Scripts that do not write short vowels."""

SYLLABIC: Final = frozenset({Script.HAN, Script.HANGUL})
"""Scripts whose signs are whole syllables, written without spaces in names."""

# First code point of each run, after the Unicode Standard's block list (Blocks.txt); a run lasts until the next.
_RUNS: Final[tuple[tuple[int, Script], ...]] = (
    (0x0000, Script.LATIN),
    (0x0370, Script.GREEK),
    (0x0400, Script.CYRILLIC),
    (0x0530, Script.OTHER),
    (0x0590, Script.HEBREW),
    (0x0600, Script.ARABIC),
    (0x0700, Script.OTHER),
    (0x0750, Script.ARABIC),
    (0x0780, Script.OTHER),
    (0x0860, Script.ARABIC),
    (0x0900, Script.OTHER),
    (0x1100, Script.HANGUL),
    (0x1200, Script.OTHER),
    (0x1C80, Script.CYRILLIC),
    (0x1C90, Script.OTHER),
    (0x1D00, Script.LATIN),
    (0x1F00, Script.GREEK),
    (0x2000, Script.OTHER),
    (0x2C60, Script.LATIN),
    (0x2C80, Script.OTHER),
    (0x2DE0, Script.CYRILLIC),
    (0x2E00, Script.OTHER),
    (0x2E80, Script.HAN),
    (0x3040, Script.KANA),
    (0x3100, Script.HAN),
    (0x3130, Script.HANGUL),
    (0x3190, Script.HAN),
    (0x31F0, Script.KANA),
    (0x3200, Script.OTHER),
    (0x3400, Script.HAN),
    (0xA000, Script.OTHER),
    (0xA640, Script.CYRILLIC),
    (0xA6A0, Script.OTHER),
    (0xA720, Script.LATIN),
    (0xA800, Script.OTHER),
    (0xAC00, Script.HANGUL),
    (0xD800, Script.OTHER),
    (0xF900, Script.HAN),
    (0xFB00, Script.LATIN),
    (0xFB1D, Script.HEBREW),
    (0xFB50, Script.ARABIC),
    (0xFE00, Script.OTHER),
    (0xFE70, Script.ARABIC),
    (0xFF00, Script.OTHER),
    (0x20000, Script.HAN),
    (0x323B0, Script.OTHER),
)
_STARTS: Final = tuple(start for start, _ in _RUNS)

# Pairs of the General List of Simplified Characters (China, 1986) that are common in personal names.
_TRADITIONAL: Final = """
陳陈 劉刘 張张 趙赵 黃黄 楊杨 吳吴 鄭郑 馬马 孫孙 羅罗 許许 謝谢 鄧邓 馮冯 韓韩 葉叶 蔣蒋 蘇苏 盧卢 賈贾 魯鲁
韋韦 陸陆 鄒邹 龍龙 錢钱 湯汤 賴赖 龔龚 萬万 顧顾 嚴严 莊庄 溫温 閻阎 蕭萧 鍾钟 譚谭 範范 歐欧 陽阳 諸诸 東东
長长 喬乔 聶聂 齊齐 華华 國国 偉伟 麗丽 強强 軍军 蘭兰 鳳凤 紅红 貴贵 寶宝 鐵铁 鋼钢 銀银 錦锦 鈞钧 鋒锋 銘铭
鎮镇 鏡镜 鵬鹏 鴻鸿 鶴鹤 龜龟 劍剑 剛刚 創创 勝胜 勞劳 動动 務务 勳勋 區区 協协 單单 衛卫 廠厂 廣广 慶庆 應应
憲宪 懷怀 戰战 戲戏 擇择 揚扬 換换 摯挚 撫抚 據据 撥拨 擁拥 數数 斷断 時时 晉晋 曉晓 曆历 會会 楓枫 極极 業业
樂乐 樓楼 樹树 橋桥 機机 檢检 櫻樱 權权 歡欢 歷历 歸归 殘残 殺杀 殼壳 氣气 漢汉 滿满 漁渔 漸渐 潔洁 潤润 澤泽
濤涛 濟济 瀾澜 灣湾 煥焕 煒炜 燁烨 燈灯 營营 燦灿 爾尔 獻献 獨独 瑪玛 瑩莹 環环 瓊琼 瑋玮 璽玺 畢毕 畫画 異异
當当 發发 皚皑 盡尽 監监 盤盘 睜睁 矯矫 碩硕 礦矿 祿禄 禮礼 禎祯 種种 稱称 積积 穎颖 穩稳 窮穷 競竞 筆笔 節节
簡简 籃篮 糧粮 紀纪 約约 純纯 紗纱 紋纹 納纳 級级 細细 終终 組组 結结 絕绝 統统 絲丝 經经 維维 綱纲 網网 綠绿
綺绮 緒绪 線线 緣缘 練练 績绩 縣县 縱纵 總总 繡绣 繼继 續续 纖纤 羨羡 義义 習习 翹翘 聖圣 聞闻 聯联 聰聪 聲声
職职 肅肃 脈脉 興兴 舉举 舊旧 艦舰 藝艺 藍蓝 蓮莲 蔭荫 薩萨 蘆芦 處处 號号 虛虚 蟬蝉 術术 衝冲 裏里 補补 襲袭
見见 規规 視视 親亲 覺觉 覽览 觀观 計计 訊讯 訓训 記记 設设 評评 詠咏 詩诗 話话 誠诚 誌志 語语 誼谊 調调 論论
諾诺 謀谋 謙谦 講讲 證证 譯译 議议 護护 讓让 豐丰 貝贝 貞贞 財财 貢贡 貫贯 賀贺 資资 賓宾 賢贤 質质 賽赛 贊赞
軒轩 輝辉 輪轮 輯辑 轉转 辦办 農农 連连 進进 運运 過过 達达 遠远 遙遥 適适 選选 遲迟 遷迁 還还 邊边 鄉乡 醫医
釋释 針针 鈴铃 鉅钜 銳锐 鋭锐 錄录 錫锡 鍵键 鏘锵 鐘钟 門门 閃闪 開开 間间 閔闵 關关 闊阔 陰阴 隊队 階阶 隨随
險险 隱隐 雙双 雜杂 雞鸡 離离 難难 雲云 電电 霧雾 靈灵 靜静 韻韵 頁页 順顺 項项 須须 頌颂 預预 領领 頡颉 頤颐
顏颜 願愿 類类 風风 飛飞 飯饭 飲饮 養养 館馆 駒驹 駿骏 騰腾 驊骅 驍骁 驕骄 驚惊 體体 魚鱼 鮑鲍 鳴鸣 鴛鸳 鷹鹰
麥麦 點点 黨党 齡龄 龐庞 爲为 為为 烏乌 無无 熱热 愛爱 憶忆 戀恋 傑杰 備备 傳传 債债 僑侨 億亿 優优 儀仪 兒儿
內内 兩两 冊册 凱凯 則则 別别 劇剧 勵励 厲厉 參参 員员 問问 啟启 喚唤 嘆叹 嘯啸 嚮向 圍围 園园 圓圆 圖图 團团
執执 堅坚 報报 場场 塵尘 墳坟 壇坛 壽寿 夢梦 奧奥 奮奋 妝妆 婦妇 媽妈 嫻娴 嬌娇 嬋婵 孿孪 學学 宮宫 寧宁 實实
寬宽 審审 將将 專专 尋寻 對对 導导 層层 屬属 岡冈 島岛 峽峡 崗岗 嶺岭 嶽岳 巒峦 幣币 帥帅 師师 帶带 幹干 幾几
庫库 彎弯 彥彦 後后 徑径 從从 復复 徵征 徹彻 恆恒 悅悦 懸悬 態态 淚泪 淨净 淺浅 渾浑 湧涌 滄沧 滅灭 滬沪 潛潜
澗涧 濃浓 濱滨 瀟潇 燒烧 燭烛 爐炉 爭争 狀状 獅狮 現现 珮佩 疊叠 來来 侖仑 倉仓 個个 們们
"""

_SIMPLIFIED: Final = str.maketrans({pair[0]: pair[1] for pair in _TRADITIONAL.split()})

_APOSTROPHES: Final = re.compile("['\u2018\u2019\u201b\u02b9-\u02bf\u02c8\u02ca\u02cb`\u00b4\u2032\u05f3\u05f4\u02ee]")
# Vowel points of Hebrew and Arabic, and the stroke that stretches Arabic words: written by few, meant by all.
_POINTS: Final = re.compile("[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_GREEK_DIGRAPHS: Final = (("ου", "u"), ("μπ", "b"), ("ντ", "d"), ("γκ", "g"), ("ευ", "ev"), ("αυ", "av"))


def script_of(text: str) -> Script:
    """Return the script of most letters of *text*; kana anywhere make it Japanese, no letters make it Latin."""
    if text.isascii():
        return Script.LATIN
    counted = Counter(_RUNS[bisect_right(_STARTS, ord(letter)) - 1][1] for letter in text if letter.isalpha())
    if counted[Script.KANA]:
        return Script.KANA
    return max(counted, key=lambda script: (counted[script], script.value)) if counted else Script.LATIN


def tidied(text: str) -> str:
    """Return *text* in NFKC, lower-cased, without direction marks, zero-width characters and apostrophes.

    Apostrophes, ʻayn and hamza signs join what they stand between (O'Brien is obrien); they are spelt too
    unsteadily in romanised names to separate anything.
    """
    if text.isascii():
        return text.replace("'", "").replace("`", "").lower()
    visible = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    return _POINTS.sub("", _APOSTROPHES.sub("", visible)).casefold().translate(_SIMPLIFIED)


def words_of(text: str) -> list[str]:
    """Return the words of a tidied *text*: runs of letters, digits and the marks that belong to letters."""
    if text.isascii():
        return re.findall(r"[a-z0-9]+", text)
    return "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in text).split()


@lru_cache(maxsize=1 << 12)
def to_latin(word: str) -> str:
    """Return one tidied word in the letters a–z and 0–9; syllables of Han and Hangul are parted by a space."""
    if word.isascii():
        return re.sub(r"[^a-z0-9]", "", word)
    script = script_of(word)
    if script is Script.GREEK:
        word = _greek_sounds(word)
    latin = anyascii(romanised(word) if script is Script.KANA else word)
    if script in SYLLABIC:
        latin = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", latin)
    latin = re.sub(r"[^a-z0-9 ]", "", latin.lower()).strip()
    # Passports write -ия and -ий as -ia and -y more often than letter by letter.
    return re.sub(r"[iy]y$", "y", latin.replace("iya", "ia")) if script is Script.CYRILLIC else latin


def _greek_sounds(word: str) -> str:
    """Return *word* with the Greek letter pairs that stand for one sound already in Latin."""
    plain = "".join(part for part in unicodedata.normalize("NFD", word) if not unicodedata.combining(part))
    for pair, sound in _GREEK_DIGRAPHS:
        plain = plain.replace(pair, sound)
    return plain
