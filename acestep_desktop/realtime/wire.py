"""What the app says to the audio process: messages, written and read in one place.

media      {"take", "path"}                        a take's WAV, to be memory-mapped
part       {"take", "path", "frames", "channels"}  raw float32 that is still being decoded
ready      {"take", "frames"}                      how much of a part is decoded
tempo      {"revision", "map"}
track      {"track", "last"} + bytes               a piece of a track's records
score      {"revision", "order", "gain", "limiter", "loop"}  play these tracks, in this order
loop       {"loop"}                                its first frame and its end, or null
play, stop, locate {"frame"}, metronome {"on"}, pre_roll {"frames"}
audition   {"take", ...}, end_audition {"when"}
open       {"device", "block", "wait"}             take an output device
mark       {"number"}                              the status will say that all before is done

A loop is in frames of the tempo map sent last, and goes over with its score.
The process answers with: opened, unavailable, lost, notice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

from acestep_desktop.child.messages import Message
from acestep_desktop.domain.codec import Json, from_json, to_json
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.project import TrackId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.arrangement import Arrangement, TrackArrangement
from acestep_desktop.realtime.audition import Audition, When
from acestep_desktop.realtime.transport import Loop

PIECE_BYTES: Final = 32_768
"""Records go in pieces, so that reading one never holds up the audio thread; each message
costs more than the bytes of most tracks."""

KEPT_TEMPOS: Final = 8
"""So many tempo maps a clock remembers: what plays is never further behind."""


def track_messages(track: TrackArrangement) -> Iterator[Message]:
    """Yield the messages that carry one track."""
    data = memoryview(track.to_bytes())
    pieces = range(0, len(data), PIECE_BYTES)
    for at in pieces:
        fields: dict[str, Json] = {"track": track.track_id, "last": at == pieces[-1]}
        yield Message("track", fields, data[at : at + PIECE_BYTES])


def loop_message(loop: Loop | None) -> Message:
    """Return the message that carries a loop, or that there is none."""
    return Message("loop", {"loop": _loop_field(loop)})


def read_loop(field: Json) -> Loop | None:
    """Return the loop in a field of a "loop" or "score" message."""
    if field is None:
        return None
    if not isinstance(field, list) or len(field) != 2:
        raise InvalidValueError("a loop is two frames")
    return Loop(Frame(int(cast(int, field[0]))), Frame(int(cast(int, field[1]))))


def score_message(
    arrangement: Arrangement, revision: int, *, with_order: bool, loop: Loop | None = None
) -> Message:
    """Return the message that has the tracks sent before played; the order only when it changed.

    `loop` is in frames of the tempo map sent before: the two go over together.
    """
    fields: dict[str, Json] = {
        "revision": revision,
        "gain": arrangement.master_gain,
        "limiter": arrangement.limiter,
        "loop": _loop_field(loop),
    }
    if with_order:
        fields["order"] = [track.track_id for track in arrangement.tracks]
    return Message("score", fields)


def tempo_message(tempo: TempoMap, revision: int) -> Message:
    """Return the message that carries a tempo map."""
    return Message("tempo", {"revision": revision, "map": to_json(tempo)})


def _loop_field(loop: Loop | None) -> Json:
    return None if loop is None else [loop.start, loop.end]


def audition_message(take: str, wish: Audition) -> Message:
    """Return the message that carries a wish to hear a take."""
    fields: dict[str, Json] = {
        "take": take,
        "gain": wish.gain,
        "offset": wish.offset,
        "when": wish.when,
        "loops": wish.loops,
        "anchor": wish.anchor,
        "mutes_timeline": wish.mutes_timeline,
        "beat": [wish.beat.numerator, wish.beat.denominator],
        "beats": wish.beats,
        "goes_on": wish.goes_on,
    }
    return Message("audition", fields)


def read_audition(fields: Mapping[str, Json]) -> Audition:
    """Return the wish in an "audition" message."""
    beat = fields["beat"]
    if not isinstance(beat, list) or len(beat) != 2:
        raise InvalidValueError("an audition's beat is a fraction")
    anchor = fields["anchor"]
    return Audition(
        gain=number(fields, "gain"),
        offset=Frame(whole(fields, "offset")),
        when=cast(When, text(fields, "when")),
        loops=fields["loops"] is True,
        anchor=None if anchor is None else Frame(whole(fields, "anchor")),
        mutes_timeline=fields["mutes_timeline"] is True,
        beat=Fraction(int(cast(int, beat[0])), int(cast(int, beat[1]))),
        beats=whole(fields, "beats"),
        goes_on=fields.get("goes_on") is True,
    )


def read_tempo(fields: Mapping[str, Json]) -> tuple[int, TempoMap]:
    """Return revision and map of a "tempo" message."""
    return whole(fields, "revision"), from_json(TempoMap, fields["map"])


def whole(fields: Mapping[str, Json], name: str) -> int:
    """Return a field that is a whole number."""
    value = fields.get(name)
    if not isinstance(value, int):
        raise InvalidValueError(f'the field "{name}" must be a whole number')
    return value


def number(fields: Mapping[str, Json], name: str) -> float:
    """Return a field that is a number."""
    value = fields.get(name)
    if not isinstance(value, int | float):
        raise InvalidValueError(f'the field "{name}" must be a number')
    return float(value)


def text(fields: Mapping[str, Json], name: str) -> str:
    """Return a field that is text."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise InvalidValueError(f'the field "{name}" must be text')
    return value


@dataclass(slots=True)
class ScoreReader:
    """Puts an arrangement together from the messages that carry it; mutable, one thread's."""

    tracks: dict[TrackId, TrackArrangement]
    order: Sequence[TrackId]
    pieces: dict[TrackId, list[bytes]]

    @classmethod
    def empty(cls) -> "ScoreReader":
        """Return a reader that has read nothing."""
        return cls({}, (), {})

    def take_track(self, message: Message) -> None:
        """Read a piece of a track."""
        track_id = TrackId(text(message.fields, "track"))
        pieces = self.pieces.setdefault(track_id, [])
        pieces.append(bytes(message.payload))
        if message.fields.get("last") is True:
            self.tracks[track_id] = TrackArrangement.from_bytes(b"".join(pieces))
            del self.pieces[track_id]

    def arrangement(self, fields: Mapping[str, Json]) -> Arrangement:
        """Return the arrangement of a "score" message; tracks it leaves out are forgotten."""
        order = fields.get("order")
        if isinstance(order, list):
            self.order = tuple(TrackId(str(track)) for track in order)
            kept = set(self.order)
            self.tracks = {key: track for key, track in self.tracks.items() if key in kept}
        tracks = tuple(self.tracks[track_id] for track_id in self.order)
        return Arrangement(tracks, number(fields, "gain"), fields.get("limiter") is True)
