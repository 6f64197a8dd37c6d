"""What a folder is: a model as diffusers loads it, one in the makers' first layout, or none."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.errors import AudioFileError, disk_errors, shown
from acestep_desktop.domain.codec import Json, loads
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.models.catalogue import Layout, ModelKind, ModelSize
from acestep_desktop.models.errors import DamagedModelError, NotAModelError

INDEX: Final = "model_index.json"
PIPELINE: Final = "AceStepPipeline"
PARTS: Final = ("transformer", "condition_encoder", "vae", "text_encoder", "tokenizer")
"""What every pipeline needs; the scheduler and the audio tokenizer may be left out."""

TEXT_FOLDER: Final = "Qwen3-Embedding-0.6B"
VAE_FOLDER: Final = "vae"
SILENCE: Final = "silence_latent.pt"

MAX_CONFIG_BYTES: Final = 4 * 2**20
_XL_HIDDEN: Final = 2560
_VARIANTS: Final[tuple[ModelKind, ...]] = ("turbo", "sft", "base")
_MOST_FOLDERS: Final = 200


@dataclass(frozen=True, slots=True)
class Look:
    """A model that was recognised. `transformer` is the folder with the original checkpoint."""

    folder: Path
    layout: Layout
    kind: ModelKind
    size: ModelSize
    parts: tuple[str, ...]
    transformer: Path


def look_at(folder: Path) -> Look:
    """Return what model lies in `folder`; NotAModelError says why it is none."""
    if (folder / INDEX).is_file():
        return _look_at_diffusers(folder)
    checkpoints = list(_checkpoints_in(folder))
    if not checkpoints:
        raise NotAModelError(
            f'"{shown(str(folder))}" holds no weights of ACE-Step 1.5: choose the folder with '
            f'"{INDEX}", or the one with the checkpoint, "{VAE_FOLDER}" and "{TEXT_FOLDER}".'
        )
    if len(checkpoints) > 1:
        names = ", ".join(f'"{shown(path.name)}"' for path in checkpoints[:6])
        raise NotAModelError(f"There are several models here: choose one of the folders {names}.")
    return _look_at_original(checkpoints[0])


def read_config(path: Path) -> dict[str, Json]:
    """Return a small JSON file as an object; DamagedModelError if it is none."""
    with disk_errors(path), path.open("rb") as file:
        data = file.read(MAX_CONFIG_BYTES + 1)
    with contextlib.suppress(InvalidValueError):
        config = loads(data) if len(data) <= MAX_CONFIG_BYTES else None
        if isinstance(config, dict):
            return config
    raise DamagedModelError(
        f'"{shown(path.name)}" in "{shown(str(path.parent))}" is damaged. Get the file again.'
    )


def companion(transformer: Path, name: str) -> Path:
    """Return the folder of a part that lies beside or inside an original checkpoint's folder."""
    for place in (transformer.parent / name, transformer / name):
        if (place / "config.json").is_file():
            return place
    raise NotAModelError(
        f'The folder "{name}" is missing beside "{shown(transformer.name)}": '
        "it is part of the repository ACE-Step/Ace-Step1.5. Put it there and try again."
    )


def variant_of(config: dict[str, Json], names: Iterable[str]) -> ModelKind:
    """Return the kind of a transformer by its config, else by the names around it."""
    if config.get("is_turbo") is True:
        return "turbo"
    for word in (str(config.get("model_version", "")), *names):
        for variant in _VARIANTS:
            if variant in word.casefold() and not (
                variant == "turbo" and config.get("is_turbo") is False
            ):
                return variant
    return "base"


def size_of(config: dict[str, Json]) -> ModelSize:
    """Return the size of a transformer by its config."""
    hidden = config.get("hidden_size")
    return "XL" if isinstance(hidden, int) and hidden >= _XL_HIDDEN else "2B"


def _look_at_diffusers(folder: Path) -> Look:
    index = read_config(folder / INDEX)
    if index.get("_class_name") != PIPELINE:
        what = shown(str(index.get("_class_name", "something else")))
        raise NotAModelError(f'"{shown(str(folder))}" is a {what}, not a model of ACE-Step 1.5.')
    parts = tuple(
        sorted(
            name
            for name, entry in index.items()
            if isinstance(entry, list) and entry and entry[0] is not None
        )
    )
    missing = [part for part in PARTS if part not in parts or not (folder / part).is_dir()]
    if missing:
        raise NotAModelError(
            f'The model in "{shown(str(folder))}" is not whole: {", ".join(missing)} is missing. '
            "Get the whole folder and try again."
        )
    transformer = folder / "transformer"
    config = read_config(transformer / "config.json")
    names = [part.name for part in (folder, *folder.parents)]
    return Look(folder, "diffusers", variant_of(config, names), size_of(config), parts, transformer)


def _look_at_original(transformer: Path) -> Look:
    config = read_config(transformer / "config.json")
    names = [part.name for part in (transformer, *transformer.parents)]
    return Look(
        transformer.parent,
        "original",
        variant_of(config, names),
        size_of(config),
        (),
        transformer,
    )


def _checkpoints_in(folder: Path) -> Iterator[Path]:
    """Yield the original checkpoints that are `folder` itself or lie right below it."""
    if _is_checkpoint(folder):
        yield folder
        return
    try:
        below = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return
    for path in below[:_MOST_FOLDERS]:
        if _is_checkpoint(path):
            yield path


def _is_checkpoint(folder: Path) -> bool:
    if not (folder / SILENCE).is_file() or not (folder / "config.json").is_file():
        return False
    try:
        config = read_config(folder / "config.json")
    except (AudioFileError, DamagedModelError):
        return False
    return "num_lyric_encoder_hidden_layers" in config
