"""The autoencoder in chunks: as exact as at once, whatever their size; and the takes decoded so."""

import math
import warnings
from collections.abc import Iterable

import numpy as np
import pytest
import torch
from diffusers import AceStepPipeline, AutoencoderOobleck
from diffusers.models.autoencoders.autoencoder_oobleck import Snake1d
from torch import Tensor

from acestep_desktop.acestep import autoencoder
from acestep_desktop.acestep.autoencoder import Network, overlap_of, prepare
from acestep_desktop.acestep.decoding import FIRST_CHUNK, Decoder
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.rows import Kept, Snake
from acestep_desktop.acestep.steps import done
from acestep_desktop.dsp.samples import Samples
from tests.acestep.making import snr_db

REAL = (2, 4, 4, 6, 10)
ODD = (1, 3, 5, 2)
SHAPES = [REAL, ODD, (3, 5), (40, 48)]
SOME_LENGTHS = (1, 2, 3, 5, 8, 10, 23, 60)


def oobleck(ratios: tuple[int, ...], seed: int = 0) -> AutoencoderOobleck:
    """Return diffusers' autoencoder of these ratios, with few channels and random weights."""
    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        vae = AutoencoderOobleck(
            encoder_hidden_size=4,
            downsampling_ratios=list(ratios),
            decoder_channels=3,
            decoder_input_channels=4,
            audio_channels=2,
            channel_multiples=[1, 2, 3, 2, 1][: len(ratios)],
            sampling_rate=48_000,
        )
    for name, parameter in vae.named_parameters():
        if name.endswith(("alpha", "beta")):
            torch.nn.init.normal_(parameter, std=0.3)
    return vae.requires_grad_(False).eval()


def in_chunks(network: Network, signal: Tensor, size: int) -> Samples:
    """Return what `network` makes of `signal`, [1, C, L], in chunks of `size` rows."""
    kept: Kept = {}
    chunks = torch.split(signal[0].t(), size)
    with torch.inference_mode():
        made = [network(chunk, kept, chunk is chunks[-1]) for chunk in chunks]
    assert not kept, "nothing is kept of a signal that ended"
    return torch.cat(made).float().numpy()


def lengths_for(plain: AutoencoderOobleck) -> Iterable[int]:
    """Return all lengths up to 60 that diffusers can decode; some where a latent is much sound."""
    ratios = plain.config.downsampling_ratios
    # A block that spreads nothing needs two latents.
    return range(1 + (1 in ratios), 61) if math.prod(ratios) < 100 else SOME_LENGTHS


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module", params=SHAPES, ids=str)
def both(request: pytest.FixtureRequest) -> tuple[AutoencoderOobleck, AutoencoderOobleck]:
    """Diffusers' autoencoder, and the same prepared."""
    prepared = oobleck(request.param)
    prepare(prepared)
    return oobleck(request.param), prepared


Both = tuple[AutoencoderOobleck, AutoencoderOobleck]


@pytest.mark.parametrize("size", [1, 2, 7, 60])
def test_chunks_decode_to_what_all_at_once_decodes_to(both: Both, size: int) -> None:
    plain, prepared = both
    for length in lengths_for(plain):
        latents = normal(1, 4, length)
        whole = plain.decoder(latents)[0].t().numpy()

        assert snr_db(whole, in_chunks(prepared.decoder, latents, size)) >= 100.0, length


@pytest.mark.parametrize("size", [7, 96, 1000, 100_000])
def test_chunks_encode_to_what_all_at_once_encodes_to(both: Both, size: int) -> None:
    plain, prepared = both
    hop = math.prod(plain.config.downsampling_ratios)
    for frames in (2 * hop, max(5 * hop, min(12 * hop, 50 * size))):
        sound = normal(1, 2, min(frames, 300 * size))
        whole = plain.encoder(sound)[0].t().numpy()

        assert snr_db(whole, in_chunks(prepared.encoder, sound, size)) >= 100.0, frames


