"""Names of takes: titles from captions, file names that DAWs understand, and back."""

import os
import re
import unicodedata
from collections.abc import Container
from pathlib import Path
from typing import Final

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.time import Meter

MAX_TITLE_BYTES: Final = 80
MAX_TITLE_WORDS: Final = 4
UNTITLED: Final = "Untitled"

_RESERVED: Final = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN: Final = frozenset('<>:"/\\|?*')
_JOINERS: Final = "\u200d\ufe0f"
"""What holds an emoji of several parts together."""

_NUMBERS: Final = re.compile(
    r"\b(?:at\s+)?\d+(?:[.,]\d+)?\s*bpm\b|\bbpm\s*\d+(?:[.,]\d+)?\b|\b\d+[\s-]*bars?\b|\b\d+/\d+\b"
    r"|\b(?:in\s+(?:the\s+key\s+of\s+)?)?[A-G](?:#|b|\s+sharp|\s+flat)?\s+(?:major|minor)\b",
    re.IGNORECASE,
)
_CUT: Final = re.compile(r"[,.;:!?\n\r()\[\]{}|/–—]|、|。|，|！|？")
_WEAK: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "like",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "without",
    ]
)

_BPM: Final = re.compile(r"(?:^|[\s_(\[-])(\d{2,3}(?:\.\d{1,3})?)[\s_-]*bpm(?=$|[\s_)\].-])", re.I)
_KEY: Final = re.compile(
    r"(?:^|[\s_(\[-])([A-G][#b]?)(?:[\s_-]?(maj|min|major|minor)|(m))(?=$|[\s_)\].-])"
)
_BARS: Final = re.compile(r"(?:^|[\s_(\[-])(\d{1,3})[\s_-]*bars?(?=$|[\s_)\].-])", re.I)
_VERSION: Final = re.compile(r"_v\d{1,6}$")


def title_of(caption: str) -> str:
    """Return a short title: the first few words that say more than tempo, key and length."""
    words: list[str] = []
    for phrase in _CUT.split(_NUMBERS.sub(",", caption[:2000])):
        words = phrase.split()[:MAX_TITLE_WORDS]
        while words and words[-1].lower() in _WEAK:
            words.pop()
        if words:
            break
    title = safe_name(" ".join(words))
    return title[:1].upper() + title[1:] if title else UNTITLED


def safe_name(text: str, most_bytes: int = MAX_TITLE_BYTES) -> str:
    """Return `text` as a name that Windows, macOS and Linux take; empty if nothing is left."""
    kept = "".join(_safe(c) for c in unicodedata.normalize("NFC", text))
    name = shortened(" ".join(kept.split()).strip(". "), most_bytes).strip(". " + _JOINERS)
    reserved = _RESERVED.fullmatch(name)
    return f"{reserved[1]}_{reserved[2] or ''}" if reserved else name


def shortened(text: str, most_bytes: int) -> str:
    """Return the longest beginning of `text` in so many bytes that splits no visible character."""
    data = text.encode("utf-8", "ignore")
    if len(data) <= most_bytes:
        return data.decode()
    most = cut = len(data[:most_bytes].decode("utf-8", "ignore"))
    while cut and _belongs_before(text, cut):
        cut -= 1
    return text[: cut or most].rstrip()


def file_stem(title: str, music: Music) -> str:
    """Return the name without its version: `Rainy house_124bpm_Amin_8bars`."""
    parts = [safe_name(title) or UNTITLED]
    if music.bpm is not None:
        parts.append(f"{music.bpm:.3f}".rstrip("0").rstrip(".") + "bpm")
    if music.key is not None:
        parts.append(music.key.short)
    if music.bars is not None:
        parts.append(f"{music.bars}bar" + "s" * (music.bars > 1))
    return "_".join(parts)


def free_stem(title: str, music: Music, taken: Container[str]) -> str:
    """Return the name with the first version number for which `same_name` is not in `taken`."""
    stem = file_stem(title, music)
    version = 1
    while same_name(f"{stem}_v{version}") in taken:
        version += 1
    return f"{stem}_v{version}"


def same_name(stem: str) -> str:
    """Return `stem` as disks compare it that know no case and no composition of letters."""
    return unicodedata.normalize("NFC", stem).casefold()


def read_name(stem: str) -> tuple[str, Music]:
    """Return the title and the facts in a file's name, ours or a sample library's.

    Bars are what the name claims; whether the file is that long is not known here.
    """
    rest = _VERSION.sub("", stem)
    bpm, key, bars = _BPM.search(rest), _KEY.search(rest), _BARS.search(rest)
    music = Music(
        bpm=_plausible(float(bpm[1])) if bpm else None,
        key=_key(key[1] + " " + (key[2] or "minor")) if key else None,
        bars=int(bars[1]) or None if bars else None,
    )
    for pattern in (_BPM, _KEY, _BARS):
        rest = pattern.sub(" ", rest, count=1)
    title = safe_name(rest.replace("_", " ").strip(" -"))
    return title or safe_name(stem) or UNTITLED, music


def checked_bars(music: Music, frames: int, slack: int = 0) -> Music:
    """Return `music` with bars (in 4/4 unless it says otherwise) only where they fill `frames`."""
    whole = Music(music.bpm, music.key, music.meter or Meter(), music.bars)
    exact = whole.loop_frames()
    if exact is not None and abs(exact - frames) <= slack:
        return whole
    return Music(music.bpm, music.key, music.meter, None)


def _safe(character: str) -> str:
    if character in _JOINERS:
        return character
    if character in _FORBIDDEN or character.isspace():
        return " "
    return "" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") else character


def _belongs_before(text: str, cut: int) -> bool:
    """Say whether the character at `cut` is one with the character before it."""
    after, before = text[cut], text[cut - 1]
    return (
        unicodedata.category(after).startswith("M")
        or after in _JOINERS
        or before == "\u200d"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or ("\U0001f1e6" <= after <= "\U0001f1ff" and _flags_before(text, cut) % 2 == 1)
    )


def _flags_before(text: str, cut: int) -> int:
    count = 0
    while cut > 0 and "\U0001f1e6" <= text[cut - 1] <= "\U0001f1ff":
        cut -= 1
        count += 1
    return count


def _plausible(bpm: float) -> float | None:
    return bpm if 20.0 <= bpm <= 999.0 else None


def _key(text: str) -> Key | None:
    try:
        return Key.parse(text)
    except InvalidValueError:
        return None


def names_in(folder: Path) -> set[str]:
    """Return the names in a folder that no take can have any more, for comparison."""
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:
        return set()
    return {same_name(name[:-4] if name[-4:].lower() == ".wav" else name) for name in names}
