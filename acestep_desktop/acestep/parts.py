"""A model's parts, loaded from its folder: diffusers' and transformers' own modules."""

import json
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import torch
from safetensors import SafetensorError
from torch import nn

from acestep_desktop.acestep.autoencoder import prepare
from acestep_desktop.acestep.errors import BrokenModelError
from acestep_desktop.acestep.memory import is_out_of_memory
from acestep_desktop.acestep.steps import LOADING, Step, Work

log = logging.getLogger(__name__)

NAMES: Final = (
    "tokenizer",
    "text_encoder",
    "condition_encoder",
    "transformer",
    "vae",
    "audio_tokenizer",
    "audio_token_detokenizer",
)
OPTIONAL: Final = ("audio_tokenizer", "audio_token_detokenizer")
"""What a model may lack; then it cannot make covers."""


@dataclass(slots=True, eq=False)
class Parts:
    """The networks of one model, all in evaluation mode; and its tokenizer."""

    tokenizer: Any
    text_encoder: nn.Module
    condition_encoder: nn.Module
    transformer: nn.Module
    vae: nn.Module
    audio_tokenizer: nn.Module | None = None
    audio_token_detokenizer: nn.Module | None = None

    def networks(self) -> dict[str, nn.Module]:
        """Return all networks there are, by name."""
        return {name: part for name in NAMES if isinstance(part := getattr(self, name), nn.Module)}


def loaded_parts(folder: Path, dtype: torch.dtype) -> Work[Parts]:
    """Load the parts in `folder` to the CPU; yield after each.

    Nothing is fetched, nothing is unpickled, and no code of the folder is run.
    Raises BrokenModelError, and MemoryError.
    """
    present = _present(folder)
    _be_quiet()
    parts: dict[str, Any] = {}
    for index, name in enumerate(present):
        parts[name] = _loaded(folder, name, dtype)
        yield Step(LOADING, index + 1, len(present))
    made = Parts(**parts)
    prepare(made.vae)
    return made


def _present(folder: Path) -> list[str]:
    """Return which parts the folder's index lists; all that are needed are among them."""
    try:
        index = json.loads((folder / "model_index.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _broken(folder, "its model_index.json cannot be read", error) from error
    listed = [name for name in NAMES if (index.get(name) or [None])[0] is not None]
    missing = [name for name in NAMES if name not in listed and name not in OPTIONAL]
    if missing:
        raise _broken(folder, f"it has no {missing[0]}")
    return listed


def _loaded(folder: Path, name: str, dtype: torch.dtype) -> Any:
    try:
        if name == "tokenizer":
            return _tokenizer(folder / name)
        network, report = _network(folder / name, name, dtype)
    except _SPOILT as error:
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        raise _broken(folder, f"its {name} is damaged", error) from error
    lacking = [key for key in report["missing_keys"] if not key.endswith(_DERIVED)]
    if lacking:
        raise _broken(folder, f"its {name} lacks {len(lacking)} tensors, such as {lacking[0]}")
    network.requires_grad_(False)
    return network.eval()


_DERIVED: Final = ("_levels", "_basis", "scales")
"""Buffers that follow from the configuration and are not saved."""

_SPOILT: Final = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, MemoryError),
    SafetensorError,
)
"""What the libraries raise for files that are not as they should be, or when memory is short."""


def _network(folder: Path, name: str, dtype: torch.dtype) -> tuple[nn.Module, dict[str, Any]]:
    options: dict[str, Any] = {
        "local_files_only": True,
        "use_safetensors": True,
        "output_loading_info": True,
    }
    options["dtype" if name == "text_encoder" else "torch_dtype"] = dtype
    with warnings.catch_warnings():
        # What the libraries say of their own future is of no use to a person.
        warnings.simplefilter("ignore")
        network, report = _classes()[name]().from_pretrained(folder, **options)
    return network, report


def _classes() -> dict[str, Callable[[], Any]]:
    """Return for each network how its class is had; imported only when it is wanted."""

    def of_diffusers(name: str) -> Callable[[], Any]:
        def imported() -> Any:
            import diffusers

            return getattr(diffusers, name)

        return imported

    def of_pipeline(name: str) -> Callable[[], Any]:
        def imported() -> Any:
            from diffusers.pipelines.ace_step import modeling_ace_step

            return getattr(modeling_ace_step, name)

        return imported

    def text_encoder() -> Any:
        from transformers import AutoModel

        return AutoModel

    return {
        "text_encoder": text_encoder,
        "condition_encoder": of_pipeline("AceStepConditionEncoder"),
        "transformer": of_diffusers("AceStepTransformer1DModel"),
        "vae": of_diffusers("AutoencoderOobleck"),
        "audio_tokenizer": of_pipeline("AceStepAudioTokenizer"),
        "audio_token_detokenizer": of_pipeline("AceStepAudioTokenDetokenizer"),
    }


def _be_quiet() -> None:
    """Have the libraries draw no progress bars; we tell of our own."""
    import diffusers.utils.logging
    import transformers.utils.logging

    for library in (diffusers, transformers):
        cast("Any", library).utils.logging.disable_progress_bar()


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def _broken(folder: Path, what: str, error: Exception | None = None) -> BrokenModelError:
    name = folder.name
    return BrokenModelError(
        f'The model "{name}" cannot be loaded, {what}: '
        f"look closer with `acestep-desktop models verify {name}`, or download it again.",
        "" if error is None else repr(error),
    )
