"""The makers' first layout becomes one that diffusers loads, with every tensor as it was."""

import json
import struct
from pathlib import Path

import pytest
import torch
from diffusers import AceStepPipeline
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from acestep_desktop.models.errors import DamagedModelError, NotAModelError
from acestep_desktop.models.importing import import_folder
from acestep_desktop.models.store import InstalledModel, ModelStore
from tests.models.originals import build, copy_of, load, save_original

PARTS = ("transformer", "condition_encoder", "audio_tokenizer", "audio_token_detokenizer")


def all_tensors(pipe: AceStepPipeline, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Return every tensor of a pipeline; those of the checkpoint as `dtype`."""
    found = {}
    for part in (*PARTS, "vae", "text_encoder"):
        for name, tensor in getattr(pipe, part).state_dict().items():
            rounded = part in PARTS and name != "silence_latent"
            found[f"{part}.{name}"] = tensor.to(dtype).float() if rounded else tensor
    return found


def loaded(model: InstalledModel) -> AceStepPipeline:
    return load(model.path)


@pytest.mark.parametrize(
    ("size", "kind", "shards", "dtype"),
    [
        ("2B", "turbo", 1, torch.bfloat16),
        ("2B", "base", 3, torch.float32),
        ("XL", "base", 1, torch.bfloat16),
        ("XL", "sft", 4, torch.float32),
    ],
)
def test_every_tensor_is_as_it_was(
    store: ModelStore, tmp_path: Path, size: str, kind: str, shards: int, dtype: torch.dtype
) -> None:
    pipe = build(size, kind, seed=7)
    source = save_original(
        pipe, tmp_path / "given", shards=shards, dtype=dtype, name=f"acestep-v15-{kind}"
    )
    model = import_folder(store, source)
    ours, theirs = all_tensors(loaded(model), torch.float32), all_tensors(pipe, dtype)
    assert ours.keys() == theirs.keys()
    assert [name for name in theirs if not torch.equal(ours[name], theirs[name])] == []
    assert model.kind == kind


@pytest.mark.parametrize("size", ["2B", "XL"])
def test_every_setting_of_every_part_is_as_it_was(
    store: ModelStore, tmp_path: Path, size: str
) -> None:
    pipe = build(size, "base")
    again = loaded(import_folder(store, save_original(pipe, tmp_path / "given")))
    for part in PARTS:
        ours, theirs = dict(getattr(again, part).config), dict(getattr(pipe, part).config)
        layers = theirs["num_hidden_layers"] if part == "transformer" else None
        if layers:
            theirs["layer_types"] = (["sliding_attention", "full_attention"] * layers)[:layers]
        same = {name for name in theirs if not name.startswith("_")}
        assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}
    assert again.scheduler.config.shift == 1.0
    assert again.scheduler.config.num_train_timesteps == 1


def test_the_type_of_each_tensor_stays(store: ModelStore, original_folder: Path) -> None:
    model = import_folder(store, original_folder)
    file = model.path / "condition_encoder" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(file)
    assert tensors["null_condition_emb"].dtype == torch.bfloat16
    assert tensors["silence_latent"].dtype == torch.float32
    with safe_open(file, "pt") as opened:
        assert opened.metadata() == {"format": "pt"}


def test_it_makes_the_same_music(
    store: ModelStore, original_folder: Path, diffusers_folder: Path
) -> None:
    wish = {
        "prompt": "rain",
        "lyrics": "la",
        "audio_duration": 10.0,
        "num_inference_steps": 2,
        "guidance_scale": 1.0,
        "output_type": "latent",
    }
    heard = []
    for folder in (import_folder(store, original_folder).path, diffusers_folder):
        pipe = load(folder, torch.bfloat16).to(torch.float32)
        heard.append(pipe(**wish, generator=torch.Generator().manual_seed(3)).audios)
    assert torch.equal(*heard)


def test_the_makers_folder_stays_as_it_is(store: ModelStore, original_folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in original_folder.rglob("*")}
    import_folder(store, original_folder)
    assert {path: path.stat().st_mtime_ns for path in original_folder.rglob("*")} == before


def test_the_checkpoints_own_folder_will_do(store: ModelStore, original_folder: Path) -> None:
    assert import_folder(store, original_folder / "acestep-v15-turbo").name == "turbo"


def test_code_of_the_repository_is_left_behind(store: ModelStore, original_folder: Path) -> None:
    model = import_folder(store, original_folder)
    assert {path.suffix for path in model.path.rglob("*") if path.is_file()} <= {
        *(".json", ".safetensors", ".txt", ".jinja")
    }


@pytest.fixture
def spoiled(original_folder: Path, tmp_path: Path) -> Path:
    """A copy of the makers' layout that a test may spoil."""
    return copy_of(original_folder, tmp_path / "spoiled")


def test_a_cut_file_is_named(store: ModelStore, spoiled: Path) -> None:
    weights = spoiled / "acestep-v15-turbo" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(DamagedModelError, match=r'"model\.safetensors" is damaged'):
        import_folder(store, spoiled)
    assert store.installed() == ()


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\xff" * 8,
        struct.pack("<Q", 2**62),
        struct.pack("<Q", 4) + b"{}{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 9) + b'{"a":[1]}',
        struct.pack("<Q", 54) + b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,4]}}',
        struct.pack("<Q", 55) + b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
        struct.pack("<Q", 54) + b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
    ],
)
def test_a_corrupt_header_is_refused(store: ModelStore, spoiled: Path, header: bytes) -> None:
    (spoiled / "acestep-v15-turbo" / "model.safetensors").write_bytes(header)
    with pytest.raises(DamagedModelError, match=r'"model\.safetensors" is damaged'):
        import_folder(store, spoiled)


