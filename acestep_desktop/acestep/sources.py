"""Sources and references: any audio file, as the model hears it."""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from torch import Tensor

from acestep_desktop.acestep.conditions import TIMBRE_S
from acestep_desktop.acestep.errors import LengthError, SourceError
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.steps import Work
from acestep_desktop.audiofile.decode import Decoder
from acestep_desktop.audiofile.errors import shown
from acestep_desktop.domain.request import MAX_SECONDS
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.samples import Samples, as_stereo

LONGEST_S: Final = 1800.0
"""So long may audio be of which a span is made anew, or that is continued."""

SHORTEST_S: Final = 0.1

SEED: Final = 0
"""The autoencoder draws latents at random: always with this seed, so that a source stays itself."""

_SILENT: Final = 1e-4
"""-80 dBFS."""

_SEGMENT_S: Final = TIMBRE_S // 3
"""A reference is heard in three pieces: its beginning, its middle and its end."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Audio from a file: stereo at 48 kHz, and sentences on what was done to it."""

    name: str
    samples: Samples
    notes: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """How long it is."""
        return len(self.samples)


def read_source(path: str, *, longest_s: float = MAX_SECONDS) -> Source:
    """Return the audio in the file at `path`.

    One channel goes to both sides, more than two are mixed to two, and any rate
    becomes 48 kHz. Raises AudioFileError where it cannot be read, and
    SourceError or LengthError where it cannot be used.
    """
    decoder = Decoder(Path(path))
    name = shown(Path(path).name)
    seconds = decoder.info.duration_s
    if seconds > longest_s:
        raise LengthError(
            f'"{name}" lasts {_minutes(seconds)}, and at most {_minutes(longest_s)} can be used '
            "for this: cut it into shorter pieces."
        )
    samples = as_stereo(np.concatenate(list(decoder.standard())))
    if len(samples) < SHORTEST_S * SAMPLE_RATE:
        raise SourceError(
            f'"{name}" lasts {len(samples) / SAMPLE_RATE:.3f} seconds: '
            f"choose audio of at least {SHORTEST_S:g} seconds."
        )
    notes = list(decoder.notes)
    if float(np.abs(samples).max()) < _SILENT:
        notes.append("It is silent: there is nothing to hear in it.")
    return Source(name, samples, tuple(f'"{name}": {note}' for note in notes))


def looped(samples: Samples, frames: int) -> Samples:
    """Return `samples` again and again until there are `frames`, or as it is if it is longer."""
    if len(samples) >= frames:
        return samples
    return np.tile(samples, (math.ceil(frames / len(samples)), 1))[:frames]


def filled(samples: Samples, hop: int) -> Samples:
    """Return `samples` with silence behind it, so that its frames are a multiple of `hop`."""
    missing = -len(samples) % hop
    return np.pad(samples, ((0, missing), (0, 0))) if missing else samples


def latents_of(samples: Samples, model: LoadedModel) -> Work[Tensor]:
    """Return the latents of `samples`, [1, T, C]; what was heard before is remembered.

    Silence fills the last latent, so that no frame is left out.
    """
    heard = filled(samples, model.hop)
    key = hashlib.blake2b(np.ascontiguousarray(heard).data, digest_size=16).hexdigest()
    known = model.heard.get(key)
    if known is not None:
        return known
    return model.heard.put(key, (yield from model.encoded(heard, SEED)))


def timbre_of(path: str, model: LoadedModel) -> Work[Tensor]:
    """Return the latents of the audio at `path` by which its timbre is known, [1, 750, C]."""
    reference = read_source(path, longest_s=LONGEST_S)
    latents = yield from latents_of(timbre_samples(reference.samples), model)
    return latents


def timbre_samples(samples: Samples) -> Samples:
    """Return 30 s of a reference: 10 each from its front, from its first third on, and its back.

    What is shorter is repeated first. The same choice as AceStepPipeline makes.
    """
    whole = TIMBRE_S * SAMPLE_RATE
    if len(samples) < whole:
        samples = np.tile(samples, (math.ceil(whole / len(samples)), 1))
    segment = _SEGMENT_S * SAMPLE_RATE
    third = len(samples) // 3
    back = len(samples) - segment
    return np.concatenate(
        (samples[:segment], samples[third : third + segment], samples[back : back + segment])
    )


def _minutes(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} seconds"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} minutes"
