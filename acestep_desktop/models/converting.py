"""The makers' first layout, converted to the one that diffusers loads.

The bytes of each tensor are copied as they are, under another name, so that
memory stays small whatever the model; neither torch nor any of the repository's
own code is needed for it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.errors import shown
from acestep_desktop.domain.codec import Json
from acestep_desktop.models import renaming
from acestep_desktop.models.errors import DamagedModelError, NotAModelError
from acestep_desktop.models.inspecting import (
    SILENCE,
    TEXT_FOLDER,
    VAE_FOLDER,
    Look,
    companion,
    read_config,
)
from acestep_desktop.models.part_configs import Shapes, part_configs
from acestep_desktop.models.placing import Placer
from acestep_desktop.models.silence import read_silence
from acestep_desktop.models.tensors import Tensor, bytes_of, header_of, read_tensors

WEIGHTS: Final = "diffusion_pytorch_model.safetensors"
SILENCE_NAME: Final = "silence_latent"

TOKENIZER_FILES: Final = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
)
_TEXT_ENCODERS: Final = {"qwen3": "Qwen3Model"}
_INDEX: Final[dict[str, Json]] = {
    "_class_name": "AceStepPipeline",
    "_diffusers_version": "0.42.1",
    "audio_token_detokenizer": ["ace_step", "AceStepAudioTokenDetokenizer"],
    "audio_tokenizer": ["ace_step", "AceStepAudioTokenizer"],
    "condition_encoder": ["ace_step", "AceStepConditionEncoder"],
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "transformer": ["diffusers", "AceStepTransformer1DModel"],
    "vae": ["diffusers", "AutoencoderOobleck"],
}
_SCHEDULER: Final[dict[str, Json]] = {
    "_class_name": "FlowMatchEulerDiscreteScheduler",
    "_diffusers_version": "0.42.1",
    "num_train_timesteps": 1,
    "shift": 1.0,
}
"""The pipeline hands over times that are shifted already: to shift them here would do it twice."""


@dataclass(frozen=True, slots=True)
class Original:
    """A checkpoint in the first layout, checked and ready to be converted."""

    transformer: Path
    vae: Path
    text: Path
    config: dict[str, Json]
    parts: dict[str, tuple[Tensor, ...]]

    @property
    def tensor_bytes(self) -> int:
        """How much the checkpoint's tensors take."""
        return sum(tensor.length for part in self.parts.values() for tensor in part)


def read_original(look: Look) -> Original:
    """Return what there is to convert; every header is read, no tensor is.

    DamagedModelError and NotAModelError name the file or tensor that is wrong.
    """
    config = read_config(look.transformer / "config.json")
    tensors = [tensor for file in weight_files(look.transformer) for tensor in read_tensors(file)]
    parts = _divided(tensors, look.transformer)
    _require_all(parts, config, look.transformer)
    return Original(
        transformer=look.transformer,
        vae=companion(look.transformer, VAE_FOLDER),
        text=companion(look.transformer, TEXT_FOLDER),
        config=config,
        parts=parts,
    )


def weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files of one part, in one piece or in shards, all of them there."""
    indexes = sorted(folder.glob("*.safetensors.index.json"))
    if not indexes:
        files = sorted(folder.glob("*.safetensors"))
        if not files:
            raise NotAModelError(_no_weights(folder))
        return files
    names = read_config(indexes[0]).get("weight_map")
    shards = sorted({str(name) for name in names.values()}) if isinstance(names, dict) else []
    missing = [name for name in shards if "/" in name or not (folder / name).is_file()]
    if missing or not shards:
        what = ", ".join(shown(name) for name in missing[:6]) or "every weight file"
        raise DamagedModelError(
            f'The model in "{shown(str(folder))}" is not whole: {what} is missing. '
            "Get these files and try again."
        )
    return [folder / name for name in shards]


def convert(original: Original, placer: Placer) -> None:
    """Write the whole model in the diffusers layout into the placer's folder."""
    for part, config in part_configs(original.config, _shapes(original)).items():
        placer.write(f"{part}/config.json", as_text(config))
        placer.assemble(f"{part}/{WEIGHTS}", _pieces(part, original))
    placer.write("scheduler/scheduler_config.json", as_text(_SCHEDULER))
    _place_vae(original.vae, placer)
    text_class = _place_text(original.text, placer)
    tokenizer_class = _place_tokenizer(original.text, placer)
    index: dict[str, Json] = {
        **_INDEX,
        "text_encoder": ["transformers", text_class],
        "tokenizer": ["transformers", tokenizer_class],
    }
    placer.write("model_index.json", as_text(index))


def as_text(config: dict[str, Json]) -> bytes:
    """Return a config as the JSON text that diffusers reads."""
    return json.dumps(config, indent=2).encode() + b"\n"


