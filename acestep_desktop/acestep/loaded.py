"""A model in memory: its parts, where they compute, and what they make of words and sound."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import torch
from torch import Tensor, nn

from acestep_desktop.acestep.autoencoder import overlap_of
from acestep_desktop.acestep.conditions import TIMBRE_S, Conditions
from acestep_desktop.acestep.errors import TaskRefusedError
from acestep_desktop.acestep.lru import Recent
from acestep_desktop.acestep.parts import Parts, loaded_parts
from acestep_desktop.acestep.placement import Placement, give_back
from acestep_desktop.acestep.plan import Wish
from acestep_desktop.acestep.rows import Kept
from acestep_desktop.acestep.steps import LISTENING, Step, Work
from acestep_desktop.acestep.wording import Metas, PromptText, prompt_text
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.models.catalogue import ModelKind
from acestep_desktop.models.kinds import NEEDS_LISTENER

CHUNK: Final = 32
CARD_CHUNK: Final = 256
"""Latents that the autoencoder takes at once: as many as keep a processor, or a card, busy."""

_HEARD: Final = 32
_HEARD_BYTES: Final = 64 * 1024 * 1024
"""So many sources are remembered, and so many bytes of their latents."""


class LoadedModel:
    """One checkpoint, ready to work.

    `chunk` is how many latents the autoencoder takes at once. While `sparing`, a
    part is on the card only while it computes. `vae_placement` is where the
    autoencoder computes, if not where all else does. The three are changed when
    memory is short. `heard` keeps the latents of sources by their content.
    """

    def __init__(self, kind: ModelKind, parts: Parts, placement: Placement) -> None:
        self.kind = kind
        self.parts = parts
        self.placement = placement
        self.vae_placement = placement
        self.chunk = CARD_CHUNK if placement.is_card else CHUNK
        self.sparing = False
        vae = cast("Any", parts.vae)
        self.hop = int(np.prod(vae.config.downsampling_ratios))
        self.sample_rate = int(vae.config.sampling_rate)
        self.channels = int(cast("Any", parts.transformer).config.audio_acoustic_hidden_dim)
        self.overlap = overlap_of(vae.config.downsampling_ratios)
        self.heard: Recent[Tensor] = Recent(
            _HEARD, budget=_HEARD_BYTES, weigh=lambda kept: kept.numel() * kept.element_size()
        )
        buffer = cast("Any", parts.condition_encoder).silence_latent
        self._silence: Tensor = buffer.detach().to("cpu", torch.float32, copy=True)
        self.conditions = Conditions(
            self.using, self.silence(int(np.ceil(TIMBRE_S * self.latents_per_second)))
        )

    @classmethod
    def load(cls, folder: Path, kind: ModelKind, placement: Placement) -> Work["LoadedModel"]:
        """Load the model in `folder` to the CPU; yield after each part."""
        parts = yield from loaded_parts(folder, placement.dtype)
        return cls(kind, parts, placement)

    @property
    def latents_per_second(self) -> float:
        """How many latents make a second: 25."""
        return self.sample_rate / self.hop

    @property
    def device(self) -> torch.device:
        """Where the transformer computes."""
        return self.placement.device

    @property
    def dtype(self) -> torch.dtype:
        """How precisely the transformer computes."""
        return self.placement.dtype

    def settle(self) -> None:
        """Bring all parts to where they compute, or off it while sparing."""
        rest = torch.device("cpu") if self.sparing and self.placement.is_card else self.device
        for name, part in self.parts.networks().items():
            place = self._place(name)
            bring(part, rest if place.device == self.device else place.device, place.dtype)
        give_back(self.placement)

    @contextmanager
    def using(self, name: str) -> Iterator[Any]:
        """Give the part called `name`, on the device it computes on for as long as this lasts."""
        part = getattr(self.parts, name)
        if part is None:
            raise TaskRefusedError(NEEDS_LISTENER)
        if not isinstance(part, nn.Module):
            yield part
            return
        place = self._place(name)
        bring(part, place.device, place.dtype)
        try:
            yield part
        finally:
            if self.sparing and place.is_card:
                bring(part, torch.device("cpu"), place.dtype)
                give_back(place)

    def silence(self, latents: int) -> Tensor:
        """Return that many latents of silence, [1, latents, C]; past 600 s they begin anew."""
        times = -(-latents // self._silence.shape[1])
        return self._silence.repeat(1, times, 1)[:, :latents]

    def wording(self, wish: Wish, instruction: str, duration_s: float) -> PromptText:
        """Return the texts for a wish; `duration_s` is what the model is told to make."""
        understood = wish.understanding
        metas = Metas(duration_s, understood.bpm, understood.key, understood.meter)
        tokenizer = self.parts.tokenizer
        return prompt_text(
            wish.request.prompt,
            metas,
            instruction,
            lambda text: len(tokenizer(text).input_ids),
        )

    def encoded(self, samples: Samples, seed: int) -> Work[Tensor]:
        """Return the latents of stereo `samples`, [1, T, C]; yield after each chunk.

        The frames must be a multiple of `hop`. The encoder gives for each latent
        a mean and a deviation; `seed` draws from them.
        """
        length = len(samples) // self.hop * self.hop
        sound = torch.from_numpy(np.ascontiguousarray(samples[:length]))
        place = self.vae_placement
        chunks = torch.split(sound, self.chunk * self.hop)
        kept: Kept = {}
        pieces: list[Tensor] = []
        for index, chunk in enumerate(chunks):
            with self.using("vae") as vae:
                rows = vae.encoder(
                    chunk.to(place.device, place.dtype), kept, index + 1 == len(chunks)
                )
            pieces.append(rows.float().cpu())
            yield Step(LISTENING, index + 1, len(chunks))
        mean, scale = torch.cat(pieces).t()[None].chunk(2, dim=1)
        deviation = torch.nn.functional.softplus(scale) + 1e-4
        generator = torch.Generator("cpu").manual_seed(seed)
        noise = torch.randn(mean.shape, generator=generator, dtype=torch.float32)
        return (mean + deviation * noise).transpose(1, 2).contiguous()

    def decoded(self, latents: Tensor, kept: Kept, *, last: bool) -> Samples:
        """Return what can be heard after `latents`, [T, C]: raw, before any gain.

        Args:
            latents: the next ones.
            kept: what the decoder keeps between them; empty before the first.
            last: whether no more will come.
        """
        place = self.vae_placement
        with self.using("vae") as vae:
            sound = vae.decoder(latents.to(place.device, place.dtype), kept, last)
        samples: Samples = sound.float().cpu().numpy()
        return samples

    def requantised(self, latents: Tensor) -> Tensor:
        """Return `latents` as a cover hears them: through the codes of five a second."""
        length = latents.shape[1]
        with self.using("audio_tokenizer") as tokenizer:
            here = latents.to(self.device, self.dtype)
            codes, _ = tokenizer.tokenize(here, self._silence.to(here))
        with self.using("audio_token_detokenizer") as detokenizer:
            heard: Tensor = detokenizer(codes.to(self.dtype))
        return heard[:, :length].float().cpu().contiguous()

    def _place(self, name: str) -> Placement:
        return self.vae_placement if name == "vae" else self.placement


def bring(part: nn.Module, device: torch.device, dtype: torch.dtype) -> None:
    """Bring a part to `device` and `dtype`, if it is not there."""
    now = next(part.parameters(), None)
    if now is None or now.device.type != device.type or now.dtype != dtype:
        # Not the method of diffusers' class, which speaks of each time on stderr.
        nn.Module.to(part, device, dtype)
