"""Eight-bit layers: near the exact ones at the real size, and only where they pay off."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.models.transformers.ace_step_transformer import AceStepTransformerBlock
from torch import Tensor, nn

from acestep_desktop.acestep import int8
from acestep_desktop.acestep.adapter_files import read_lora
from acestep_desktop.acestep.adapters import applied
from acestep_desktop.acestep.int8 import Int8Linear, Rounding, pays_off, quantised
from acestep_desktop.acestep.steps import done
from acestep_desktop.domain.request import Adapter
from tests.acestep.test_adapters import lora_file

TOKENS = 48


def random_linear(inputs: int, outputs: int, *, bias: bool = False) -> nn.Linear:
    torch.manual_seed(0)
    layer = nn.Linear(inputs, outputs, bias=bias)
    layer.requires_grad_(False)
    return layer


def stft_cosine(one: Tensor, other: Tensor) -> float:
    """Return how alike the short-time spectra of two signals are, 1 for the same."""
    window = torch.hann_window(128)
    spectra = [
        torch.stft(x.flatten(), 128, window=window, return_complex=True).abs().flatten()
        for x in (one, other)
    ]
    return float(torch.nn.functional.cosine_similarity(spectra[0], spectra[1], dim=0))


def snr_db(exact: Tensor, other: Tensor) -> float:
    return float(20 * torch.log10(exact.norm() / (other - exact).norm()))


class Blocks(nn.Module):
    """One transformer block of the 2B model's size, where the real ones are."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        block = AceStepTransformerBlock(
            hidden_size=2048,
            num_attention_heads=16,
            num_key_value_heads=8,
            head_dim=128,
            intermediate_size=6144,
        )
        self.layers = nn.ModuleList([block.eval().requires_grad_(False)])
        # Real checkpoints have gates far below those of a new block, which nearly cancel it.
        self.small = nn.Linear(32, 32)


@torch.inference_mode()
def test_a_block_of_the_real_size_sounds_the_same_in_eight_bits() -> None:
    blocks = Blocks()
    hidden, states = torch.randn(1, TOKENS, 2048), torch.randn(1, 40, 2048)
    angles = torch.outer(torch.arange(TOKENS).float(), torch.ones(128))
    given = {
        "hidden_states": hidden,
        "position_embeddings": (angles.cos(), angles.sin()),
        "temb": torch.randn(1, 6, 2048) * 0.5,
        "encoder_hidden_states": states,
    }
    exact = blocks.layers[0](**given) - hidden
    assert done(quantised(blocks)) == 11
    rounded = blocks.layers[0](**given) - hidden
    assert stft_cosine(exact, rounded) >= 0.97
    assert snr_db(exact, rounded) > 25
    assert isinstance(blocks.small, nn.Linear)


@torch.inference_mode()
@pytest.mark.parametrize("bias", [False, True])
def test_a_layer_is_off_by_little_more_than_a_hundredth(bias: bool) -> None:
    exact = random_linear(1024, 512, bias=bias)
    x = torch.randn(2, TOKENS, 1024)
    assert snr_db(exact(x), Int8Linear(exact)(x)) > 36


@torch.inference_mode()
def test_a_loud_token_does_not_drown_its_neighbours() -> None:
    exact = random_linear(1024, 512)
    x = torch.randn(1, TOKENS, 1024)
    alone = Int8Linear(exact)(x)
    x[0, 5] *= 1000.0
    together = Int8Linear(exact)(x)
    others = [token for token in range(TOKENS) if token != 5]
    assert torch.equal(alone[:, others], together[:, others])


@torch.inference_mode()
def test_silence_stays_silence_and_precision_is_kept() -> None:
    layer = Int8Linear(random_linear(512, 256))
    assert not layer(torch.zeros(1, 3, 512)).any()
    assert layer(torch.randn(3, 512, dtype=torch.bfloat16)).dtype == torch.bfloat16


@torch.inference_mode()
def test_the_same_input_gives_the_same_bits() -> None:
    layer, x = Int8Linear(random_linear(512, 256)), torch.randn(TOKENS, 512)
    assert torch.equal(layer(x), layer(x))


@torch.inference_mode()
def test_a_lora_is_added_to_a_layer_in_eight_bits_and_leaves_no_trace(tmp_path: Path) -> None:
    blocks = nn.Module()
    blocks.layers = nn.ModuleList([nn.Sequential(random_linear(512, 256))])
    assert done(quantised(blocks)) == 1
    layer = blocks.get_submodule("layers.0.0")
    down, up = torch.randn(4, 512) * 0.1, torch.randn(256, 4) * 0.1
    path = lora_file(tmp_path, {"layers.0.0": (down, up)})
    x = torch.randn(TOKENS, 512)
    before = layer(x)
    with applied([Adapter(str(path), 2.0)], [read_lora(path)], blocks):
        assert torch.allclose(layer(x) - before, 2.0 * x @ (up @ down).T, atol=1e-3)
    assert torch.equal(layer(x), before)


def test_small_layers_stay_exact() -> None:
    blocks = nn.Module()
    blocks.layers = nn.ModuleList([nn.Sequential(random_linear(64, 512))])
    assert done(quantised(blocks)) == 0


@pytest.mark.parametrize("able", [True, False])
def test_the_processor_s_abilities_decide(monkeypatch: pytest.MonkeyPatch, able: bool) -> None:
    monkeypatch.setattr(int8, "has_byte_sums", lambda: able)
    monkeypatch.setattr(int8, "Int8Linear", lambda exact: exact)
    assert pays_off() is able


def test_a_kernel_that_is_wrong_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8, "has_byte_sums", lambda: True)

    class Overflowing(Int8Linear):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x).clamp(-1.0, 1.0)

    monkeypatch.setattr(int8, "Int8Linear", Overflowing)
    assert not pays_off()


def test_a_kernel_that_is_missing_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8, "has_byte_sums", lambda: True)

    class Missing(Int8Linear):
        def __init__(self, exact: nn.Linear) -> None:
            raise NotImplementedError

    monkeypatch.setattr(int8, "Int8Linear", Missing)
    assert not pays_off()


def test_weights_need_a_quarter_of_the_space() -> None:
    exact = random_linear(1024, 1024)
    packed = Int8Linear(exact)
    assert not list(packed.parameters())
    assert np.prod(packed._packed.shape) == exact.weight.numel()


def test_layers_that_share_their_rounding_make_what_each_makes_alone() -> None:
    layers = [random_linear(512, 512), random_linear(512, 256)]
    rounding = Rounding()
    sharing = [Int8Linear(layer, rounding) for layer in layers]
    one, other = torch.randn(1, TOKENS, 512), torch.randn(1, TOKENS, 512)

    for x in (one, other, one):
        for layer, alone in zip(sharing, map(Int8Linear, layers), strict=True):
            assert torch.equal(layer(x), alone(x))


def test_tokens_are_rounded_once_for_the_layers_that_are_given_them() -> None:
    rounding = Rounding()
    x = torch.randn(1, TOKENS, 512)

    assert rounding.of(x)[0] is rounding.of(x)[0]
    before = rounding.of(x)[0]
    assert not torch.equal(rounding.of(x + 1)[0], before)
    del x
    assert rounding.of(torch.zeros(1, 3, 512))[0].abs().sum() == 0, "nor what is gone"
