"""Project files: what is saved is loaded, in any version; what is damaged is said."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.audiofile.errors import AudioFileError, DiskError, DiskFullError
from acestep_desktop.domain.clip import Clip, Fade
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Media, Project, Track, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.library import projects
from acestep_desktop.library.errors import ProjectFileError
from acestep_desktop.library.media import media_of_take, resolve_media
from acestep_desktop.library.projects import FORMAT, load_project, save_project
from tests.audiofile.mutations import mutations
from tests.disks import size_limit
from tests.library.makers import project_of, quick_library, recipe, sound
from tests.needs import needs

GOLDEN = Path(__file__).parent / "golden"


def big_project(clips: int) -> Project:
    media = Media(TakeId("0" * 32), "Takes/a.wav", Frame(48_000), 2)
    track = Track(
        TrackId("t"),
        "T",
        clips=tuple(
            Clip.of_take(media.take_id, Tick(n * 960_000), Frame(48_000)) for n in range(clips)
        ),
    )
    return Project("Big", tracks=(track,), media=(media,))


def test_a_project_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    takes = [quick_library(tmp_path).commit(sound(n), recipe=recipe()) for n in range(3)]
    project = project_of(*takes)
    save_project(project, tmp_path / "Söng 雨.acestep")
    assert load_project(tmp_path / "Söng 雨.acestep") == project


@settings(max_examples=50)
@given(
    st.text(max_size=40).filter(lambda text: text.isprintable()),
    st.lists(
        st.tuples(st.integers(0, 10**12), st.integers(0, 900), st.integers(1, 100)), max_size=8
    ),
)
def test_any_project_comes_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, windows: list[tuple[int, int, int]]
) -> None:
    media = Media(TakeId("ab"), "a.wav", Frame(1_000), 1)
    clips = tuple(
        Clip(f"{i}", media.take_id, Tick(at), Frame(offset), Frame(length), fade_in=Fade(Frame(5)))
        for i, (at, offset, length) in enumerate(windows)
    )
    project = Project(name, tracks=(Track(TrackId("t"), name, clips=clips),), media=(media,))
    path = tmp_path_factory.mktemp("project") / "a.acestep"
    save_project(project, path)
    assert load_project(path) == project


def test_the_golden_project_of_version_1_is_still_read() -> None:
    project = load_project(GOLDEN / "project_v1.acestep")
    assert (project.name, str(project.key)) == ("Söng", "F# major")
    assert project.tempo.bpm_at(0) == 174.3
    assert [track.name for track in project.tracks] == ["Drüms"]
    assert [clip.start for clip in project.tracks[0].clips] == [0, 960_000]
    assert project.media[0].path == "Takes/Rainy house_240bpm_Amin_1bar_v1.wav"


def test_saving_the_golden_project_changes_no_byte(tmp_path: Path) -> None:
    golden = GOLDEN / "project_v1.acestep"
    save_project(load_project(golden), tmp_path / "a.acestep")
    assert (tmp_path / "a.acestep").read_bytes() == golden.read_bytes()


def test_a_project_from_the_future_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.acestep"
    for version in (2, 3, 10**9):
        path.write_text(json.dumps({"format": FORMAT, "version": version, "project": {}}))
        with pytest.raises(ProjectFileError, match="newer ACE-Step Desktop"):
            load_project(path)


def test_upgrades_are_applied_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def titled(project: projects.Json) -> projects.Json:
        assert isinstance(project, dict)
        return {"name": project["title"]}

    def louder(project: projects.Json) -> projects.Json:
        assert isinstance(project, dict)
        return {"name": f"{project['name']}!"}

    monkeypatch.setattr(projects, "UPGRADES", (titled, louder))
    monkeypatch.setattr(projects, "VERSION", 3)
    path = tmp_path / "a.acestep"
    for version, project in ((1, {"title": "Old"}), (2, {"name": "Old"}), (3, {"name": "Old!"})):
        path.write_text(json.dumps({"format": FORMAT, "version": version, "project": project}))
        assert load_project(path).name == "Old!"


NO_PROJECTS = [
    "",
    "{",
    "[]",
    "null",
    '"text"',
    "{}",
    '{"format": "other"}',
    json.dumps({"format": FORMAT}),
    json.dumps({"format": FORMAT, "version": 0, "project": {}}),
    json.dumps({"format": FORMAT, "version": "1", "project": {}}),
    json.dumps({"format": FORMAT, "version": True, "project": {}}),
    json.dumps({"format": FORMAT, "version": 1}),
    json.dumps({"format": FORMAT, "version": 1, "project": []}),
    json.dumps({"format": FORMAT, "version": 1, "project": {"name": 5}}),
    json.dumps({"format": FORMAT, "version": 1, "project": {"surprise": 5}}),
    '{"format": "acestep-desktop project", "version": 1, "project": {"name": NaN}}',
    "[" * 100_000,
    '{"a":' * 100_000,
    "1" * 10_000,
    "\ufeff{}",
]


@pytest.mark.parametrize("text", NO_PROJECTS)
def test_what_is_no_project_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.acestep"
    path.write_text(text)
    with pytest.raises(ProjectFileError, match=r'"a.acestep"') as caught:
        load_project(path)
    assert "\n" not in str(caught.value)


HOSTILE_TEMPI = [1e308, -1.0, 0.0, 1e-300, "120", None, 10**400]


@pytest.mark.parametrize("bpm", HOSTILE_TEMPI)
def test_a_hostile_tempo_is_refused(tmp_path: Path, bpm: object) -> None:
    body = json.loads((GOLDEN / "project_v1.acestep").read_text())
    body["project"]["tempo"]["tempos"][0]["bpm"] = bpm
    (tmp_path / "a.acestep").write_text(json.dumps(body))
    with pytest.raises(ProjectFileError, match="damaged"):
        load_project(tmp_path / "a.acestep")


def test_hostile_clips_are_refused(tmp_path: Path) -> None:
    for field, value in [
        ("length", -1),
        ("length", 10**30),
        ("start", -5),
        ("offset", 1e9),
        ("take_id", "none"),
        ("gain_db", 1e9),
    ]:
        body = json.loads((GOLDEN / "project_v1.acestep").read_text())
        body["project"]["tracks"][0]["clips"][0][field] = value
        (tmp_path / "a.acestep").write_text(json.dumps(body))
        with pytest.raises(ProjectFileError, match="damaged"):
            load_project(tmp_path / "a.acestep")


@pytest.mark.parametrize("number", [2**53 + 1, 10**30, 10**4_000])
def test_positions_beyond_all_music_are_refused(tmp_path: Path, number: int) -> None:
    for field in ("start", "markers"):
        body = json.loads((GOLDEN / "project_v1.acestep").read_text())
        if field == "start":
            body["project"]["tracks"][0]["clips"][0]["start"] = number
        else:
            body["project"]["markers"] = [{"at": number, "name": "far"}]
        (tmp_path / "a.acestep").write_text(json.dumps(body))
        with pytest.raises(ProjectFileError, match="damaged"):
            load_project(tmp_path / "a.acestep")


def test_too_much_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.acestep"
    path.write_bytes(b"[" + b"{}," * 5_000_000 + b"0]")
    with pytest.raises(ProjectFileError, match="more than a project can"):
        load_project(path)
    with path.open("wb") as file:
        file.truncate(projects.MAX_BYTES + 1)
    with pytest.raises(ProjectFileError, match="more than a project can"):
        load_project(path)
    monkeypatch.setattr(projects, "MAX_BYTES", 100)
    with pytest.raises(ProjectFileError, match="more than a project file can hold"):
        save_project(big_project(10), path)


def test_the_largest_project_is_within_the_bounds(tmp_path: Path) -> None:
    project = big_project(20_000)
    save_project(project, tmp_path / "a.acestep")
    assert load_project(tmp_path / "a.acestep") == project


def test_a_thousand_damaged_projects_are_refused_or_read(tmp_path: Path) -> None:
    good = (GOLDEN / "project_v1.acestep").read_bytes()
    path = tmp_path / "a.acestep"
    refused = 0
    for data in mutations(good, 1_000, seed=3):
        path.write_bytes(data)
        try:
            assert isinstance(load_project(path), Project)
        except UserError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 300


def test_changed_values_are_refused_or_read(tmp_path: Path) -> None:
    dice = random.Random(5)
    values = [None, -1, 0, 1e308, 10**40, "", "x" * 1_000, [], {}, True, [[]] * 3, "\ud800"]

    def mutated(data: object) -> object:
        if dice.random() < 0.02:
            return dice.choice(values)
        if isinstance(data, dict):
            return {name: mutated(item) for name, item in data.items()}
        return [mutated(item) for item in data] if isinstance(data, list) else data

    body = json.loads((GOLDEN / "project_v1.acestep").read_text())
    path = tmp_path / "a.acestep"
    for _ in range(300):
        changed = {**body, "project": mutated(body["project"])}
        path.write_text(json.dumps(changed))
        try:
            load_project(path)
        except UserError as error:
            assert "\n" not in str(error)


def test_a_name_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProjectFileError, match="cannot be written"):
        save_project(Project("bad \ud800 name"), tmp_path / "a.acestep")
    assert list(tmp_path.iterdir()) == []


@needs("posix")
def test_a_full_disk_keeps_the_project_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.acestep"
    save_project(Project("Old"), path)
    with size_limit(5_000), pytest.raises(DiskFullError, match="disk is full"):
        save_project(big_project(100), path)
    assert load_project(path).name == "Old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.acestep"]


def test_missing_projects_and_folders_are_said(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="Check the path"):
        load_project(tmp_path / "no.acestep")
    with pytest.raises(ProjectFileError, match="is not a file"):
        load_project(tmp_path)
    with pytest.raises(DiskError, match="missing"):
        save_project(Project(), tmp_path / "no" / "a.acestep")


def test_takes_are_found_in_the_library_wherever_they_went(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path / "home")
    takes = [shelf.commit(sound(n), recipe=recipe()) for n in range(2)]
    project = project_of(*takes)
    takes[0].path.rename(takes[0].path.with_name("Moved.wav"))
    shelf.trash(2)
    found = resolve_media(project, tmp_path / "a.acestep", shelf)
    assert found.paths[takes[0].take_id].name == "Moved.wav"
    assert found.paths[takes[1].take_id] == takes[1].path
    assert (found.missing, found.notes) == ((), ())


def test_takes_that_the_library_lacks_are_found_beside_the_project(tmp_path: Path) -> None:
    theirs = quick_library(tmp_path / "theirs").commit(sound(), recipe=recipe())
    project_path = tmp_path / "theirs" / "a.acestep"
    mine = quick_library(tmp_path / "mine")
    project = project_of(theirs)
    found = resolve_media(project, project_path, mine)
    assert found.paths == {theirs.take_id: theirs.path.resolve()}


def test_takes_that_are_nowhere_are_named(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path / "home")
    take = shelf.commit(sound(), recipe=recipe())
    take.path.unlink()
    found = resolve_media(project_of(take), tmp_path / "a.acestep", shelf)
    assert [media.take_id for media in found.missing] == [take.take_id]
    assert "Rainy house_240bpm_Amin_1bar_v1.wav" in found.notes[0]


@pytest.mark.parametrize(
    "path",
    [
        "../../../etc/passwd",
        "/etc/passwd",
        "\\\\server\\share\\a.wav",
        "C:\\a.wav",
        "//server/a.wav",
        "/dev/zero",
        "",
        ".",
        "a\0b.wav",
        "x" * 5_000,
        "Other.wav",
    ],
)
def test_a_project_cannot_make_the_program_open_other_files(tmp_path: Path, path: str) -> None:
    shelf = quick_library(tmp_path / "home")
    take = shelf.commit(sound(), recipe=recipe())
    other = shelf.commit(sound(9), recipe=recipe())
    (tmp_path / "Other.wav").write_bytes(other.path.read_bytes())
    take.path.unlink()
    media = Media(take.take_id, path, take.frames, take.channels)
    found = resolve_media(Project(media=(media,)), tmp_path / "a.acestep", shelf)
    assert found.paths == {}
    assert found.missing == (media,)


def test_a_take_is_named_relative_to_its_project(tmp_path: Path) -> None:
    take = quick_library(tmp_path).commit(sound(), recipe=recipe())
    near = media_of_take(take, tmp_path / "Projects" / "a.acestep")
    assert near.path == f"../Takes/{take.path.name}"
    assert media_of_take(take).path == str(take.path)
    far = tmp_path / "a" / "b" / "c" / "x.acestep"
    assert media_of_take(take, far).path == str(take.path)
    with pytest.raises(AudioFileError):
        load_project(far)
