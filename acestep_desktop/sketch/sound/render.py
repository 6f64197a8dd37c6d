"""Rendering: parts become stems, each with its own devices, room and echoes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Part
from acestep_desktop.domain.tempo import TempoMap, frames_of_quarters
from acestep_desktop.sketch.blueprint import Blueprint
from acestep_desktop.sketch.sound.balance import Balance, balance_of
from acestep_desktop.sketch.sound.inserts import inserted, rounded_off
from acestep_desktop.sketch.sound.level import gated_db, window_energies
from acestep_desktop.sketch.sound.patches import Insert, Kit, Patch, patch_named
from acestep_desktop.sketch.sound.player import SoundStore, hits_of, panned, play
from acestep_desktop.sketch.sound.signal import Mono, Stereo, amplitude, frames_in, half_cosine
from acestep_desktop.sketch.sound.space import echoed, reverberated
from acestep_desktop.sketch.sound.tuning import tuned_kit
from acestep_desktop.sketch.tables import HAND_PIECES, piece_name

KICKS: Final = (35, 36)
WORKERS: Final = 2

_OVERHEADS: Final = 0.5
"""How loud, in the widest genre, what microphones above a kit hear apart from each other."""

_PLACES: Final = {"chords": -0.35, "arp": 0.4, "counter": 0.35}
_LEAST_WET: Final = 0.03
"""What is 30 dB below the dry sound, and dull, nobody hears."""

_BAND: Final = 4
"""Who stands beside the middle of the widest stage, and how many players make up a band."""

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
    """What all players of a piece share; of its `total` frames the first `frames` are heard."""

    frames: int
    total: int
    key: Key
    tempo: TempoMap
    balance: Balance
    reverb: float
    delay: float
    width: float
    duck: Mono | None
    store: SoundStore
    trims_db: Mapping[str, float] = field(default_factory=dict)


def scene_of(
    blueprint: Blueprint,
    parts: Sequence[Part],
    store: SoundStore,
    frames: int | None = None,
    trims_db: Mapping[str, float] | None = None,
) -> Scene:
    """Return the scene of a blueprint, or of its first `frames`; kicks come from the parts.

    `trims_db` is, part by part, how much louder than usual those frames are.
    """
    frames = blueprint.frames if frames is None else frames
    tempo = TempoMap.steady(blueprint.bpm, blueprint.meter)
    balance = balance_of(blueprint.genre)
    space = blueprint.space
    duck = None
    if space.sidechain > 0.01:
        duck = duck_curve(parts, tempo, frames, balance.duck_s)
    return Scene(
        frames=frames,
        total=blueprint.frames,
        key=blueprint.key,
        tempo=tempo,
        balance=balance,
        reverb=space.reverb,
        delay=space.delay,
        width=space.width,
        duck=None if duck is None else duck * np.float32(space.sidechain),
        store=store,
        trims_db=trims_db or {},
    )


def places_of(blueprint: Blueprint) -> dict[str, float]:
    """Return where on the stage who accompanies stands; of a few players each is in the middle."""
    players, width = blueprint.players, blueprint.space.width
    if len(players) < _BAND:
        return {}
    return {each.name: _PLACES[each.role] * width for each in players if each.role in _PLACES}


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


def render_part(part: Part, scene: Scene, place: float = 0.0) -> Stereo:
    """Return a part with its devices, room and echoes, at its place in the balance: (2, frames).

    `place` -1..1 is where between the sides the player stands.
    """
    device = device_of(part, scene.key)
    dry, send = play(part, device, scene.tempo, scene.total, scene.store, heard=scene.frames)
    devices = device.inserts
    if part.drums:
        devices = (*devices, Insert("widen", _OVERHEADS * scene.width))
    if devices:
        dry = inserted(dry, devices)
        send = dry if not part.drums else send
    if place:
        gains = np.array(panned(place, 1.0), dtype=np.float32)[:, None]
        dry, send = dry * gains, send * gains
    stem = dry
    room = scene.balance.kit_room if part.drums else scene.balance.room
    # A genre's hint of 0.2 leaves each instrument's own amount as it is.
    wet = device.reverb * scene.reverb / 0.2
    if wet > _LEAST_WET:
        answer = reverberated(send, room, 0.4 + 0.6 * scene.width)
        stem = dry + answer * np.float32(_send_gain(wet, dry, answer))
    if isinstance(device, Patch) and device.delay * scene.delay > 0.002:
        quarters = frames_of_quarters(1, scene.tempo.bpm_at(0)) * 1
        step = round(float(quarters) * scene.balance.echo_quarters)
        stem = stem + echoed(dry, step) * np.float32(device.delay * scene.delay / 0.16)
    family = family_of(part, device)
    if scene.duck is not None and family in _DUCKED:
        share = _DUCK_SHARE.get(family, 0.55)
        stem = stem * (np.float32(1.0) - scene.duck * np.float32(share))
    wanted_lufs = _STEM_LUFS + scene.balance.level_db(family)
    ceiling_db = wanted_lufs + scene.balance.crest_db
    return _balanced(stem, wanted_lufs + scene.trims_db.get(part.name, 0.0), ceiling_db)


def device_of(part: Part, key: Key) -> Kit | Patch:
    """Return what plays a part: a drum kit tuned to the key, or an instrument."""
    if part.drums:
        return tuned_kit(part.instrument, key)
    return patch_named(part.instrument)


def _balanced(stem: Stereo, wanted_lufs: float, ceiling_db: float) -> Stereo:
    """Return a stem as loud as wanted, its peaks rounded off; silence stays."""
    loudness = gated_db(window_energies(stem, every=2))
    if loudness < -100.0:
        return stem
    stem = stem * np.float32(amplitude(wanted_lufs - loudness))
    return rounded_off(stem, amplitude(ceiling_db))


def _send_gain(wet: float, dry: Stereo, answer: Stereo) -> float:
    """Return the gain that makes the answer's power `wet`² of the dry sound's."""
    have, want = (float(np.square(audio[:, ::7]).sum(dtype=np.float64)) for audio in (answer, dry))
    return float(wet * 1.6 * np.sqrt(want / have)) if have > 1e-12 else 0.0


def family_of(part: Part, device: Kit | Patch) -> str:
    """Return the family whose level in the balance a part has."""
    if isinstance(device, Patch):
        return device.family
    return "percussion" if part.name in _PERCUSSION else "drums"


def render_parts(
    parts: Sequence[Part],
    blueprint: Blueprint,
    store: SoundStore,
    cancelled: Callable[[], bool] = lambda: False,
    frames: int | None = None,
    trims_db: Mapping[str, float] | None = None,
) -> Iterator[tuple[int, Stereo]]:
    """Yield each part's index and stem, (2, frames), as it is done, in order of the parts.

    All frames of the blueprint are rendered, or the first `frames`, each part made louder by its
    share of `trims_db`. Two threads work ahead; nothing depends on which of them does what. Ends
    early once `cancelled()`.
    """
    scene = scene_of(blueprint, parts, store, frames, trims_db)
    places = places_of(blueprint)

    def work(part: Part) -> Stereo | None:
        if cancelled():
            return None
        return render_part(part, scene, places.get(part.name, 0.0))

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="sketch") as pool:
        waiting: list[Future[Stereo | None]] = [pool.submit(work, part) for part in parts]
        for index, future in enumerate(waiting):
            stem = future.result()
            if stem is None:
                return
            yield index, stem
