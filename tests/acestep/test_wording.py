"""The texts that the model reads, byte for byte, and what is cut of them."""

import pytest
from diffusers import AceStepPipeline
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.wording import (
    INSTRUCTION,
    INSTRUMENTAL,
    LANGUAGES,
    MAX_LYRIC_TOKENS,
    MAX_TEXT_TOKENS,
    Metas,
    PromptText,
    prompt_text,
)
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.request import Prompt
from acestep_desktop.domain.time import Meter
from tests.acestep.making import wish

FACTS = Metas(30.0, 120.0, Key("A", "minor"), Meter(4, 4))


def words(text: str) -> int:
    """Count tokens as words, so that sentences in tests may be short."""
    return len(text.split())


def told(caption: str, lyrics: str = "", language: str = "en", metas: Metas = FACTS) -> PromptText:
    return prompt_text(Prompt(caption, lyrics, language), metas, INSTRUCTION, words)


def test_the_prompt_is_byte_for_byte_what_the_model_was_trained_on() -> None:
    assert told("warm keys").text == (
        "# Instruction\nFill the audio semantic mask based on the given conditions:\n\n"
        "# Caption\nwarm keys\n\n"
        "# Metas\n- bpm: 120\n- timesignature: 4\n- keyscale: A minor\n"
        "- duration: 30 seconds\n<|endoftext|>\n"
    )


def test_lyrics_are_byte_for_byte_what_the_model_was_trained_on() -> None:
    assert told("x", "[verse]\nhello").lyrics == (
        "# Languages\nen\n\n# Lyric\n[verse]\nhello<|endoftext|>"
    )


def test_music_without_lyrics_is_called_instrumental() -> None:
    assert told("x", " \n").lyrics == (
        f"# Languages\nunknown\n\n# Lyric\n{INSTRUMENTAL}<|endoftext|>"
    )


def test_what_nobody_said_is_not_made_up() -> None:
    assert str(Metas(12.9)) == (
        "- bpm: N/A\n- timesignature: N/A\n- keyscale: N/A\n- duration: 12 seconds\n"
    )


@pytest.mark.parametrize(
    ("meter", "said"),
    [("2/4", "2"), ("3/4", "3"), ("4/4", "4"), ("6/8", "6"), ("5/4", "N/A"), ("7/8", "N/A")],
)
def test_meters_that_the_model_does_not_know_are_left_open_and_said(meter: str, said: str) -> None:
    text = told("x", metas=Metas(10.0, meter=Meter.parse(meter)))

    assert f"- timesignature: {said}\n" in text.text
    assert [meter in warning for warning in text.warnings] == ([True] if said == "N/A" else [])


@pytest.mark.parametrize("bpm", [30.0, 92.4, 119.6, 300.0])
def test_a_tempo_is_told_in_whole_numbers(bpm: float) -> None:
    assert f"- bpm: {round(bpm)}\n" in str(Metas(10.0, bpm))


def test_an_unknown_language_is_left_open_and_said() -> None:
    text = told("x", "la la", language="klingon")

    assert text.lyrics.startswith("# Languages\nunknown\n")
    assert "klingon" in text.warnings[0]
    assert told("x", "la la", language="de").warnings == ()
    assert len(LANGUAGES) == 51


def test_a_long_caption_loses_its_end_and_keeps_the_facts() -> None:
    caption = " ".join(f"word{n}" for n in range(400))

    text = told(caption)

    assert words(text.text) == MAX_TEXT_TOKENS
    assert text.text.endswith(f"\n\n# Metas\n{FACTS}<|endoftext|>\n")
    kept = text.text.split("# Caption\n")[1].split("\n\n# Metas")[0]
    assert caption.startswith(kept + " ")
    assert f'"{caption[len(kept) + 1 :][:7]}' in text.warnings[0]


def test_long_lyrics_lose_their_last_lines_and_keep_their_end() -> None:
    lyrics = "\n".join(f"line {n}" for n in range(2000))

    text = told("x", lyrics)

    kept = text.lyrics.split("# Lyric\n")[1].removesuffix("<|endoftext|>")
    assert words(text.lyrics) <= MAX_LYRIC_TOKENS
    assert lyrics.startswith(kept + "\n")
    assert "lyrics" in text.warnings[0]


@given(st.text(max_size=600), st.text(max_size=300))
@settings(max_examples=60)
def test_any_caption_fits_and_only_its_end_is_lost(caption: str, lyrics: str) -> None:
    text = prompt_text(Prompt(caption, lyrics, "en"), FACTS, INSTRUCTION, len)

    # Counted in characters, the facts alone are most of what fits.
    kept = text.text.removeprefix(f"# Instruction\n{INSTRUCTION}\n\n# Caption\n")
    kept = kept.removesuffix(f"\n\n# Metas\n{FACTS}<|endoftext|>\n")
    assert caption.startswith(kept)
    assert len(text.text) <= MAX_TEXT_TOKENS
    assert (kept == caption) == (text.warnings == ())


def test_a_caption_of_2000_characters_keeps_the_facts_past_the_tokenizer(
    turbo_model: LoadedModel,
) -> None:
    wished = wish("a dreamy slow song " * 105, bpm=77.0, key=Key("D", "minor"))

    text = turbo_model.wording(wished, INSTRUCTION, 10.0)

    tokens = turbo_model.parts.tokenizer(text.text, truncation=True, max_length=MAX_TEXT_TOKENS)
    read = turbo_model.parts.tokenizer.decode(tokens.input_ids)
    assert "- bpm: 77\n" in read and "- keyscale: D minor\n" in read
    assert "- duration: 10 seconds\n<|endoftext|>\n" in read


@pytest.mark.parametrize(
    ("caption", "lyrics", "language"),
    [
        ("lofi {beats}, 50% jazz", "[Verse 1]\nHello\n\n[Chorus]\n(ooh)", "en"),
        ("", "こんにちは", "ja"),
        ("trap\nwith 808", "Straße", "de"),
    ],
)
def test_the_pipeline_reads_the_same_tokens(
    turbo: AceStepPipeline, turbo_model: LoadedModel, caption: str, lyrics: str, language: str
) -> None:
    wished = wish(caption, lyrics=lyrics, language=language, bpm=140.0, seconds=12.0)

    ours = turbo_model.wording(wished, INSTRUCTION, 12.0)
    theirs = turbo._format_prompt(
        caption, lyrics, vocal_language=language, audio_duration=12.0, bpm=140
    )

    assert (ours.text, ours.lyrics) == theirs
    assert turbo_model.parts.tokenizer(ours.text) == turbo.tokenizer(theirs[0])
