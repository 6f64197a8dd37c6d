"""What README promises of `--json`, held against what is printed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from acestep_desktop.domain.project import Project
from acestep_desktop.library.projects import load_project, save_project
from acestep_desktop.realtime.client import OpenDevice
from acestep_desktop.realtime.play import Listener
from acestep_desktop.realtime.status import Status
from tests.models.pretending import pretended_model

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]

README = Path(__file__).parents[2] / "README.md"
MADE = {"prompt", "engine", "model", "seed", "understood", "ignored", "parts"}
KEPT = {"starred", "tags", "trashed", "present"}

Shape = type | tuple[type, ...]
NUMBER: Shape = (int, float)
MAYBE_NUMBER: Shape = (int, float, type(None))
MAYBE_TEXT: Shape = (str, type(None))

SHAPES: dict[str, dict[str, Shape]] = {
    "take": {
        "id": str,
        "number": (int, type(None)),
        "title": str,
        "created": str,
        "path": str,
        "stems": list,
        "midi": MAYBE_TEXT,
        "frames": int,
        "seconds": NUMBER,
        "channels": int,
        "loudness_lufs": MAYBE_NUMBER,
        "true_peak_db": MAYBE_NUMBER,
        "bpm": MAYBE_NUMBER,
        "key": MAYBE_TEXT,
        "meter": MAYBE_TEXT,
        "bars": (int, type(None)),
        "notes": list,
        "prompt": str,
        "seed": int,
        "understood": list,
        "starred": bool,
        "trashed": bool,
        "present": bool,
        "tags": list,
    },
    "mix": {"path": str, "frames": int, "seconds": NUMBER, "sample_rate": int, "depth": str},
    "audio": {"path": str, "format": str, "encoding": str, "frames": int, "bpm": MAYBE_NUMBER},
    "project": {"name": str, "tracks": list, "clips": int, "takes": int, "seconds": NUMBER},
    "finding": {"name": str, "ok": bool, "vital": bool, "what": str, "advice": str},
    "rebuilt": {"takes": int},
    "problem": {"id": str, "path": str, "what": str},
    "model": {"name": str, "label": str, "model_kind": str, "size": str, "bytes": int},
    "verified": {"name": str, "ok": bool, "damaged": list},
    "removed": {"name": str, "bytes": int},
    "played": {"sample_rate": int, "frame": int, "xruns": int, "latency_s": NUMBER},
}


def documented(kind: str, verb: str = "") -> set[str]:
    """Return the fields that README's table gives a kind, `kind` and those of `verb` among them."""
    for line in README.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 2 and f"`{kind}`" in cells[0].split(", "):
            plain, *others = re.sub(r"\([^)]*\)", "", cells[1]).split("; from ")
            of_verbs = [other.partition(" also ") for other in others]
            more = [fields for verbs, _, fields in of_verbs if f"`{verb}`" in verbs]
            return {"kind", *re.findall(r"`(\w+)`", " ".join((plain, *more)))}
    raise AssertionError(f"README does not document {kind}")


def check(result: dict[str, Any], kind: str, fields: set[str]) -> None:
    assert result["kind"] == kind
    assert set(result) == fields
    shapes = SHAPES.get(kind, SHAPES["mix"])
    wrong = [
        name for name in shapes if name in result and not isinstance(result[name], shapes[name])
    ]
    assert wrong == []


@pytest.fixture
def take(run: Run) -> dict[str, Any]:
    code, (take,), _ = run("generate", "house loop, 128 bpm, A minor, 1 bar", "--seed", "5")
    assert code == 0
    return take


@pytest.fixture
def song(run: Run, take: dict[str, Any], tmp_path: Path) -> Path:
    from acestep_desktop.domain.clip import Clip
    from acestep_desktop.domain.edits import add_clip, add_media, add_track
    from acestep_desktop.domain.project import Media
    from acestep_desktop.domain.time import Frame, Tick

    frames = Frame(take["frames"])
    project = add_media(Project(name="Song"), Media(take["id"], take["path"], frames, 2))
    project = add_track(project, "Loop")
    project = add_clip(
        project, project.tracks[0].track_id, Clip.of_take(take["id"], Tick(0), frames)
    )
    save_project(project, tmp_path / "song.acestep")
    assert load_project(tmp_path / "song.acestep") == project
    return tmp_path / "song.acestep"


def test_a_generated_take_has_the_documented_fields(take: dict[str, Any]) -> None:
    check(take, "take", documented("take"))
    assert take["stems"]
    assert all(set(stem) == {"name", "path"} for stem in take["stems"])


