"""Sounds and files for the tests of this room."""

import struct
from pathlib import Path

import numpy as np
import soundfile

from acestep_desktop.audiofile.riff import chunk_bytes
from acestep_desktop.audiofile.samples import Samples


def noise(frames: int, channels: int = 2, seed: int = 0, level: float = 0.1) -> Samples:
    random = np.random.default_rng(seed)
    return (random.standard_normal((frames, channels)) * level).astype(np.float32)


def sine(frames: int, hertz: float, rate: int = 48_000, level: float = 0.5) -> Samples:
    phase = 2 * np.pi * hertz * np.arange(frames) / rate
    return (level * np.sin(phase)).astype(np.float32).reshape(-1, 1)


def write(path: Path, samples: Samples, rate: int = 48_000, subtype: str | None = None) -> Path:
    with soundfile.SoundFile(path, "w", rate, samples.shape[1], subtype) as file:
        for start in range(0, len(samples), 4_800):
            file.write(samples[start : start + 4_800])
    return path


def wav_bytes(
    *chunks: bytes, code: int = 1, channels: int = 2, rate: int = 48_000, bits: int = 16
) -> bytes:
    width = channels * bits // 8
    form = struct.pack("<HHIIHH", code, channels, rate, rate * width, width, bits)
    body = b"WAVE" + chunk_bytes(b"fmt ", form) + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body
