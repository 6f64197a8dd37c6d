"""The models there are: what they can do, where they come from, and what they need."""

from dataclasses import dataclass
from typing import Final, Literal

from acestep_desktop.models.errors import NoModelError

ModelKind = Literal["turbo", "base", "sft"]
ModelSize = Literal["2B", "XL"]
Layout = Literal["diffusers", "original"]
"""How files lie in a folder: as diffusers loads them, or as the makers first gave them out."""

GB: Final = 10**9
GIB: Final = 2**30


@dataclass(frozen=True, slots=True)
class Source:
    """Files of one repository on the hub: those below `folder`, put below `into`.

    `revision` is a commit, or a branch that is resolved to a commit before the
    first byte.
    """

    repo: str
    revision: str
    folder: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model that can be had.

    `download_bytes` and `disk_bytes` are what the hub listed when this version was
    made; a download asks again before its first byte. `vram_bytes` is the memory
    of a card that holds the model whole, `least_vram_bytes` of one that holds it
    part by part: both are the makers' own figures.
    """

    name: str
    label: str
    kind: ModelKind
    size: ModelSize
    layout: Layout
    sources: tuple[Source, ...]
    download_bytes: int
    disk_bytes: int
    licence: str
    vram_bytes: int
    least_vram_bytes: int
    needs: str
    abilities: str

    @property
    def repo(self) -> str:
        """The repository that gives the model its name."""
        return self.sources[0].repo

    @property
    def revision(self) -> str:
        """The commit, or branch, of that repository."""
        return self.sources[0].revision


_LICENCE: Final = "MIT (model card); the text encoder, Qwen3-Embedding-0.6B, is Apache-2.0"
_FAST: Final = "songs, covers, repaint, extend; 8 steps"
_FAST_NO_COVER: Final = "songs, repaint, extend; 8 steps; covers need another model"
_FULL: Final = "songs, covers, repaint, extend, extract, add a layer, complete; about 50 steps"
_FINE: Final = "songs, covers, repaint, extend; about 50 steps, follows the prompt closely"
_SMALL_NEEDS: Final = "a card with 8 GB, or 4 GB with parts kept off it, or a patient processor"
_LARGE_NEEDS: Final = "a card with 20 GB, or 12 GB with parts kept off it"

_MAIN: Final = "ACE-Step/Ace-Step1.5"
_MAIN_REVISION: Final = "19671f406d603126926c1b7e2adc169acbcade22"
_VAE: Final = Source(_MAIN, _MAIN_REVISION, "vae", "vae")
_TEXT: Final = Source(_MAIN, _MAIN_REVISION, "Qwen3-Embedding-0.6B", "Qwen3-Embedding-0.6B")

_SMALL_BYTES: Final = 6_336_571_606
"""4.79 GB of transformer and encoders, 0.34 of VAE, 1.21 of text encoder."""


def _small(name: str, label: str, kind: ModelKind, abilities: str, own: Source) -> CatalogueModel:
    return CatalogueModel(
        name=name,
        label=label,
        kind=kind,
        size="2B",
        layout="original",
        sources=(own, _VAE, _TEXT),
        download_bytes=_SMALL_BYTES,
        disk_bytes=_SMALL_BYTES,
        licence=_LICENCE,
        vram_bytes=8 * GIB,
        least_vram_bytes=4 * GIB,
        needs=_SMALL_NEEDS,
        abilities=abilities,
    )


def _large(
    name: str,
    label: str,
    kind: ModelKind,
    abilities: str,
    sources: tuple[Source, ...],
    *,
    layout: Layout,
    total_bytes: int,
) -> CatalogueModel:
    return CatalogueModel(
        name=name,
        label=label,
        kind=kind,
        size="XL",
        layout=layout,
        sources=sources,
        download_bytes=total_bytes,
        disk_bytes=total_bytes,
        licence=_LICENCE,
        vram_bytes=20 * GIB,
        least_vram_bytes=12 * GIB,
        needs=_LARGE_NEEDS,
        abilities=abilities,
    )


CATALOGUE: Final[tuple[CatalogueModel, ...]] = (
    _small(
        "turbo",
        "ACE-Step 1.5 turbo (2B)",
        "turbo",
        _FAST,
        Source(_MAIN, _MAIN_REVISION, "acestep-v15-turbo", "acestep-v15-turbo"),
    ),
    _small(
        "base",
        "ACE-Step 1.5 base (2B)",
        "base",
        _FULL,
        Source(
            "ACE-Step/acestep-v15-base",
            "e432212fec32b8965a14ffa57ae653438d6abd14",
            into="acestep-v15-base",
        ),
    ),
    _small(
        "sft",
        "ACE-Step 1.5 SFT (2B)",
        "sft",
        _FINE,
        Source(
            "ACE-Step/acestep-v15-sft",
            "c410d249e71ea9385a7b586865e65b1473e1098d",
            into="acestep-v15-sft",
        ),
    ),
    _large(
        "xl-turbo",
        "ACE-Step 1.5 XL turbo",
        "turbo",
        _FAST_NO_COVER,
        (
            Source(
                "ACE-Step/acestep-v15-xl-turbo-diffusers",
                "200ba991ae448051e14b0183157e35c2d27c9fb0",
            ),
        ),
        layout="diffusers",
        total_bytes=14_400_000_000,
    ),
    _large(
        "xl-base",
        "ACE-Step 1.5 XL base",
        "base",
        _FULL,
        (Source("ACE-Step/acestep-v15-xl-base-diffusers", "main"),),
        layout="diffusers",
        total_bytes=14_800_000_000,
    ),
    _large(
        "xl-sft",
        "ACE-Step 1.5 XL SFT",
        "sft",
        _FINE,
        (
            Source(
                "ACE-Step/acestep-v15-xl-sft",
                "d06de46b4622f781cf07f4a013a67d591ca52819",
                into="acestep-v15-xl-sft",
            ),
            _VAE,
            _TEXT,
        ),
        layout="original",
        total_bytes=21_500_000_000,
    ),
)
"""Every model that can be downloaded, the smallest and fastest first."""


def find_model(name: str) -> CatalogueModel:
    """Return the model called `name`; NoModelError, listing all, if there is none."""
    for model in CATALOGUE:
        if model.name == name.strip().casefold():
            return model
    known = ", ".join(model.name for model in CATALOGUE)
    raise NoModelError(f'There is no model "{name[:60]}" to download: choose one of {known}.')


def fitting_model(vram_bytes: int | None, memory_bytes: int | None = None) -> CatalogueModel:
    """Return the model that suits a machine: turbo, in the largest size that its card holds.

    `vram_bytes` is None without a usable card; `memory_bytes`, the machine's own
    memory, is None where nobody knows it.
    """
    large = find_model("xl-turbo")
    roomy = memory_bytes is None or memory_bytes >= large.disk_bytes
    if vram_bytes is not None and vram_bytes >= large.vram_bytes and roomy:
        return large
    return find_model("turbo")
