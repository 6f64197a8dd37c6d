"""What a job will cost, reckoned from a model's configuration alone."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from acestep_desktop.acestep.presets import preset_of
from acestep_desktop.acestep.tasks_length import worked_frames
from acestep_desktop.domain.request import Request
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.generation.abilities import Estimate
from acestep_desktop.models.machine import WSL_TOOL
from acestep_desktop.models.store import InstalledModel

_TOKENS_PER_SECOND: Final = 12.5
_VAE_FLOPS: Final = 0.122e12
"""Of one second of decoded audio, for a decoder of 128 channels."""

_VAE_CHANNELS: Final = 128
_CORE_FLOPS: Final = 0.08e12
_CARD_FLOPS: Final = 20e12
"""What a slow core and a slow card do in a second, with this model."""

_START_S: Final = 12.0
_READ_BYTES: Final = 0.5e9
"""Importing the libraries, and bytes of weights that are read in a second."""

_BASE_BYTES: Final = 900_000_000
_CHUNK_BYTES: Final = 700_000_000
"""The libraries, and one chunk in the decoder, in full precision."""

_LINUX_SIGNS: Final = ("/proc/driver/nvidia/version", WSL_TOOL)
"""Files that come with NVIDIA's driver; asking the driver itself takes up to a second."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Floating point operations of one step for a second of audio, and of decoding it."""

    step: float
    decode: float


def estimated(request: Request, model: InstalledModel, *, loaded: bool) -> Estimate:
    """Return the time and the memory for `request` with `model`; a reason if it may not fit."""
    card = has_card()
    seconds = worked_frames(request) / SAMPLE_RATE
    preset = preset_of(model.kind, request.sampling)
    branches = 2 if preset.guidance_scale > 1 else 1
    cost = cost_of(model.path)
    flops = seconds * (preset.steps * branches * cost.step + cost.decode) * request.variations
    rate = _CARD_FLOPS if card else _CORE_FLOPS * (os.cpu_count() or 1)
    start = 0.0 if loaded else _START_S + model.bytes / _READ_BYTES
    weights = model.bytes * (1 if card else 2)
    peak = int(weights + _BASE_BYTES + _CHUNK_BYTES + seconds * 48_000 * 2 * 4 * 4)
    return Estimate(start + flops / rate, peak, "" if loaded else _reason(peak))


def cost_of(folder: Path) -> Cost:
    """Return what a second of audio costs with the model in `folder`."""
    dit = _config(folder / "transformer")
    vae = _config(folder / "vae")
    hidden, wide = dit.get("hidden_size", 2048), dit.get("intermediate_size", 6144)
    heads = dit.get("num_attention_heads", 16) + dit.get("num_key_value_heads", 8)
    attention = 2 * hidden * heads * dit.get("head_dim", 128)
    weights = dit.get("num_hidden_layers", 24) * (2 * attention + 3 * hidden * wide)
    width = vae.get("decoder_channels", _VAE_CHANNELS) / _VAE_CHANNELS
    return Cost(2.0 * weights * _TOKENS_PER_SECOND, _VAE_FLOPS * width * width)


def has_card() -> bool:
    """Return whether there seems to be a graphics card that the model can use."""
    if sys.platform == "darwin":
        return os.uname().machine == "arm64"
    if sys.platform == "win32":
        return (Path(os.environ.get("SYSTEMROOT", "")) / "System32" / "nvcuda.dll").is_file()
    return any(Path(sign).is_file() for sign in _LINUX_SIGNS)


def free_memory() -> int | None:
    """Return the memory that programs can still have; None where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return None
    return None


def _reason(peak: int) -> str:
    free = free_memory()
    if free is None or peak <= free:
        return ""
    return (
        f"This needs about {peak / 2**30:.0f} GiB of memory, and {free / 2**30:.0f} are free: "
        "close other programs or choose a smaller model, or it will be slow or fail."
    )


def _config(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
