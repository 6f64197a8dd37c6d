"""What the model is told, encoded: words, lyrics and timbre; each kept by its content."""

import hashlib
from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor

from acestep_desktop.acestep.lru import Recent
from acestep_desktop.acestep.steps import READING, Step, Work
from acestep_desktop.acestep.wording import MAX_LYRIC_TOKENS, MAX_TEXT_TOKENS, PromptText

TIMBRE_S: Final = 30
"""Seconds of sound from which the timbre is taken."""

_KEPT: Final = 64
_BUDGET: Final = 128 * 1024 * 1024
"""So many encodings are kept, and so many bytes of them."""

_STAGES: Final = 3

Use = Callable[[str], Any]
"""Return a context manager that gives a part of the model, on the device it computes on."""


class Conditions:
    """Encodes what the transformer attends to: [1, S, E] of lyrics, timbre and text, in this order.

    Each of the three is encoded by itself and kept: another take of the same
    words costs nothing, and new lyrics leave the rest as it is.

    Args:
        use: gives the model's parts.
        silence: [1, 30 s, C], the timbre of nothing.
    """

    def __init__(self, use: Use, silence: Tensor) -> None:
        self._use = use
        self._silence = silence
        self._kept: Recent[Tensor] = Recent(
            _KEPT, budget=_BUDGET, weigh=lambda kept: kept.numel() * kept.element_size()
        )

    def encoded(self, prompt: PromptText, timbre: Tensor | None) -> Work[Tensor]:
        """Return the encoding of `prompt` and `timbre` (None is silence); yield thrice."""
        lyrics = self._kept.once(("lyrics", prompt.lyrics), lambda: self._lyrics(prompt.lyrics))
        yield Step(READING, 1, _STAGES)
        sound = self._silence if timbre is None else timbre
        timbres = self._kept.once(("timbre", _digest(sound)), lambda: self._timbre(sound))
        yield Step(READING, 2, _STAGES)
        text = self._kept.once(("text", prompt.text), lambda: self._text(prompt.text))
        yield Step(READING, 3, _STAGES)
        return torch.cat([lyrics, timbres, text], dim=1)

    def nothing(self, like: Tensor) -> Tensor:
        """Return the learned encoding of no condition, in the shape of `like`."""
        with self._use("condition_encoder") as encoder:
            empty: Tensor = encoder.null_condition_emb.to(like)
        return empty.expand_as(like)

    def clear(self) -> None:
        """Forget all encodings."""
        self._kept.clear()

    def _text(self, text: str) -> Tensor:
        with self._use("text_encoder") as encoder:
            tokens = self._tokens(text, MAX_TEXT_TOKENS, encoder)
            states = encoder(input_ids=tokens).last_hidden_state
        with self._use("condition_encoder") as encoder:
            projected: Tensor = encoder.text_projector(states)
        return projected

    def _lyrics(self, lyrics: str) -> Tensor:
        with self._use("text_encoder") as encoder:
            tokens = self._tokens(lyrics, MAX_LYRIC_TOKENS, encoder)
            embedded = encoder.get_input_embeddings()(tokens)
        everything = torch.ones(embedded.shape[:2], dtype=torch.bool, device=embedded.device)
        with self._use("condition_encoder") as encoder:
            encoded: Tensor = encoder.lyric_encoder(
                inputs_embeds=embedded, attention_mask=everything
            )
        return encoded

    def _timbre(self, sound: Tensor) -> Tensor:
        with self._use("condition_encoder") as encoder:
            weight = encoder.null_condition_emb
            first = torch.zeros(1, dtype=torch.long, device=weight.device)
            timbre: Tensor = encoder.timbre_encoder(sound.to(weight), first)[0]
        return timbre

    def _tokens(self, text: str, most: int, encoder: Any) -> Tensor:
        with self._use("tokenizer") as tokenizer:
            found = tokenizer(
                [text], padding="longest", truncation=True, max_length=most, return_tensors="pt"
            )
        tokens: Tensor = found.input_ids.to(encoder.device)
        return tokens


def _digest(sound: Tensor) -> str:
    return hashlib.blake2b(sound.contiguous().numpy().tobytes(), digest_size=16).hexdigest()