def test_a_take_of_the_library_has_the_same_and_what_is_kept_of_it(
    run: Run, take: dict[str, Any]
) -> None:
    _, (shown,), _ = run("takes", "show", str(take["number"]))
    check(shown, "take", documented("take") | KEPT)
    common = documented("take") - {"notes", "created"}
    assert {name: shown[name] for name in common} == {name: take[name] for name in common}


@pytest.mark.parametrize("verb", ["list", "star", "trash", "restore"])
def test_every_verb_prints_the_same_take(run: Run, take: dict[str, Any], verb: str) -> None:
    names = [] if verb == "list" else [str(take["number"])]
    _, (printed,), _ = run("takes", verb, *names)
    check(printed, "take", (documented("take") | KEPT) - MADE)


def test_what_was_imported_has_no_recipe(run: Run, home: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full((4_800, 2), 0.1), 48_000)
    _, (imported,), _ = run("takes", "import", str(tmp_path / "a.wav"))
    check(imported, "take", (documented("take") | KEPT) - MADE)


def test_documented_kinds_of_render_are_printed(run: Run, song: Path, tmp_path: Path) -> None:
    out, stems = str(tmp_path / "mix.wav"), str(tmp_path / "stems")
    _, (mix, stem), _ = run("render", str(song), "--out", out, "--stems", stems)
    check(mix, "mix", documented("mix"))
    check(stem, "stem", documented("stem"))
    assert mix["frames"] == soundfile.info(out).frames
    assert mix["seconds"] == round(mix["frames"] / mix["sample_rate"], 6)


def test_documented_kinds_of_info_are_printed(
    run: Run, take: dict[str, Any], song: Path, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "a.flac", np.zeros((4_800, 2)), 48_000)
    _, (audio,), _ = run("info", str(tmp_path / "a.flac"))
    check(audio, "audio", documented("audio"))
    _, (made,), _ = run("info", take["path"])
    check(made, "audio", documented("audio") | MADE)
    _, (project,), _ = run("info", str(song))
    check(project, "project", documented("project"))


def test_findings_and_counts_are_as_documented(run: Run, take: dict[str, Any]) -> None:
    _, findings, _ = run("doctor")
    for finding in findings:
        check(finding, "finding", documented("finding"))
    _, (rebuilt,), _ = run("takes", "rebuild")
    check(rebuilt, "rebuilt", documented("rebuilt"))
    assert rebuilt["takes"] == 1


def test_what_is_amiss_with_a_take_is_as_documented(run: Run, take: dict[str, Any]) -> None:
    Path(take["path"]).unlink()
    _, (problem,), _ = run("takes", "verify")
    check(problem, "problem", documented("problem"))


def test_documented_kinds_of_models_are_printed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACESTEP_MODELS", str(tmp_path / "weights"))
    given = pretended_model(tmp_path / "given")
    _, (imported,), _ = run("models", "import", str(given), "--name", "mine")
    check(imported, "model", documented("model", "import"))
    _, listed, _ = run("models", "list")
    assert "mine" in {model["name"] for model in listed}
    for model in listed:
        check(model, "model", documented("model", "list"))
    (Path(imported["path"]) / "vae" / "config.json").unlink()
    _, (verified,), _ = run("models", "verify", "mine")
    check(verified, "verified", documented("verified"))
    assert [set(damage) for damage in verified["damaged"]] == [{"file", "what"}]
    _, (removed,), _ = run("models", "remove", "mine")
    check(removed, "removed", documented("removed"))


def test_what_was_played_is_as_documented(
    run: Run, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def play(*_: object, listener: Listener, **__: object) -> Status:
        listener.opened(OpenDevice("Speakers", 48_000, 0.01))
        return Status(xruns=2)

    monkeypatch.setattr("acestep_desktop.cli.play.play", play)
    code, (played,), said = run("play", str(song))
    assert code == 0
    check(played, "played", documented("played"))
    assert (played["device"], played["xruns"]) == ("Speakers", 2)
    assert "Speakers" in said


def test_paths_are_absolute_and_times_have_a_zone(take: dict[str, Any]) -> None:
    assert Path(take["path"]).is_absolute()
    assert all(Path(stem["path"]).is_absolute() for stem in take["stems"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)", take["created"])


def test_a_failure_prints_no_object_but_what_was_done_before(run: Run, home: Path) -> None:
    code, objects, said = run("takes", "show", "99")
    assert (code, objects) == (1, [])
    assert said.startswith("error: ") and said.count("\n") == 1
