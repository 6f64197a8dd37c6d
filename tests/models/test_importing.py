"""Models from folders: shared or copied, never moved, and refused where they are unsafe."""

import json
import os
from pathlib import Path

import pytest

from acestep_desktop.audiofile.atomic import Draft
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.models import placing
from acestep_desktop.models.errors import (
    DamagedModelError,
    ModelCancelledError,
    ModelInUseError,
    NoRoomError,
    NotAModelError,
)
from acestep_desktop.models.importing import import_folder
from acestep_desktop.models.manifest import read_manifest
from acestep_desktop.models.store import ModelStore
from tests.models.pretending import pretended_model
from tests.needs import needs

WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    return pretended_model(tmp_path / "given")


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_file_arrives_and_the_folder_stays(store: ModelStore, given: Path) -> None:
    before = tree(given)
    model = import_folder(store, given)
    assert tree(given) == before
    arrived = tree(model.path)
    del arrived["acestep-model.json"]
    assert arrived == before
    assert read_manifest(model.path).licence == "mit"


@needs("posix")
def test_on_one_disk_files_are_shared_not_copied(store: ModelStore, given: Path) -> None:
    model = import_folder(store, given)
    shared = (model.path / WEIGHTS).stat()
    assert shared.st_ino == (given / WEIGHTS).stat().st_ino or shared.st_blocks == 0


def test_on_another_disk_they_are_copied(
    store: ModelStore, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "_clone", lambda source, target: False)
    monkeypatch.setattr(placing, "_link", lambda source, target: False)
    model = import_folder(store, given)
    assert (model.path / WEIGHTS).stat().st_ino != (given / WEIGHTS).stat().st_ino
    assert store.verify(model.name) == ()


