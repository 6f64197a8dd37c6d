"""LoRA files: what they add, how strongly, that they leave no trace, and which are refused."""

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from acestep_desktop.acestep.adapter_files import read_lora
from acestep_desktop.acestep.adapters import applied, read_adapters
from acestep_desktop.acestep.errors import AdapterError
from acestep_desktop.audiofile.errors import DiskError
from acestep_desktop.domain.request import Adapter, Prompt, Request
from tests.acestep import tiny

RANK = 4
QUERY = "layers.0.self_attn.to_q"
OUT = "layers.1.cross_attn.to_out.0"


def halves(module: nn.Module, seed: int = 0, rank: int = RANK) -> tuple[Tensor, Tensor]:
    """Return random first and second halves of a LoRA for a linear layer."""
    random = torch.Generator().manual_seed(seed)
    assert isinstance(module, nn.Linear)
    return (
        torch.randn(rank, module.in_features, generator=random) * 0.1,
        torch.randn(module.out_features, rank, generator=random) * 0.1,
    )


@pytest.fixture(scope="module")
def transformer() -> nn.Module:
    return tiny.build("turbo", fast=True).transformer


@pytest.fixture(scope="module")
def layers(transformer: nn.Module) -> dict[str, tuple[Tensor, Tensor]]:
    """Halves for two layers, by the model's names."""
    modules = dict(transformer.named_modules())
    return {name: halves(modules[name], seed) for seed, name in enumerate((QUERY, OUT))}


def as_peft(name: str) -> str:
    return name.replace("to_out.0", "o_proj").replace("to_q", "q_proj")


NAMINGS: dict[str, Callable[[str, str], str]] = {
    "diffusers": lambda name, half: f"transformer.{name}.lora_{half}.weight",
    "plain": lambda name, half: f"{name}.lora_{half}.weight",
    "peft": lambda name, half: f"base_model.model.{as_peft(name)}.lora_{half}.weight",
    "peft named": lambda name, half: f"base_model.model.{as_peft(name)}.lora_{half}.default.weight",
    "makers": lambda name, half: f"decoder.{as_peft(name)}.lora_{half}.weight",
    "comfy": lambda name, half: f"diffusion_model.decoder.{as_peft(name)}.lora_{half}.weight",
    "kohya": lambda name, half: (
        f"lora_unet_{as_peft(name).replace('.', '_')}.lora_{'down' if half == 'A' else 'up'}.weight"
    ),
}


def lora_file(
    folder: Path,
    layers: dict[str, tuple[Tensor, Tensor]],
    naming: str = "diffusers",
    name: str = "a.safetensors",
    **more: Any,
) -> Path:
    """Write a LoRA file; `more` are tensors beside it."""
    name_of = NAMINGS[naming]
    tensors = {name_of(layer, "A"): down.contiguous() for layer, (down, _) in layers.items()}
    tensors |= {name_of(layer, "B"): up.contiguous() for layer, (_, up) in layers.items()}
    folder.mkdir(exist_ok=True)
    save_file({**tensors, **more}, folder / name)
    return folder / name


def moved(transformer: nn.Module, path: Path, name: str, strength: float = 1.0) -> Tensor:
    """Return by how much a LoRA file changes what one layer makes of the unit vectors."""
    layer = transformer.get_submodule(name)
    assert isinstance(layer, nn.Linear)
    units = torch.eye(layer.in_features)
    with torch.inference_mode():
        before = layer(units)
        with applied([Adapter(str(path), strength)], [read_lora(path)], transformer):
            return layer(units) - before


@pytest.mark.parametrize("naming", NAMINGS)
def test_whatever_names_a_program_gives_the_layers_they_are_found(
    transformer: nn.Module, layers: dict[str, Any], tmp_path: Path, naming: str
) -> None:
    path = lora_file(tmp_path, layers, naming)
    for name, (down, up) in layers.items():
        assert torch.allclose(moved(transformer, path, name), (up @ down).T, atol=1e-5)


