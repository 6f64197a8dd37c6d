"""Requests check themselves: what cannot be asked for is refused in one clear sentence."""

import math
import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace

import pytest

from acestep_desktop.domain.errors import InvalidValueError, UserError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.request import (
    MAX_CAPTION,
    MAX_LYRICS,
    MAX_SEED,
    MAX_VARIATIONS,
    TRACK_NAMES,
    Adapter,
    AddLayer,
    Complete,
    Cover,
    Extend,
    Extract,
    Prompt,
    Repaint,
    Request,
    Sampling,
    TextToMusic,
    Variation,
    variation_seeds,
)
from acestep_desktop.domain.time import Meter

JAZZ = Prompt("jazz")

REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: Request(JAZZ, bpm=0), "bpm must be within 30..300, got 0"),
    (lambda: Request(JAZZ, bpm=-1), "bpm must be within 30..300, got -1"),
    (lambda: Request(JAZZ, bpm=math.nan), "bpm must be within 30..300, got nan"),
    (lambda: Request(JAZZ, bpm=math.inf), "bpm must be within 30..300, got inf"),
    (lambda: Request(JAZZ, bpm=1e9), "bpm must be within 30..300, got 1e+09"),
    (lambda: Request(JAZZ, bpm=29.99), "bpm must be within 30..300, got 29.99"),
    (lambda: Request(JAZZ, bars=0), "bars must be within 1..512, got 0"),
    (lambda: Request(JAZZ, bars=-4), "bars must be within 1..512, got -4"),
    (lambda: Request(JAZZ, bars=513), "bars must be within 1..512, got 513"),
    (lambda: Request(JAZZ, seconds=0), "seconds must be within 0.1..600, got 0"),
    (lambda: Request(JAZZ, seconds=math.nan), "seconds must be within 0.1..600, got nan"),
    (lambda: Request(JAZZ, seconds=601), "seconds must be within 0.1..600, got 601"),
    (
        lambda: Request(JAZZ, bars=8, seconds=10),
        "give a length in bars or in seconds, not both",
    ),
    (
        lambda: Request(JAZZ, meter=Meter.parse("4/3")),
        "the meter's lower number must be 1, 2, 4, 8, 16 or 32, got 3",
    ),
    (
        lambda: Request(JAZZ, key=Key.parse("H minor")),
        'a key is written like "A minor" or "F# major", got "H minor"',
    ),
    (lambda: Request(JAZZ, seed=-1), f"a seed must be within 0..{MAX_SEED - 64}, got -1"),
    (
        lambda: Request(JAZZ, seed=MAX_SEED),
        f"a seed must be within 0..{MAX_SEED - 64}, got {MAX_SEED}",
    ),
    (lambda: Request(JAZZ, variations=0), "variations must be within 1..64, got 0"),
    (lambda: Request(JAZZ, variations=65), "variations must be within 1..64, got 65"),
    (lambda: Prompt("x" * (MAX_CAPTION + 1)), "a prompt can have 10,000 characters, got 10,001"),
    (lambda: Prompt("", "x" * (MAX_LYRICS + 1)), "lyrics can have 50,000 characters, got 50,001"),
    (lambda: Cover("a.wav", 1.5), "strength must be within 0..1, got 1.5"),
    (lambda: Cover("a.wav", math.nan), "strength must be within 0..1, got nan"),
    (lambda: Variation("a.wav", -0.1), "strength must be within 0..1, got -0.1"),
    (lambda: Repaint("a.wav", 2, 1), "a repaint needs 0 <= from < to in seconds, got 2..1"),
    (lambda: Repaint("a.wav", -1, 1), "a repaint needs 0 <= from < to in seconds, got -1..1"),
    (
        lambda: Repaint("a.wav", 0, math.inf),
        "a repaint needs 0 <= from < to in seconds, got 0..inf",
    ),
    (
        lambda: Repaint("a.wav", math.nan, 1),
        "a repaint needs 0 <= from < to in seconds, got nan..1",
    ),
    (
        lambda: Extend("a.wav"),
        "an extension needs seconds before or after the source, got 0 and 0",
    ),
    (
        lambda: Extend("a.wav", -1, 5),
        "an extension needs seconds before or after the source, got -1 and 5",
    ),
    (
        lambda: Extend("a.wav", 0, math.nan),
        "an extension needs seconds before or after the source, got 0 and nan",
    ),
    (
        lambda: Extend("a.wav", 0, 601),
        "an extension needs seconds before or after the source, got 0 and 601",
    ),
    (
        lambda: Extract("a.wav", "tuba"),
        f'a track is one of {", ".join(TRACK_NAMES)}, got "tuba"',
    ),
    (
        lambda: AddLayer("a.wav", ""),
        f'a track is one of {", ".join(TRACK_NAMES)}, got ""',
    ),
    (lambda: Complete("a.wav", ()), "say which tracks to complete the source with"),
    (
        lambda: Complete("a.wav", ("drums", "tuba")),
        f'a track is one of {", ".join(TRACK_NAMES)}, got "tuba"',
    ),
    (lambda: Sampling(steps=0), "steps must be within 1..1000, got 0"),
    (lambda: Sampling(steps=1001), "steps must be within 1..1000, got 1001"),
    (lambda: Sampling(shift=math.nan), "shift must be within 0.1..20, got nan"),
    (lambda: Sampling(shift=0), "shift must be within 0.1..20, got 0"),
    (lambda: Sampling(guidance_scale=-1), "guidance must be within 0..50, got -1"),
    (lambda: Sampling(guidance_scale=math.inf), "guidance must be within 0..50, got inf"),
    (lambda: Adapter("a.safetensors", 11), "a LoRA's strength must be within -10..10, got 11"),
    (
        lambda: Adapter("a.safetensors", math.nan),
        "a LoRA's strength must be within -10..10, got nan",
    ),
]


