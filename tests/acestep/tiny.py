"""Tiny pipelines of the real classes with random weights, and model stores that hold them."""

import hashlib
import warnings
from pathlib import Path
from typing import Any, Literal

import torch
from diffusers import (
    AceStepPipeline,
    AceStepTransformer1DModel,
    AutoencoderOobleck,
    FlowMatchEulerDiscreteScheduler,
)
from diffusers.pipelines.ace_step import (
    AceStepAudioTokenDetokenizer,
    AceStepAudioTokenizer,
    AceStepConditionEncoder,
)
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3Model

from acestep_desktop.models.manifest import Manifest, ModelFile
from acestep_desktop.models.store import InstalledModel, ModelStore

Kind = Literal["turbo", "base", "sft"]

_ATTENTION = {
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "rope_theta": 10000.0,
    "sliding_window": 16,
}
"""Shared by the transformer and the encoders; the window is so small that it matters."""

_REAL_RATIOS = [2, 4, 4, 6, 10]
_FAST_RATIOS = [40, 48]
_SILENCE = 15_000


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer whose tokens are bytes."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    end = "<|endoftext|>"
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=end, pad_token=end)


def build(
    kind: Kind = "turbo",
    *,
    seed: int = 0,
    fast: bool = False,
    channels: int = 4,
    wide: bool = False,
) -> AceStepPipeline:
    """Return a pipeline with random weights of `seed`.

    All have the real time geometry: 48 kHz, 1920 frames a latent. `fast` has an
    autoencoder of two blocks instead of five. `wide` has a transformer wider than
    its conditions, as XL models do.
    """
    torch.manual_seed(seed)
    tokenizer = tiny_tokenizer()
    condition = AceStepConditionEncoder(
        hidden_size=32,
        intermediate_size=64,
        text_hidden_dim=32,
        timbre_hidden_dim=channels,
        num_lyric_encoder_hidden_layers=2,
        num_timbre_encoder_hidden_layers=2,
        **_ATTENTION,
    )
    silence = torch.randn(1, 1, channels).expand(1, _SILENCE, channels) * 0.1
    condition.silence_latent.copy_(silence)
    pipeline = AceStepPipeline(
        vae=_autoencoder(channels, fast=fast),
        text_encoder=_text_encoder(len(tokenizer)),
        tokenizer=tokenizer,
        transformer=_transformer(kind, channels, wide=wide),
        condition_encoder=condition,
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
        audio_tokenizer=_audio_tokenizer(channels),
        audio_token_detokenizer=_audio_detokenizer(channels),
    )
    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            part.eval()
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def saved(folder: Path, **options: Any) -> Path:
    """Save a tiny pipeline in diffusers' layout and return its folder."""
    build(**options).save_pretrained(folder, safe_serialization=True)
    return folder


def _transformer(kind: Kind, channels: int, *, wide: bool) -> AceStepTransformer1DModel:
    return AceStepTransformer1DModel(
        hidden_size=48 if wide else 32,
        encoder_hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        in_channels=3 * channels,
        audio_acoustic_hidden_dim=channels,
        patch_size=2,
        is_turbo=kind == "turbo",
        model_version=kind,
        **_ATTENTION,
    )


def _text_encoder(vocabulary: int) -> Qwen3Model:
    return Qwen3Model(
        Qwen3Config(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=8,
            vocab_size=vocabulary,
            max_position_embeddings=4096,
        )
    )


def _audio_tokenizer(channels: int) -> AceStepAudioTokenizer:
    return AceStepAudioTokenizer(
        hidden_size=32,
        intermediate_size=64,
        audio_acoustic_hidden_dim=channels,
        pool_window_size=5,
        fsq_dim=32,
        fsq_input_levels=[8, 8, 8, 5, 5, 5],
        num_attention_pooler_hidden_layers=1,
        **_ATTENTION,
    )


def _audio_detokenizer(channels: int) -> AceStepAudioTokenDetokenizer:
    return AceStepAudioTokenDetokenizer(
        hidden_size=32,
        intermediate_size=64,
        audio_acoustic_hidden_dim=channels,
        pool_window_size=5,
        num_attention_pooler_hidden_layers=1,
        **_ATTENTION,
    )


def _autoencoder(channels: int, *, fast: bool) -> AutoencoderOobleck:
    ratios = _FAST_RATIOS if fast else _REAL_RATIOS
    with warnings.catch_warnings():
        # The class speaks of a way to norm weights that torch is about to leave behind.
        warnings.simplefilter("ignore", FutureWarning)
        vae = AutoencoderOobleck(
            encoder_hidden_size=2 * channels,
            downsampling_ratios=ratios,
            decoder_channels=2,
            decoder_input_channels=channels,
            audio_channels=2,
            channel_multiples=[1] * len(ratios),
            sampling_rate=48_000,
        )
    for name, parameter in vae.named_parameters():
        if name.endswith(("alpha", "beta")):
            # Trained activations differ from channel to channel; those of a new one are all 0.
            torch.nn.init.normal_(parameter, std=0.3)
    return vae


def installed(
    store: Path, name: str = "tiny", *, kind: Kind = "turbo", **options: Any
) -> InstalledModel:
    """Put a tiny model into the model store in the folder `store`."""
    models = ModelStore(store)
    draft = saved(models.draft_folder(name), kind=kind, **options)
    files = tuple(
        ModelFile(
            str(path.relative_to(draft).as_posix()),
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(draft.rglob("*"))
        if path.is_file()
    )
    manifest = Manifest(
        name=name,
        label=f"Tiny {kind}",
        variant=kind,
        size="2B",
        repo="test/tiny",
        revision="0123456789abcdef",
        layout="diffusers",
        licence="MIT (test)",
        files=files,
    )
    return models.commit(draft, manifest)
