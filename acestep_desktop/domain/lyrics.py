"""Lyrics: lines to sing under section tags, how long they are, and what will be hard to sing."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

SECTION_TAGS: Final = (
    *("intro", "verse", "pre-chorus", "chorus", "bridge", "instrumental", "guitar solo"),
    *("breakdown", "build", "drop", "final chorus", "outro"),
)
"""What is written in brackets on a line of its own, before the lines of a section."""

LANGUAGES: Final = {
    "unknown": "Any language",
    **{"ar": "Arabic", "az": "Azerbaijani", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan"},
    **{"cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English"},
    **{"es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew"},
    **{"hi": "Hindi", "hr": "Croatian", "ht": "Haitian Creole", "hu": "Hungarian"},
    **{"id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ko": "Korean"},
    **{"la": "Latin", "lt": "Lithuanian", "ms": "Malay", "ne": "Nepali", "nl": "Dutch"},
    **{"no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian"},
    **{"ru": "Russian", "sa": "Sanskrit", "sk": "Slovak", "sr": "Serbian", "sv": "Swedish"},
    **{"sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog"},
    **{"tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "yue": "Cantonese"},
    "zh": "Chinese",
}
"""The languages that ACE-Step sings, by the code that it is given."""

MOST_SYLLABLES: Final = 12
"""Longer lines are rushed or lose words; 6 to 10 syllables are sung best."""

MOST_CHARACTERS: Final = 4_096
"""What ACE-Step reads of lyrics; the rest would be left unsung."""

SYLLABLES_PER_S: Final = 4.0
"""Faster than ballads (2) and most pop (3): beyond it, only rap keeps up."""

_TAG: Final = re.compile(r"^\s*\[[^\[\]]*\]\s*$")
_TAG_BEFORE_WORDS: Final = re.compile(r"^\s*\[[^\[\]]*\]\s*\S")
_VOWELS: Final = re.compile(r"[aeiouyæøœıαεηιουω]+")
_CYRILLIC_VOWELS: Final = frozenset("аеёиоуыэюяіїєъ")
_SILENT_END: Final = re.compile(r"[^aeiouyl](?:e|es|ed)$")
_SMALL_KANA: Final = frozenset("ゃゅょぁぃぅぇぉャュョァィゥェォ")
_WHOLE_SYLLABLES: Final = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")
_LETTERS_PER_SYLLABLE: Final = {"ARABIC": 2.2, "HEBREW": 2.2, "THAI": 2.0}
"""Scripts that leave vowels out, or write them around the consonants."""

Kind = Literal["blank", "tag", "words"]


@dataclass(frozen=True, slots=True)
class LyricLine:
    """One line: what it is, about how many syllables it has, and what is wrong, or nothing."""

    kind: Kind
    syllables: int = 0
    warning: str = ""


@dataclass(frozen=True, slots=True)
class LyricsReading:
    """All lines, and sentences on what will be hard to sing."""

    lines: tuple[LyricLine, ...]
    warnings: tuple[str, ...]

    @property
    def syllables(self) -> int:
        """About how many syllables there are in all."""
        return sum(line.syllables for line in self.lines)

    @property
    def sung(self) -> int:
        """How many lines are sung."""
        return sum(line.kind == "words" for line in self.lines)


def read_lyrics(
    text: str, *, language: str = "unknown", seconds: float | None = None
) -> LyricsReading:
    """Return what `text` asks of a singer; `seconds` is the length of the music, if known."""
    lines = tuple(_read_line(line, language) for line in text.splitlines())
    reading = LyricsReading(lines, ())
    warnings = [
        f"Line {number}: {line.warning}" for number, line in enumerate(lines, 1) if line.warning
    ]
    return LyricsReading(lines, (*_warnings_of_all(text, reading, seconds), *warnings))


def count_syllables(words: str, language: str = "unknown") -> int:
    """Return about how many syllables `words` have, whatever the script."""
    kept = (letter if _is_of_a_word(letter) else " " for letter in words)
    return sum(_syllables_of(word, language) for word in "".join(kept).split())


def with_tag(text: str, at: int, tag: str) -> tuple[str, int]:
    """Return `text` with a section tag on a line of its own, and where the cursor belongs.

    Args:
        at: the place of the cursor; the tag goes before the line that it is in.
    """
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : len(text) if end < 0 else end]
    if line.strip() and start < at:
        start = len(text) if end < 0 else end + 1
    before, after = text[:start].rstrip("\n"), text[start:].lstrip("\n")
    head = f"{before}\n\n" if before.strip() else ""
    written = f"{head}[{tag}]\n"
    return written + after, len(written)


def _read_line(line: str, language: str) -> LyricLine:
    if not line.strip():
        return LyricLine("blank")
    if _TAG.match(line):
        return LyricLine("tag")
    syllables = count_syllables(re.sub(r"\[[^\[\]]*\]", "", line), language)
    if _TAG_BEFORE_WORDS.match(line):
        return LyricLine("words", syllables, "put the tag on a line of its own.")
    if syllables > MOST_SYLLABLES:
        too_long = f"about {syllables} syllables; 6 to 10 are sung best: break it in two."
        return LyricLine("words", syllables, too_long)
    return LyricLine("words", syllables)


def _warnings_of_all(text: str, reading: LyricsReading, seconds: float | None) -> list[str]:
    found = []
    if len(text) > MOST_CHARACTERS:
        found.append(f"Only the first {MOST_CHARACTERS:,} of {len(text):,} characters are sung.")
    needed_s = reading.syllables / SYLLABLES_PER_S
    if seconds is not None and needed_s > seconds:
        found.append(
            f"{reading.sung} lines need at least {needed_s:.0f} s, {seconds:.0f} s are asked for: "
            "make it longer, or sing less."
        )
    if reading.sung > 4 and not any(line.kind == "tag" for line in reading.lines):
        found.append("Tags such as [verse] and [chorus] tell the sections apart.")
    return found


def _is_of_a_word(letter: str) -> bool:
    # Vowel signs of Indic scripts are marks, not letters.
    return unicodedata.category(letter)[0] in "LM"


def _syllables_of(word: str, language: str) -> int:
    script = unicodedata.name(word[0], "").partition(" ")[0]
    if script in _WHOLE_SYLLABLES:
        return sum(letter not in _SMALL_KANA for letter in word)
    if script in _LETTERS_PER_SYLLABLE:
        return max(1, round(len(word) / _LETTERS_PER_SYLLABLE[script]))
    plain = unicodedata.normalize("NFD", word.lower())
    marks = [unicodedata.name(letter, "") for letter in plain]
    if any("VIRAMA" in mark or "VOWEL SIGN" in mark for mark in marks) or script in _INDIC:
        letters = sum(unicodedata.category(letter) == "Lo" for letter in plain)
        return max(1, letters - sum("VIRAMA" in mark for mark in marks))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if script == "CYRILLIC":
        return max(1, sum(letter in _CYRILLIC_VOWELS for letter in bare))
    found = len(_VOWELS.findall(bare))
    if language in ("en", "unknown") and found > 1 and _SILENT_END.search(bare):
        found -= _ends_silently(bare)
    return max(1, found)


def _ends_silently(word: str) -> bool:
    """Return whether an English ending adds no syllable ("made", "loved", but "wanted")."""
    if word.endswith("ed"):
        return word[-3] not in "td"
    if word.endswith("es"):
        return word[-3] not in "szxcgh"
    return True


_INDIC: Final = ("DEVANAGARI", "BENGALI", "GURMUKHI", "TAMIL", "TELUGU")
