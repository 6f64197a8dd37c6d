"""A player: from a part's notes to its dry sound, in a circle.

Every distinct sound (pitch, colour, repeat) is made once and pasted wherever it is played.
What sounds on after the last frame goes on at frame 0, so that a loop has no seam.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from acestep_desktop.domain.notes import Note, Part
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.patches import Kit, Patch
from acestep_desktop.sketch.sound.signal import Mono, Stereo, amplitude, frames_in, half_cosine
from acestep_desktop.sketch.sound.voice import Strike, Voice

VARIANTS: Final = 3
"""How many different hits of one drum at one force there are."""

DRUM_LAYERS: Final = 5
CHOKE_S: Final = 0.012
"""How long a drum takes to fall silent when another of its group cuts it off."""

CACHE_BYTES: Final = 400_000_000


class SoundStore:
    """Sounds that were made, kept for the next use; threads may share one."""

    def __init__(self, limit_bytes: int = CACHE_BYTES) -> None:
        self._limit = limit_bytes
        self._sounds: OrderedDict[tuple[Voice, Strike], Mono] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def sound(self, voice: Voice, strike: Strike) -> Mono:
        """Return the sound of a strike; it is shared and must not be changed."""
        key = (voice, strike)
        with self._lock:
            if key in self._sounds:
                self._sounds.move_to_end(key)
                return self._sounds[key]
        made = voice.sound(strike)
        with self._lock:
            if key not in self._sounds:
                self._sounds[key] = made
                self._bytes += made.nbytes
            while self._bytes > self._limit and len(self._sounds) > 1:
                self._bytes -= self._sounds.popitem(last=False)[1].nbytes
        return made

    def clear(self) -> None:
        """Forget all sounds."""
        with self._lock:
            self._sounds.clear()
            self._bytes = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A note in frames: where it starts, how long it is held, how hard it is played."""

    start: int
    gate: int
    pitch: int
    velocity: int
    glide_from: int | None = None


def hits_of(part: Part, tempo: TempoMap, frames: int) -> tuple[Hit, ...]:
    """Return the notes of a part in frames; those that begin after the end are left out."""
    found: list[Hit] = []
    for note in part.notes:
        start = tempo.frame_at(note.start)
        if start < frames:
            found.append(Hit(start, max(1, _end(note, tempo) - start), note.pitch, note.velocity))
    return tuple(sorted(found, key=lambda hit: (hit.start, hit.pitch, hit.velocity)))


def _end(note: Note, tempo: TempoMap) -> int:
    return tempo.frame_at(note.start + note.length)


def play(
    part: Part,
    device: Kit | Patch,
    tempo: TempoMap,
    frames: int,
    store: SoundStore,
    *,
    heard: int | None = None,
) -> tuple[Stereo, Stereo]:
    """Return the dry sound of a part and what of it goes to the reverb, each (2, frames).

    With `heard`, only so many frames of it; the sounds are those of the whole part.
    """
    hits = hits_of(part, tempo, frames)
    canvas = np.zeros((2, frames if heard is None else heard), dtype=np.float32)
    if isinstance(device, Kit):
        return _play_kit(hits, device, frames, store, canvas)
    _play_patch(hits, device, frames, store, canvas)
    return canvas, canvas


def _play_kit(
    hits: tuple[Hit, ...], kit: Kit, frames: int, store: SoundStore, dry: Stereo
) -> tuple[Stereo, Stereo]:
    send = np.zeros_like(dry)
    counts: dict[int, int] = {}
    for hit, cut in _with_chokes(hits, kit, frames):
        if hit.start >= dry.shape[1]:
            break
        piece = kit.piece(hit.pitch)
        variant = counts.get(hit.pitch, 0)
        counts[hit.pitch] = variant + 1
        force = _force(hit.velocity, DRUM_LAYERS)
        strike = Strike(kit.name, hit.pitch, force, frames_in(piece.seconds), variant % VARIANTS)
        sound = store.sound(piece.voice, strike)
        if cut is not None and cut < sound.shape[-1]:
            sound = _released(sound, cut, frames_in(CHOKE_S))
        gain = (hit.velocity / 127.0) ** kit.curve * amplitude(piece.level_db)
        left, right = panned(piece.pan, gain)
        paste(dry, sound, hit.start, left, right)
        if piece.reverb:
            paste(send, sound, hit.start, left * piece.reverb, right * piece.reverb)
    return dry, send


