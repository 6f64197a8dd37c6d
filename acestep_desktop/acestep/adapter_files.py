"""Files with LoRA layers: read with distrust, whatever program wrote their names."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from acestep_desktop.acestep.errors import AdapterError
from acestep_desktop.audiofile.errors import disk_errors, shown

if TYPE_CHECKING:
    from torch import Tensor

_FILE: Final = "adapter_model.safetensors"
_CONFIG: Final = "adapter_config.json"
_METADATA: Final = "lora_adapter_metadata"
_PICKLES: Final = (b"PK", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_MAX_BYTES: Final = 4 << 30
_MAX_CONFIG: Final = 1 << 20

_WEIGHT: Final = re.compile(
    r"(?P<layer>.+?)\.(?:(?P<down>lora_A|lora_down|lora\.down)|(?P<up>lora_B|lora_up|lora\.up))"
    r"(?:\.[A-Za-z0-9_-]+)?\.weight"
)
"""As peft, diffusers and kohya's programs write it; peft may put the adapter's name inside."""

_ALPHA: Final = re.compile(r"(?P<layer>.+)\.alpha")
_PREFIXES: Final = (
    *("base_model.model.", "base_model.", "diffusion_model.", "transformer.", "decoder."),
    *("dit.", "model.", "lora_unet_", "lora_transformer_"),
)
_RENAMED: Final = (
    (re.compile(r"([._])([qkv])_proj$"), r"\1to_\2"),
    (re.compile(r"([._])o_proj$"), r"\1to_out\g<1>0"),
)
"""The makers' own names of attention's layers, and diffusers'."""

_OTHER_KINDS: Final = (
    (("lokr_", "lora_kr"), "a LoKr"),
    (("hada_",), "a LoHa"),
    (("oft_",), "an OFT"),
    (("lora_magnitude_vector", "dora_scale"), "a DoRA"),
    (("lora_mid",), "a LoRA with a Tucker core"),
)
"""What looks like a LoRA and is something else."""

_NAMED: Final = re.compile(r"\^?[A-Za-z0-9_.]+")
"""A layer in peft's `alpha_pattern`. Any regular expression may stand there, and one that was
written to take for ever would: only names are read."""


