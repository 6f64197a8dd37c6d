"""The small arithmetic every instrument shares: pitch, envelopes, noise and spectra."""

import hashlib
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.time import SAMPLE_RATE

Mono = npt.NDArray[np.float32]
"""One channel of audio at 48 kHz, shape (frames,)."""

Stereo = npt.NDArray[np.float32]
"""Two channels while they are worked on, shape (2, frames): planar, so that each is contiguous."""

Spectrum = npt.NDArray[np.complex64]
"""A transform of audio: half of it, as real audio has."""

Curve = npt.NDArray[np.float64]
"""Numbers over frequency or over time, in double precision."""

NYQUIST: Final = SAMPLE_RATE / 2
TOP_HZ: Final = 18_500.0
"""No partial is placed above; what is there nobody hears, and stretching would alias it."""


def generator(*words: object) -> np.random.Generator:
    """Return random numbers that depend on `words` alone: the same in every process."""
    text = "\x1f".join(str(word) for word in words)
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))


def pitch_hz(pitch: float) -> float:
    """Return the frequency of a MIDI pitch, A4 (69) at 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def frames_in(seconds: float) -> int:
    """Return the nearest whole number of frames, at least one."""
    return max(1, round(seconds * SAMPLE_RATE))


def amplitude(level_db: float) -> float:
    """Return 10^(dB/20)."""
    return float(10.0 ** (level_db / 20.0))


def falling(frames: int, time_s: float) -> Mono:
    """Return exp(-t / time_s) from 1 on."""
    steps = np.arange(frames, dtype=np.float32)
    steps *= np.float32(-1.0 / (time_s * SAMPLE_RATE))
    return np.exp(steps, out=steps)


def rising(frames: int, time_s: float) -> Mono:
    """Return 1 - exp(-t / time_s), which starts at once and settles at 1."""
    return np.float32(1.0) - falling(frames, time_s)


@lru_cache(maxsize=64)
def half_cosine(frames: int) -> Mono:
    """Return a smooth step up, from just above 0 to just below 1; shared, not to be changed."""
    angle = (np.arange(frames, dtype=np.float64) + 0.5) * (np.pi / max(1, frames))
    step = (0.5 - 0.5 * np.cos(angle)).astype(np.float32)
    step.flags.writeable = False
    return step


def faded(audio: Mono, attack_s: float = 0.0, release_s: float = 0.0) -> Mono:
    """Return `audio`, its edges eased in place; works on the last axis."""
    frames = audio.shape[-1]
    if attack_s > 0:
        count = min(frames, frames_in(attack_s))
        audio[..., :count] *= half_cosine(count)
    if release_s > 0:
        count = min(frames, frames_in(release_s))
        audio[..., frames - count :] *= half_cosine(count)[::-1]
    return audio


def without_drift(audio: Mono, hz: float) -> Mono:
    """Subtract, in place, the mean over the last period: what bending a wave leaves at 0 Hz."""
    period = max(1, round(SAMPLE_RATE / hz))
    total = np.cumsum(audio, axis=-1, dtype=np.float64)
    total[..., period:] -= total[..., :-period].copy()
    total /= period
    audio -= total.astype(np.float32)
    return audio


def bins_hz(frames: int) -> Curve:
    """Return the frequency of every bin of a real transform of `frames` frames."""
    return np.asarray(np.fft.rfftfreq(frames, 1.0 / SAMPLE_RATE), dtype=np.float64)


def band(hz: Curve, low_hz: float, high_hz: float, order: int = 2) -> Curve:
    """Return the gain of a Butterworth band over `hz`; 0 Hz and infinity leave a side open."""
    gain = np.ones_like(hz)
    if low_hz > 0:
        ratio = (low_hz / np.maximum(hz, 1e-3)) ** (2 * order)
        gain /= np.sqrt(1.0 + ratio)
        gain[hz < 1e-3] = 0.0
    if np.isfinite(high_hz):
        gain /= np.sqrt(1.0 + (hz / high_hz) ** (2 * order))
    return gain


def peaks(hz: Curve, bells: tuple[tuple[float, float, float], ...]) -> Curve:
    """Return a gain with bell-shaped peaks; each is (centre in Hz, gain in dB, Q)."""
    level_db = np.zeros_like(hz)
    for centre, gain_db, quality in bells:
        octaves = np.log2(np.maximum(hz, 1.0) / centre)
        level_db += gain_db * np.exp(-0.5 * (octaves * quality * 1.6) ** 2)
    return np.asarray(10.0 ** (level_db / 20.0), dtype=np.float64)


def fast_length(frames: int) -> int:
    """Return a length >= `frames` whose transform is quick: 2^k or 3·2^k."""
    power = 1 << max(4, (frames - 1).bit_length())
    return 3 * power // 4 if 3 * power // 4 >= frames else power


def spectrum_of(audio: Mono, length: int | None = None) -> Spectrum:
    """Return the transform of real audio along its last axis.

    NumPy's unscaled forward transform of float32 takes the slow way through double precision;
    the scaled one does not and is four times as quick.
    """
    count = audio.shape[-1] if length is None else length
    transform = np.fft.rfft(audio, count, axis=-1, norm="forward")
    spectrum: Spectrum = transform.astype(np.complex64, copy=False)
    spectrum *= np.float32(count)
    return spectrum


def audio_of(spectrum: Spectrum, length: int) -> Mono:
    """Return the real audio of a transform along its last axis."""
    return np.fft.irfft(spectrum, length, axis=-1).astype(np.float32, copy=False)


def coloured_noise(
    frames: int,
    rng: np.random.Generator,
    low_hz: float,
    high_hz: float,
    *,
    order: int = 2,
    tilt_db: float = 0.0,
) -> Mono:
    """Return noise of unit power within a band; `tilt_db` per octave leans it (-3 is pink)."""
    length = fast_length(frames)
    hz = bins_hz(length)
    gain = band(hz, low_hz, high_hz, order)
    if tilt_db:
        gain *= (np.maximum(hz, 20.0) / 1000.0) ** (tilt_db / 6.0206)
    gain[hz > TOP_HZ + 1500.0] = 0.0
    power = float(np.sqrt(np.mean(gain**2))) or 1.0
    spectrum = spectrum_of(rng.standard_normal(length, dtype=np.float32))
    spectrum *= (gain / power).astype(np.float32)
    return audio_of(spectrum, length)[:frames]


def filtered(audio: Mono, low_hz: float, high_hz: float, order: int = 2) -> Mono:
    """Return `audio` through a minimum-phase band, so that onsets stay where they are."""
    frames = audio.shape[-1]
    length = fast_length(frames + 4096)
    spectrum = spectrum_of(audio, length)
    spectrum *= _response(length, low_hz, high_hz, order)
    return audio_of(spectrum, length)[..., :frames]


@lru_cache(maxsize=32)
def _response(length: int, low_hz: float, high_hz: float, order: int) -> Spectrum:
    return minimum_phase(band(bins_hz(length), low_hz, high_hz, order))


def minimum_phase(gain: Curve) -> Spectrum:
    """Return the minimum-phase response that has this gain (homomorphic method).

    Oppenheim and Schafer, Discrete-Time Signal Processing, section 13.5.
    """
    cepstrum = np.fft.irfft(np.log(np.maximum(gain, 1e-5)))
    half = len(cepstrum) // 2
    cepstrum[1:half] *= 2.0
    cepstrum[half + 1 :] = 0.0
    return np.exp(np.fft.rfft(cepstrum)).astype(np.complex64)


def loudness_weight(hz: Curve) -> Curve:
    """Return a gain close to the K-weighting of ITU-R BS.1770, good enough to balance voices."""
    shelf = 1.0 + 0.584 * (hz**2 / (hz**2 + 1500.0**2))
    cut = hz**2 / (hz**2 + 38.0**2)
    return np.asarray(shelf * cut, dtype=np.float64)