@pytest.mark.parametrize(("make", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_what_cannot_be_asked_for_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(InvalidValueError, match=f"^{re.escape(sentence)}$"):
        make()


ALLOWED: list[Callable[[], object]] = [
    lambda: Request(Prompt("")),
    lambda: Request(Prompt("x" * MAX_CAPTION)),
    lambda: Request(JAZZ, bpm=30),
    lambda: Request(JAZZ, bpm=300),
    lambda: Request(JAZZ, bars=1),
    lambda: Request(JAZZ, bars=512),
    lambda: Request(JAZZ, seconds=0.1),
    lambda: Request(JAZZ, seconds=600),
    lambda: Request(JAZZ, seed=MAX_SEED - MAX_VARIATIONS, variations=MAX_VARIATIONS),
    lambda: Cover("a.wav", 0),
    lambda: Cover("a.wav", 1),
    lambda: Repaint("a.wav", 0, 0.1),
    lambda: Extend("a.wav", after_s=600),
    lambda: Sampling(steps=1, shift=0.1, guidance_scale=0),
    lambda: Sampling(steps=1000, shift=20, guidance_scale=50),
    lambda: Adapter("a", -10),
    lambda: Complete("a.wav", TRACK_NAMES),
    *(lambda name=name: Extract("a.wav", name) for name in TRACK_NAMES),  # type: ignore[misc]
]


@pytest.mark.parametrize("make", ALLOWED)
def test_what_lies_on_the_bounds_is_allowed(make: Callable[[], object]) -> None:
    make()


def test_a_refusal_is_an_error_for_people_and_a_value_error() -> None:
    assert issubclass(InvalidValueError, UserError)
    assert issubclass(InvalidValueError, ValueError)


def test_a_request_leaves_to_the_engine_what_it_does_not_say() -> None:
    request = Request(JAZZ)
    assert request.task == TextToMusic()
    unsaid = (request.bars, request.seconds, request.bpm, request.key, request.meter)
    assert unsaid == (None,) * 5


def test_a_request_does_not_change() -> None:
    request = Request(JAZZ)
    with pytest.raises(FrozenInstanceError):
        request.bpm = 3  # type: ignore[misc]
    assert replace(request, bpm=100) != request
    assert hash(replace(request)) == hash(request)


def test_a_tempo_in_whole_numbers_becomes_a_float() -> None:
    assert type(Request(JAZZ, bpm=120).bpm) is float


def test_variation_k_of_a_seed_has_the_seed_plus_k() -> None:
    assert variation_seeds(Request(JAZZ, seed=7, variations=3)) == (7, 8, 9)
    alone = [variation_seeds(Request(JAZZ, seed=seed))[0] for seed in (7, 8, 9)]
    assert variation_seeds(Request(JAZZ, seed=7, variations=3)) == tuple(alone)
