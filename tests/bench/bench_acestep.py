"""ACE-Step against plain diffusers: the same random weights, one side after the other.

Quick: a reduced shape. Full: the true shape of the 2B models, 12 GB in float32.
On a card the takes are of 30 seconds, else of 10.
"""

import gc
import os
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

# As the engine's process has it, for both sides: threads that spin measure who else works here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from table import Row, at_least, at_most, holds, noted, run_alone

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from acestep_desktop.acestep.compiling import CompiledBlocks  # noqa: E402
from acestep_desktop.acestep.int8 import pays_off, quantised  # noqa: E402
from acestep_desktop.acestep.job import Job, Telling  # noqa: E402
from acestep_desktop.acestep.ladder import Ladder  # noqa: E402
from acestep_desktop.acestep.length import settled  # noqa: E402
from acestep_desktop.acestep.loaded import LoadedModel  # noqa: E402
from acestep_desktop.acestep.parts import NAMES, Parts  # noqa: E402
from acestep_desktop.acestep.placement import best_placement, prepare_processor  # noqa: E402
from acestep_desktop.acestep.plan import Wish  # noqa: E402
from acestep_desktop.acestep.steps import done  # noqa: E402
from acestep_desktop.domain.recipe import EngineIdentity  # noqa: E402
from acestep_desktop.domain.request import Prompt, Request, Sampling  # noqa: E402
from acestep_desktop.domain.understanding import understand  # noqa: E402
from acestep_desktop.generation.generator import AudioChunk, Rendered  # noqa: E402
from acestep_desktop.models.folder import HOME_VARIABLE  # noqa: E402
from tests.acestep import tiny  # noqa: E402

FASTER = 2.2
FASTER_ON_CARD = 3.0
FIRST_SECOND = 0.6
SNR_DB = 100.0
SLOPE_MB = 0.05
TIMES_BOUND = 2.5
BOUNDS_S = {"H100": 0.016, "4090": 0.078, "3090": 0.182, "4070": 0.223, "4060": 0.431}
"""The least that a card needs for 30 seconds, by its arithmetic and its memory."""

WORDS = "slow lofi house with warm keys and brushed drums"
WHO = EngineIdentity("acestep", "bench", "random", "0" * 32, "")

REAL: dict[str, dict[str, Any]] = {"transformer": {}, "condition_encoder": {}, "vae": {}}
REDUCED: dict[str, dict[str, Any]] = {
    "transformer": {"hidden_size": 384, "intermediate_size": 1152, "num_hidden_layers": 8},
    "condition_encoder": {"hidden_size": 384, "intermediate_size": 1152, "text_hidden_dim": 256},
    "vae": {"encoder_hidden_size": 128, "decoder_channels": 16},
}
_HEADS = {"num_attention_heads": 4, "num_key_value_heads": 2}
_VAE = {
    "encoder_hidden_size": 128,
    "downsampling_ratios": [2, 4, 4, 6, 10],
    "decoder_channels": 128,
    "decoder_input_channels": 64,
    "audio_channels": 2,
    "channel_multiples": [1, 2, 4, 8, 16],
    "sampling_rate": 48_000,
}
_QWEN = {
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151_669,
}
_SMALL_QWEN = {
    "hidden_size": 256,
    "intermediate_size": 768,
    "num_hidden_layers": 8,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "vocab_size": 1_000,
}


