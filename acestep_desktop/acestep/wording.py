"""The two texts that ACE-Step reads: prompt with musical facts, and lyrics; byte for byte."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.request import Prompt
from acestep_desktop.domain.time import Meter

INSTRUCTION: Final = "Fill the audio semantic mask based on the given conditions:"
"""What the model is told to do with text alone."""

INSTRUMENTAL: Final = "[Instrumental]"
UNKNOWN_LANGUAGE: Final = "unknown"
MAX_TEXT_TOKENS: Final = 256
MAX_LYRIC_TOKENS: Final = 2048
"""The model was trained on so many tokens; more are cut off from the right."""

LANGUAGES: Final = frozenset(
    (
        *("ar", "az", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr"),
        *("he", "hi", "hr", "ht", "hu", "id", "is", "it", "ja", "ko", "la", "lt", "ms", "ne"),
        *("nl", "no", "pa", "pl", "pt", "ro", "ru", "sa", "sk", "sr", "sv", "sw", "ta", "te"),
        *("th", "tl", "tr", "uk", "ur", "vi", "yue", "zh", "unknown"),
    )
)
_TIME_SIGNATURES: Final = (2, 3, 4, 6)
_END: Final = "<|endoftext|>"
_QUOTED: Final = 30

CountTokens = Callable[[str], int]
"""Return how many tokens a text has."""


@dataclass(frozen=True, slots=True)
class PromptText:
    """The two texts as the tokenizer gets them, and sentences about what was left out."""

    text: str
    lyrics: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metas:
    """The musical facts that stand in the prompt; None is told as N/A."""

    duration_s: float
    bpm: float | None = None
    key: Key | None = None
    meter: Meter | None = None

    def __str__(self) -> str:
        beats = self.meter.numerator if self.meter and not self.warnings() else None
        facts = (
            f"bpm: {'N/A' if self.bpm is None else round(self.bpm)}",
            f"timesignature: {beats or 'N/A'}",
            f"keyscale: {self.key or 'N/A'}",
            f"duration: {int(self.duration_s)} seconds",
        )
        return "".join(f"- {fact}\n" for fact in facts)

    def warnings(self) -> tuple[str, ...]:
        """Return what the model cannot be told, as sentences."""
        if self.meter is None or self.meter.numerator in _TIME_SIGNATURES:
            return ()
        return (
            f"ACE-Step knows no {self.meter}: it was left to guess the meter, "
            "and the length alone keeps to the bars.",
        )


def prompt_text(prompt: Prompt, metas: Metas, instruction: str, count: CountTokens) -> PromptText:
    """Return the texts for `prompt`, cut where the model would not read on.

    A caption that is too long loses its last words, never the facts behind it;
    lyrics lose their last lines.
    """
    caption = _cut(
        prompt.caption,
        " ",
        lambda caption: count(_text(instruction, caption, metas)) <= MAX_TEXT_TOKENS,
    )
    language, lyrics = _song(prompt)
    sung = _cut(lyrics, "\n", lambda part: count(_lyrics(language, part)) <= MAX_LYRIC_TOKENS)
    warnings = [*metas.warnings()]
    if caption != prompt.caption:
        warnings.append(_left_out("prompt", prompt.caption, caption))
    if sung != lyrics:
        warnings.append(_left_out("lyrics", lyrics, sung))
    if prompt.lyrics.strip() and language != prompt.language:
        warnings.append(
            f'ACE-Step knows no language "{prompt.language[:_QUOTED]}": it will guess it.'
        )
    return PromptText(_text(instruction, caption, metas), _lyrics(language, sung), tuple(warnings))


def _song(prompt: Prompt) -> tuple[str, str]:
    """Return language and lyrics; without lyrics, those of an instrumental."""
    if not prompt.lyrics.strip():
        return UNKNOWN_LANGUAGE, INSTRUMENTAL
    known = prompt.language if prompt.language in LANGUAGES else UNKNOWN_LANGUAGE
    return known, prompt.lyrics


def _text(instruction: str, caption: str, metas: Metas) -> str:
    return f"# Instruction\n{instruction}\n\n# Caption\n{caption}\n\n# Metas\n{metas}{_END}\n"


def _lyrics(language: str, lyrics: str) -> str:
    return f"# Languages\n{language}\n\n# Lyric\n{lyrics}{_END}"


def _cut(text: str, between: str, fits: Callable[[str], bool]) -> str:
    """Return the longest beginning of `text` that fits, ending at a `between` if there is one."""
    if fits(text):
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    at = text.rfind(between, 0, low + 1)
    return text[:at] if at > 0 else text[:low]


def _left_out(what: str, whole: str, kept: str) -> str:
    rest = " ".join(whole[len(kept) :].split())
    start = rest if len(rest) <= _QUOTED else f"{rest[:_QUOTED]}…"
    return f'The {what} is longer than the model reads: it was left out from "{start}" on.'
