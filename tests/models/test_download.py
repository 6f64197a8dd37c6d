"""A hub that misbehaves: the download goes on where it was cut, or refuses in a sentence."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acestep_desktop.audiofile.errors import DiskFullError
from acestep_desktop.models import placing, transfer
from acestep_desktop.models.catalogue import CatalogueModel, Source
from acestep_desktop.models.download import download_model, forget_download, room_wanted
from acestep_desktop.models.drafts import ARRIVING
from acestep_desktop.models.errors import (
    DownloadError,
    ModelCancelledError,
    ModelInUseError,
    NoRoomError,
    NotAModelError,
)
from acestep_desktop.models.hub import Hub
from acestep_desktop.models.manifest import read_manifest
from acestep_desktop.models.store import InstalledModel, ModelStore
from acestep_desktop.models.transfer import Patience
from tests.disks import size_limit
from tests.models.loopback import COMMIT, LoopbackHub, Request, entry, serve
from tests.needs import needs

BIG = "condition_encoder/diffusion_pytorch_model.safetensors"
SMALL = "scheduler/scheduler_config.json"

QUICK = Patience(stall_s=0.3, tries=3, first_wait_s=0.0)


@pytest.fixture
def hub(diffusers_folder: Path) -> Iterator[LoopbackHub]:
    with serve("makers/tiny", diffusers_folder) as hub:
        yield hub


@pytest.fixture
def model(hub: LoopbackHub) -> CatalogueModel:
    return entry(hub)


def get(store: ModelStore, hub: LoopbackHub, model: CatalogueModel) -> InstalledModel:
    return download_model(store, model, hub=Hub(hub.endpoint, timeout_s=5), patience=QUICK)


def assert_whole(store: ModelStore, hub: LoopbackHub, model: InstalledModel) -> None:
    """Every file is there with the bytes of the hub, and nothing else is left."""
    for name, data in hub.files.items():
        assert (model.path / name).read_bytes() == data
    assert store.verify(model.name) == ()
    assert not list(store.folder.rglob("*.part")) and not list(store.folder.rglob("*.checked"))


def test_a_download_is_whole_and_says_where_it_came_from(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    installed = get(store, hub, model)
    assert_whole(store, hub, installed)
    manifest = read_manifest(installed.path)
    assert (manifest.repo, manifest.revision) == ("makers/tiny", COMMIT)
    assert (manifest.licence, installed.kind, installed.label) == ("mit", "turbo", "Tiny")
    assert store.installed() == (installed,)


def test_the_original_layout_is_converted_on_arrival(
    store: ModelStore, original_folder: Path, diffusers_folder: Path
) -> None:
    with serve("makers/all", original_folder) as hub:
        sources = [
            Source("makers/all", "main", name, name)
            for name in ("acestep-v15-turbo", "vae", "Qwen3-Embedding-0.6B")
        ]
        installed = get(store, hub, entry(hub, *sources, layout="original"))
        asked = {name for name, _ in hub.asked}
    assert (installed.path / "transformer" / "diffusion_pytorch_model.safetensors").is_file()
    assert installed.parts == (
        *("audio_token_detokenizer", "audio_tokenizer", "condition_encoder"),
        *("scheduler", "text_encoder", "tokenizer", "transformer", "vae"),
    )
    assert read_manifest(installed.path).layout == "original"
    assert not [name for name in asked if name.endswith(".py")]


def test_a_cut_connection_is_resumed(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    data = hub.files[BIG]
    hub.odd[BIG] = [
        lambda request: request.give_cut(data, 10_000),
        lambda request: request.give_cut(data, 20_000),
    ]
    assert_whole(store, hub, get(store, hub, model))
    assert hub.times_asked(BIG) == [0, 10_000, 30_000]


def test_a_hub_that_is_always_cut_off_at_once_is_given_up(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    hub.odd[BIG] = [lambda request: request.give_cut(hub.files[BIG], 0)] * 9
    with pytest.raises(DownloadError, match="what has arrived is kept"):
        get(store, hub, model)
    assert store.installed() == ()
    hub.odd.clear()
    assert_whole(store, hub, get(store, hub, model))


def test_a_hub_without_ranges_gives_the_whole_file_again(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    data = hub.files[BIG]
    hub.odd[BIG] = [
        lambda request: request.give_cut(data, 10_000),
        lambda request: request.give(data),
    ]
    assert_whole(store, hub, get(store, hub, model))


def test_a_wrong_range_is_not_believed(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    data = hub.files[BIG]
    span = {"Content-Range": f"bytes 5-{len(data) - 1}/{len(data)}"}
    hub.odd[BIG] = [
        lambda request: request.give_cut(data, 10_000),
        lambda request: request.give(data[5:], 206, span),
    ]
    assert_whole(store, hub, get(store, hub, model))


@pytest.mark.parametrize("name", [BIG, SMALL])
def test_a_flipped_byte_is_noticed_and_the_file_asked_for_again(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel, name: str
) -> None:
    data = hub.files[name]
    flipped = data[:50] + bytes([data[50] ^ 1]) + data[51:]
    hub.odd[name] = [lambda request: request.give_span(flipped)]
    assert_whole(store, hub, get(store, hub, model))
    assert hub.times_asked(name) == [0, 0]


def test_a_file_that_is_wrong_twice_is_refused(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    wrong = bytes(len(hub.files[BIG]))
    hub.odd[BIG] = [lambda request: request.give_span(wrong)] * 2
    with pytest.raises(DownloadError, match="other bytes than the hub lists"):
        get(store, hub, model)
    assert store.installed() == ()


def test_more_bytes_than_listed_are_refused(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    hub.odd[BIG] = [lambda request: request.give(hub.files[BIG] + b"more")] * 9
    with pytest.raises(DownloadError, match="than it lists"):
        get(store, hub, model)


def test_a_stalled_connection_is_left_and_resumed(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    data = hub.files[BIG]

    def stall(request: Request) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data[:7_000])
        request.wfile.flush()
        request.close_connection = True
        hub.let_go.wait(20)

    hub.odd[BIG] = [stall]
    assert_whole(store, hub, get(store, hub, model))
    assert hub.times_asked(BIG) == [0, 7_000]


def test_a_hub_that_asks_for_a_pause_gets_it(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    hub.odd[BIG] = [lambda request: request.give(b"", 429, {"Retry-After": "0"})] * 2
    assert_whole(store, hub, get(store, hub, model))


@pytest.mark.parametrize(
    ("status", "words"), [(429, "asks for a pause"), (503, "answered 503"), (500, "answered 500")]
)
def test_a_hub_that_never_has_time_is_given_up(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel, status: int, words: str
) -> None:
    hub.odd[BIG] = [lambda request: request.give(b"", status, {"Retry-After": "0"})] * 9
    with pytest.raises(DownloadError, match=words):
        get(store, hub, model)


@pytest.mark.parametrize(("status", "words"), [(404, "answered 404"), (403, "not give")])
def test_a_file_that_is_not_to_be_had_is_named_at_once(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel, status: int, words: str
) -> None:
    hub.odd[BIG] = [lambda request: request.give(b"", status)] * 9
    with pytest.raises(DownloadError, match=words) as error:
        get(store, hub, model)
    assert BIG in str(error.value)
    assert len(hub.times_asked(BIG)) == 1


def test_a_file_that_changes_on_the_way_is_refused(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    data = hub.files[BIG]
    hub.odd[BIG] = [
        lambda request: request.give_cut(data, 10_000),
        lambda request: request.give_span(bytes(len(data)), {"ETag": f'"{"a" * 64}"'}),
    ]
    with pytest.raises(DownloadError, match="was changed on the hub"):
        get(store, hub, model)
    assert store.installed() == ()
    assert_whole(store, hub, get(store, hub, model))


def test_another_revision_meanwhile_keeps_what_is_the_same(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    hub.odd[BIG] = [lambda request: request.give(b"", 404)]
    with pytest.raises(DownloadError):
        get(store, hub, model)
    hub.commit = "d" * 40
    hub.files[SMALL] = hub.files[SMALL] + b" "
    before = len(hub.asked)
    installed = get(store, hub, model)
    assert_whole(store, hub, installed)
    assert installed.revision == "d" * 40
    again = {name for name, _ in hub.asked[before:]}
    assert SMALL in again and BIG in again and "vae/config.json" not in again


def test_a_download_is_cancelled_and_goes_on_later(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    seen: list[float] = []

    def stop_late(fraction: float, label: str) -> bool:
        seen.append(fraction)
        return fraction < 0.5

    with pytest.raises(ModelCancelledError):
        download_model(store, model, stop_late, hub=Hub(hub.endpoint), patience=QUICK)
    assert store.installed() == ()
    assert seen == sorted(seen)
    before = len(hub.asked)
    assert_whole(store, hub, get(store, hub, model))
    assert len(hub.asked) - before < len(hub.files)


def test_checking_what_has_arrived_can_be_stopped_and_is_no_transfer(
    hub: LoopbackHub, model: CatalogueModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "BLOCK_BYTES", 4_000)
    (file,) = [f for f in Hub(hub.endpoint).list_files(model).files if f.path == BIG]
    hub.odd[BIG] = [lambda request: request.give_cut(hub.files[BIG], 20_000)]
    with pytest.raises(ModelCancelledError):
        transfer.fetch(file, tmp_path, lambda size: size < 20_000, QUICK)
    heard: list[int] = []

    def stop_soon(size: int) -> bool:
        heard.append(size)
        return len(heard) < 3

    with pytest.raises(ModelCancelledError, match="what has arrived is kept"):
        transfer.fetch(file, tmp_path, stop_soon, QUICK)
    assert heard == [20_000] * 3
    assert hub.times_asked(BIG) == [0]
    assert transfer.fetch(file, tmp_path, lambda size: True, QUICK).read_bytes() == hub.files[BIG]


def test_what_has_arrived_can_be_forgotten(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    hub.odd[BIG] = [lambda request: request.give(b"", 404)]
    with pytest.raises(DownloadError):
        get(store, hub, model)
    assert forget_download(store, model) > 1000
    assert forget_download(store, model) == 0


def test_room_is_checked_before_a_byte_is_asked_for(
    store: ModelStore,
    hub: LoopbackHub,
    model: CatalogueModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usage = placing.shutil.disk_usage(store.folder.parent)
    monkeypatch.setattr(placing.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(NoRoomError, match="ACESTEP_MODELS"):
        get(store, hub, model)
    assert hub.asked == []


def test_room_is_wanted_twice_where_the_disk_cannot_share_files(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = Hub(hub.endpoint).list_files(model)
    arriving = store.draft_folder("tiny") / ARRIVING
    assert room_wanted(store, model, listing, arriving) == listing.bytes
    with monkeypatch.context() as exfat:
        exfat.setattr(placing, "_clone", lambda source, target: False)
        exfat.setattr(placing, "_link", lambda source, target: False)
        assert room_wanted(store, model, listing, arriving) == 2 * listing.bytes
    assert not [path for path in store.folder.rglob("*") if path.is_file()]


def test_no_room_is_wanted_for_files_that_another_model_has(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    get(store, hub, model)
    listing = Hub(hub.endpoint).list_files(model)
    small = sum(file.size for file in listing.files if file.is_blob)
    wanted = room_wanted(store, model, listing, store.draft_folder("second") / ARRIVING)
    assert wanted == small < listing.bytes / 2


@needs("posix")
def test_a_disk_that_fills_up_is_said_and_the_rest_comes_later(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    with size_limit(100_000), pytest.raises(DiskFullError, match="disk is full"):
        get(store, hub, model)
    assert store.installed() == ()
    assert_whole(store, hub, get(store, hub, model))
    assert max(start for _, start in hub.asked) > 0


def test_files_that_another_model_has_are_not_fetched_again(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    get(store, hub, model)
    before = len(hub.times_asked(BIG))
    second = get(store, hub, entry(hub, name="second"))
    assert len(hub.times_asked(BIG)) == before
    assert_whole(store, hub, second)


@pytest.mark.parametrize(
    "changes",
    [
        {"sha": "main"},
        {"siblings": [{"rfilename": "model_index.json"}]},
        {"siblings": [{"rfilename": "model_index.json", "size": -1, "blobId": "a" * 40}]},
        {"siblings": [{"rfilename": "model_index.json", "size": 1, "blobId": "x"}]},
        {"siblings": [{"rfilename": "../../a.json", "size": 1, "blobId": "a" * 40}]},
    ],
)
def test_a_list_that_cannot_be_trusted_is_refused(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel, changes: dict[str, object]
) -> None:
    hub.listing_changes = changes
    with pytest.raises(DownloadError):
        get(store, hub, model)
    assert hub.asked == []


def test_a_pinned_revision_must_be_the_one_that_is_given(
    store: ModelStore, hub: LoopbackHub
) -> None:
    with pytest.raises(DownloadError, match="is of another revision"):
        get(store, hub, entry(hub, Source(hub.repo, "e" * 40)))


def test_an_unknown_repository_is_a_sentence(store: ModelStore, hub: LoopbackHub) -> None:
    with pytest.raises(DownloadError, match="makers/none"):
        get(store, hub, entry(hub, Source("makers/none", "main")))


def test_no_network_is_a_sentence(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    with pytest.raises(DownloadError, match="cannot be reached"):
        download_model(store, model, hub=Hub("http://127.0.0.1:1", timeout_s=5), patience=QUICK)


def test_weights_that_are_pickles_are_not_installed(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    part = "transformer/diffusion_pytorch_model"
    hub.files[f"{part}.bin"] = hub.files.pop(f"{part}.safetensors")
    with pytest.raises(NotAModelError):
        get(store, hub, model)
    assert not [name for name, _ in hub.asked if name.endswith(".bin")]


def test_two_downloads_of_one_model_do_not_mix(
    store: ModelStore, hub: LoopbackHub, model: CatalogueModel
) -> None:
    refused: list[str] = []

    def begin_again(fraction: float, label: str) -> bool:
        try:
            get(store, hub, model)
        except ModelInUseError as error:
            refused.append(str(error))
        return False

    with pytest.raises(ModelCancelledError):
        download_model(store, model, begin_again, hub=Hub(hub.endpoint))
    assert refused and "Another window" in refused[0]


def test_a_mirror_is_chosen_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert Hub().endpoint == "http://127.0.0.1:9"


def test_being_offline_by_choice_is_a_sentence(tmp_path: Path) -> None:
    code = (
        "from acestep_desktop.models.catalogue import find_model\n"
        "from acestep_desktop.models.hub import Hub\n"
        "try:\n    Hub().list_files(find_model('turbo'))\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.startswith("DownloadError HF_HUB_OFFLINE"), done.stderr
