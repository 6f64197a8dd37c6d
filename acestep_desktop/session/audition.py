"""Hearing takes: one at a time, switched without a gap, as loud as the one before."""

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from acestep_desktop.domain.tempo import frames_of_quarters
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.realtime.audition import Audition, When
from acestep_desktop.realtime.client import Notice, RealtimeClient
from acestep_desktop.session.parts import Part

REFERENCE_LUFS: Final = -14.0
"""Where level matching begins: what Sketch is mastered to."""

_MOST_GAIN_DB: Final = 12.0


class AuditionSession(QObject):
    """Plays takes through the audio process. The window's thread only.

    `playing_changed` carries the id of the take that is heard, empty for none;
    `noticed` a sentence, such as that there is no sound card. `seconds_to_bar`
    returns how far off the timeline's next bar is while that rolls.
    """

    playing_changed = Signal(str)
    noticed = Signal(str)
    _told = Signal(str)

    def __init__(
        self,
        client: RealtimeClient | None = None,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        # A signal carries the notice from the client's thread to the window's.
        self._told.connect(self.noticed)
        self._client = client or RealtimeClient(self._tell)
        self._started = False
        self._playing = ""
        self._take: StoredTake | None = None
        self._other: StoredTake | None = None
        self._since = 0.0
        self._part_gain = 1.0
        self._clock = clock
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.timeout.connect(self._show_end)
        self.level_matched = True
        self.seconds_to_bar: Callable[[], float] = lambda: 0.0

    @property
    def client(self) -> RealtimeClient:
        """The audio process, which the transport shares."""
        return self._client

    @property
    def playing(self) -> str:
        """The id of the take that is heard, or nothing."""
        return self._playing

    @property
    def take(self) -> StoredTake | None:
        """The take that was heard last, whether or not it still is."""
        return self._take

    def start(self) -> None:
        """Start the audio process, unless it runs; the first sound then comes at once."""
        if not self._started:
            self._started = True
            self._client.start()

    def play(self, take: StoredTake) -> None:
        """Play a take from its start: a loop goes round, anything else plays once.

        While the timeline rolls it begins on the next bar, else at once.
        """
        self._begin(take, self._gain_of(take), self._next_line)

    def switch(self, take: StoredTake) -> None:
        """Go over to a take; one as long as the take that is heard goes on from the same place."""
        heard = self._take
        if heard is None or heard.take_id != self._playing or heard.frames != take.frames:
            self._begin(take, self._gain_of(take), self._next_line)
        else:
            self._go_on(take, self._gain_of(take), self._next_line)

    def play_part(self, part: Part) -> None:
        """Play a take that is still being made, as far as it is ready."""
        self.start()
        self._end.stop()
        self._part_gain = _gain_to_reference(part.loudness_db) if self.level_matched else 1.0
        wish = Audition(gain=self._part_gain, when=self._next_line)
        self._client.audition_part(part.part_id, part.path, part.frames, part.channels, wish)
        self._since = self._clock() + self._wait_s(wish.when)
        self._show(part.part_id)
        self.show_ready(part)

    def show_ready(self, part: Part) -> None:
        """Let more of the part that is heard be played."""
        self._client.part_ready(part.part_id, part.ready)

    def go_on(self, take: StoredTake) -> None:
        """Let a take that is finished now go on at the very frame where its part is."""
        self._go_on(take, self._part_gain, "now")

    def swap(self) -> bool:
        """Go back to the take that was heard before this one; return whether there was one."""
        if self._other is None:
            return False
        self.switch(self._other)
        return True

    def _go_on(self, take: StoredTake, gain: float, when: When) -> None:
        """Let a take go on, from that line on, where the one that is heard will be by then."""
        since = self._since
        self._begin(take, gain, when, goes_on=True)
        self._since = since
        if self._end.isActive():
            left_s = take.frames / SAMPLE_RATE - (self._clock() - since)
            self._end.start(max(0, round(left_s * 1000)))

    def _begin(self, take: StoredTake, gain: float, when: When, *, goes_on: bool = False) -> None:
        self.start()
        music = take.music
        loops = music.bars is not None
        wish = Audition(
            gain=gain,
            when=when,
            loops=loops,
            goes_on=goes_on,
            beat=Fraction(0) if music.bpm is None else frames_of_quarters(1, music.bpm),
        )
        self._client.audition(take.take_id, take.path, wish)
        if self._take is not None and self._take.take_id != take.take_id:
            self._other = self._take
        self._take = take
        wait_s = self._wait_s(when)
        self._since = self._clock() + wait_s
        self._end.stop()
        if not loops:
            self._end.start(round((wait_s + take.frames / SAMPLE_RATE) * 1000))
        self._show(take.take_id)

    @Slot(bool)
    def set_level_matched(self, on: bool) -> None:
        """Play every take as loud as the others, or as it is; from the next one on."""
        self.level_matched = on

    @Slot()
    def stop(self) -> None:
        """Let the take fade out."""
        self._end.stop()
        if self._playing:
            self._client.end_audition()
            self._show("")

    def toggle(self, take: StoredTake) -> None:
        """Stop the take if it is heard, else play it."""
        if self._playing == take.take_id:
            self.stop()
        else:
            self.play(take)

    def close(self) -> None:
        """End the audio process."""
        self._end.stop()
        self._client.close()

    @property
    def _next_line(self) -> When:
        return "bar" if self._client.status.rolling else "now"

    def _wait_s(self, when: When) -> float:
        return self.seconds_to_bar() if when == "bar" else 0.0

    @Slot()
    def _show_end(self) -> None:
        # The bus ends by itself, to the frame.
        self._show("")

    def _gain_of(self, take: StoredTake) -> float:
        return _gain_to_reference(take.measured.loudness_lufs) if self.level_matched else 1.0

    def _show(self, take_id: str) -> None:
        if take_id != self._playing:
            self._playing = take_id
            self.playing_changed.emit(take_id)

    def _tell(self, notice: Notice) -> None:
        # A thread of the client.
        self._told.emit(notice.text)


def _gain_to_reference(loudness_lufs: float | None) -> float:
    """Return the amplitude that brings a take to the reference, by at most 12 dB."""
    if loudness_lufs is None:
        return 1.0
    gain_db = max(-_MOST_GAIN_DB, min(_MOST_GAIN_DB, REFERENCE_LUFS - loudness_lufs))
    return float(10 ** (gain_db / 20))