def _pieces(part: str, original: Original) -> Iterator[bytes | tuple[Path, int, int]]:
    tensors, silence = original.parts[part], b""
    if part == renaming.CONDITIONS:
        path = original.transformer / SILENCE
        latent = read_silence(path)
        silence = latent.data
        length = bytes_of(latent.dtype, latent.shape)
        tensors += (Tensor(SILENCE_NAME, latent.dtype, latent.shape, path, 0, length),)
    yield header_of(tensors)
    for tensor in tensors:
        if tensor.name == SILENCE_NAME:
            yield silence
        else:
            yield tensor.file, tensor.start, tensor.length


def _divided(tensors: list[Tensor], folder: Path) -> dict[str, tuple[Tensor, ...]]:
    """Return the tensors of each part under their new names."""
    parts: dict[str, dict[str, Tensor]] = {}
    for tensor in tensors:
        found = renaming.new_name(tensor.name)
        if found is None:
            raise NotAModelError(
                f'The tensor "{shown(tensor.name)}" in "{shown(folder.name)}" is none of '
                "ACE-Step 1.5: this program may be too old for that model."
            )
        part, name = found
        if name in parts.setdefault(part, {}):
            raise DamagedModelError(
                f'The tensor "{shown(tensor.name)}" is there twice, in "{tensor.file.name}" and '
                f'"{parts[part][name].file.name}": remove the file that does not belong.'
            )
        parts[part][name] = tensor.renamed(name)
    return {part: tuple(named.values()) for part, named in parts.items()}


def _require_all(
    parts: dict[str, tuple[Tensor, ...]], config: dict[str, Json], folder: Path
) -> None:
    expected = renaming.expected_names(
        layers=_count(config, "num_hidden_layers", folder),
        lyric_layers=_count(config, "num_lyric_encoder_hidden_layers", folder),
        timbre_layers=_count(config, "num_timbre_encoder_hidden_layers", folder),
        pooler_layers=_count(config, "num_attention_pooler_hidden_layers", folder),
        bias=config.get("attention_bias") is True,
    )
    for part, names in expected.items():
        have = {tensor.name for tensor in parts.get(part, ())}
        for kind, odd in (("lacks", names - have), ("has too much:", have - names)):
            if odd:
                more = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
                raise DamagedModelError(
                    f'The checkpoint in "{shown(folder.name)}" {kind} the tensor '
                    f'"{shown(min(odd))}" of its {part}{more}: get all of its files again.'
                )


def _count(config: dict[str, Json], name: str, folder: Path) -> int:
    value = config.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000:
        raise DamagedModelError(
            f'"config.json" in "{shown(folder.name)}" does not say {name}: get the file again.'
        )
    return value


def _shapes(original: Original) -> Shapes:
    return {
        part: {tensor.name: tensor.shape for tensor in tensors}
        for part, tensors in original.parts.items()
    }


def _place_vae(folder: Path, placer: Placer) -> None:
    config = read_config(folder / "config.json")
    if config.get("_class_name") != "AutoencoderOobleck":
        raise NotAModelError(
            f'"{shown(str(folder))}" is no VAE of ACE-Step 1.5: take the folder "vae" of the '
            "repository ACE-Step/Ace-Step1.5."
        )
    _place_weights(folder, "vae", placer)


def _place_text(folder: Path, placer: Placer) -> str:
    kind = read_config(folder / "config.json").get("model_type")
    name = _TEXT_ENCODERS.get(str(kind))
    if name is None:
        raise NotAModelError(
            f'"{shown(str(folder))}" is no text encoder of ACE-Step 1.5: take the folder '
            f'"{TEXT_FOLDER}" of the repository ACE-Step/Ace-Step1.5.'
        )
    _place_weights(folder, "text_encoder", placer)
    return name


def _place_weights(folder: Path, part: str, placer: Placer) -> None:
    placer.place(folder / "config.json", f"{part}/config.json")
    for file in weight_files(folder):
        read_tensors(file)
        placer.place(file, f"{part}/{file.name}")
    for index in sorted(folder.glob("*.safetensors.index.json")):
        placer.place(index, f"{part}/{index.name}")


def _place_tokenizer(folder: Path, placer: Placer) -> str:
    config = read_config(folder / "tokenizer_config.json")
    if not (folder / "tokenizer.json").is_file():
        raise NotAModelError(f'"tokenizer.json" is missing in "{shown(str(folder))}".')
    for name in TOKENIZER_FILES:
        if (folder / name).is_file():
            placer.place(folder / name, f"tokenizer/{name}")
    return str(config.get("tokenizer_class") or "PreTrainedTokenizerFast")


def _no_weights(folder: Path) -> str:
    unsafe = [
        path.name for ending in ("bin", "pt", "pth", "ckpt") for path in folder.glob(f"*.{ending}")
    ]
    if [name for name in unsafe if name != SILENCE]:
        return (
            f'The weights in "{shown(str(folder))}" are pickles ({shown(unsafe[0])}), which can '
            "run anything when they are read: get the safetensors files."
        )
    return f'There are no safetensors files in "{shown(str(folder))}": get the whole model.'