def test_a_missing_shard_is_named(store: ModelStore, pipe: AceStepPipeline, tmp_path: Path) -> None:
    source = save_original(pipe, tmp_path / "given", shards=3)
    (source / "acestep-v15-turbo" / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(DamagedModelError, match="model-00002-of-00003"):
        import_folder(store, source)


def test_a_shard_that_is_of_another_model_is_noticed(
    store: ModelStore, pipe: AceStepPipeline, tmp_path: Path
) -> None:
    source = save_original(pipe, tmp_path / "given", shards=2)
    first, second = sorted((source / "acestep-v15-turbo").glob("*.safetensors"))
    second.write_bytes(first.read_bytes())
    with pytest.raises(DamagedModelError, match="is there twice"):
        import_folder(store, source)


@pytest.mark.parametrize(
    ("lost", "part"),
    [
        ("decoder.layers.1.cross_attn.k_proj.weight", "transformer"),
        ("encoder.lyric_encoder.layers.2.mlp.up_proj.weight", "condition_encoder"),
        ("null_condition_emb", "condition_encoder"),
        ("tokenizer.quantizer.project_in.bias", "audio_tokenizer"),
        ("detokenizer.special_tokens", "audio_token_detokenizer"),
    ],
)
def test_a_lost_tensor_is_named(store: ModelStore, spoiled: Path, lost: str, part: str) -> None:
    weights = spoiled / "acestep-v15-turbo" / "model.safetensors"
    tensors = load_file(weights)
    del tensors[lost]
    save_file(tensors, weights)
    with pytest.raises(DamagedModelError, match=f"lacks the tensor .* of its {part}"):
        import_folder(store, spoiled)


def test_an_unknown_tensor_is_refused(store: ModelStore, spoiled: Path) -> None:
    weights = spoiled / "acestep-v15-turbo" / "model.safetensors"
    save_file({**load_file(weights), "vocoder.weight": torch.zeros(2)}, weights)
    with pytest.raises(NotAModelError, match=r'"vocoder\.weight"'):
        import_folder(store, spoiled)


def test_a_config_that_says_too_little_is_refused(store: ModelStore, spoiled: Path) -> None:
    path = spoiled / "acestep-v15-turbo" / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "num_hidden_layers": "many"}))
    with pytest.raises(DamagedModelError, match="num_hidden_layers"):
        import_folder(store, spoiled)


def test_weights_that_are_pickles_are_refused(store: ModelStore, spoiled: Path) -> None:
    folder = spoiled / "acestep-v15-turbo"
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(NotAModelError, match="pickles"):
        import_folder(store, spoiled)


@pytest.mark.parametrize("part", ["vae", "Qwen3-Embedding-0.6B"])
def test_a_missing_companion_is_named(store: ModelStore, spoiled: Path, part: str) -> None:
    (spoiled / part).rename(spoiled / "elsewhere")
    with pytest.raises(NotAModelError, match=part):
        import_folder(store, spoiled)