@pytest.mark.parametrize("cached", [100, 5000])
def test_pieces_for_the_cache_change_nothing(
    both: Both, cached: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, prepared = both
    latents = normal(1, 4, 5)
    whole = plain.decoder(latents)[0].t().numpy()

    monkeypatch.setattr(autoencoder, "_CACHED", cached)

    assert snr_db(whole, in_chunks(prepared.decoder, latents, 4)) >= 100.0


def test_half_precision_is_as_near_in_chunks_as_at_once() -> None:
    latents = normal(1, 4, 40)
    exact = oobleck(REAL).decoder(latents)[0].t().numpy()
    half = oobleck(REAL).to(torch.bfloat16)
    at_once = half.decoder(latents.bfloat16())[0].t().float().numpy()
    prepare(half)

    ours = in_chunks(half.decoder, latents.bfloat16(), 16)

    assert snr_db(exact, ours) >= snr_db(exact, at_once) - 3.0


@pytest.mark.parametrize("logscale", [True, False])
def test_the_activation_is_that_of_diffusers(logscale: bool) -> None:
    plain = Snake1d(6, logscale=logscale).requires_grad_(False)
    plain.alpha.copy_(normal(1, 6, 1).abs() + 0.1)
    plain.beta.copy_(normal(1, 6, 1).abs() + 0.1)
    x = normal(1, 6, 1000)
    rows = x[0].t().contiguous()
    expected = plain(x)[0].t()

    torch.testing.assert_close(Snake(plain).into(rows, rows), expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(rows, expected, rtol=1e-5, atol=1e-6)


def test_weights_are_folded(turbo_model: LoadedModel) -> None:
    names = [name for name, _ in turbo_model.parts.vae.named_parameters()]

    assert names and not [name for name in names if name.endswith(("weight_g", "weight_v"))]
    assert not any(type(m) is Snake1d for m in turbo_model.parts.vae.modules())


def test_the_real_decoder_sees_nine_latents_and_gets_a_few_more() -> None:
    assert 9 <= overlap_of(REAL) <= 12


def decoded_whole(turbo: AceStepPipeline, latents: Tensor) -> Samples:
    with torch.no_grad():
        whole: Samples = turbo.vae.decode(latents.transpose(1, 2)).sample[0].numpy().T
    return whole


@pytest.mark.parametrize(
    ("start", "end"), [(0, 100), (0, 1), (0, 25), (17, 90), (3, 100), (98, 99)]
)
@pytest.mark.parametrize("chunk", [16, 256])
def test_a_part_of_a_take_is_decoded_to_that_part_of_the_whole(
    turbo: AceStepPipeline,
    turbo_model: LoadedModel,
    monkeypatch: pytest.MonkeyPatch,
    start: int,
    end: int,
    chunk: int,
) -> None:
    latents = normal(1, 100, 4)
    whole = decoded_whole(turbo, latents)
    monkeypatch.setattr(turbo_model, "chunk", chunk)

    part = done(Decoder(turbo_model, latents, start, end).work())

    assert snr_db(whole[start * 1920 : end * 1920], part) >= 100.0


def test_no_latent_goes_through_the_decoder_twice(turbo_model: LoadedModel) -> None:
    seen: list[int] = []
    hook = turbo_model.parts.vae.decoder.register_forward_pre_hook(
        lambda _, given: seen.append(len(given[0]))
    )
    try:
        done(Decoder(turbo_model, normal(1, 100, 4), 0, 100).work())
    finally:
        hook.remove()

    ahead = turbo_model.overlap
    assert seen == [FIRST_CHUNK + ahead, 32, 32]
    assert sum(seen) == 100


def test_a_narrower_view_would_be_heard(
    turbo: AceStepPipeline, turbo_model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    latents = normal(1, 60, 4)
    monkeypatch.setattr(turbo_model, "overlap", 0)

    blind = done(Decoder(turbo_model, latents, 20, 40).work())

    expected = decoded_whole(turbo, latents)[20 * 1920 : 20 * 1920 + len(blind)]
    assert snr_db(expected, blind) < 60.0


def test_a_source_is_encoded_to_what_diffusers_encodes_it_to(
    turbo: AceStepPipeline, turbo_model: LoadedModel
) -> None:
    samples = np.random.default_rng(3).normal(0, 0.2, (90 * 1920, 2)).astype(np.float32)
    with torch.no_grad():
        sound = torch.from_numpy(samples.T.copy())[None]
        generator = torch.Generator().manual_seed(9)
        theirs = turbo.vae.encode(sound).latent_dist.sample(generator).transpose(1, 2)

    ours = done(turbo_model.encoded(samples, 9))

    assert ours.shape == (1, 90, 4)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
