"""The desk of the audio process: carries out what the app says, and looks ahead."""

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from acestep_desktop.audiofile.wav import map_wav
from acestep_desktop.child.messages import Message
from acestep_desktop.domain.codec import Json
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.arrangement import Arrangement
from acestep_desktop.dsp.lane import lanes_of
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.audition import Audition, TakeAudio, When
from acestep_desktop.realtime.deck import Deck, Score
from acestep_desktop.realtime.player import Player
from acestep_desktop.realtime.prefetch import AHEAD, Prefetcher
from acestep_desktop.realtime.timeline import Handover
from acestep_desktop.realtime.transport import Loop, Transport
from acestep_desktop.realtime.wire import (
    ScoreReader,
    read_audition,
    read_loop,
    read_tempo,
    text,
    whole,
)

log = logging.getLogger(__name__)

Say = Callable[[str, Mapping[str, Json]], None]

LEAD: Final = 1_440
"""Frames (30 ms) from now to where another deck takes over: time to prepare it."""

_PAUSE_S: Final = 0.001
"""Between two tracks that are looked at for what to read."""

_WARM: Final = 4_800
"""Frames read from disk before a jump; the rest follows while it plays."""

_STANDBY: Final = 96_000
"""Frames before a loop wraps within which the jump is prepared."""

_HEARD: Final = 8
"""Takes of the audition bus, and sets of takes that left the project, which stay mapped: few
sound at a time, and unmapping what is just falling silent would take the audio thread too long."""