def test_a_copy_has_its_size_where_a_sealed_draft_is_closed(
    store: ModelStore, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = Draft.seal

    def as_on_windows(draft: Draft) -> None:
        seal(draft)
        draft._close()

    monkeypatch.setattr(Draft, "seal", as_on_windows)
    monkeypatch.setattr(placing, "_clone", lambda source, target: False)
    monkeypatch.setattr(placing, "_link", lambda source, target: False)
    model = import_folder(store, given)
    assert store.verify(model.name) == ()
    assert model.bytes == sum(len(data) for data in tree(given).values())


def test_two_imports_of_one_name_do_not_mix(store: ModelStore, given: Path) -> None:
    refused: list[str] = []

    def begin_again(fraction: float, label: str) -> bool:
        try:
            import_folder(store, given)
        except ModelInUseError as error:
            refused.append(str(error))
        return True

    model = import_folder(store, given, told=begin_again)
    assert refused and "Another window" in refused[0]
    assert store.verify(model.name) == ()
    assert store.installed() == (model,)


@pytest.mark.parametrize("layout", ["diffusers", "original"])
def test_the_room_is_checked_first(
    store: ModelStore,
    given: Path,
    original_folder: Path,
    layout: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usage = placing.shutil.disk_usage(given)
    monkeypatch.setattr(placing.shutil, "disk_usage", lambda _: usage._replace(free=10))
    monkeypatch.setattr(placing, "shares_files", lambda source, place: False)
    with pytest.raises(NoRoomError):
        import_folder(store, given if layout == "diffusers" else original_folder)
    assert store.names() == ()


@needs("posix")
def test_the_cache_of_the_hub_is_made_of_links_and_tells_the_revision(
    store: ModelStore, given: Path, tmp_path: Path
) -> None:
    revision = "ab" * 20
    repo = tmp_path / "hub" / "models--makers--tiny-sft"
    snapshot = repo / "snapshots" / revision
    for number, (name, data) in enumerate(tree(given).items()):
        blob = repo / "blobs" / f"{number:040x}"
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(data)
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(os.path.relpath(blob, (snapshot / name).parent))
    model = import_folder(store, snapshot)
    assert (model.repo, model.revision) == ("makers/tiny-sft", revision)
    assert not [path for path in model.path.rglob("*") if path.is_symlink()]
    assert store.verify(model.name) == ()


@pytest.mark.parametrize(
    ("kind", "hidden", "name"),
    [
        ("turbo", 2048, "turbo"),
        ("base", 2048, "base"),
        ("sft", 2048, "sft"),
        ("turbo", 2560, "xl-turbo"),
        ("base", 2560, "xl-base"),
    ],
)
def test_a_model_is_named_after_what_it_is(
    store: ModelStore, tmp_path: Path, kind: str, hidden: int, name: str
) -> None:
    model = import_folder(store, pretended_model(tmp_path / "some", kind=kind, hidden=hidden))
    assert (model.name, model.kind) == (name, kind)
    assert model.label.startswith("ACE-Step 1.5")


def test_a_name_of_ones_own_is_kept(store: ModelStore, given: Path) -> None:
    assert import_folder(store, given, name="My-Turbo_2").name == "my-turbo_2"


@pytest.mark.parametrize("name", ["../x", ".hidden", "a b", "", "x" * 80, "a/b"])
def test_a_name_that_is_no_name_is_refused(store: ModelStore, given: Path, name: str) -> None:
    if name:
        with pytest.raises(InvalidValueError, match="name"):
            import_folder(store, given, name=name)
    else:
        assert import_folder(store, given, name=name).name == "turbo"


def test_an_import_can_be_stopped_and_leaves_nothing(store: ModelStore, given: Path) -> None:
    with pytest.raises(ModelCancelledError):
        import_folder(store, given, told=lambda fraction, label: fraction < 0.5)
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def test_a_model_is_replaced_by_a_newer_one(store: ModelStore, given: Path) -> None:
    first = import_folder(store, given)
    config = given / "vae" / "config.json"
    config.unlink()
    config.write_text('{"_class_name": "AutoencoderOobleck", "new": 1}')
    second = import_folder(store, given)
    assert store.installed() == (second,)
    assert second.hash != first.hash


def test_a_folder_that_is_no_model_says_what_to_choose(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.safetensors").write_bytes(b"meow")
    for folder in (tmp_path / "photos", tmp_path / "missing"):
        with pytest.raises(NotAModelError, match=r"model_index\.json"):
            import_folder(store, folder)


def test_another_pipeline_is_named(store: ModelStore, given: Path) -> None:
    (given / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    with pytest.raises(NotAModelError, match="is a FluxPipeline"):
        import_folder(store, given)


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff"])
def test_a_broken_index_is_damaged(store: ModelStore, given: Path, data: bytes) -> None:
    (given / "model_index.json").write_bytes(data)
    with pytest.raises(DamagedModelError, match=r"model_index\.json"):
        import_folder(store, given)


def test_a_missing_part_is_named(store: ModelStore, given: Path) -> None:
    (given / "vae").rename(given / "elsewhere")
    with pytest.raises(NotAModelError, match="vae is missing"):
        import_folder(store, given)


def test_weights_that_are_pickles_are_refused(store: ModelStore, given: Path) -> None:
    (given / WEIGHTS).rename(given / "transformer" / "diffusion_pytorch_model.bin")
    with pytest.raises(NotAModelError, match="pickles"):
        import_folder(store, given)


def test_code_is_neither_run_nor_taken_along(store: ModelStore, given: Path) -> None:
    (given / "transformer" / "hubconf.py").write_text("raise SystemExit(1)")
    (given / "vae" / "pytorch_model.bin").write_bytes(b"pickle")
    model = import_folder(store, given)
    assert not [path for path in model.path.rglob("*") if path.suffix in (".py", ".bin")]


def test_a_part_with_code_of_its_own_is_refused(store: ModelStore, given: Path) -> None:
    index = json.loads((given / "model_index.json").read_text())
    index["vae"] = ["my_module", "AutoencoderOobleck"]
    (given / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(NotAModelError, match="code of its own"):
        import_folder(store, given)


def test_a_corrupt_header_is_named(store: ModelStore, given: Path) -> None:
    (given / WEIGHTS).write_bytes(b"\x10\0\0\0\0\0\0\0nonsense")
    with pytest.raises(DamagedModelError, match=r"diffusion_pytorch_model\.safetensors"):
        import_folder(store, given)


def test_several_models_in_one_folder_are_told_apart(
    store: ModelStore, original_folder: Path, tmp_path: Path
) -> None:
    both = tmp_path / "both"
    both.mkdir()
    for name in ("acestep-v15-turbo", "acestep-v15-base"):
        (both / name).symlink_to(original_folder / "acestep-v15-turbo")
    with pytest.raises(NotAModelError, match=r"several models.*acestep-v15-base"):
        import_folder(store, both)
