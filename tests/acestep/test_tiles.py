"""Tiles: as exact as at once, whatever their size; activations and weights made ready."""

import copy
import itertools

import numpy as np
import pytest
import torch
from diffusers import AceStepPipeline
from diffusers.models.autoencoders.autoencoder_oobleck import Snake1d

from acestep_desktop.acestep.autoencoder import Snake, flat, lines, prepare
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.steps import done
from acestep_desktop.acestep.tiles import FIRST_TILE, Tile, overlap_of, tiles_of
from tests.acestep.making import snr_db

REAL = (2, 4, 4, 6, 10)


def test_the_real_decoder_sees_nine_latents_and_gets_a_few_more() -> None:
    assert 9 <= overlap_of(REAL) <= 12


@pytest.mark.parametrize(("start", "end"), [(0, 250), (0, 1), (0, 25), (17, 260), (3, 90)])
@pytest.mark.parametrize("size", [8, 16, 64])
def test_tiles_cover_each_latent_once_and_see_beyond_their_edges(
    start: int, end: int, size: int
) -> None:
    tiles = list(tiles_of(start, end, 300, tile=size, overlap=11))

    assert [tiles[0].start, tiles[-1].end] == [start, end]
    assert all(a.end == b.start for a, b in itertools.pairwise(tiles))
    assert tiles[0].end - tiles[0].start <= min(size, FIRST_TILE)
    assert all(t.end - t.start <= size for t in tiles)
    assert all(t.seen_from == max(0, t.start - 11) for t in tiles)
    assert all(t.seen_to == min(300, t.end + 11) for t in tiles)


def test_no_latents_are_no_tiles() -> None:
    assert list(tiles_of(5, 5, 10, tile=4, overlap=2)) == []


@pytest.mark.parametrize("size", [16, 64])
def test_tiles_decode_to_what_all_at_once_decodes_to(
    turbo: AceStepPipeline, turbo_model: LoadedModel, size: int
) -> None:
    latents = torch.randn(1, 100, 4, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        whole = turbo.vae.decode(latents.transpose(1, 2)).sample[0].numpy().T

    tiles = tiles_of(0, 100, 100, tile=size, overlap=turbo_model.overlap)
    joined = np.concatenate([turbo_model.decoded(latents, tile) for tile in tiles])

    assert snr_db(whole, joined) >= 120.0


def test_a_narrower_view_would_be_heard(turbo: AceStepPipeline, turbo_model: LoadedModel) -> None:
    latents = torch.randn(1, 60, 4, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        whole = turbo.vae.decode(latents.transpose(1, 2)).sample[0].numpy().T

    blind = turbo_model.decoded(latents, Tile(20, 40, 20, 40))

    assert snr_db(whole[20 * 1920 : 40 * 1920], blind) < 60.0


def test_tiles_encode_to_what_all_at_once_encodes_to(
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


@pytest.mark.parametrize(("channels", "length"), [(1, 5), (6, 1000), (3, 300_000)])
@pytest.mark.parametrize("logscale", [True, False])
def test_the_fused_activation_is_that_of_diffusers(
    channels: int, length: int, logscale: bool
) -> None:
    generator = torch.Generator().manual_seed(0)
    plain = Snake1d(channels, logscale=logscale)
    with torch.no_grad():
        plain.alpha.copy_(torch.rand(plain.alpha.shape, generator=generator) + 0.1)
        plain.beta.copy_(torch.rand(plain.beta.shape, generator=generator) + 0.1)
    module = torch.nn.Sequential(copy.deepcopy(plain))
    prepare(module)
    x = torch.randn(1, channels, length, generator=generator)

    assert isinstance(module[0], Snake)
    twice = x.repeat(2, 1, 1)
    with torch.no_grad():
        torch.testing.assert_close(lines(module(flat(x))), plain(x), rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(lines(module(flat(twice))), plain(twice), rtol=1e-5, atol=1e-6)


def test_weights_are_folded_and_decode_to_the_same(turbo_model: LoadedModel) -> None:
    names = [name for name, _ in turbo_model.parts.vae.named_parameters()]
    names += [name for name, _ in turbo_model.parts.vae.named_modules() if "Snake1d" in name]

    assert not [name for name in names if name.endswith(("weight_g", "weight_v"))]
    assert not any(type(m) is Snake1d for m in turbo_model.parts.vae.modules())