def test_strength_is_a_factor_and_may_be_negative(
    transformer: nn.Module, layers: dict[str, Any], tmp_path: Path
) -> None:
    path = lora_file(tmp_path, layers)
    whole = moved(transformer, path, QUERY)
    assert torch.allclose(moved(transformer, path, QUERY, -0.5), -0.5 * whole, atol=1e-5)


@pytest.mark.parametrize(
    ("config", "scale"),
    [
        ({"lora_alpha": 8, "r": RANK}, 2.0),
        ({"lora_alpha": 8, "r": RANK, "use_rslora": True}, 4.0),
        ({"lora_alpha": 8, "alpha_pattern": {"self_attn.to_q": 4}}, 1.0),
        ({"lora_alpha": 8, "alpha_pattern": {"self_attn.q_proj": 4}}, 1.0),
        ({"lora_alpha": 8, "alpha_pattern": {"q_proj": 4}}, 1.0),
        ({"lora_alpha": 8, "alpha_pattern": {"decoder.layers.0.self_attn.q_proj": 4}}, 1.0),
        ({"lora_alpha": 8, "alpha_pattern": {"^layers.0.self_attn.to_q": 4}}, 1.0),
        ({"lora_alpha": 8, "alpha_pattern": {"_attn.to_q": 4, "layers.1.self_attn.to_q": 4}}, 2.0),
        ({"r": RANK}, 1.0),
    ],
)
def test_alpha_of_the_configuration_counts(
    transformer: nn.Module,
    layers: dict[str, Any],
    tmp_path: Path,
    config: dict[str, Any],
    scale: float,
) -> None:
    path = lora_file(tmp_path, layers, "peft", "adapter_model.safetensors")
    plain = moved(transformer, path, QUERY)
    (tmp_path / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", **config}))
    assert torch.allclose(moved(transformer, path, QUERY), scale * plain, atol=1e-5)


def test_alpha_in_the_file_counts(
    transformer: nn.Module, layers: dict[str, Any], tmp_path: Path
) -> None:
    alphas = {f"transformer.{name}.alpha": torch.tensor(float(RANK * 3)) for name in layers}
    path = lora_file(tmp_path, layers, **alphas)
    down, up = layers[QUERY]
    assert torch.allclose(moved(transformer, path, QUERY), 3 * (up @ down).T, atol=1e-5)


def test_alpha_in_the_header_counts(
    transformer: nn.Module, layers: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "a.safetensors"
    down, up = layers[QUERY]
    tensors = {f"transformer.{QUERY}.lora_A.weight": down, f"transformer.{QUERY}.lora_B.weight": up}
    said = json.dumps({"transformer.lora_alpha": 2 * RANK, "transformer.r": RANK})
    save_file(tensors, path, metadata={"format": "pt", "lora_adapter_metadata": said})
    assert torch.allclose(moved(transformer, path, QUERY), 2 * (up @ down).T, atol=1e-5)


def test_the_folder_that_peft_makes_is_read(
    transformer: nn.Module, layers: dict[str, Any], tmp_path: Path
) -> None:
    lora_file(tmp_path / "lora", layers, "peft", "adapter_model.safetensors")
    down, up = layers[OUT]
    change = moved(transformer, tmp_path / "lora", OUT)
    assert torch.allclose(change, (up @ down).T, atol=1e-5)


def test_several_add_up(transformer: nn.Module, layers: dict[str, Any], tmp_path: Path) -> None:
    one = lora_file(tmp_path, layers, name="one.safetensors")
    other_halves = halves(transformer.get_submodule(QUERY), seed=9, rank=7)
    two = lora_file(tmp_path, {QUERY: other_halves}, name="two.safetensors")
    layer = transformer.get_submodule(QUERY)
    units = torch.eye(32)
    adapters = [Adapter(str(one), 0.5), Adapter(str(two), 2.0)]
    wanted = 0.5 * moved(transformer, one, QUERY) + 2.0 * moved(transformer, two, QUERY)
    with torch.inference_mode():
        before = layer(units)
        with applied(adapters, [read_lora(one), read_lora(two)], transformer):
            change = layer(units) - before
    assert torch.allclose(change, wanted, atol=1e-5)


def test_nothing_is_left_of_a_lora_after_its_job(
    transformer: nn.Module, layers: dict[str, Any], tmp_path: Path
) -> None:
    path = lora_file(tmp_path, layers)
    layer = transformer.get_submodule(QUERY)
    x = torch.randn(5, 32)
    before, weights = layer(x), layer.weight.clone()
    with (
        pytest.raises(ZeroDivisionError),
        applied([Adapter(str(path))], [read_lora(path)], transformer),
    ):
        assert not torch.equal(layer(x), before)
        raise ZeroDivisionError
    assert torch.equal(layer(x), before)
    assert torch.equal(layer.weight, weights)


def test_a_lora_of_no_strength_changes_no_bit(
    transformer: nn.Module, layers: dict[str, Any], tmp_path: Path
) -> None:
    assert not moved(transformer, lora_file(tmp_path, layers), QUERY, 0.0).any()


def test_a_recipe_names_the_very_file(layers: dict[str, Any], tmp_path: Path) -> None:
    path = lora_file(tmp_path, layers)
    asked = Request(Prompt("house"), adapters=(Adapter(str(path), 0.5),))
    request, _ = read_adapters(asked)
    assert request.adapters[0].path == str(path)
    assert len(request.adapters[0].sha256) == 64
    assert read_adapters(request)[0] == request


def test_a_file_that_changed_since_its_take_is_refused(
    layers: dict[str, Any], tmp_path: Path
) -> None:
    path = lora_file(tmp_path, layers)
    request, _ = read_adapters(Request(Prompt("house"), adapters=(Adapter(str(path)),)))
    lora_file(tmp_path, {QUERY: layers[QUERY]})
    with pytest.raises(AdapterError, match="not the file that this take was made with"):
        read_adapters(request)


def refused_tensors() -> dict[str, tuple[dict[str, Tensor], str]]:
    """Return files by what is wrong with them, and what must be said of it."""
    down, up = torch.zeros(RANK, 32), torch.zeros(32, RANK)
    query = f"transformer.{QUERY}"
    good = {f"{query}.lora_A.weight": down, f"{query}.lora_B.weight": up}
    return {
        "lokr": ({f"{query}.lokr_w1": down}, "a LoKr"),
        "loha": ({f"{query}.hada_w1_a": down}, "a LoHa"),
        "dora": ({**good, f"{query}.lora_magnitude_vector.weight": up.clone()}, "a DoRA"),
        "kohya's dora": ({**good, f"{query}.dora_scale": up.clone()}, "a DoRA"),
        "half": ({f"{query}.lora_A.weight": down}, QUERY),
        "nothing": ({}, "no LoRA layers"),
        "a model": ({f"{query}.weight": down}, "belongs to no LoRA layer"),
        "ranks": (
            {f"{query}.lora_A.weight": down, f"{query}.lora_B.weight": up[:, :2].contiguous()},
            r"\(4, 32\) and \(32, 2\)",
        ),
        "nan": ({**good, f"{query}.lora_A.weight": down / 0.0}, "no numbers"),
        "alpha": ({**good, f"{query}.alpha": torch.zeros(2)}, "not one number"),
        "twice": ({**good, f"{QUERY}.lora_A.weight": down.clone()}, "there twice"),
    }


@pytest.mark.parametrize("wrong", refused_tensors())
def test_what_is_no_lora_is_refused_by_name(tmp_path: Path, wrong: str) -> None:
    tensors, words = refused_tensors()[wrong]
    save_file(tensors, tmp_path / "a.safetensors")
    with pytest.raises(AdapterError, match=words):
        read_lora(tmp_path / "a.safetensors")


def test_a_lora_for_a_larger_model_is_refused_by_name_and_shape(
    transformer: nn.Module, tmp_path: Path
) -> None:
    path = lora_file(tmp_path, {QUERY: (torch.zeros(RANK, 40), torch.zeros(64, RANK))})
    words = r'"layers.0.self_attn.to_q" is for 40 to 64 values, the model\'s has 32 to 32'
    with (
        pytest.raises(AdapterError, match=words),
        applied([Adapter(str(path))], [read_lora(path)], transformer),
    ):
        pass


def test_a_layer_that_the_model_lacks_is_refused_and_nothing_was_changed(
    transformer: nn.Module, layers: dict[str, Any], tmp_path: Path
) -> None:
    good = lora_file(tmp_path, layers, name="good.safetensors")
    wrong = lora_file(tmp_path, {"layers.31.self_attn.to_q": layers[QUERY]})
    with (
        pytest.raises(AdapterError, match=r'no layer "layers.31.self_attn.to_q"'),
        applied(
            [Adapter(str(good)), Adapter(str(wrong))],
            [read_lora(good), read_lora(wrong)],
            transformer,
        ),
    ):
        pass
    assert not transformer.get_submodule(QUERY)._forward_hooks


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (b"{", "configuration cannot be read"),
        (b"[]", "configuration cannot be read"),
        (b'{"lora_alpha": "much"}', "configuration cannot be read"),
        (b'{"lora_alpha": 1' + b"0" * 400 + b"}", "configuration cannot be read"),
        (b"[" * 200_000, "configuration cannot be read"),
        (b'{"alpha_pattern": {"(": 4}}', r'alpha_pattern "\(" is not the name of a layer'),
        (b'{"alpha_pattern": {"(([a-z0-9_.])+)+!": 4}}', "is not the name of a layer"),
        (b'{"use_dora": true}', "a DoRA"),
        (b'{"peft_type": "LOKR"}', "of the kind LOKR"),
    ],
)
def test_a_configuration_that_is_wrong_is_refused(
    layers: dict[str, Any], tmp_path: Path, config: bytes, words: str
) -> None:
    path = lora_file(tmp_path, layers)
    (tmp_path / "adapter_config.json").write_bytes(config)
    with pytest.raises(AdapterError, match=words):
        read_lora(path)