def random_pipeline(full: bool, dtype: torch.dtype, device: torch.device) -> Any:
    """Return diffusers' pipeline of the true shape (or a reduced one) with random weights."""
    from diffusers import (
        AceStepPipeline,
        AceStepTransformer1DModel,
        AutoencoderOobleck,
        FlowMatchEulerDiscreteScheduler,
    )
    from diffusers.pipelines.ace_step import AceStepConditionEncoder
    from transformers import Qwen3Config, Qwen3Model

    shape, heads = (REAL, {}) if full else (REDUCED, _HEADS)
    makers: dict[str, Callable[[], torch.nn.Module]] = {
        "transformer": lambda: AceStepTransformer1DModel(
            is_turbo=True, model_version="turbo", **heads, **shape["transformer"]
        ),
        "condition_encoder": lambda: AceStepConditionEncoder(**heads, **shape["condition_encoder"]),
        "vae": lambda: AutoencoderOobleck(**(_VAE | shape["vae"])),
        "text_encoder": lambda: Qwen3Model(Qwen3Config(**(_QWEN if full else _SMALL_QWEN))),
    }
    networks = {name: _filled(make, dtype, device) for name, make in makers.items()}
    pipeline = AceStepPipeline(
        tokenizer=tiny.tiny_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
        **networks,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _filled(
    make: Callable[[], torch.nn.Module], dtype: torch.dtype, device: torch.device
) -> torch.nn.Module:
    """Return a network with cheap random weights; its own initialisation takes minutes."""
    with torch.device("meta"):
        network = make()
    network = network.to(dtype).to_empty(device=device)
    for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
        if not tensor.is_floating_point():
            continue
        with torch.no_grad():
            if name.endswith("inv_freq"):
                half = torch.arange(0, tensor.numel(), dtype=torch.float32, device=device)
                tensor.copy_(1e6 ** (-half / tensor.numel()))
            elif tensor.ndim == 1 and "norm" in name:
                tensor.fill_(1.0)
            elif name.endswith("weight_g"):
                tensor.fill_(0.7)
            else:
                size = max(1, tensor[0].numel()) if tensor.ndim > 1 else 64
                tensor.uniform_(-1.0, 1.0).mul_(size**-0.5)
    return network.requires_grad_(False).eval()


@dataclass(slots=True)
class Made:
    """One take: its samples, how long it took, and how long until its first second was there."""

    samples: np.ndarray
    seconds: float
    first_s: float


def plain(pipeline: Any, seconds: float, seed: int) -> Made:
    """Make a take by the plain pipeline."""
    start = time.perf_counter()
    with torch.inference_mode():
        sound = pipeline(
            WORDS,
            lyrics="[Instrumental]",
            vocal_language="unknown",
            audio_duration=seconds,
            guidance_scale=1.0,
            generator=torch.Generator().manual_seed(seed),
        ).audios
        samples = sound[0].float().cpu().numpy().T
    spent = time.perf_counter() - start
    return Made(samples, spent, spent)


def ours(
    model: LoadedModel,
    seconds: float,
    seed: int,
    variations: int = 1,
    blocks: CompiledBlocks | None = None,
    compiled: bool | None = None,
) -> list[Made]:
    """Make takes by our engine; by layers out of `blocks` if they are compiled already."""
    request = Request(
        Prompt(WORDS),
        seconds=seconds,
        seed=seed,
        variations=variations,
        sampling=Sampling(compiled=compiled),
    )
    wish = Wish(request, settled(understand(request)))
    made = []
    start, first = time.perf_counter(), None
    job = Job(model, Ladder(model), Telling(lambda: False), WHO, blocks)
    for output in job.takes(wish):
        now = time.perf_counter()
        if isinstance(output, AudioChunk) and first is None:
            first = now - start
        if isinstance(output, Rendered):
            assert output.mix is not None
            made.append(Made(output.mix, now - start, first or now - start))
            start, first = time.perf_counter(), None
    if blocks is not None:
        blocks.learn(job.shapes)
    return made


def measure(full: bool) -> list[Row]:
    """Measure both sides on this machine."""
    warnings.simplefilter("ignore")
    prepare_processor()
    placement = best_placement()
    card = placement.device.type == "cuda"
    seconds = 30.0 if card else 10.0
    pipeline = random_pipeline(full, placement.dtype, placement.device)
    pipeline.vae.enable_tiling()
    times = 3 if card else 1
    if card:
        plain(pipeline, seconds, 0)
    theirs = min((plain(pipeline, seconds, 1) for _ in range(times)), key=lambda m: m.seconds)
    parts = {name: getattr(pipeline, name, None) for name in NAMES}
    model = _ready(Parts(**parts), placement)
    rows = [noted(f"{seconds:g} s take, plain diffusers, warm", theirs.seconds, "s")]
    rows += _own_rows(model, theirs, seconds, times, card=card)
    del pipeline, model, parts
    gc.collect()
    rows += _memory_rows(400 if full else 100)
    if full:
        # By itself, and last: layers that were rounded cannot be compiled.
        pipeline = random_pipeline(full, placement.dtype, placement.device)
        parts = {name: getattr(pipeline, name, None) for name in NAMES}
        rows += _compiled_rows(_ready(Parts(**parts), placement), seconds, times)
    return rows


def _ready(parts: Parts, placement: Any) -> LoadedModel:
    from acestep_desktop.acestep.autoencoder import prepare

    prepare(parts.vae)
    model = LoadedModel("turbo", parts, placement)
    model.settle()
    return model


def _compiled_rows(model: LoadedModel, seconds: float, times: int) -> list[Row]:
    """Return rows of compiled layers: what they cost once, and what they gain ever after."""
    before = os.environ.get(HOME_VARIABLE)
    with tempfile.TemporaryDirectory() as home:
        os.environ[HOME_VARIABLE] = home
        try:
            cold_s, _ = _learnt(model, seconds)
            again_s, blocks = _learnt(model, seconds)
        finally:
            os.environ.pop(HOME_VARIABLE)
            if before is not None:
                os.environ[HOME_VARIABLE] = before
    plain, fast = [], []
    for _ in range(max(2, times)):
        plain += ours(model, seconds, 1, blocks=blocks, compiled=False)
        fast += ours(model, seconds, 1, blocks=blocks, compiled=True)
    quickest = [min(made, key=lambda m: m.seconds) for made in (plain, fast)]
    like = _snr_db(plain[0].samples, fast[0].samples)
    exact = model.dtype == torch.float32
    return [
        noted("compiling the layers, beside the jobs, once", cold_s, "s"),
        noted("the same out of the cache on the disk", again_s, "s"),
        noted("plain by compiled, whole take", quickest[0].seconds / quickest[1].seconds, ""),
        at_least("compiled like plain", like, SNR_DB if exact else 0.0, "dB"),
    ]


def _learnt(model: LoadedModel, seconds: float) -> tuple[float, CompiledBlocks]:
    """Have the layers compiled for this length; return how long that took, and their forms."""
    blocks = CompiledBlocks()
    ours(model, seconds, 0, blocks=blocks)
    start = time.perf_counter()
    while blocks.is_busy:
        time.sleep(0.05)
    return time.perf_counter() - start, blocks


def _own_rows(
    model: LoadedModel, theirs: Made, seconds: float, times: int, *, card: bool
) -> list[Row]:
    encodings: list[str] = []
    parts: Any = model.parts
    watched = {"text": parts.text_encoder, "lyrics": parts.condition_encoder.lyric_encoder}
    hooks = [
        part.register_forward_hook(lambda *_, name=name: encodings.append(name))
        for name, part in watched.items()
    ]
    (cold,) = ours(model, seconds, 0)
    first = len(encodings)
    exact = min((ours(model, seconds, 1)[0] for _ in range(times)), key=lambda m: m.seconds)
    again = len(encodings) - first
    for hook in hooks:
        hook.remove()
    rows = [
        noted(f"{seconds:g} s take, ours, first", cold.seconds, "s"),
        noted(f"{seconds:g} s take, ours, warm, unrounded", exact.seconds, "s"),
        at_least("like plain diffusers", _snr_db(theirs.samples, exact.samples), SNR_DB, "dB"),
        holds(
            "encodings for the second take of the same words",
            f"{again} (first: {first})",
            "0",
            reached=again == 0 and first == 2,
        ),
    ]
    rounding, own = _rounded(model, seconds, exact)
    return [
        *rows,
        *rounding,
        at_least(
            "times faster than plain diffusers", theirs.seconds / own.seconds, _faster(card), ""
        ),
        at_most("first audible second, share of it", own.first_s / own.seconds, FIRST_SECOND, ""),
        *(_card_rows(own) if card else []),
    ]


def _rounded(model: LoadedModel, seconds: float, exact: Made) -> tuple[list[Row], Made]:
    """Return rows of rounding to eight bits, and a take made so; `exact` where it is not done."""
    start = time.perf_counter()
    if model.device.type != "cpu" or not pays_off():
        return [], exact
    if not done(quantised(model.parts.transformer)):
        return [], exact
    once = noted("rounding to eight bits, once", time.perf_counter() - start, "s")
    (own,) = ours(model, seconds, 1)
    return [once, noted(f"{seconds:g} s take, ours, warm, rounded", own.seconds, "s")], own


def _faster(card: bool) -> float:
    return FASTER_ON_CARD if card else FASTER


def _card_rows(own: Made) -> list[Row]:
    name = torch.cuda.get_device_name()
    peak = torch.cuda.max_memory_allocated() / 2**30
    rows = [
        noted(f"30 s take: {own.seconds:.3f} s on {name}", own.seconds, "s"),
        noted("most memory of the card", peak, "GiB"),
    ]
    bound = next((bound for card, bound in BOUNDS_S.items() if card in name), None)
    if bound is not None:
        rows.append(at_most("times the bound of this card", own.seconds / bound, TIMES_BOUND, ""))
    return rows


def _snr_db(reference: np.ndarray, other: np.ndarray) -> float:
    error = float(np.sum((reference.astype(np.float64) - other) ** 2))
    power = float(np.sum(reference.astype(np.float64) ** 2))
    return 999.0 if error == 0 else 10 * float(np.log10(power / error))


def _memory_rows(jobs: int) -> list[Row]:
    """Return how much memory a tiny job leaves behind, once the first fifth has warmed up."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    pipeline = tiny.build("turbo", fast=True)
    parts = Parts(**{name: getattr(pipeline, name) for name in NAMES})
    from acestep_desktop.acestep.placement import Placement

    model = _ready(parts, Placement(torch.device("cpu"), torch.float32))
    held = []
    for seed in range(jobs):
        ours(model, 1.0, seed)
        held.append(_resident_mb())
    torch.set_num_threads(threads)
    slope = (np.median(held[-jobs // 5 :]) - np.median(held[jobs // 5 : 2 * jobs // 5])) / (
        0.6 * jobs
    )
    return [at_most(f"memory left by each of {jobs} jobs", max(0.0, slope), SLOPE_MB, "MB")]


def _resident_mb() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    sys.exit(run_alone(measure, "ACE-Step against plain diffusers"))
