"""How the tensors of the makers' first layout are called in diffusers, and which there must be.

The first layout keeps transformer, encoders and audio tokenizer in one checkpoint;
diffusers keeps each apart. No tensor changes but in name.
"""

import re
from collections.abc import Iterable
from typing import Final

TRANSFORMER: Final = "transformer"
CONDITIONS: Final = "condition_encoder"
TOKENIZER: Final = "audio_tokenizer"
DETOKENIZER: Final = "audio_token_detokenizer"

NULL: Final = "null_condition_emb"

_PREFIXES: Final = {
    "decoder.": TRANSFORMER,
    "encoder.": CONDITIONS,
    "tokenizer.": TOKENIZER,
    "detokenizer.": DETOKENIZER,
}
_ATTENTION: Final = re.compile(
    r"(?<=[._]attn\.)(q_proj|k_proj|v_proj|o_proj|q_norm|k_norm)(?=\.(?:weight|bias)$)"
)
_ATTENTION_NAMES: Final = {
    "q_proj": "to_q",
    "k_proj": "to_k",
    "v_proj": "to_v",
    "o_proj": "to_out.0",
    "q_norm": "norm_q",
    "k_norm": "norm_k",
}
_PATCHES: Final = {"proj_in.1.": "proj_in_conv.", "proj_out.1.": "proj_out_conv."}


def new_name(name: str) -> tuple[str, str] | None:
    """Return the part of the pipeline and the tensor's name there; None for an unknown tensor."""
    if name == NULL:
        return CONDITIONS, NULL
    for prefix, part in _PREFIXES.items():
        if name.startswith(prefix):
            rest = name.removeprefix(prefix)
            if part == TRANSFORMER:
                for old, new in _PATCHES.items():
                    if rest.startswith(old):
                        rest = new + rest.removeprefix(old)
            return part, _ATTENTION.sub(lambda found: _ATTENTION_NAMES[found[0]], rest)
    return None


def expected_names(
    *, layers: int, lyric_layers: int, timbre_layers: int, pooler_layers: int, bias: bool
) -> dict[str, frozenset[str]]:
    """Return the names that each part must have, for a model of so many layers.

    `bias` says whether the projections of the attention have one.
    """
    encoder = _layer_names(("self_attn",), _ENCODER_NORMS, bias=bias)
    decoder = _layer_names(("self_attn", "cross_attn"), _DECODER_NORMS, bias=bias)
    pooler = {*_linear("embed_tokens"), "norm.weight", *_layers(pooler_layers, encoder)}
    return {
        TRANSFORMER: frozenset((*_DECODER_REST, *_layers(layers, decoder))),
        CONDITIONS: frozenset(
            (
                NULL,
                "text_projector.weight",
                "timbre_encoder.special_token",
                *_below("lyric_encoder", {*_linear("embed_tokens"), "norm.weight"}),
                *_below("timbre_encoder", {*_linear("embed_tokens"), "norm.weight"}),
                *_below("lyric_encoder", _layers(lyric_layers, encoder)),
                *_below("timbre_encoder", _layers(timbre_layers, encoder)),
            )
        ),
        TOKENIZER: frozenset(
            (
                *_linear("audio_acoustic_proj"),
                *_linear("quantizer.project_in"),
                *_linear("quantizer.project_out"),
                *_below("attention_pooler", {*pooler, "special_token"}),
            )
        ),
        DETOKENIZER: frozenset((*pooler, *_linear("proj_out"), "special_tokens")),
    }


def _linear(name: str) -> tuple[str, str]:
    return f"{name}.weight", f"{name}.bias"


def _below(name: str, names: Iterable[str]) -> set[str]:
    return {f"{name}.{rest}" for rest in names}


def _layers(count: int, names: Iterable[str]) -> set[str]:
    return {f"layers.{number}.{name}" for number in range(count) for name in names}


def _layer_names(
    attentions: tuple[str, ...], others: tuple[str, ...], *, bias: bool
) -> frozenset[str]:
    projections = ("to_q", "to_k", "to_v", "to_out.0")
    names = {f"mlp.{side}_proj.weight" for side in ("gate", "up", "down")} | set(others)
    for attention in attentions:
        names |= {f"{attention}.{name}.weight" for name in (*projections, "norm_q", "norm_k")}
        if bias:
            names |= {f"{attention}.{name}.bias" for name in projections}
    return frozenset(names)


_ENCODER_NORMS: Final = ("input_layernorm.weight", "post_attention_layernorm.weight")
_DECODER_NORMS: Final = (
    "self_attn_norm.weight",
    "cross_attn_norm.weight",
    "mlp_norm.weight",
    "scale_shift_table",
)
_DECODER_REST: Final = (
    *_linear("condition_embedder"),
    *_linear("proj_in_conv"),
    *_linear("proj_out_conv"),
    "norm_out.weight",
    "scale_shift_table",
    *(
        name
        for clock in ("time_embed", "time_embed_r")
        for layer in ("linear_1", "linear_2", "time_proj")
        for name in _linear(f"{clock}.{layer}")
    ),
)