@dataclass(frozen=True, slots=True, eq=False)
class LoraLayer:
    """What is added to one linear layer: scale * up(down(x)).

    `down` is [r, in], `up` is [out, r].
    """

    down: "Tensor"
    up: "Tensor"
    scale: float

    @property
    def features(self) -> tuple[int, int]:
        """How many values it takes and gives."""
        return int(self.down.shape[1]), int(self.up.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Lora:
    """One LoRA file: its layers by name, without what programs put before their names."""

    path: Path
    sha256: str
    layers: Mapping[str, LoraLayer]

    @property
    def name(self) -> str:
        """What a person calls it."""
        return shown(self.path.name)


@dataclass(frozen=True, slots=True)
class _Config:
    """What an adapter's configuration says of its scale; `alphas` by the ends of layers' names."""

    alpha: float | None = None
    alphas: Mapping[str, float] = field(default_factory=dict)
    rank_stabilised: bool = False

    def scale(self, layer: str, rank: int, own: float | None) -> float:
        """Return alpha over the rank (or its root); `own` is the alpha in the file itself."""
        alpha = own
        if alpha is None:
            fits = (a for key, a in self.alphas.items() if f".{layer}".endswith(f".{key}"))
            alpha = next(fits, self.alpha)
        if alpha is None:
            return 1.0
        return alpha / (math.sqrt(rank) if self.rank_stabilised else rank)


def read_lora(path: Path) -> Lora:
    """Return the LoRA in a safetensors file, or in the folder that peft makes.

    Raises DiskError where there is none, and AdapterError where it is something
    else, with the name of what is wrong.
    """
    if path.is_dir():
        path = path / _FILE
    path = path.absolute()
    _check_file(path)
    tensors, metadata = _tensors(path)
    config = _config(path, metadata)
    return Lora(path, _sha256(path), _layers(path, tensors, config))


def _check_file(path: Path) -> None:
    name = shown(path.name)
    with disk_errors(path):
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(9)
    # The length of a safetensors header may look like the start of a pickle; what follows may not.
    if start[:2] in _PICKLES and start[8:] != b"{":
        raise AdapterError(
            f'"{name}" is a pickle, which can run any program when it is opened: '
            "it was not opened. Get the LoRA as a .safetensors file."
        )
    if size > _MAX_BYTES:
        raise AdapterError(
            f'"{name}" has {size / 2**30:.0f} GiB: that is a model, not a LoRA. Choose a LoRA file.'
        )


def _tensors(path: Path) -> tuple[dict[str, "Tensor"], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with disk_errors(path), safe_open(path, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            return tensors, dict(file.metadata() or {})
    except SafetensorError as error:
        raise AdapterError(
            f'"{shown(path.name)}" cannot be read as a safetensors file: it is damaged or '
            "something else. Get it again."
        ) from error


def _layers(path: Path, tensors: dict[str, "Tensor"], config: _Config) -> dict[str, LoraLayer]:
    downs, ups, alphas = _sorted_tensors(path, tensors)
    if not downs and not ups:
        raise _refused(path, "it has no LoRA layers")
    lonely = sorted(set(downs) ^ set(ups))
    if lonely:
        raise _refused(path, f'one half of its layer "{shown(lonely[0])}" is missing')
    return {
        layer: _layer(path, layer, downs[layer], ups[layer], config, alphas.get(layer))
        for layer in sorted(downs)
    }


def _sorted_tensors(
    path: Path, tensors: dict[str, "Tensor"]
) -> tuple[dict[str, "Tensor"], dict[str, "Tensor"], dict[str, float]]:
    """Return first halves, second halves and alphas, each by the layer's plain name."""
    downs: dict[str, Tensor] = {}
    ups: dict[str, Tensor] = {}
    alphas: dict[str, float] = {}
    for key, tensor in tensors.items():
        for marks, kind in _OTHER_KINDS:
            if any(mark in key for mark in marks):
                raise _refused(path, f'it is {kind}, by its tensor "{shown(key)}"')
        if found := _ALPHA.fullmatch(key):
            if tensor.numel() != 1:
                raise _refused(path, f'its "{shown(key)}" is not one number')
            alphas[_plain(found["layer"])] = float(tensor)
        elif found := _WEIGHT.fullmatch(key):
            halves = downs if found["down"] else ups
            if halves.setdefault(_plain(found["layer"]), tensor) is not tensor:
                raise _refused(path, f'its layer "{shown(found["layer"])}" is there twice')
        else:
            raise _refused(path, f'its tensor "{shown(key)}" belongs to no LoRA layer')
    return downs, ups, alphas


def _layer(
    path: Path, name: str, down: "Tensor", up: "Tensor", config: _Config, alpha: float | None
) -> LoraLayer:
    if down.ndim != 2 or up.ndim != 2 or down.shape[0] != up.shape[1] or down.shape[0] < 1:
        shapes = f"{tuple(down.shape)} and {tuple(up.shape)}"
        raise _refused(path, f'the halves of its layer "{shown(name)}" have shapes {shapes}')
    scale = config.scale(name, int(down.shape[0]), alpha)
    finite = bool(down.isfinite().all()) and bool(up.isfinite().all()) and math.isfinite(scale)
    if not finite or not (down.is_floating_point() and up.is_floating_point()):
        raise _refused(path, f'its layer "{shown(name)}" holds what are no numbers')
    return LoraLayer(down, up, scale)


def _plain(layer: str) -> str:
    """Return a layer's name as the model has it."""
    plain = layer
    while prefix := next((p for p in _PREFIXES if plain.startswith(p)), None):
        plain = plain.removeprefix(prefix)
    for pattern, name in _RENAMED:
        plain = pattern.sub(name, plain)
    return plain


def _config(path: Path, metadata: dict[str, str]) -> _Config:
    """Return what is said of the scale, beside the file or in its header."""
    beside = path.with_name(_CONFIG)
    if beside.is_file():
        with disk_errors(beside):
            text = beside.read_bytes()[:_MAX_CONFIG]
        return _read_config(path, text, "")
    if _METADATA in metadata:
        return _read_config(path, metadata[_METADATA], "transformer.")
    return _Config()


def _read_config(path: Path, text: str | bytes, prefix: str) -> _Config:
    try:
        data: Any = json.loads(text)
        said = {key.removeprefix(prefix): value for key, value in data.items()}
        alpha = said.get("lora_alpha")
        config = _Config(
            alpha=None if alpha is None else float(alpha),
            alphas={
                _named(path, key): float(value)
                for key, value in (said.get("alpha_pattern") or {}).items()
            },
            rank_stabilised=bool(said.get("use_rslora", False)),
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise _refused(path, "its configuration cannot be read") from error
    if said.get("use_dora"):
        raise _refused(path, "it is a DoRA, by its configuration")
    if said.get("peft_type", "LORA") != "LORA":
        raise _refused(path, f"it is of the kind {shown(str(said['peft_type']))}")
    return config


def _named(path: Path, key: str) -> str:
    """Return the end of a layer's name, as the model has it, that a configuration speaks of."""
    if not _NAMED.fullmatch(key):
        raise _refused(path, f'its alpha_pattern "{shown(key)}" is not the name of a layer')
    return _plain(f".{_plain(key.removeprefix('^'))}").removeprefix(".")


def _sha256(path: Path) -> str:
    with disk_errors(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refused(path: Path, why: str) -> AdapterError:
    return AdapterError(
        f'"{shown(path.name)}" cannot be used, {why}: '
        "only LoRA files for ACE-Step 1.5 can. Choose another file."
    )
