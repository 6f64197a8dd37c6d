"""Weights brought in from a folder: a USB disk, another program's folder, or the hub's cache."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.errors import shown
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.models import placing
from acestep_desktop.models.catalogue import CATALOGUE, ModelKind
from acestep_desktop.models.converting import (
    convert,
    read_original,
    weight_files,
)
from acestep_desktop.models.drafts import MADE, alone_in, discard
from acestep_desktop.models.errors import NotAModelError
from acestep_desktop.models.hashing import Meter, Told
from acestep_desktop.models.inspecting import INDEX, Look, look_at, read_config
from acestep_desktop.models.manifest import Manifest
from acestep_desktop.models.store import InstalledModel, ModelStore
from acestep_desktop.models.tensors import read_tensors

SAFE_ENDINGS: Final = (".json", ".safetensors", ".txt", ".jinja")
"""What a model is made of; everything else in its folder is left where it is."""

CARDS: Final = ("LICENSE", "LICENSE.md", "LICENSE.txt", "README.md")
"""The makers' own words on licence and use, kept with the weights."""

_LIBRARIES: Final = ("diffusers", "transformers", "ace_step")
_WEIGHTY: Final = ("transformer", "condition_encoder", "vae", "text_encoder")
_MAY_HAVE_WEIGHTS: Final = (*_WEIGHTY, "audio_tokenizer", "audio_token_detokenizer")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SNAPSHOT: Final = re.compile(r"[0-9a-f]{40}")
_LICENCE_LINE: Final = re.compile(r"^license:\s*(\S.*)$", re.MULTILINE)
_CARD_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of where weights came from; empty where nobody said."""

    repo: str = ""
    revision: str = ""
    licence: str = ""
    label: str = ""
    kind: ModelKind | None = None


def import_folder(
    store: ModelStore,
    source: Path,
    *,
    name: str | None = None,
    told: Told | None = None,
    origin: Origin | None = None,
) -> InstalledModel:
    """Take the model in the folder `source` into the store; the folder stays as it is.

    On the same disk its files are shared, on another they are copied; the
    original layout is converted. Without a `name`, a name of the catalogue is
    chosen by what the model is.
    """
    look = look_at(source.expanduser().absolute())
    origin = _completed(origin or Origin(), look)
    chosen = _checked_name(name) if name else _name_of(look, origin)
    draft = store.draft_folder(f"import-{chosen}")
    with alone_in(draft):
        try:
            made = draft / MADE
            discard(made)
            placer = fill(made, look, told)
            return store.commit(made, manifest_of(chosen, look, origin, placer))
        finally:
            discard(draft)


def fill(draft: Path, look: Look, told: Told | None) -> placing.Placer:
    """Put the model that was seen into the folder `draft`, in the diffusers layout."""
    shared = placing.shares_files(look.transformer / "config.json", draft)
    if look.layout == "original":
        original = read_original(look)
        others = _bytes_below(original.vae) + _bytes_below(original.text)
        placing.require_room(draft, original.tensor_bytes + (0 if shared else others))
        placer = placing.Placer(draft, Meter(original.tensor_bytes + others, told))
        convert(original, placer)
        place_cards(look.transformer, placer)
        return placer
    files = diffusers_files(look)
    total = sum((look.folder / path).stat().st_size for path in files)
    placing.require_room(draft, 0 if shared else total)
    placer = placing.Placer(draft, Meter(total, told))
    for path in files:
        placer.place(look.folder / path, path)
    place_cards(look.folder, placer)
    return placer


def diffusers_files(look: Look) -> list[str]:
    """Return the files of a model in the diffusers layout, checked as far as headers tell.

    NotAModelError refuses weights that are pickles, and parts that would run code
    of their own.
    """
    index = read_config(look.folder / INDEX)
    found = [INDEX]
    for part in look.parts:
        entry = index[part]
        library = str(entry[0]) if isinstance(entry, list) and entry else ""
        if library not in _LIBRARIES:
            raise NotAModelError(
                f'The part "{shown(part)}" of this model would run code of its own '
                f'("{shown(library)}"), which this program never does.'
            )
        folder = look.folder / part
        weights = weight_files(folder) if part in _MAY_HAVE_WEIGHTS else []
        for file in weights:
            read_tensors(file)
        others = (
            path
            for path in sorted(folder.glob("*"))
            if path.is_file() and path.suffix in SAFE_ENDINGS and path.suffix != ".safetensors"
        )
        found += [f"{part}/{path.name}" for path in (*weights, *others)]
    return found


def place_cards(folder: Path, placer: placing.Placer) -> None:
    """Keep the makers' words on licence and use with the weights."""
    for card in CARDS:
        if (folder / card).is_file():
            placer.place(folder / card, card)


def manifest_of(name: str, look: Look, origin: Origin, placer: placing.Placer) -> Manifest:
    """Return the manifest of a model whose files are placed."""
    try:
        return Manifest(
            name=name,
            label=origin.label or label_of(name),
            variant=origin.kind or look.kind,
            size=look.size,
            repo=origin.repo,
            revision=origin.revision,
            layout=look.layout,
            licence=origin.licence,
            files=tuple(placer.files),
        )
    except InvalidValueError as error:
        raise NotAModelError(str(error)) from error


def card_licence(folder: Path) -> str:
    """Return the licence that the model card in `folder` names, or an empty text."""
    try:
        with (folder / "README.md").open("rb") as file:
            text = file.read(_CARD_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    head = text.split("---", 2)
    found = _LICENCE_LINE.search(head[1]) if len(head) == 3 and not head[0].strip() else None
    return found[1].strip()[:80] if found else ""


def _completed(origin: Origin, look: Look) -> Origin:
    """Return the origin with what the folder itself tells: a snapshot of the hub's cache does."""
    repo, revision = origin.repo, origin.revision
    for folder in (look.folder, *look.folder.parents):
        if not repo and _SNAPSHOT.fullmatch(folder.name) and folder.parent.name == "snapshots":
            revision = folder.name
            repo = folder.parent.parent.name.removeprefix("models--").replace("--", "/")
    card = look.folder if look.layout == "diffusers" else look.transformer
    licence = origin.licence or card_licence(card) or card_licence(look.folder)
    return Origin(repo, revision, licence, origin.label, origin.kind or look.kind)


def _name_of(look: Look, origin: Origin) -> str:
    kind = origin.kind or look.kind
    return kind if look.size == "2B" else f"xl-{kind}"


def _checked_name(name: str) -> str:
    chosen = name.strip().casefold()
    if not _NAME.fullmatch(chosen):
        raise InvalidValueError(
            f'a model\'s name has letters, digits, "-", "_" and ".", got "{shown(name)}"'
        )
    return chosen


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file())


def label_of(name: str) -> str:
    """Return what people call a model of the catalogue; the name itself for others."""
    return next((model.label for model in CATALOGUE if model.name == name), name)