@pytest.mark.parametrize("protocol", [None, 2, 3, 4, 5])
def test_a_pickle_is_not_opened(tmp_path: Path, protocol: int | None) -> None:
    path = tmp_path / "a.safetensors"
    if protocol is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", b"\x80\x02.")
    else:
        path.write_bytes(pickle.dumps({"a layer": [0.0] * 9}, protocol))
    with pytest.raises(AdapterError, match="is a pickle"):
        read_lora(path)


@pytest.mark.parametrize("mark", [b"PK", b"\x80\x02", b"\x80\x04"])
def test_a_header_as_long_as_a_pickle_s_mark_is_no_pickle(
    layers: dict[str, Any], tmp_path: Path, mark: bytes
) -> None:
    path = lora_file(tmp_path, layers)
    data = path.read_bytes()
    length, wanted = int.from_bytes(data[:8], "little"), int.from_bytes(mark, "little")
    header = data[8 : 8 + length].ljust(wanted)
    path.write_bytes(wanted.to_bytes(8, "little") + header + data[8 + length :])
    assert path.read_bytes().startswith(mark)
    assert set(read_lora(path).layers) == set(layers)


@pytest.mark.parametrize("start", [b"", b"\xff" * 100, b"\x10\0\0\0\0\0\0\0{broken", b"RIFF"])
def test_a_damaged_file_is_refused_in_words(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(start)
    with pytest.raises(AdapterError, match="cannot be read as a safetensors file"):
        read_lora(path)


def test_a_cut_file_is_refused(layers: dict[str, Any], tmp_path: Path) -> None:
    path = lora_file(tmp_path, layers)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(AdapterError, match="cannot be read as a safetensors file"):
        read_lora(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"gone\.safetensors"):
        read_lora(tmp_path / "gone.safetensors")
