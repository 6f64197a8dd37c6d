"""What client and host say to each other is understood, and nothing else is."""

from pathlib import Path
from typing import cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.child.errors import ChildProtocolError
from acestep_desktop.child.messages import Message, Payload, decode, encode
from acestep_desktop.domain.codec import Json
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.recipe import Measured
from acestep_desktop.domain.request import (
    Adapter,
    AddLayer,
    Complete,
    Cover,
    Extend,
    Extract,
    Prompt,
    Repaint,
    Request,
    Sampling,
    Task,
    TextToMusic,
    Variation,
)
from acestep_desktop.domain.time import Frame, Meter
from acestep_desktop.generation.abilities import Abilities, Estimate, task_abilities
from acestep_desktop.generation.delivery import Delivery
from acestep_desktop.generation.events import Stalled, TakeReady
from acestep_desktop.generation.generator import AudioChunk, Progress
from acestep_desktop.generation.telling import event_from, misunderstood
from acestep_desktop.generation.wire import (
    CancelJob,
    EngineOpened,
    EngineUnloaded,
    EstimateJob,
    JobAudio,
    JobDone,
    JobEstimated,
    JobPlanned,
    JobProgress,
    JobStarted,
    JobStopped,
    JobTake,
    OpenEngine,
    Order,
    OrderFailed,
    Reply,
    StartJob,
    UnloadEngine,
    read_order,
    read_reply,
    say,
)
from tests.generation.fake_engines import IDENTITY, FakeGenerator, recipe

TASKS: tuple[Task, ...] = (
    TextToMusic(),
    Cover("a.wav", 0.3),
    Repaint("a.wav", 1.0, 2.5),
    Extend("a.wav", 0.0, 4.0),
    Variation("a.wav", 0.9),
    Extract("a.wav", "drums"),
    AddLayer("a.wav", "vocals"),
    Complete("a.wav", ("bass", "guitar")),
)
FULL = Request(
    Prompt("雨の house 🎹", "[verse]\nla", "ja"),
    TASKS[2],
    bars=8,
    bpm=174.3,
    key=Key.parse("F# minor"),
    meter=Meter(7, 8),
    seed=2**62,
    variations=4,
    reference="/music/r.wav",
    model="turbo",
    sampling=Sampling(8, 3.0, 1.0),
    adapters=(Adapter("a.safetensors", 0.5),),
)
ABILITIES = Abilities(task_abilities({}), 1.0, 600.0, meters=(Meter(4, 4),), streams=True)
ORDERS: tuple[Order, ...] = (
    OpenEngine("module:function"),
    EstimateJob(FULL),
    *(StartJob(n, Request(Prompt("x"), task), "/tmp/job") for n, task in enumerate(TASKS)),
    CancelJob(3),
    UnloadEngine(),
)
STEMS = (("Drums", "d.f32"),)
MEASURED = Measured(-3.0, None, -14.5)
REPLIES: tuple[Reply, ...] = (
    EngineOpened(IDENTITY, ABILITIES),
    JobEstimated(Estimate(1.5, 10**10, "It will not fit.")),
    JobStarted(1, Estimate(0.0, 0)),
    JobProgress(1, Progress(0, 0.25, "Denoising", 2, 8)),
    JobPlanned(1, 0, recipe(FULL)),
    JobAudio(1, 0, Frame(48_000), 2),
    JobTake(1, 0, Frame(10), 2, "m.f32", True, STEMS, recipe(FULL), MEASURED, ("Quiet.",)),
    JobTake(1, 0, Frame(10), 2, "m.f32", True, (), None, None, ()),
    JobDone(1, 123),
    JobStopped(1),
    OrderFailed(None, "No.", ""),
    OrderFailed(1, "No.", "Traceback"),
    EngineUnloaded(),
)


