"""`models`: weights on the command line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acestep_desktop.cli.program import main
from acestep_desktop.models import catalogue
from acestep_desktop.models.store import ModelStore
from tests.models.loopback import LoopbackHub, entry, serve
from tests.models.pretending import pretended_model
from tests.needs import needs

Output = pytest.CaptureFixture[str]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    monkeypatch.setenv("ACESTEP_MODELS", str(tmp_path / "weights"))
    return ModelStore(tmp_path / "weights")


@pytest.fixture
def given(tmp_path: Path) -> Path:
    return pretended_model(tmp_path / "given")


@pytest.fixture
def hub(given: Path, store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with serve("makers/tiny", given) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setattr(catalogue, "CATALOGUE", (entry(hub),))
        yield hub


def test_the_list_says_what_there_is(store: ModelStore, capsys: Output) -> None:
    assert main(["models", "list", "--json"]) == 0
    models = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [model["name"] for model in models] == [
        *("turbo", "base", "sft", "xl-turbo", "xl-base", "xl-sft")
    ]
    assert not any(model["installed"] for model in models)
    assert all(model["licence"] and model["vram_bytes"] for model in models)
    assert main(["models", "list"]) == 0
    said = capsys.readouterr()
    assert "begin with this one" in said.out
    assert str(store.folder) in said.err


def test_a_download_with_consent_arrives(
    store: ModelStore, hub: LoopbackHub, capsys: Output
) -> None:
    assert main(["models", "download", "tiny", "--yes", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["path"] == str(store.find("tiny").path)
    assert "licence: mit" in said.err
    assert main(["models", "download", "tiny", "--yes"]) == 0
    assert "here already" in capsys.readouterr().err


def test_without_consent_nothing_is_fetched(
    store: ModelStore, hub: LoopbackHub, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert main(["models", "download", "tiny"]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert hub.asked == []


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 130), ("", 130)])
def test_a_person_is_asked(
    store: ModelStore,
    hub: LoopbackHub,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return answer

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert main(["models", "download", "tiny"]) == code
    assert bool(store.installed()) == (code == 0)


def test_a_folder_is_imported_verified_and_removed(
    store: ModelStore, given: Path, capsys: Output
) -> None:
    assert main(["models", "import", str(given), "--name", "mine"]) == 0
    assert main(["models", "verify"]) == 0
    assert "every file is whole" in capsys.readouterr().out
    weights = store.find("mine").path / "vae" / "diffusion_pytorch_model.safetensors"
    data = bytearray(weights.read_bytes())
    weights.unlink()
    data[-1] ^= 1
    weights.write_bytes(data)
    (store.find("mine").path / "text_encoder" / "config.json").unlink()
    assert main(["models", "verify", "mine"]) == 1
    said = capsys.readouterr().out
    assert "vae/diffusion_pytorch_model.safetensors: other bytes than it had" in said
    assert "text_encoder/config.json: missing" in said
    assert main(["models", "remove", "mine"]) == 0
    assert store.names() == ()
    assert (given / "vae" / "config.json").is_file()


def test_removing_what_is_not_here_frees_nothing_and_says_no_more(
    store: ModelStore, capsys: Output
) -> None:
    assert main(["models", "remove", "turbo"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "note: there is nothing of turbo on this disk\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["download", "huge", "--yes"], 'no model "huge"'),
        (["import", "/nowhere"], "no weights of ACE-Step"),
        (["verify", "mine"], 'no model "mine"'),
        (["remove", "mine"], 'no model "mine"'),
    ],
)
def test_what_cannot_be_is_one_sentence(
    store: ModelStore, capsys: Output, arguments: list[str], words: str
) -> None:
    assert main(["models", *arguments]) == 1
    said = capsys.readouterr()
    assert said.err.splitlines()[-1].startswith("error: ") and words in said.err
    assert said.out == ""


def test_a_bad_name_is_bad_input(store: ModelStore, given: Path, capsys: Output) -> None:
    assert main(["models", "import", str(given), "--name", "../out"]) == 2
    assert "a model's name has letters" in capsys.readouterr().err


@needs("posix")
def test_ctrl_c_keeps_what_has_arrived_and_the_next_time_goes_on(
    store: ModelStore, hub: LoopbackHub
) -> None:
    part = "transformer/diffusion_pytorch_model.safetensors"
    data = hub.files[part]

    def stall(request: object) -> None:
        request.send_response(200)  # type: ignore[attr-defined]
        request.send_header("Content-Length", str(len(data)))  # type: ignore[attr-defined]
        request.end_headers()  # type: ignore[attr-defined]
        request.wfile.write(data[:3_000])  # type: ignore[attr-defined]
        request.wfile.flush()  # type: ignore[attr-defined]
        while not [p for p in store.folder.rglob("*.part") if p.stat().st_size == 3_000]:
            assert not hub.let_go.wait(0.02)
        program.send_signal(signal.SIGINT)
        hub.let_go.wait(20)
        request.close_connection = True  # type: ignore[attr-defined]

    hub.odd[part] = [stall]
    code = (
        "import sys\n"
        "from acestep_desktop.models import catalogue\n"
        "from acestep_desktop.models.catalogue import CatalogueModel, Source\n"
        "tiny = CatalogueModel('tiny', 'Tiny', 'turbo', '2B', 'diffusers',\n"
        "    (Source('makers/tiny', 'main'),), 1, 1, 'mit', 1, 1, 'nothing', 'little')\n"
        "catalogue.CATALOGUE = (tiny,)\n"
        "from acestep_desktop.cli.program import main\n"
        "sys.exit(main(['models', 'download', 'tiny', '--yes']))\n"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "ACESTEP_MODELS": str(store.folder), "HF_ENDPOINT": hub.endpoint},
        stderr=subprocess.PIPE,
        text=True,
    )
    _, said = program.communicate(timeout=60)
    hub.let_go.set()
    assert program.returncode == 130, said
    assert "goes on from there" in said
    before = len(hub.asked)
    assert main(["models", "download", "tiny", "--yes"]) == 0
    again = dict(hub.asked[before:])
    assert again[part] == 3_000
    assert len(again) < len(hub.files)


def test_the_list_needs_no_torch() -> None:
    code = (
        "import sys\n"
        "from acestep_desktop.cli.program import main\n"
        "main(['models', 'list'])\n"
        "heavy = ('torch', 'diffusers', 'transformers', 'huggingface_hub', 'PySide6')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"