def _with_chokes(hits: tuple[Hit, ...], kit: Kit, frames: int) -> Iterator[tuple[Hit, int | None]]:
    """Yield each hit with the frames after which another of its group cuts it off, or None."""
    groups: dict[str, list[int]] = {}
    for hit in hits:
        choke = kit.piece(hit.pitch).choke
        if choke:
            groups.setdefault(choke, []).append(hit.start)
    for hit in hits:
        starts = groups.get(kit.piece(hit.pitch).choke, [])
        later = [start for start in starts if start > hit.start]
        if not starts:
            yield hit, None
        else:
            # In a loop the first of the group also cuts off the last.
            yield hit, (min(later) if later else starts[0] + frames) - hit.start


def _play_patch(
    hits: tuple[Hit, ...], patch: Patch, frames: int, store: SoundStore, dry: Stereo
) -> None:
    played = _legato(hits, frames) if patch.mono else _restruck(hits)
    release = frames_in(patch.release_s)
    lengths = _lengths(played, patch)
    for index, hit in enumerate(played):
        if hit.start >= dry.shape[1]:
            break
        strike = replace(
            _strike(hit, patch), frames=lengths[_strike(hit, patch)], variant=index % patch.variants
        )
        sound = store.sound(patch.voice, strike)
        if patch.bed:
            sound = _bed(sound, hit.gate, release)
        elif not patch.whole:
            gate = frames_in(patch.ring_s) if patch.rings else hit.gate
            sound = _released(sound, gate, release)
        gain = (hit.velocity / 127.0) ** patch.curve
        if patch.double:
            _paste_double(dry, patch, strike, hit, sound, gain, store, release)
            continue
        place = patch.pan + patch.spread * min(1.0, max(-1.0, (hit.pitch - 62) / 30))
        left, right = panned(place, gain)
        paste(dry, sound, hit.start, left, right)


def _paste_double(
    dry: Stereo,
    patch: Patch,
    strike: Strike,
    hit: Hit,
    sound: Mono,
    gain: float,
    store: SoundStore,
    release: int,
) -> None:
    """Paste a second take of the same note on the other side, a few milliseconds later."""
    other = store.sound(patch.voice, replace(strike, variant=strike.variant + 7))
    other = _released(other, hit.gate, release)
    late = 290 + (hit.pitch * 37 + hit.velocity * 11) % 260
    left, right = panned(-patch.spread, gain)
    paste(dry, sound, hit.start, left, right)
    left, right = panned(patch.spread, gain)
    paste(dry, other, hit.start + late, left, right)


def _strike(hit: Hit, patch: Patch) -> Strike:
    """Return what a hit asks of the voice, its length left open."""
    pitch = min(max(hit.pitch, patch.low), patch.high) if not patch.whole else hit.pitch
    whole = hit.gate if patch.whole and not patch.bed else 0
    return Strike(patch.name, pitch, _force(hit.velocity, patch.layers), whole, 0, hit.glide_from)


def _lengths(hits: tuple[Hit, ...], patch: Patch) -> dict[Strike, int]:
    """Return how long each distinct sound must be: a step above the longest note that uses it."""
    release = frames_in(patch.release_s)
    needed: dict[Strike, int] = {}
    for hit in hits:
        key = _strike(hit, patch)
        if patch.whole and not patch.bed:
            needed[key] = hit.gate
            continue
        length = hit.gate + release
        if patch.rings:
            length = frames_in(patch.ring_s) + release
        elif patch.ring_s:
            length = min(length, frames_in(patch.ring_s))
        needed[key] = max(needed.get(key, 0), _step_above(length))
    return needed


