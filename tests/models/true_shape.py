"""A checkpoint in the makers' first layout and the true shape of 2B, all zeros: made at once."""

import json
import os
from pathlib import Path

from acestep_desktop.models.tensors import Tensor, bytes_of, header_of
from tests.models.pretending import pretended_model

PARAMETERS = 2_393_872_518
"""What the hub says of acestep-v15-base."""

TENSORS = 677

HIDDEN, WIDE, KEYS, HEAD, LATENT, TEXT = 2048, 6144, 1024, 128, 64, 1024

Shapes = dict[str, tuple[int, ...]]


def true_shapes(*, layers: int = 24, lyric: int = 8, timbre: int = 4, pooler: int = 2) -> Shapes:
    """Return the tensors of a 2B checkpoint by the makers' names, or of one with fewer layers."""
    found: Shapes = {"null_condition_emb": (1, 1, HIDDEN)}
    found |= _below("decoder", _decoder(layers))
    found |= {"encoder.text_projector.weight": (HIDDEN, TEXT)}
    found |= _below("encoder.lyric_encoder", _encoder(lyric, TEXT))
    found |= _below("encoder.timbre_encoder", _encoder(timbre, LATENT))
    found |= {"encoder.timbre_encoder.special_token": (1, 1, HIDDEN)}
    found |= _below("tokenizer.attention_pooler", _encoder(pooler, HIDDEN))
    found |= {"tokenizer.attention_pooler.special_token": (1, 1, HIDDEN)}
    found |= _linear("tokenizer.audio_acoustic_proj", HIDDEN, LATENT)
    found |= _linear("tokenizer.quantizer.project_in", 6, HIDDEN)
    found |= _linear("tokenizer.quantizer.project_out", HIDDEN, 6)
    found |= _below("detokenizer", _encoder(pooler, HIDDEN))
    found |= {"detokenizer.special_tokens": (1, 5, HIDDEN)}
    return found | _linear("detokenizer.proj_out", LATENT, HIDDEN)


def write_checkpoint(folder: Path, *, layers: int = 24, silence: bytes = b"") -> int:
    """Write such a checkpoint with its companions, as files with holes; return its bytes."""
    small = layers < 24
    shapes = true_shapes(layers=layers, lyric=1 if small else 8, timbre=1 if small else 4)
    checkpoint = folder / "acestep-v15-base"
    checkpoint.mkdir(parents=True)
    tensors = tuple(
        Tensor(name, "BF16", shape, checkpoint, 0, bytes_of("BF16", shape))
        for name, shape in shapes.items()
    )
    total = sum(tensor.length for tensor in tensors)
    path = checkpoint / "model.safetensors"
    path.write_bytes(header_of(tensors))
    os.truncate(path, path.stat().st_size + total)
    config = {
        "num_hidden_layers": layers,
        "num_lyric_encoder_hidden_layers": 1 if small else 8,
        "num_timbre_encoder_hidden_layers": 1 if small else 4,
        "num_attention_pooler_hidden_layers": 2,
        "is_turbo": False,
        "model_version": "base",
        "hidden_size": HIDDEN,
    }
    (checkpoint / "config.json").write_text(json.dumps(config))
    (checkpoint / "silence_latent.pt").write_bytes(silence)
    others = pretended_model(folder / "others")
    (others / "vae").rename(folder / "vae")
    (others / "text_encoder").rename(folder / "Qwen3-Embedding-0.6B")
    text = folder / "Qwen3-Embedding-0.6B"
    (text / "config.json").write_text('{"model_type": "qwen3"}')
    (others / "tokenizer" / "tokenizer.json").rename(text / "tokenizer.json")
    (text / "tokenizer_config.json").write_text("{}")
    return total


def _decoder(layers: int) -> Shapes:
    found: Shapes = {"norm_out.weight": (HIDDEN,), "scale_shift_table": (1, 2, HIDDEN)}
    found |= _linear("condition_embedder", HIDDEN, HIDDEN)
    found |= {"proj_in.1.weight": (HIDDEN, 3 * LATENT, 2), "proj_in.1.bias": (HIDDEN,)}
    found |= {"proj_out.1.weight": (HIDDEN, LATENT, 2), "proj_out.1.bias": (LATENT,)}
    for clock in ("time_embed", "time_embed_r"):
        found |= _linear(f"{clock}.linear_1", HIDDEN, 256)
        found |= _linear(f"{clock}.linear_2", HIDDEN, HIDDEN)
        found |= _linear(f"{clock}.time_proj", 6 * HIDDEN, HIDDEN)
    for number in range(layers):
        layer: Shapes = {f"{name}.weight": (HIDDEN,) for name in _DECODER_NORMS}
        layer |= {"scale_shift_table": (1, 6, HIDDEN)}
        layer |= _attention("self_attn") | _attention("cross_attn") | _mlp()
        found |= _below(f"layers.{number}", layer)
    return found


def _encoder(layers: int, width: int) -> Shapes:
    found: Shapes = _linear("embed_tokens", HIDDEN, width) | {"norm.weight": (HIDDEN,)}
    for number in range(layers):
        layer: Shapes = {f"{name}.weight": (HIDDEN,) for name in _ENCODER_NORMS}
        found |= _below(f"layers.{number}", layer | _attention("self_attn") | _mlp())
    return found


def _attention(name: str) -> Shapes:
    sides = {"q": (HIDDEN, HIDDEN), "k": (KEYS, HIDDEN), "v": (KEYS, HIDDEN), "o": (HIDDEN, HIDDEN)}
    found: Shapes = {f"{name}.{side}_proj.weight": shape for side, shape in sides.items()}
    return found | {f"{name}.{side}_norm.weight": (HEAD,) for side in "qk"}


def _mlp() -> Shapes:
    return {
        "mlp.gate_proj.weight": (WIDE, HIDDEN),
        "mlp.up_proj.weight": (WIDE, HIDDEN),
        "mlp.down_proj.weight": (HIDDEN, WIDE),
    }


def _linear(name: str, out: int, into: int) -> Shapes:
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}


def _below(name: str, shapes: Shapes) -> Shapes:
    return {f"{name}.{rest}": shape for rest, shape in shapes.items()}


_DECODER_NORMS = ("self_attn_norm", "cross_attn_norm", "mlp_norm")
_ENCODER_NORMS = ("input_layernorm", "post_attention_layernorm")
