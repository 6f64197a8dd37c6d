"""Values survive the way through JSON; anything else is refused in words."""

import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.clip import Clip, ClipId, Fade
from acestep_desktop.domain.codec import MAX_DEPTH, Json, dumps, from_json, loads, to_json
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Marker, Note, Part
from acestep_desktop.domain.project import Master, Media, Project, TickRange, Track, TrackId
from acestep_desktop.domain.recipe import Recipe, Take, TakeId
from acestep_desktop.domain.request import Cover, Prompt, Request, TextToMusic
from acestep_desktop.domain.tempo import MeterChange, TempoChange, TempoMap
from acestep_desktop.domain.time import Frame, Meter, Tick
from tests.domain import values

GOLDEN = Path(__file__).parent / "golden" / "project_1.json"

json_values: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def through_text(kind: type, value: object) -> object:
    return from_json(kind, loads(dumps(value)))


@given(values.requests())
def test_a_request_survives_the_way_through_json(request: Request) -> None:
    assert through_text(Request, request) == request


@given(values.recipes)
def test_a_recipe_with_its_notes_survives_the_way_through_json(recipe: Recipe) -> None:
    assert through_text(Recipe, recipe) == recipe


@given(values.takes)
def test_a_take_survives_the_way_through_json(take: Take) -> None:
    assert through_text(Take, take) == take


@given(values.projects())
def test_a_project_survives_the_way_through_json(project: Project) -> None:
    assert through_text(Project, project) == project


@given(values.projects())
def test_the_same_value_is_the_same_text(project: Project) -> None:
    text = dumps(project)
    assert dumps(through_text(Project, project)) == text
    assert "NaN" not in json.dumps(json.loads(text))


def test_a_member_of_a_union_says_its_kind() -> None:
    written = to_json(Request(Prompt("jazz"), Cover("a.wav", 0.25)))
    assert isinstance(written, dict)
    assert written["task"] == {"kind": "Cover", "source": "a.wav", "strength": 0.25}


def test_a_missing_field_takes_its_default() -> None:
    assert from_json(Request, {"prompt": {"caption": "jazz"}}) == Request(Prompt("jazz"))


def test_a_whole_number_is_fine_where_a_fraction_may_stand() -> None:
    request = from_json(Request, {"prompt": {"caption": ""}, "bpm": 120})
    assert request.bpm == 120.0
    assert type(request.bpm) is float


PROMPT: dict[str, Json] = {"caption": "jazz"}

REFUSED: list[tuple[type, Any, str]] = [
    (Request, None, "request must be an object"),
    (Request, [], "request must be an object"),
    (Request, "jazz", "request must be an object"),
    (Request, {}, "request lacks a field"),
    (Request, {"prompt": PROMPT, "colour": 1}, 'request has an unknown field "colour"'),
    (Request, {"prompt": PROMPT, "x" * 99: 1}, 'request has an unknown field "' + "x" * 40 + '"'),
    (Request, {"prompt": PROMPT, "kind": "Take"}, "request must be a Request"),
    (Request, {"prompt": "jazz"}, "request.prompt must be an object"),
    (Request, {"prompt": {"caption": 3}}, "request.prompt.caption must be text, got 3"),
    (Request, {"prompt": {"caption": None}}, "request.prompt.caption must be text, got null"),
    (Request, {"prompt": PROMPT, "bars": "8"}, 'request.bars must be an integer, got "8"'),
    (Request, {"prompt": PROMPT, "bars": 8.0}, "request.bars must be an integer, got 8.0"),
    (Request, {"prompt": PROMPT, "bars": True}, "request.bars must be an integer, got true"),
    (Request, {"prompt": PROMPT, "bars": 0}, "bars must be within 1..512, got 0"),
    (Request, {"prompt": PROMPT, "bpm": "fast"}, 'request.bpm must be a number, got "fast"'),
    (Request, {"prompt": PROMPT, "bpm": True}, "request.bpm must be a number, got true"),
    (Request, {"prompt": PROMPT, "bpm": 10**400}, "request.bpm is too large"),
    (Request, {"prompt": PROMPT, "bpm": 0}, "bpm must be within 30..300, got 0"),
    (Request, {"prompt": PROMPT, "seed": 10**400}, "a seed must be within"),
    (Request, {"prompt": PROMPT, "task": None}, "request.task has an unknown kind"),
    (Request, {"prompt": PROMPT, "task": {}}, "request.task has an unknown kind"),
    (Request, {"prompt": PROMPT, "task": {"kind": "Dance"}}, "request.task has an unknown kind"),
    (Request, {"prompt": PROMPT, "task": {"kind": ["Cover"]}}, "request.task has an unknown kind"),
    (Request, {"prompt": PROMPT, "task": {"kind": "Cover"}}, "request.task lacks a field"),
    (Request, {"prompt": PROMPT, "adapters": {}}, "request.adapters must be a list"),
    (
        Request,
        {"prompt": PROMPT, "adapters": [3]},
        "request.adapters[0] must be an object",
    ),
    (Request, {"prompt": PROMPT, "key": "A minor"}, "request.key must be an object"),
    (
        Request,
        {"prompt": PROMPT, "key": {"tonic": "A", "mode": "dorian"}},
        'request.key.mode must be one of its names, got "dorian"',
    ),
    (
        Request,
        {"prompt": PROMPT, "key": {"tonic": "H"}},
        'a tonic is one of A..G with # or b, got "H"',
    ),
    (
        Request,
        {"prompt": PROMPT, "key": {"tonic": "A", "mode": {}}},
        "request.key.mode must be one of its names, got {}",
    ),
    (Master, {"limiter": 1}, "master.limiter must be true or false, got 1"),
    (TempoMap, {"_starts": []}, 'tempomap has an unknown field "_starts"'),
]


