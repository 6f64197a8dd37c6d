"""The names of tensors, held against what the hub says of the real checkpoints."""

import math

from acestep_desktop.models.part_configs import part_configs
from acestep_desktop.models.renaming import expected_names, new_name
from tests.models.true_shape import PARAMETERS, TENSORS, true_shapes

CONFIG = {
    "num_hidden_layers": 24,
    "num_lyric_encoder_hidden_layers": 8,
    "num_timbre_encoder_hidden_layers": 4,
    "num_attention_pooler_hidden_layers": 2,
    "rope_theta": 1_000_000,
    "is_turbo": False,
    "model_version": "base",
}


def test_the_true_shape_has_as_many_parameters_as_the_hub_says() -> None:
    shapes = true_shapes()
    assert len(shapes) == TENSORS
    assert sum(math.prod(shape) for shape in shapes.values()) == PARAMETERS


def test_every_tensor_of_the_true_shape_has_its_place() -> None:
    expected = expected_names(
        layers=24, lyric_layers=8, timbre_layers=4, pooler_layers=2, bias=False
    )
    found: dict[str, set[str]] = {part: set() for part in expected}
    for name in true_shapes():
        place = new_name(name)
        assert place is not None, name
        found[place[0]].add(place[1])
    assert found == expected


def test_the_configs_of_the_true_shape_are_those_of_diffusers() -> None:
    shapes: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, shape in true_shapes().items():
        part, new = new_name(name) or ("", "")
        shapes.setdefault(part, {})[new] = shape
    configs = part_configs(CONFIG, shapes)
    transformer = configs["transformer"]
    assert (transformer["hidden_size"], transformer["intermediate_size"]) == (2048, 6144)
    assert (transformer["num_attention_heads"], transformer["num_key_value_heads"]) == (16, 8)
    assert (transformer["in_channels"], transformer["patch_size"]) == (192, 2)
    assert transformer["rope_theta"] == 1_000_000
    assert configs["condition_encoder"]["text_hidden_dim"] == 1024
    assert configs["audio_tokenizer"]["fsq_dim"] == 2048
    assert configs["audio_token_detokenizer"]["pool_window_size"] == 5


def test_an_unknown_name_has_no_place() -> None:
    assert new_name("vocoder.weight") is None