class Line:
    """A speaker whose words go through bytes."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, kind: str, fields: dict[str, Json], payload: Payload = b"") -> None:
        self.messages.append(decode(bytes(encode(Message(kind, fields, payload)))))


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: type(order).__name__)
def test_an_order_arrives_as_it_was_given(order: Order) -> None:
    line = Line()
    say(line, order)

    assert read_order(line.messages[0]) == order


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: type(reply).__name__)
def test_a_reply_arrives_as_it_was_given(reply: Reply) -> None:
    line = Line()
    say(line, reply, b"sound")

    assert read_reply(line.messages[0]) == reply
    assert line.messages[0].payload == b"sound"


def test_every_kind_of_order_and_reply_is_tried_here() -> None:
    assert {type(order) for order in ORDERS} == set(get_args(Order))
    assert {type(reply) for reply in REPLIES} == set(get_args(Reply))
    assert {type(task) for task in TASKS} == set(get_args(Task))


def test_an_order_is_no_reply_and_a_reply_no_order() -> None:
    with pytest.raises(ChildProtocolError, match="do not understand each other"):
        read_reply(Message("CancelJob", {"job": 1}))
    with pytest.raises(ChildProtocolError, match="do not understand each other"):
        read_order(Message("JobStopped", {"job": 1}))


@given(
    st.sampled_from([kind.__name__ for kind in get_args(Order)]),
    st.dictionaries(
        st.sampled_from(["job", "request", "work_dir", "entry", "kind", "other"]),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.none(), max_size=2),
    ),
)
def test_an_order_of_random_fields_is_understood_or_refused(
    kind: str, fields: dict[str, Json]
) -> None:
    try:
        order = read_order(Message(kind, fields))
    except ChildProtocolError as error:
        assert "start it again" in str(error)
        return
    assert isinstance(order, get_args(Order))


def test_a_file_outside_the_work_folder_is_looked_for_inside() -> None:
    stems = (("Drums", "../../secret"),)
    reply = JobTake(1, 0, Frame(1), 1, "/etc/passwd", True, stems, recipe(FULL), MEASURED, ())
    event = event_from(reply, b"", Path("/job"), 0.0)

    assert isinstance(event, TakeReady)
    assert event.draft.mix == Path("/job/passwd")
    assert event.draft.stems == (("Drums", Path("/job/secret")),)
    assert event.draft.measured == MEASURED


def test_a_take_without_a_recipe_is_not_understood() -> None:
    reply = JobTake(1, 0, Frame(1), 1, "m.f32", True, (), None, None, ())

    with pytest.raises(ChildProtocolError, match="JobTake was not expected"):
        event_from(reply, b"", Path("/job"), 0.0)


def test_a_recipe_that_was_told_is_not_told_again(tmp_path: Path) -> None:
    said: list[Reply] = []

    def tell(reply: Reply, payload: Payload = b"") -> None:
        said.append(reply)

    order = StartJob(1, Request(Prompt("planned")), str(tmp_path))
    with Delivery(order, tell) as delivery:
        delivery.deliver_all(FakeGenerator(), lambda: False)

    planned = next(reply for reply in said if isinstance(reply, JobPlanned))
    (take,) = [reply for reply in said if isinstance(reply, JobTake)]
    assert (planned.recipe.parts[0].name, take.recipe) == ("Bass", None)


def test_audio_becomes_frames_and_channels() -> None:
    event = event_from(JobAudio(1, 2, Frame(7), 2), bytes(32), Path(), 0.0)

    assert isinstance(event, AudioChunk)
    assert (event.variation, event.start, event.samples.shape) == (2, 7, (4, 2))


@pytest.mark.parametrize(("payload", "channels"), [(bytes(12), 2), (bytes(7), 1), (bytes(8), 0)])
def test_audio_that_does_not_come_out_even_is_refused(payload: bytes, channels: int) -> None:
    with pytest.raises(ChildProtocolError, match="no audio"):
        event_from(JobAudio(1, 0, Frame(0), channels), payload, Path(), 0.0)


@pytest.mark.parametrize("reply", [EngineUnloaded(), JobEstimated(Estimate(1, 1))])
def test_a_reply_that_belongs_to_no_job_is_no_event(reply: Reply) -> None:
    with pytest.raises(ChildProtocolError, match=f"{type(reply).__name__} was not expected"):
        event_from(reply, b"", Path(), 0.0)


def test_a_stalled_engine_is_an_event_of_its_own() -> None:
    stalled = Stalled(15.0, 15.0)

    assert event_from(stalled, b"", Path(), 0.0) is stalled
    assert "Stalled" in str(misunderstood(cast("Reply", stalled)))
