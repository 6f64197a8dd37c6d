"""Sketch, the built-in engine: words become a blueprint, parts, sound, and a take."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from typing import Final

import numpy as np

from acestep_desktop import __version__
from acestep_desktop.audiofile.samples import blocks_of
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.notes import Part
from acestep_desktop.domain.recipe import EngineIdentity, Recipe
from acestep_desktop.domain.request import MAX_SECONDS, MAX_VARIATIONS, Request
from acestep_desktop.domain.time import SAMPLE_RATE, Frame
from acestep_desktop.domain.understanding import Understanding, understand
from acestep_desktop.dsp.loudness import measure_levels
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.generation.abilities import Abilities, Estimate, task_abilities
from acestep_desktop.generation.generator import (
    AudioChunk,
    JobCancelled,
    Output,
    Planned,
    Progress,
    Rendered,
    Stem,
    StemAudio,
)
from acestep_desktop.generation.seeds import single_requests
from acestep_desktop.sketch.blueprint import Blueprint, plan
from acestep_desktop.sketch.compose import compose
from acestep_desktop.sketch.sound.balance import balance_of
from acestep_desktop.sketch.sound.mixdown import TARGET_LUFS, Mixed, mastered
from acestep_desktop.sketch.sound.opening import render_opening
from acestep_desktop.sketch.sound.player import SoundStore
from acestep_desktop.sketch.sound.render import render_parts
from acestep_desktop.sketch.sound.signal import Stereo
from acestep_desktop.sketch.wish import wish_from

_NEEDS_MODEL: Final = "Sketch makes new music from words; to {}, choose ACE-Step."
_REASONS: Final = {
    "Cover": _NEEDS_MODEL.format("play existing audio in another style"),
    "Repaint": _NEEDS_MODEL.format("make a span of existing audio anew"),
    "Extend": _NEEDS_MODEL.format("continue existing audio"),
    "Variation": _NEEDS_MODEL.format("vary existing audio"),
    "Extract": _NEEDS_MODEL.format("take a track out of existing audio"),
    "AddLayer": _NEEDS_MODEL.format("add a layer to existing audio"),
    "Complete": _NEEDS_MODEL.format("accompany existing audio"),
}

_NOBODY_PLAYS: Final = "Every part is muted, so there is nothing to hear: let one of them play."

CANNOT_SING: Final = "Sketch cannot sing: the lyrics were left out; ACE-Step sings them."
NO_VOCALS: Final = "Sketch cannot sing or speak: the vocals were left out; ACE-Step sings them."
_NO_REFERENCE: Final = "Sketch does not listen: the reference audio was left out."

_VOCALS: Final = "vocals"
"""The family of those who sing, as the vocabulary calls it; no instrument belongs to it."""

OPENING_BARS: Final = 4
"""So many bars are sent ahead, so that there is something to hear while the rest is made."""

_START_S: Final = 0.3
_WORK_PER_PART_SECOND: Final = 0.012
"""Seconds of work for a second of one part, on two slow cores."""

_FIXED_BYTES: Final = 450_000_000
_ARRAYS: Final = 14
"""Memory: what is always there, and full-length stereo arrays alive beside the stems."""


def create() -> "SketchEngine":
    """Return the engine; quick, it loads nothing."""
    return SketchEngine()


class NobodyPlaysError(UserError):
    """All parts of a request are muted."""


class SketchEngine:
    """Plays an arrangement made from a prompt. Same request and seed, same samples."""

    def __init__(self) -> None:
        self._store = SoundStore()

    @property
    def identity(self) -> EngineIdentity:
        """Who this is, for recipes."""
        return EngineIdentity(
            name="sketch", version=__version__, licence="yours: no recording is used"
        )

    def abilities(self) -> Abilities:
        """Return what Sketch can do: new music from words, in any meter and tempo."""
        return Abilities(
            tasks=task_abilities(_REASONS),
            min_seconds=0.1,
            max_seconds=MAX_SECONDS,
            max_variations=MAX_VARIATIONS,
            streams=True,
        )

    def estimate(self, request: Request) -> Estimate:
        """Return what `request` will cost."""
        blueprint = _plan(understand(request), request)
        players = len(blueprint.players)
        each = players * blueprint.frames / SAMPLE_RATE * _WORK_PER_PART_SECOND
        arrays = (players + _ARRAYS) * blueprint.frames * 8
        return Estimate(_START_S + request.variations * each, _FIXED_BYTES + arrays)

    def generate(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Output]:
        """Make all variations, in order; of each the opening is sent first, then its whole mix."""
        understanding = understand(request)
        for variation, single in enumerate(single_requests(request)):
            yield from self._variation(variation, single, understanding, cancelled)

    def unload(self) -> None:
        """Forget the sounds that were made."""
        self._store.clear()

    def _variation(
        self,
        variation: int,
        request: Request,
        understanding: Understanding,
        cancelled: Callable[[], bool],
    ) -> Iterator[Output]:
        blueprint = _plan(understanding, request)
        parts = compose(blueprint, request.seed, request.likeness)
        if not parts:
            raise NobodyPlaysError(_NOBODY_PLAYS)
        steps = len(parts) + 2
        recipe = Recipe(
            request=request,
            engine=self.identity,
            music=blueprint.music,
            understood=understanding.understood,
            ignored=understanding.ignored,
            parts=parts,
            markers=blueprint.markers(),
        )
        yield Planned(variation, recipe)
        yield Progress(variation, 1 / steps, "Composing", 1, steps)
        if blueprint.bars > OPENING_BARS and not cancelled():
            yield from _chunks(variation, self._opening(parts, blueprint))
        stems = []
        for index, stem in render_parts(parts, blueprint, self._store, cancelled):
            stems.append(stem)
            step = index + 2
            yield Progress(variation, step / steps, f"Playing {parts[index].name}", step, steps)
        if cancelled() or len(stems) < len(parts):
            raise JobCancelled
        mixed = _mixed(stems, blueprint)
        yield Progress(variation, 1.0, "Mixing", steps, steps)
        # The mix is measured here, where nobody's window waits for it, while the disk takes stems.
        with ThreadPoolExecutor(1, thread_name_prefix="measuring") as beside:
            blocks = takewhile(lambda block: not cancelled(), blocks_of(mixed.mix))
            levels = beside.submit(measure_levels, blocks)
            for part, samples in zip(parts, mixed.stems, strict=True):
                yield StemAudio(variation, Stem(part.name, samples))
            measured = levels.result().measured()
        yield from _chunks(variation, mixed.mix)
        yield Rendered(
            variation=variation,
            frames=Frame(len(mixed.mix)),
            channels=2,
            recipe=recipe,
            measured=measured,
            warnings=_warnings(request, understanding, blueprint),
        )

    def _opening(self, parts: tuple[Part, ...], blueprint: Blueprint) -> Samples:
        """Return the first bars, to be heard until the whole mix is made, as loud as in it."""
        stems, rise_db = render_opening(parts, OPENING_BARS, blueprint, self._store)
        if not stems:
            return np.zeros((0, 2), dtype=np.float32)
        return _mixed(stems, blueprint, TARGET_LUFS + rise_db).mix


def _plan(understanding: Understanding, request: Request) -> Blueprint:
    kept = request.likeness.plan_seed
    return plan(wish_from(understanding), request.seed if kept is None else kept)


def _mixed(stems: list[Stereo], blueprint: Blueprint, target: float = TARGET_LUFS) -> Mixed:
    balance = balance_of(blueprint.genre)
    return mastered(stems, balance.glue, balance.crest_db, target)


_CHUNK: Final = SAMPLE_RATE // 4
"""Frames handed over at a time: who listens is never far behind when the last ones come."""


def _chunks(variation: int, mix: Samples) -> Iterator[AudioChunk]:
    for start in range(0, len(mix), _CHUNK):
        yield AudioChunk(variation, Frame(start), mix[start : start + _CHUNK])


def _warnings(
    request: Request, understanding: Understanding, blueprint: Blueprint
) -> tuple[str, ...]:
    """Return the sentences a person should read, each once."""
    sentences = [*understanding.notes, *blueprint.notes]
    playing = {player.name for player in blueprint.players}
    unknown = [name for name in request.likeness.names if name not in playing]
    if unknown:
        sentences.append(f"Nobody here plays {', '.join(unknown)}; there are {_listed(playing)}.")
    if request.prompt.lyrics.strip():
        sentences.append(CANNOT_SING)
    elif _VOCALS in understanding.reading.families:
        sentences.append(NO_VOCALS)
    if request.reference is not None:
        sentences.append(_NO_REFERENCE)
    return tuple(dict.fromkeys(sentences))


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
