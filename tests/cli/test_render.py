"""`render` and `info`: projects and files from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from acestep_desktop.domain.clip import Clip, Fade
from acestep_desktop.domain.edits import add_clip, add_media, add_track, change_track
from acestep_desktop.domain.project import Master, Project
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.media import media_of_take
from acestep_desktop.library.projects import save_project
from acestep_desktop.library.takes import TakeLibrary

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]
Say = Callable[..., tuple[int, str, str]]

SECOND = Frame(48_000)


@pytest.fixture
def project_path(home: Path, tmp_path: Path) -> Path:
    """Two tracks at 120 bpm: a clip of 1.5 s at bar 1, one of 1 s at bar 2."""
    library = TakeLibrary(folders_below(home))
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, (2, 72_000, 2)).astype(np.float32)
    takes = [library.commit(noise[0]), library.commit(noise[1])]
    project = Project(name="Song", tempo=TempoMap.steady(120.0), master=Master(limiter=False))
    for take in takes:
        project = add_media(project, media_of_take(take, tmp_path / "song.acestep"))
    for name, take, start, length in (
        ("Drums", takes[0], 0, 72_000),
        ("Bass", takes[1], 4 * 960_000, 48_000),
    ):
        project = add_track(project, name)
        clip = Clip.of_take(take.take_id, Tick(start), Frame(length), name=name)
        project = add_clip(project, project.tracks[-1].track_id, clip)
    library.close()
    path = tmp_path / "song.acestep"
    save_project(project, path)
    return path


def test_the_mix_is_as_long_as_its_bars(run: Run, project_path: Path, tmp_path: Path) -> None:
    code, files, _ = run("render", str(project_path), "--out", str(tmp_path / "mix.wav"))
    assert code == 0
    assert files[0]["kind"] == "mix"
    assert files[0]["frames"] == soundfile.info(tmp_path / "mix.wav").frames == 4 * SECOND


def test_stems_sum_to_the_mix(run: Run, project_path: Path, tmp_path: Path) -> None:
    stems = str(tmp_path / "stems")
    options = ("--out", str(tmp_path / "mix.wav"), "--stems", stems, "--depth", "32f")
    code, files, _ = run("render", str(project_path), *options)
    assert code == 0
    names = [Path(file["path"]).name for file in files[1:]]
    assert names == ["01 Drums.wav", "02 Bass.wav"]
    mix, *parts = [soundfile.read(file["path"], dtype="float32")[0] for file in files]
    assert np.abs(np.sum(parts, axis=0) - mix).max() <= 1e-7


def test_a_range_is_cut_at_bar_lines(run: Run, project_path: Path, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole.wav", tmp_path / "part.wav"
    run("render", str(project_path), "--out", str(whole), "--depth", "32f")
    run(
        "render",
        str(project_path),
        "--out",
        str(part),
        "--depth",
        "32f",
        "--from",
        "2",
        "--to",
        "3",
    )
    sound = soundfile.read(whole, dtype="float32")[0]
    assert np.array_equal(soundfile.read(part, dtype="float32")[0], sound[96_000:192_000])


@pytest.mark.parametrize(
    ("depth", "subtype"), [("16", "PCM_16"), ("24", "PCM_24"), ("32f", "FLOAT")]
)
def test_depth_and_rate_are_what_was_asked(
    run: Run, project_path: Path, tmp_path: Path, depth: str, subtype: str
) -> None:
    out = tmp_path / "mix.wav"
    run("render", str(project_path), "--out", str(out), "--rate", "44100", "--depth", depth)
    info = soundfile.info(out)
    assert (info.subtype, info.samplerate, info.frames) == (subtype, 44_100, 4 * 44_100)


def test_the_frames_of_stems_are_those_of_their_files(
    run: Run, project_path: Path, tmp_path: Path
) -> None:
    # 25 frames at 48 kHz are 12.5 at half of it.
    options = ("--stems", str(tmp_path / "stems"), "--from", "1", "--to", "1.1.1")
    _, files, _ = run("render", str(project_path), *options, "--rate", "24000")
    assert [file["frames"] for file in files] == [13, 13]
    assert all(soundfile.info(file["path"]).frames == file["frames"] for file in files)


def test_without_options_the_mix_lies_here_under_the_projects_name(
    run: Run, project_path: Path, tmp_path: Path
) -> None:
    assert run("render", str(project_path))[0] == 0
    assert (tmp_path / "song.wav").is_file()
    code, files, said = run("render", str(project_path))
    assert (code, files) == (1, [])
    assert "song.wav" in said


def test_a_muted_track_is_a_silent_stem(run: Run, project_path: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    from acestep_desktop.library.projects import load_project

    project = load_project(project_path)
    first = project.tracks[0].track_id
    muted = change_track(project, first, lambda track: replace(track, muted=True))
    save_project(muted, project_path)
    _, files, _ = run("render", str(project_path), "--stems", str(tmp_path / "stems"))
    assert not np.any(soundfile.read(files[0]["path"])[0])
    assert np.any(soundfile.read(files[1]["path"])[0])


def test_a_missing_take_is_named_and_nothing_is_written(
    say: Say, project_path: Path, home: Path, tmp_path: Path
) -> None:
    for take in home.glob("Takes/*.wav"):
        take.unlink()
    code, _, err = say("render", str(project_path), "--out", str(tmp_path / "mix.wav"))
    assert code == 1
    assert "missing" in err and err.count("\n") == 1
    assert not (tmp_path / "mix.wav").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--from", "9", "--to", "3"),
        ("--from", "bar one"),
        ("--rate", "3"),
        ("--out", "mix.mp3"),
        ("--out", "mix.flac", "--depth", "16"),
        ("--out", "mix.flac", "--rate", "700000"),
    ],
)
def test_bad_options_are_one_sentence(
    say: Say, project_path: Path, options: tuple[str, ...]
) -> None:
    code, out, err = say("render", str(project_path), *options)
    assert code != 0
    assert out == ""
    assert err.count("\n") == 1


def test_a_file_that_is_no_project_is_refused(say: Say, tmp_path: Path) -> None:
    (tmp_path / "a.acestep").write_text("{}")
    assert say("render", str(tmp_path / "a.acestep"))[0] == 1
    assert say("render", str(tmp_path / "none.acestep"))[0] == 1


def test_info_describes_a_project(run: Run, project_path: Path) -> None:
    _, (info,), _ = run("info", str(project_path))
    assert (info["kind"], info["name"], info["tracks"]) == ("project", "Song", ["Drums", "Bass"])
    assert (info["bpm"], info["clips"], info["seconds"]) == (120.0, 2, 3.0)


def test_info_describes_audio(run: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((44_100, 2)), 44_100, "PCM_24")
    _, (info,), _ = run("info", str(tmp_path / "a.wav"))
    assert (info["kind"], info["format"], info["sample_rate"]) == ("audio", "WAV", 44_100)
    assert (info["channels"], info["seconds"], info["bpm"]) == (2, 1.0, None)


def test_info_about_nothing_is_one_sentence(say: Say) -> None:
    code, out, err = say("info", "nowhere.wav")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


def test_fades_are_heard_in_the_file(run: Run, project_path: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    from acestep_desktop.domain.edits import change_clip
    from acestep_desktop.library.projects import load_project

    project = load_project(project_path)
    track = project.tracks[0]
    faded = change_clip(
        project,
        track.track_id,
        track.clips[0].clip_id,
        lambda clip: replace(clip, fade_in=Fade(Frame(1_000))),
    )
    save_project(faded, project_path)
    run("render", str(project_path), "--out", str(tmp_path / "m.wav"), "--depth", "32f")
    sound = soundfile.read(tmp_path / "m.wav")[0]
    assert np.abs(sound[:20]).max() < 0.02 < np.abs(sound[2_000:2_100]).max()
