"""Prompts: from words to what they mean."""

from acestep_desktop.domain.reading import PromptReading


def read_prompt(text: str) -> PromptReading:
    """Return what `text` means; never raises, whatever the text.

    Case, Unicode form, hyphens and plurals do not matter; the longest phrase
    wins. Explicit numbers beat words ("waltz in 7/8" is in 7/8).
    """
    return PromptReading(text)