def _step_above(frames: int) -> int:
    """Return the next of a few lengths, so that a sound is the same in other pieces too."""
    step = SAMPLE_RATE // 8
    while step < frames:
        if step * 3 // 2 >= frames:
            return step * 3 // 2
        step *= 2
    return step


def _force(velocity: int, layers: int) -> float:
    """Return the middle of the layer that a velocity falls into, 0..1."""
    layer = min(layers - 1, (velocity - 1) * layers // 127)
    return (layer + 0.5) / layers


def _legato(hits: tuple[Hit, ...], frames: int) -> tuple[Hit, ...]:
    """Return hits as one voice plays them: cut off by the next, slid to where they overlap."""
    found: list[Hit] = []
    for hit in hits:
        if found and found[-1].start == hit.start:
            continue
        if found and found[-1].start + found[-1].gate > hit.start + 64:
            before = found[-1]
            found[-1] = replace(before, gate=hit.start - before.start)
            hit = replace(hit, glide_from=before.pitch if before.pitch != hit.pitch else None)
        found.append(hit)
    if found and found[-1].start + found[-1].gate > frames + found[0].start:
        found[-1] = replace(found[-1], gate=frames + found[0].start - found[-1].start)
    return tuple(found)


def _restruck(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Return hits where a pitch that is struck again stops what still sounds of it."""
    following: dict[int, int] = {}
    found: list[Hit] = []
    for hit in reversed(hits):
        until = following.get(hit.pitch)
        following[hit.pitch] = hit.start
        if until is not None and until > hit.start:
            hit = replace(hit, gate=min(hit.gate, until - hit.start))
        found.append(hit)
    return tuple(reversed(found))


def _released(sound: Mono, gate: int, release: int) -> Mono:
    """Return a copy that is let go after `gate` frames."""
    whole = min(sound.shape[-1], gate + release)
    copy = sound[..., :whole].copy()
    tail = whole - gate
    if tail > 0:
        copy[..., gate:] *= half_cosine(release)[::-1][:tail]
        edge = min(tail, 96)
        copy[..., whole - edge :] *= half_cosine(edge)[::-1]
    else:
        edge = min(whole, 480)
        copy[..., whole - edge :] *= half_cosine(edge)[::-1]
    return copy


def _bed(sound: Mono, gate: int, release: int) -> Mono:
    """Return a copy whose ends cross at equal power when laid end to end."""
    whole = min(sound.shape[-1], gate + release)
    edge = min(release, whole // 2)
    copy = sound[..., :whole].copy()
    ease = np.sqrt(half_cosine(edge))
    copy[..., :edge] *= ease
    copy[..., whole - edge :] *= ease[::-1]
    return copy


def panned(place: float, gain: float) -> tuple[float, float]:
    """Return the gains of the sides: equal power, 0 dB in the middle."""
    angle = (min(1.0, max(-1.0, place)) + 1.0) * np.pi / 4
    return gain * float(np.cos(angle)) * 1.41421356, gain * float(np.sin(angle)) * 1.41421356


def paste(canvas: Stereo, sound: Mono, start: int, left: float, right: float) -> None:
    """Add a sound, (frames,) or (2, frames), at `start`, going round the end as often as needed."""
    frames = canvas.shape[1]
    sides = (sound, sound) if sound.ndim == 1 else (sound[0], sound[1])
    for channel, (side, gain) in enumerate(zip(sides, (left, right), strict=True)):
        at, done = start % frames, 0
        while done < len(side):
            count = min(frames - at, len(side) - done)
            canvas[channel, at : at + count] += side[done : done + count] * np.float32(gain)
            at, done = 0, done + count