class Desk:
    """Owns the scores and the takes; tells the player. `say` answers the app.

    `obey` runs on the command thread and `look_ahead` on another; both do what
    would take the audio thread too long.
    """

    def __init__(self, player: Player, say: Say) -> None:
        self._player = player
        self._say = say
        self._reader = ScoreReader.empty()
        self._paths: dict[TakeId, Path] = {}
        self._refused: set[TakeId] = set()
        self._heard: OrderedDict[TakeId, TakeAudio] = OrderedDict()
        self._former: deque[Mapping[TakeId, Samples]] = deque(maxlen=_HEARD)
        self._tempo = TempoMap()
        self._tempo_revision = 0
        self._loop: Loop | None = None
        self._score = Score()
        self._preparing = threading.Lock()
        # One for each thread.
        self._prefetcher, self._warmer = Prefetcher(), Prefetcher()
        self._verbs: dict[str, Callable[[Message], None]] = {
            "media": self._media,
            "part": self._part,
            "ready": self._ready,
            "tempo": self._read_tempo,
            "track": self._reader.take_track,
            "score": self._play_score,
            "play": self._play,
            "stop": lambda message: player.stop(),
            "locate": lambda message: self._locate(Frame(whole(message.fields, "frame"))),
            "loop": self._set_loop,
            "metronome": lambda message: player.set_metronome(message.fields.get("on") is True),
            "pre_roll": lambda message: player.set_pre_roll(whole(message.fields, "frames")),
            "audition": self._audition,
            "end_audition": self._end_audition,
            "mark": lambda message: player.mark(whole(message.fields, "number")),
        }

    def obey(self, message: Message) -> bool:
        """Do what `message` says; return False if it is not for the desk."""
        verb = self._verbs.get(message.kind)
        if verb is None:
            return False
        try:
            verb(message)
        except (UserError, KeyError, ValueError, OSError) as error:
            self._complain(message.kind, error)
        return True

    def close(self) -> None:
        """Let go of the files."""
        with self._preparing:
            self._prefetcher.forget()
            self._warmer.forget()

    def look_ahead(self) -> None:
        """Read what plays soon from disk, and prepare the next wrap of the loop."""
        status = self._player.status
        loop = status.loop
        transport = Transport(status.frame, status.rolling, loop)
        self._prefetcher.read_ahead(self._score, transport, pause_s=_PAUSE_S)
        for part in self._player.audition_ahead(AHEAD):
            self._prefetcher.read_samples(part.audio.source, part.start, part.end)
        if loop is None or not status.rolling:
            return
        to_wrap = transport.to_wrap()
        if to_wrap is None or to_wrap > _STANDBY or self._player.ready_at == loop.start:
            return
        with self._preparing:
            self._prepare_jump(loop.start)

    def _media(self, message: Message) -> None:
        take = TakeId(text(message.fields, "take"))
        self._paths[take] = Path(text(message.fields, "path"))
        self._refused.discard(take)

    def _part(self, message: Message) -> None:
        fields = message.fields
        shape = whole(fields, "frames"), whole(fields, "channels")
        path = text(fields, "path")
        samples: Samples = np.memmap(path, "<f4", "r", shape=shape)
        self._keep_heard(TakeId(text(fields, "take")), TakeAudio(samples, 0))

    def _ready(self, message: Message) -> None:
        part = self._heard.get(TakeId(text(message.fields, "take")))
        if part is not None:
            part.ready = min(whole(message.fields, "frames"), len(part.samples))

    def _read_tempo(self, message: Message) -> None:
        self._tempo_revision, self._tempo = read_tempo(message.fields)

    def _play_score(self, message: Message) -> None:
        arrangement = self._reader.arrangement(message.fields)
        revision = whole(message.fields, "revision")
        sources = self._sources_of(arrangement)
        lanes = lanes_of(arrangement, sources, self._score.lanes)
        self._loop = read_loop(message.fields.get("loop"))
        score = Score(arrangement, sources, lanes, self._tempo, revision, self._tempo_revision)
        with self._preparing:
            before, self._score = self._score, score
            if before.sources.keys() - sources.keys():
                self._former.append(before.sources)
            if before.glides_to(score):
                self._player.update(score)
            else:
                self._hand_over(before, score)

    def _sources_of(self, arrangement: Arrangement) -> Mapping[TakeId, Samples]:
        """Return the takes of an arrangement, mapped; one that cannot be is said, and silent."""
        known = self._score.sources
        sources: dict[TakeId, Samples] = {}
        for take in {take for track in arrangement.tracks for take in track.media}:
            if take in known:
                sources[take] = known[take]
            elif take in self._paths and take not in self._refused:
                try:
                    sources[take] = map_wav(self._paths[take])
                except (UserError, OSError) as error:
                    self._refused.add(take)
                    self._complain("media", error)
        same = sources.keys() == known.keys()
        return known if same else sources

    def _hand_over(self, before: Score, score: Score) -> None:
        """Prepare a deck for where the playhead will be, and let it take over there."""
        status = self._player.status
        at = Transport(status.frame, status.rolling, status.loop)
        rolled = max(status.rolled, 0) + LEAD
        frame = at.advanced(LEAD).frame if status.rolling else at.frame
        start = score.tempo.frame_at(before.tempo.tick_at(frame))
        self._warmer.read_ahead(score, Transport(start), _WARM)
        deck = Deck(score, score.renderer(start))
        self._player.hand_over(Handover(deck, status.epoch, rolled, self._loop))

    def _play(self, message: Message) -> None:
        if self._player.is_settled and not self._player.status.rolling:
            with self._preparing:
                self._prepare_jump(self._player.status.frame)
        self._player.play()

    def _locate(self, frame: Frame) -> None:
        with self._preparing:
            self._prepare_jump(frame)
        self._player.locate(frame)

    def _set_loop(self, message: Message) -> None:
        self._loop = read_loop(message.fields.get("loop"))
        self._player.set_loop(self._loop)

    def _prepare_jump(self, start: Frame) -> None:
        score = self._score
        self._warmer.read_ahead(score, Transport(start), _WARM)
        self._player.offer(score.renderer(start), start, score.revision)

    def _audition(self, message: Message) -> None:
        take = TakeId(text(message.fields, "take"))
        audio = self._heard.get(take)
        if audio is None:
            source = self._score.sources.get(take)
            audio = TakeAudio(map_wav(self._paths[take]) if source is None else source)
        self._keep_heard(take, audio)
        wish = read_audition(message.fields)
        with self._preparing:
            for start in self._starts_of(wish):
                self._warmer.read_samples(audio.source, start, start + _WARM)
        self._player.audition(audio, wish)

    def _starts_of(self, wish: Audition) -> list[int]:
        """Return the frames of a take from which a wish may begin to play it."""
        if wish.anchor is not None:
            return [max(0, self._player.status.frame - wish.anchor)]
        if wish.goes_on:
            return [part.start for part in self._player.audition_ahead(1)]
        return [wish.offset]

    def _keep_heard(self, take: TakeId, audio: TakeAudio) -> None:
        """Keep a take until others were heard since: the audio thread must not unmap it."""
        self._heard[take] = audio
        self._heard.move_to_end(take)
        if len(self._heard) > _HEARD:
            self._heard.popitem(last=False)

    def _end_audition(self, message: Message) -> None:
        when = message.fields.get("when")
        line: When = "bar" if when == "bar" else "beat" if when == "beat" else "now"
        self._player.end_audition(line)

    def _complain(self, kind: str, error: Exception) -> None:
        log.warning("cannot %s: %s", kind, error)
        words = str(error) if isinstance(error, UserError) else "Playback missed a change."
        self._say("notice", {"text": words})
