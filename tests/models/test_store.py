"""The store: models are whole or not there, and none goes while it is used."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from acestep_desktop.audiofile.errors import DiskError
from acestep_desktop.models import placing
from acestep_desktop.models.catalogue import GIB
from acestep_desktop.models.drafts import ARRIVING, MADE, alone_in
from acestep_desktop.models.errors import (
    DamagedModelError,
    ModelCancelledError,
    ModelInUseError,
    NoModelError,
)
from acestep_desktop.models.importing import import_folder
from acestep_desktop.models.manifest import MANIFEST, Manifest, ModelFile, read_manifest
from acestep_desktop.models.store import DRAFTS, Damage, InstalledModel, ModelStore
from tests.models.pretending import pretended_model
from tests.needs import needs

HOLDER = """
import sys
from pathlib import Path
from acestep_desktop.models.store import ModelStore
store = ModelStore(Path(sys.argv[1]))
with store.hold(store.find()):
    print("held", flush=True)
    sys.stdin.readline()
"""

REPLACER = """
import os, sys
from pathlib import Path
from acestep_desktop.models.importing import import_folder
from acestep_desktop.models.store import ModelStore
rename = Path.rename
Path.rename = lambda path, to: os._exit(9) if path.name == "made" else rename(path, to)
import_folder(ModelStore(Path(sys.argv[1])), Path(sys.argv[2]), name="turbo")
"""
"""Dies when the old model has made room, and before the new one is in its place."""


@pytest.fixture
def model(store: ModelStore, tmp_path: Path) -> InstalledModel:
    return import_folder(store, pretended_model(tmp_path / "given"), name="turbo")


def spoil(path: Path, data: bytes) -> None:
    """Change a file of a model, and not the one that it was shared with."""
    path.unlink()
    path.write_bytes(data)


def test_an_empty_store_says_how_to_get_a_model(store: ModelStore) -> None:
    with pytest.raises(NoModelError, match="acestep-desktop models download turbo") as error:
        store.find()
    assert "ACESTEP_MODELS" in str(error.value)
    with pytest.raises(NoModelError, match="download xl-turbo"):
        store.find(vram_bytes=24 * GIB)


def test_a_model_is_found_by_name_by_folder_and_without_a_word(
    store: ModelStore, model: InstalledModel
) -> None:
    assert store.find() == store.find("turbo") == store.find(str(model.path)) == model
    with pytest.raises(NoModelError, match=r'"base" is not on this disk \(there: turbo\)'):
        store.find("base")


def test_the_model_that_suits_the_card_is_chosen(store: ModelStore, tmp_path: Path) -> None:
    for name, kind, hidden in (
        ("base", "base", 2048),
        ("turbo", "turbo", 2048),
        ("xl-turbo", "turbo", 2560),
    ):
        folder = pretended_model(tmp_path / name, kind=kind, hidden=hidden)
        import_folder(store, folder)
    assert [found.name for found in store.installed()] == ["turbo", "base", "xl-turbo"]
    assert store.find().name == "turbo"
    assert store.find(vram_bytes=8 * GIB).name == "turbo"
    assert store.find(vram_bytes=24 * GIB).name == "xl-turbo"


def test_a_folder_outside_the_store_is_opened_as_it_is(store: ModelStore, tmp_path: Path) -> None:
    folder = pretended_model(tmp_path / "mine", kind="base")
    found = store.find(str(folder))
    assert (found.path, found.kind, found.size, found.revision) == (folder, "base", "2B", "")
    assert found.hash == store.find(str(folder)).hash
    (folder / "vae" / "config.json").write_text("{}")
    assert store.find(str(folder)).hash != found.hash


def test_the_hash_is_of_the_bytes_alone(
    store: ModelStore, model: InstalledModel, tmp_path: Path
) -> None:
    again = import_folder(store, tmp_path / "given", name="again")
    assert again.hash == model.hash
    config = tmp_path / "given" / "vae" / "config.json"
    spoil(config, config.read_bytes() + b" ")
    assert import_folder(store, tmp_path / "given", name="other").hash != model.hash


def test_verify_names_each_damaged_file(store: ModelStore, model: InstalledModel) -> None:
    assert store.verify("turbo") == ()
    weights = model.path / "transformer" / "diffusion_pytorch_model.safetensors"
    data = weights.read_bytes()
    spoil(weights, data[:-1] + bytes([data[-1] ^ 1]))
    spoil(model.path / "vae" / "config.json", b"{}")
    (model.path / "model_index.json").unlink()
    assert set(store.verify("turbo")) == {
        Damage("transformer/diffusion_pytorch_model.safetensors", "other bytes than it had"),
        Damage("vae/config.json", f"2 bytes instead of {file_size(model, 'vae/config.json')}"),
        Damage("model_index.json", "missing"),
    }


def file_size(model: InstalledModel, path: str) -> int:
    return next(file.size for file in read_manifest(model.path).files if file.path == path)


def test_verifying_can_be_stopped(store: ModelStore, model: InstalledModel) -> None:
    with pytest.raises(ModelCancelledError):
        store.verify("turbo", lambda fraction, label: False)


def test_a_model_that_lacks_a_part_is_not_offered(store: ModelStore, model: InstalledModel) -> None:
    (model.path / "model_index.json").unlink()
    assert store.installed() == ()
    assert store.names() == ("turbo",)
    with pytest.raises(NoModelError):
        store.find("turbo")
    store.remove("turbo")
    assert store.names() == ()


def test_a_removed_model_is_gone_and_its_source_is_not(
    store: ModelStore, model: InstalledModel, tmp_path: Path
) -> None:
    store.remove("turbo")
    assert store.installed() == ()
    assert not model.path.exists()
    assert store.find(str(tmp_path / "given")).kind == "turbo"


@needs("posix")
def test_what_a_removal_frees_is_what_has_no_other_name(
    store: ModelStore, model: InstalledModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "_clone", lambda source, target: False)
    import_folder(store, tmp_path / "given", name="shared")
    assert store.remove("shared") < model.bytes / 2
    monkeypatch.setattr(placing, "_link", lambda source, target: False)
    import_folder(store, tmp_path / "given", name="copied")
    assert store.remove("copied") >= model.bytes


def test_a_model_whose_successor_cannot_take_its_place_stays(
    store: ModelStore, model: InstalledModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == MADE:
            raise OSError(errno.EACCES, "a virus scanner has it open")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(DiskError):
        import_folder(store, tmp_path / "given", name="turbo")
    assert store.installed() == (model,)
    assert store.verify("turbo") == ()


@needs("posix")
def test_a_model_is_there_after_its_replacement_was_killed(
    store: ModelStore, model: InstalledModel, tmp_path: Path
) -> None:
    done = subprocess.run([sys.executable, "-c", REPLACER, str(store.folder), tmp_path / "given"])
    assert done.returncode == 9
    assert store.installed() == ()
    store.tidy()
    assert store.installed() == (model,)
    assert store.verify("turbo") == ()
    assert not list((store.folder / DRAFTS).iterdir())


def test_a_model_in_use_is_not_removed(store: ModelStore, model: InstalledModel) -> None:
    with store.hold(model), store.hold(model):
        with pytest.raises(ModelInUseError, match="in use"):
            store.remove("turbo")
        assert store.find("turbo") == model
    store.remove("turbo")
    with pytest.raises(NoModelError, match="was removed"), store.hold(model):
        pass


def test_a_model_in_use_is_not_replaced(
    store: ModelStore, model: InstalledModel, tmp_path: Path
) -> None:
    with store.hold(model), pytest.raises(ModelInUseError):
        import_folder(store, tmp_path / "given", name="turbo")
    assert store.verify("turbo") == ()
    assert not (store.folder / DRAFTS / "import-turbo").exists()


@needs("posix")
def test_a_process_that_dies_holds_nothing_any_more(
    store: ModelStore, model: InstalledModel
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(store.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None and holder.stdin is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(ModelInUseError):
        store.remove("turbo")
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    store.remove("turbo")
    assert store.installed() == ()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 9},
        {"variant": "best"},
        {"files": [{"path": "../../outside", "size": 1, "sha256": ""}]},
        {"files": [{"path": "/etc/passwd", "size": 1, "sha256": ""}]},
        {"files": [{"path": "C:\\x", "size": 1, "sha256": ""}]},
        {"extra": 1},
    ],
)
def test_a_manifest_that_cannot_be_is_refused(
    store: ModelStore, model: InstalledModel, change: dict[str, object]
) -> None:
    path = model.path / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert store.installed() == ()
    with pytest.raises(DamagedModelError, match="cannot be read"):
        store.verify("turbo")


def test_a_manifest_of_garbage_is_refused(store: ModelStore, model: InstalledModel) -> None:
    (model.path / MANIFEST).write_bytes(b"\xff\x00{")
    with pytest.raises(DamagedModelError):
        store.verify("turbo")


def test_what_was_cut_short_is_swept_away(store: ModelStore, model: InstalledModel) -> None:
    dead = store.folder / ".turbo.tmp-999999999-00000000"
    dead.mkdir()
    store.tidy()
    assert not dead.exists()
    assert store.installed() == (model,)


def test_drafts_that_nobody_works_on_are_swept_but_not_what_has_arrived(
    store: ModelStore, model: InstalledModel
) -> None:
    dead, cut, busy = (store.draft_folder(name) for name in ("import-x", "turbo", "import-y"))
    for path in (dead / MADE, cut / MADE, cut / ARRIVING, busy / MADE):
        path.mkdir(parents=True)
        (path / "weights").write_bytes(b"many")
    with alone_in(busy):
        store.tidy()
    assert not dead.exists() and not (cut / MADE).exists()
    assert (cut / ARRIVING / "weights").is_file()
    assert (busy / MADE / "weights").is_file()


def test_the_order_of_files_does_not_change_the_hash() -> None:
    files = (ModelFile("a", 1, "x"), ModelFile("b", 2, "y"))
    made = [
        Manifest("m", "M", "turbo", "2B", "", "", "diffusers", "", order)
        for order in (files, files[::-1])
    ]
    assert made[0].hash == made[1].hash
    assert made[0].bytes == 3
