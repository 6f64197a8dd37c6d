"""What an engine makes for one job, written into the job's folder and told to the client."""

import types
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, Self

from acestep_desktop.child.messages import Payload
from acestep_desktop.domain.recipe import Recipe
from acestep_desktop.generation.drafts import Draft
from acestep_desktop.generation.errors import EngineFaultError
from acestep_desktop.generation.generator import (
    AudioChunk,
    Generator,
    JobCancelled,
    Output,
    Planned,
    Progress,
    Rendered,
    StemAudio,
)
from acestep_desktop.generation.wire import (
    JobAudio,
    JobPlanned,
    JobProgress,
    JobTake,
    Reply,
    StartJob,
)


class Tell(Protocol):
    """How the client is told."""

    def __call__(self, reply: Reply, payload: Payload = b"") -> None:
        """Send `reply`, with `payload` behind it."""


class Delivery:
    """The outputs of one job; a context manager that deletes what stayed unfinished."""

    def __init__(self, order: StartJob, tell: Tell) -> None:
        self._job = order.job
        self._request = order.request
        self._folder = Path(order.work_dir)
        self._tell = tell
        self._drafts: dict[int, Draft] = {}
        self._planned: dict[int, Recipe] = {}
        self._finished: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        for draft in self._drafts.values():
            draft.discard()

    def deliver_all(self, generator: Generator, cancelled: Callable[[], bool]) -> None:
        """Have the job done and deliver all that comes.

        Raises JobCancelled, what the engine raises, and EngineFaultError for an
        engine that does not do what it should.
        """
        outputs = generator.generate(self._request, cancelled)
        try:
            for output in outputs:
                if cancelled():
                    raise JobCancelled
                self._deliver(output)
        finally:
            if isinstance(outputs, types.GeneratorType):
                outputs.close()
        if cancelled():
            raise JobCancelled
        missing = self._request.variations - len(self._finished)
        if missing:
            raise EngineFaultError(
                f"The engine stopped before {missing} of {self._request.variations} takes were "
                "done: this is a mistake in the engine, try another seed."
            )

    def _deliver(self, output: Output) -> None:
        self._check_variation(output.variation)
        match output:
            case Progress():
                self._tell(JobProgress(self._job, output))
            case Planned():
                self._planned[output.variation] = output.recipe
                self._tell(JobPlanned(self._job, output.variation, output.recipe))
            case AudioChunk():
                self._deliver_audio(output)
            case StemAudio():
                self._draft(output.variation).write_stem(output.stem)
            case Rendered():
                self._deliver_take(output)

    def _deliver_audio(self, chunk: AudioChunk) -> None:
        channels = int(chunk.samples.shape[-1])
        for start, data in self._draft(chunk.variation).write_chunk(chunk):
            self._tell(JobAudio(self._job, chunk.variation, start, channels), data)

    def _deliver_take(self, rendered: Rendered) -> None:
        mix, stems = self._draft(rendered.variation).finish(rendered)
        self._finished.add(rendered.variation)
        was_told = self._planned.get(rendered.variation) is rendered.recipe
        self._tell(
            JobTake(
                job=self._job,
                variation=rendered.variation,
                frames=rendered.frames,
                channels=rendered.channels,
                mix=mix,
                streamed=rendered.mix is None,
                stems=stems,
                recipe=None if was_told else rendered.recipe,
                measured=rendered.measured,
                warnings=rendered.warnings,
            )
        )

    def _draft(self, variation: int) -> Draft:
        if variation not in self._drafts:
            self._drafts[variation] = Draft(self._folder, variation)
        return self._drafts[variation]

    def _check_variation(self, variation: int) -> None:
        if not 0 <= variation < self._request.variations or variation in self._finished:
            raise EngineFaultError(
                f"The engine spoke of variation {variation + 1}, which is not being made: "
                "this is a mistake in the engine, try another seed."
            )
