"""Tiny models of the real classes with random weights, in both layouts.

The first layout is written by a map that undoes, by itself, what the conversion
does; the two share no code.
"""

import json
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3Model

LATENT = 4
TEXT = 24
LEVELS = [8, 8, 8, 5, 5, 5]

ENCODER_HIDDEN = 32
HIDDEN = {"2B": 32, "XL": 48}
"""In XL the transformer is wider than the encoders, and has more heads and layers."""


@contextmanager
def diffusers_warns() -> Iterator[None]:
    """Bear the warnings of diffusers' and torch's own old ways."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


@diffusers_warns()
def build(size: str = "2B", kind: str = "turbo", seed: int = 0) -> AceStepPipeline:
    """Return a pipeline with random weights, in the proportions of a real one."""
    torch.manual_seed(seed)
    common = {"head_dim": 8, "rope_theta": 5000.0, "sliding_window": 16}
    encoder = {**common, "num_attention_heads": 4, "num_key_value_heads": 2}
    encoder |= {"hidden_size": ENCODER_HIDDEN, "intermediate_size": 64}
    hidden = HIDDEN[size]
    tokenizer = _tokenizer()
    conditions = AceStepConditionEncoder(
        **encoder,
        text_hidden_dim=TEXT,
        timbre_hidden_dim=LATENT,
        num_lyric_encoder_hidden_layers=3,
        num_timbre_encoder_hidden_layers=2,
    )
    conditions.silence_latent.copy_(torch.randn(1, 15000, LATENT))
    conditions.null_condition_emb.data.normal_()
    return AceStepPipeline(
        vae=AutoencoderOobleck(
            encoder_hidden_size=2 * LATENT,
            downsampling_ratios=[1, 2],
            decoder_channels=3,
            decoder_input_channels=LATENT,
            audio_channels=2,
            channel_multiples=[2, 4],
            sampling_rate=4,
        ),
        text_encoder=Qwen3Model(
            Qwen3Config(
                hidden_size=TEXT,
                intermediate_size=48,
                num_hidden_layers=2,
                num_attention_heads=3,
                num_key_value_heads=1,
                head_dim=8,
                vocab_size=len(tokenizer),
            )
        ),
        tokenizer=tokenizer,
        transformer=AceStepTransformer1DModel(
            **common,
            hidden_size=hidden,
            intermediate_size=2 * hidden,
            num_hidden_layers=3 if size == "XL" else 2,
            num_attention_heads=hidden // 8,
            num_key_value_heads=2,
            in_channels=3 * LATENT,
            audio_acoustic_hidden_dim=LATENT,
            encoder_hidden_size=ENCODER_HIDDEN,
            is_turbo=kind == "turbo",
            model_version=kind,
        ),
        condition_encoder=conditions,
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
        audio_tokenizer=AceStepAudioTokenizer(
            **encoder,
            audio_acoustic_hidden_dim=LATENT,
            pool_window_size=5,
            fsq_dim=ENCODER_HIDDEN,
            fsq_input_levels=LEVELS,
            num_attention_pooler_hidden_layers=1,
        ),
        audio_token_detokenizer=AceStepAudioTokenDetokenizer(
            **encoder,
            audio_acoustic_hidden_dim=LATENT,
            pool_window_size=5,
            num_attention_pooler_hidden_layers=1,
        ),
    )


@diffusers_warns()
def load(folder: Path, dtype: torch.dtype = torch.float32) -> AceStepPipeline:
    """Return the pipeline in a folder, as diffusers itself reads it, without the network."""
    pipe = AceStepPipeline.from_pretrained(folder, local_files_only=True, dtype=dtype)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def save_diffusers(pipe: AceStepPipeline, folder: Path) -> Path:
    """Write a pipeline as diffusers does."""
    pipe.save_pretrained(folder, safe_serialization=True)
    return folder


def save_original(
    pipe: AceStepPipeline,
    folder: Path,
    *,
    shards: int = 1,
    dtype: torch.dtype = torch.bfloat16,
    name: str = "acestep-v15-turbo",
) -> Path:
    """Write a pipeline as the makers first gave theirs out; return the folder of all parts."""
    checkpoint = folder / name
    checkpoint.mkdir(parents=True)
    tensors = {key: value.to(dtype) for key, value in original_tensors(pipe).items()}
    _save(tensors, checkpoint, shards)
    (checkpoint / "config.json").write_text(json.dumps(_config(pipe)))
    silence = pipe.condition_encoder.silence_latent
    torch.save(silence.transpose(1, 2).contiguous(), checkpoint / "silence_latent.pt")
    (checkpoint / "modeling_acestep_v15.py").write_text("raise SystemExit('never run this')\n")
    pipe.vae.save_pretrained(folder / "vae")
    pipe.text_encoder.save_pretrained(folder / "Qwen3-Embedding-0.6B")
    pipe.tokenizer.save_pretrained(folder / "Qwen3-Embedding-0.6B")
    return folder


def original_tensors(pipe: AceStepPipeline) -> dict[str, torch.Tensor]:
    """Return the tensors of a checkpoint in the first layout."""
    found = {}
    for name, tensor in pipe.transformer.state_dict().items():
        back = re.sub("^proj_(in|out)_conv", r"proj_\1.1", name)
        found[f"decoder.{_attention(back)}"] = tensor
    for name, tensor in pipe.condition_encoder.state_dict().items():
        if name == "null_condition_emb":
            found[name] = tensor
        elif name != "silence_latent":
            found[f"encoder.{_attention(name)}"] = tensor
    for name, tensor in pipe.audio_tokenizer.state_dict().items():
        found[f"tokenizer.{_attention(name)}"] = tensor
    for name, tensor in pipe.audio_token_detokenizer.state_dict().items():
        found[f"detokenizer.{_attention(name)}"] = tensor
    return found


def copy_of(folder: Path, target: Path) -> Path:
    """Return a copy of a folder that a test may spoil."""
    shutil.copytree(folder, target)
    return target


def _attention(name: str) -> str:
    name = re.sub(r"\bto_out\.0\b", "o_proj", name)
    name = re.sub(r"\bto_([qkv])\b", r"\1_proj", name)
    return re.sub(r"\bnorm_([qk])\b", r"\1_norm", name)


def _save(tensors: dict[str, torch.Tensor], folder: Path, shards: int) -> None:
    if shards == 1:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        return
    names = sorted(tensors)
    places = {}
    for number in range(shards):
        file = f"model-{number + 1:05d}-of-{shards:05d}.safetensors"
        part = {name: tensors[name] for name in names[number::shards]}
        save_file(part, folder / file, metadata={"format": "pt"})
        places |= dict.fromkeys(part, file)
    index = {"metadata": {"total_size": 1}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def _config(pipe: AceStepPipeline) -> dict[str, object]:
    transformer, conditions = pipe.transformer.config, pipe.condition_encoder.config
    return {
        "architectures": ["AceStepConditionGenerationModel"],
        "auto_map": {"AutoModel": "modeling_acestep_v15.AceStepConditionGenerationModel"},
        "hidden_size": transformer.hidden_size,
        "intermediate_size": transformer.intermediate_size,
        "num_hidden_layers": transformer.num_hidden_layers,
        "num_attention_heads": transformer.num_attention_heads,
        "num_key_value_heads": transformer.num_key_value_heads,
        "encoder_hidden_size": conditions.hidden_size,
        "head_dim": transformer.head_dim,
        "rope_theta": transformer.rope_theta,
        "sliding_window": transformer.sliding_window,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "rms_norm_eps": 1e-6,
        "num_lyric_encoder_hidden_layers": conditions.num_lyric_encoder_hidden_layers,
        "num_timbre_encoder_hidden_layers": conditions.num_timbre_encoder_hidden_layers,
        "num_attention_pooler_hidden_layers": 1,
        "pool_window_size": 5,
        "fsq_input_levels": LEVELS,
        "fsq_input_num_quantizers": 1,
        "in_channels": transformer.in_channels,
        "patch_size": transformer.patch_size,
        "is_turbo": transformer.is_turbo,
        "model_version": transformer.model_version,
    }


def _tokenizer() -> PreTrainedTokenizerFast:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    end = "<|endoftext|>"
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token=end, pad_token=end)
