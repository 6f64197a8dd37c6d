"""The configs of a pipeline's parts, derived from an original checkpoint's config and shapes."""

from collections.abc import Mapping
from typing import Final

from acestep_desktop.domain.codec import Json
from acestep_desktop.models.errors import DamagedModelError
from acestep_desktop.models.renaming import CONDITIONS, DETOKENIZER, TOKENIZER, TRANSFORMER

Shapes = Mapping[str, Mapping[str, tuple[int, ...]]]
"""The shape of each tensor of each part, by its new name."""

_VERSION: Final = "0.42.1"
_SLIDING: Final = "sliding_attention"
_FULL: Final = "full_attention"


def part_configs(config: Mapping[str, Json], shapes: Shapes) -> dict[str, dict[str, Json]]:
    """Return the config of each part with tensors.

    Whatever a shape tells is taken from it: in the XL models the encoders are
    narrower than the transformer, and the original config names their width in
    several ways.
    """
    try:
        return {
            TRANSFORMER: _transformer(config, shapes[TRANSFORMER]),
            CONDITIONS: _conditions(config, shapes[CONDITIONS]),
            TOKENIZER: _tokenizer(config, shapes[TOKENIZER]),
            DETOKENIZER: _detokenizer(config, shapes[DETOKENIZER]),
        }
    except (IndexError, ZeroDivisionError) as error:
        raise DamagedModelError(
            "A tensor of this checkpoint has an impossible shape: get its files again."
        ) from error


def _transformer(
    config: Mapping[str, Json], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, Json]:
    hidden, channels, patch = shapes["proj_in_conv.weight"]
    layers = config["num_hidden_layers"]
    assert isinstance(layers, int)  # checked with the names of the tensors
    return {
        "_class_name": "AceStepTransformer1DModel",
        "_diffusers_version": _VERSION,
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "in_channels": channels,
        "patch_size": patch,
        "audio_acoustic_hidden_dim": shapes["proj_out_conv.weight"][1],
        "encoder_hidden_size": shapes["condition_embedder.weight"][1],
        "is_turbo": config.get("is_turbo") is True or config.get("model_version") == "turbo",
        "model_version": _text_or_none(config.get("model_version")),
        **_layer(config, shapes, "layers.0"),
        "layer_types": _layer_types(config, layers),
    }


def _conditions(
    config: Mapping[str, Json], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, Json]:
    hidden, text = shapes["lyric_encoder.embed_tokens.weight"]
    return {
        "_class_name": "AceStepConditionEncoder",
        "_diffusers_version": _VERSION,
        "hidden_size": hidden,
        "text_hidden_dim": text,
        "timbre_hidden_dim": shapes["timbre_encoder.embed_tokens.weight"][1],
        "num_lyric_encoder_hidden_layers": config["num_lyric_encoder_hidden_layers"],
        "num_timbre_encoder_hidden_layers": config["num_timbre_encoder_hidden_layers"],
        **_layer(config, shapes, "lyric_encoder.layers.0"),
    }


def _tokenizer(
    config: Mapping[str, Json], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, Json]:
    hidden, acoustic = shapes["audio_acoustic_proj.weight"]
    return {
        "_class_name": "AceStepAudioTokenizer",
        "_diffusers_version": _VERSION,
        "hidden_size": hidden,
        "audio_acoustic_hidden_dim": acoustic,
        "pool_window_size": config.get("pool_window_size", 5),
        "fsq_dim": shapes["quantizer.project_in.weight"][1],
        "fsq_input_levels": config.get("fsq_input_levels", [8, 8, 8, 5, 5, 5]),
        "fsq_input_num_quantizers": config.get("fsq_input_num_quantizers", 1),
        "num_attention_pooler_hidden_layers": config["num_attention_pooler_hidden_layers"],
        **_layer(config, shapes, "attention_pooler.layers.0"),
    }


def _detokenizer(
    config: Mapping[str, Json], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, Json]:
    return {
        "_class_name": "AceStepAudioTokenDetokenizer",
        "_diffusers_version": _VERSION,
        "hidden_size": shapes["embed_tokens.weight"][0],
        "audio_acoustic_hidden_dim": shapes["proj_out.weight"][0],
        "pool_window_size": shapes["special_tokens"][1],
        "num_attention_pooler_hidden_layers": config["num_attention_pooler_hidden_layers"],
        **_layer(config, shapes, "layers.0"),
    }


def _layer(
    config: Mapping[str, Json], shapes: Mapping[str, tuple[int, ...]], layer: str
) -> dict[str, Json]:
    """Return what the layers of a part have in common."""
    head = shapes[f"{layer}.self_attn.norm_q.weight"][0]
    return {
        "intermediate_size": shapes[f"{layer}.mlp.gate_proj.weight"][0],
        "num_attention_heads": shapes[f"{layer}.self_attn.to_q.weight"][0] // head,
        "num_key_value_heads": shapes[f"{layer}.self_attn.to_k.weight"][0] // head,
        "head_dim": head,
        "rope_theta": _rope_theta(config),
        "attention_bias": config.get("attention_bias") is True,
        "attention_dropout": config.get("attention_dropout", 0.0),
        "rms_norm_eps": config.get("rms_norm_eps", 1e-6),
        "sliding_window": config.get("sliding_window") or 128,
        "layer_types": None,
    }


def _layer_types(config: Mapping[str, Json], layers: int) -> list[Json]:
    named = config.get("layer_types")
    if isinstance(named, list) and len(named) == layers and set(map(str, named)) <= _KINDS:
        return named
    return [_FULL if number % 2 else _SLIDING for number in range(layers)]


def _rope_theta(config: Mapping[str, Json]) -> Json:
    rope = config.get("rope_parameters")
    nested = rope.get("rope_theta") if isinstance(rope, dict) else None
    return config.get("rope_theta") or nested or 1_000_000.0


def _text_or_none(value: Json) -> str | None:
    return value if isinstance(value, str) else None


_KINDS: Final = {_SLIDING, _FULL}
