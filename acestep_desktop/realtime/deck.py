"""Decks: what plays a project, ready to jump without pausing for breath.

A jump makes a renderer look back 0.2 s before it can fill anything, which is
too long for one block. So whoever knows of a jump in advance (a seek, the start
of a loop) prepares a second renderer elsewhere and offers it to the deck.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.arrangement import Arrangement
from acestep_desktop.dsp.bounce import Renderer
from acestep_desktop.dsp.lane import Lanes
from acestep_desktop.dsp.samples import Samples


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """What the timeline plays: an arrangement, its takes, its lanes and tempo map, and numbers."""

    arrangement: Arrangement = field(default_factory=Arrangement)
    sources: Mapping[TakeId, Samples] = field(default_factory=dict)
    lanes: Lanes = field(default_factory=dict)
    tempo: TempoMap = field(default_factory=TempoMap)
    revision: int = 0
    tempo_revision: int = 0

    def renderer(self, start: Frame) -> Renderer:
        """Return a renderer that has done what comes before frame `start`: milliseconds of work."""
        renderer = Renderer(self.arrangement, self.lanes)
        renderer.prepare(start)
        return renderer

    def glides_to(self, other: "Score") -> bool:
        """Whether a renderer of this score can go over to `other` while it plays.

        A limiter that comes or goes needs a look back, which is too long for a block.
        """
        mine, theirs = self.arrangement, other.arrangement
        return (
            self.tempo is other.tempo
            and mine.limiter == theirs.limiter
            and [track.track_id for track in mine.tracks]
            == [track.track_id for track in theirs.tracks]
        )


class Deck:
    """One score as it plays. Used by the audio thread alone."""

    def __init__(self, score: Score, renderer: Renderer) -> None:
        self.score = score
        self._renderer = renderer
        self._next: Frame | None = None
        self._offered: Renderer | None = None
        self._offered_start = Frame(-1)

    @property
    def ready_at(self) -> Frame:
        """The frame to which a jump is prepared; -1 for none."""
        return self._offered_start

    def offer(self, renderer: Renderer, start: Frame, revision: int) -> None:
        """Take a renderer that was prepared for a jump to `start`, if it still fits."""
        if revision == self.score.revision:
            self._offered, self._offered_start = renderer, start

    def update(self, score: Score) -> None:
        """Go over to a score that this one glides to. Unheard preparations are void."""
        self._renderer.update(score.arrangement, score.lanes)
        self.score = score
        self._offered, self._offered_start = None, Frame(-1)

    def render(self, start: Frame, out: Samples) -> None:
        """Fill `out` with the frames from `start` on."""
        if start != self._next and self._offered is not None and start == self._offered_start:
            self._renderer = self._offered
            self._offered, self._offered_start = None, Frame(-1)
        self._renderer.render(start, out)
        self._next = Frame(start + len(out))
