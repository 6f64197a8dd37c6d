"""Rendering: parts become stems, each with its own devices, room and echoes."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Part
from acestep_desktop.domain.tempo import TempoMap, frames_of_quarters
from acestep_desktop.sketch.blueprint import Blueprint
from acestep_desktop.sketch.sound.balance import Balance, balance_of
from acestep_desktop.sketch.sound.inserts import inserted
from acestep_desktop.sketch.sound.level import gated_db, window_energies
from acestep_desktop.sketch.sound.patches import Kit, Patch, patch_named
from acestep_desktop.sketch.sound.player import SoundStore, hits_of, play
from acestep_desktop.sketch.sound.signal import Mono, Stereo, amplitude, frames_in, half_cosine
from acestep_desktop.sketch.sound.space import echoed, reverberated
from acestep_desktop.sketch.sound.tuning import tuned_kit
from acestep_desktop.sketch.tables import HAND_PIECES, piece_name

KICKS: Final = (35, 36)
WORKERS: Final = 2

_STEM_LUFS: Final = -20.0
"""Where a family at 0 dB is put before the master."""

_PERCUSSION: Final = frozenset(("Percussion", *map(piece_name, HAND_PIECES)))
"""What parts are called that stand behind the drums."""

_DUCK_BEFORE_S: Final = 0.004
_DUCKED: Final = frozenset(
    ("bass", "pad", "keys", "strings", "lead", "pluck", "choir", "guitar", "brass", "bells", "fx")
)
_DUCK_SHARE: Final = {
    "bass": 1.0,
    "pad": 1.0,
    "choir": 0.9,
    "strings": 0.8,
    "lead": 0.75,
    "fx": 0.4,
}
"""Melodies duck half as deep as what lies under them."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What all players of a piece share."""

    frames: int
    key: Key
    tempo: TempoMap
    balance: Balance
    reverb: float
    delay: float
    width: float
    duck: Mono | None
    store: SoundStore


def scene_of(blueprint: Blueprint, parts: Sequence[Part], store: SoundStore) -> Scene:
    """Return the scene of a blueprint; kicks come from the parts."""
    tempo = TempoMap.steady(blueprint.bpm, blueprint.meter)
    balance = balance_of(blueprint.genre)
    space = blueprint.space
    duck = None
    if space.sidechain > 0.01:
        duck = duck_curve(parts, tempo, blueprint.frames, balance.duck_s)
    return Scene(
        frames=blueprint.frames,
        key=blueprint.key,
        tempo=tempo,
        balance=balance,
        reverb=space.reverb,
        delay=space.delay,
        width=space.width,
        duck=None if duck is None else duck * np.float32(space.sidechain),
        store=store,
    )


def duck_curve(parts: Sequence[Part], tempo: TempoMap, frames: int, back_s: float) -> Mono | None:
    """Return how deep the others dip, 1 at each kick and back to 0 after it, in a circle."""
    kicks = sorted(
        {
            hit.start
            for part in parts
            if part.drums
            for hit in hits_of(part, tempo, frames)
            if hit.pitch in KICKS and hit.velocity > 60
        }
    )
    if not kicks:
        return None
    before, after = frames_in(_DUCK_BEFORE_S), frames_in(back_s)
    shape = np.concatenate([half_cosine(before), half_cosine(after)[::-1] ** np.float32(1.2)])
    dip = np.zeros(frames, dtype=np.float32)
    for kick in kicks:
        index = np.arange(kick - before, kick - before + len(shape)) % frames
        if len(shape) > frames:
            index, own = index[-frames:], shape[-frames:]
        else:
            own = shape
        dip[index] = np.maximum(dip[index], own)
    return dip


def render_part(part: Part, scene: Scene) -> Stereo:
    """Return a part with its devices, room and echoes, at its place in the balance: (2, frames)."""
    device = device_of(part, scene.key)
    dry, send = play(part, device, scene.tempo, scene.frames, scene.store)
    if device.inserts:
        dry = inserted(dry, device.inserts)
        send = dry if not part.drums else send
    stem = dry
    room = scene.balance.kit_room if part.drums else scene.balance.room
    # A genre's hint of 0.2 leaves each instrument's own amount as it is.
    wet = device.reverb * scene.reverb / 0.2
    if wet > 0.005:
        answer = reverberated(send, room, 0.4 + 0.6 * scene.width)
        stem = dry + answer * np.float32(_send_gain(wet, dry, answer))
    if isinstance(device, Patch) and device.delay * scene.delay > 0.002:
        quarters = frames_of_quarters(1, scene.tempo.bpm_at(0)) * 1
        step = round(float(quarters) * scene.balance.echo_quarters)
        stem = stem + echoed(dry, step) * np.float32(device.delay * scene.delay / 0.16)
    family = "percussion" if part.drums and part.name in _PERCUSSION else _family(device)
    if scene.duck is not None and family in _DUCKED:
        share = _DUCK_SHARE.get(family, 0.55)
        stem = stem * (np.float32(1.0) - scene.duck * np.float32(share))
    loudness = gated_db(window_energies(stem, every=2))
    if loudness < -100.0:
        return stem
    wanted = _STEM_LUFS + scene.balance.level_db(family)
    return stem * np.float32(amplitude(wanted - loudness))


def device_of(part: Part, key: Key) -> Kit | Patch:
    """Return what plays a part: a drum kit tuned to the key, or an instrument."""
    if part.drums:
        return tuned_kit(part.instrument, key)
    return patch_named(part.instrument)


def _send_gain(wet: float, dry: Stereo, answer: Stereo) -> float:
    """Return the gain that makes the answer's power `wet`² of the dry sound's."""
    have, want = (float(np.square(audio[:, ::7]).sum(dtype=np.float64)) for audio in (answer, dry))
    return float(wet * 1.6 * np.sqrt(want / have)) if have > 1e-12 else 0.0


def _family(device: Kit | Patch) -> str:
    return device.family if isinstance(device, Patch) else "drums"


def render_parts(
    parts: Sequence[Part],
    blueprint: Blueprint,
    store: SoundStore,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[int, Stereo]]:
    """Yield each part's index and stem, (2, frames), as it is done, in order of the parts.

    Two threads work ahead; nothing depends on which of them does what. Ends early once
    `cancelled()`.
    """
    scene = scene_of(blueprint, parts, store)

    def work(part: Part) -> Stereo | None:
        return None if cancelled() else render_part(part, scene)

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="sketch") as pool:
        waiting: list[Future[Stereo | None]] = [pool.submit(work, part) for part in parts]
        for index, future in enumerate(waiting):
            stem = future.result()
            if stem is None:
                return
            yield index, stem