@pytest.mark.parametrize(("kind", "data", "sentence"), REFUSED)
def test_what_is_not_a_value_is_refused_with_the_name_of_the_field(
    kind: type, data: Json, sentence: str
) -> None:
    with pytest.raises(InvalidValueError) as refusal:
        from_json(kind, data)
    assert str(refusal.value).startswith(sentence)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("kind", [Request, Recipe, Take, Project, Track, Clip, Key, TempoMap])
@given(data=json_values)
def test_no_json_raises_anything_but_a_refusal(kind: type, data: Json) -> None:
    try:
        from_json(kind, data)
    except InvalidValueError as error:
        assert str(error)


@given(values.projects(), st.data())
def test_a_project_with_any_value_replaced_is_read_or_refused(
    project: Project, data: st.DataObject
) -> None:
    written = to_json(project)
    node: Any = written
    while isinstance(node, dict | list) and node:
        place = data.draw(
            st.sampled_from(sorted(node) if isinstance(node, dict) else list(range(len(node))))
        )
        if not isinstance(node[place], dict | list) or data.draw(st.booleans()):
            node[place] = data.draw(json_values)
            break
        node = node[place]
    try:
        from_json(Project, written)
    except InvalidValueError as error:
        assert str(error)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        '{"bpm": NaN}',
        '{"bpm": Infinity}',
        "-Infinity",
        "\ufeff{}",
        "{} {}",
        "[" * 100_000,
        '{"a":' * 100_000,
        "9" * 10_000,
        b"\xff\xfe\x00",
        b"\x00",
    ],
)
def test_text_that_is_not_the_json_expected_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidValueError, match="this is not the JSON that was expected"):
        loads(text)


@given(st.text(max_size=40) | st.binary(max_size=40))
def test_any_text_is_json_or_refused(text: str | bytes) -> None:
    try:
        loads(text)
    except InvalidValueError as error:
        assert str(error)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_know_is_not_written(number: float) -> None:
    with pytest.raises(InvalidValueError, match="a file cannot hold the number"):
        to_json([number])


def test_what_is_no_value_of_ours_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="object has no place in a file"):
        to_json(object())
    with pytest.raises(TypeError, match="type has no place in a file"):
        to_json(Request)


@dataclass(frozen=True)
class Chain:
    link: "Chain | None" = None


def test_a_value_nested_too_deep_is_refused() -> None:
    data: Json = None
    for _ in range(MAX_DEPTH + 2):
        data = {"link": data}
    with pytest.raises(InvalidValueError, match="is nested too deep"):
        from_json(Chain, data)


def golden_project() -> Project:
    """Return the project of the golden file: something of everything."""
    media = (
        Media(TakeId("00112233445566778899aabbccddeeff"), "Takes/Rainy.wav", Frame(768_000), 2),
        Media(TakeId("ffeeddccbbaa99887766554433221100"), "../Söng.wav", Frame(48_000), 1),
    )
    clips = (
        Clip(
            ClipId("clip-1"),
            media[0].take_id,
            Tick(0),
            Frame(0),
            Frame(480_000),
            "Rainy",
            -3.5,
            Fade(Frame(480), "linear"),
            Fade(Frame(960), begun=Frame(240)),
        ),
        Clip(ClipId("clip-2"), media[0].take_id, Tick(3_840_000), Frame(480_000), Frame(100)),
    )
    other = Clip(ClipId("clip-3"), media[1].take_id, Tick(1), Frame(7), Frame(9), muted=True)
    return Project(
        name="Söng 音",
        tempo=TempoMap(
            (TempoChange(Tick(0), 174.3), TempoChange(Tick(7_680_000), 90.0)),
            (MeterChange(Tick(0), Meter()), MeterChange(Tick(3_840_000), Meter(7, 8))),
        ),
        key=Key("F#", "minor"),
        tracks=(
            Track(TrackId("track-1"), "Piano", gain_db=-6.0, pan=0.25, clips=clips),
            Track(TrackId("track-2"), "", "#123456", muted=True, soloed=True, clips=(other,)),
        ),
        media=media,
        master=Master(-1.5, limiter=False),
        markers=(Marker(Tick(0), "intro"), Marker(Tick(3_840_000), "drop")),
        loop=TickRange(Tick(0), Tick(3_840_000)),
    )


def test_a_project_is_written_as_the_golden_file() -> None:
    assert to_json(golden_project()) == json.loads(GOLDEN.read_text("utf-8"))


def test_the_golden_file_is_read_as_the_project() -> None:
    assert from_json(Project, loads(GOLDEN.read_bytes())) == golden_project()


def test_text_is_compact_and_keeps_letters_of_all_scripts() -> None:
    assert dumps(TextToMusic()) == '{"kind":"TextToMusic"}'
    assert "音" in dumps(golden_project())


@given(values.projects())
def test_text_is_that_of_the_plain_json(project: Project) -> None:
    assert loads(dumps(project)) == to_json(project)
    assert dumps(project) == dumps(to_json(project))


def test_a_note_of_a_recipe_costs_few_steps_each_way() -> None:
    notes = tuple(Note(Tick(960 * at), Tick(480), 60, 90) for at in range(100))
    part = Part("Bass", "bass", 33, drums=False, notes=notes)
    data = to_json(part)
    assert calls_in(lambda: to_json(part)) < 6 * len(notes)
    assert calls_in(lambda: from_json(Part, data)) < 8 * len(notes)


def calls_in(work: Callable[[], object]) -> int:
    """Return how many functions of Python `work` calls."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls
