"""A run that was stopped goes on exactly as if it had not been."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderTiny, DDIMScheduler, UNet2DConditionModel

from pipelines.starter import autoencoder, controlnet, loop, quick, unet
from pipelines.starter.dataset import Composer
from pipelines.starter.pool import Composing, Pool
from pipelines.starter.weights import training_format

BATCHES = [(torch.randn(2, 4, 8, 8), torch.randn(2, 5, 16).bfloat16()) for _ in range(4)]
SCHEDULER = DDIMScheduler(prediction_type="v_prediction", rescale_betas_zero_snr=True, timestep_spacing="trailing")
SMALL = unet.Plan(samples=8, cooldown=4, batch=2, warmup=2)


def small_unet_run() -> unet.Run:
    return unet.Run(small_unet(), SCHEDULER, SMALL)


def small_controlnet_run() -> controlnet.Run:
    model = small_unet()
    plan = controlnet.Plan(samples=8, cooldown=4, batch=2, warmup=2)
    return controlnet.Run(controlnet.fresh(model, scales=(8, 8)), model, SCHEDULER, plan)


def small_quick_run() -> quick.Run:
    plan = quick.Plan(samples=8, cooldown=4, batch=2, warmup=2, rank=2, phases=2, small_steps=2)
    return quick.Run(small_unet(), SCHEDULER, plan)


def small_unet() -> UNet2DConditionModel:
    torch.manual_seed(0)
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        block_out_channels=(32, 32),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=8,
    )


def small_vae_run(tether: float = 0.0) -> autoencoder.Run:
    torch.manual_seed(0)
    model = AutoencoderTiny(
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1),
    )
    return autoencoder.Run(model, autoencoder.Plan(samples=64, batch=4, tether=tether))


def test_a_denoiser_resumed_from_its_checkpoint_takes_the_same_steps(tmp_path: Path) -> None:
    whole = small_unet_run()
    losses = [whole.step(*batch) for batch in BATCHES]
    first = small_unet_run()
    for batch in BATCHES[:2]:
        first.step(*batch)
    loop.save(first, tmp_path / "unet.pt")
    second = small_unet_run()
    loop.resume(second, tmp_path / "unet.pt")
    assert [second.step(*batch) for batch in BATCHES[2:]] == losses[2:]
    assert second.seen == whole.seen
    for one, other in zip(whole.averaged().parameters(), second.averaged().parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_control_network_resumed_from_its_checkpoint_takes_the_same_steps(tmp_path: Path) -> None:
    torch.manual_seed(1)
    batches = [(*batch, torch.randint(0, 256, (2, 3, 16, 16), dtype=torch.uint8)) for batch in BATCHES]
    whole, first, second = (small_controlnet_run() for _ in range(3))
    losses = [whole.step(*batch) for batch in batches]
    for batch in batches[:2]:
        first.step(*batch)
    loop.save(first, tmp_path / "controlnet.pt")
    loop.resume(second, tmp_path / "controlnet.pt")
    assert [second.step(*batch) for batch in batches[2:]] == losses[2:]


def test_an_untrained_control_network_changes_nothing_and_the_denoiser_stays_as_it_is() -> None:
    run = small_controlnet_run()
    before = [weight.clone() for weight in run.unet.parameters()]
    kind = training_format()
    noisy, tokens = torch.randn(1, 4, 8, 8).to(kind), BATCHES[0][1][:1].to(kind)
    maps, times = torch.rand(1, 3, 16, 16).to(kind), torch.tensor([500])
    held = controlnet.Held(run.unet, run.network, maps)
    with torch.no_grad():
        assert torch.equal(held(noisy, times, tokens).sample, run.unet(noisy, times, tokens).sample)
    run.step(*BATCHES[0], torch.randint(0, 256, (2, 3, 16, 16), dtype=torch.uint8))
    run.step(*BATCHES[1], torch.randint(0, 256, (2, 3, 16, 16), dtype=torch.uint8))
    with torch.no_grad():
        assert not torch.equal(held(noisy, times, tokens).sample, run.unet(noisy, times, tokens).sample)
    assert all(torch.equal(one, other) for one, other in zip(before, run.unet.parameters(), strict=True))


def test_a_network_that_is_woken_hears_faint_edges() -> None:
    network = controlnet.fresh(small_unet(), scales=(8, 8))
    maps = torch.zeros(4, 3, 16, 16, dtype=torch.uint8)
    maps[:, :, 5, 3:12] = 60
    hear = network.controlnet_cond_embedding
    assert float(hear(controlnet.levels(maps).float()).std()) == 0
    controlnet.wake(network, maps)
    assert float(hear(controlnet.levels(maps).float()).std()) == pytest.approx(1, abs=0.05)


def test_a_student_resumed_from_its_checkpoint_takes_the_same_steps(tmp_path: Path) -> None:
    without = torch.zeros(1, 5, 16)
    whole, first, second = (small_quick_run() for _ in range(3))
    losses = [whole.step(*batch, without) for batch in BATCHES]
    for batch in BATCHES[:2]:
        first.step(*batch, without)
    loop.save(first, tmp_path / "quick.pt")
    loop.resume(second, tmp_path / "quick.pt")
    assert [second.step(*batch, without) for batch in BATCHES[2:]] == losses[2:]


def test_a_jump_with_the_true_velocity_lands_on_the_way_to_the_picture() -> None:
    run = small_quick_run()
    clean, noise = torch.randn(3, 4, 8, 8), torch.randn(3, 4, 8, 8)
    places, ends = torch.tensor([0, 1, 3]), torch.tensor([2, 2, 4])
    alpha, sigma = quick.at(run.alphas, places), quick.at(run.sigmas, places)
    noisy, velocity = alpha * clean + sigma * noise, alpha * noise - sigma * clean
    wanted = quick.at(run.alphas, ends) * clean + quick.at(run.sigmas, ends) * noise
    assert torch.allclose(run.jump(noisy, velocity, places, ends), wanted, atol=1e-5)
    assert torch.allclose(wanted[2], clean[2])  # the last phase ends with the picture


def test_the_phases_are_the_steps_that_are_drawn_with() -> None:
    times, alphas = quick.grid(SCHEDULER, 20)
    SCHEDULER.set_timesteps(4)
    assert times[::5].tolist() == SCHEDULER.timesteps.tolist()
    assert (alphas[0], alphas[-1]) == (0, 1)


@pytest.mark.parametrize("tether", [0.0, 0.3])
def test_an_autoencoder_resumed_from_its_checkpoint_takes_the_same_steps(tmp_path: Path, tether: float) -> None:
    crops = [torch.rand(4, 3, 16, 16) * 2 - 1 for _ in range(4)]
    whole, first, second = (small_vae_run(tether) for _ in range(3))
    losses = [whole.step(batch) for batch in crops]
    for batch in crops[:2]:
        first.step(batch)
    loop.save(first, tmp_path / "vae.pt")
    loop.resume(second, tmp_path / "vae.pt")
    assert [second.step(batch) for batch in crops[2:]] == losses[2:]


def test_without_a_checkpoint_a_run_starts_at_its_beginning(tmp_path: Path) -> None:
    run = small_unet_run()
    loop.resume(run, tmp_path / "none.pt")
    assert run.seen == 0


def test_tethered_latents_stay_near_those_that_a_denoiser_knows() -> None:
    crops = torch.rand(4, 3, 16, 16) * 2 - 1
    moved = {}
    for tether in (1e-6, 100.0):
        run = small_vae_run(tether)
        before = run.averaged().encoder(crops)
        for _ in range(20):
            run.step(crops)
        moved[tether] = float((run.averaged().encoder(crops) - before).square().mean())
    assert moved[100.0] < 0.2 * moved[1e-6]


def test_a_checkpoint_trained_towards_something_else_is_refused(tmp_path: Path) -> None:
    loop.save(small_vae_run(0.3), tmp_path / "vae.pt")
    with pytest.raises(ValueError, match="tether: 0.0"):
        loop.resume(small_vae_run(), tmp_path / "vae.pt")


def test_the_loop_ends_with_the_plan_and_keeps_at_the_end() -> None:
    run, kept = small_unet_run(), []
    loop.train(run, lambda: run.step(*BATCHES[0]), lambda: kept.append(run.seen), lambda line: None)
    assert (run.seen, kept) == (8, [8])


def test_a_run_given_minutes_becomes_as_long_as_they_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(1000))  # every look at the clock takes a second
    monkeypatch.setattr(loop.time, "monotonic", lambda: float(next(now)))
    monkeypatch.setattr(loop, "REPORTED", 4)
    run, told = small_unet_run(), []
    before = run.plan
    loop.train(run, lambda: run.step(*BATCHES[0]), lambda: None, told.append, minutes=1.0)
    assert run.seen > before.samples  # the plan's own length does not end it
    assert 20 * before.batch < run.seen <= 60 * before.batch
    assert run.plan.cooldown / run.plan.samples == pytest.approx(before.cooldown / before.samples, abs=0.05)
    assert run.plan.rate_at(run.seen) < 0.2 * run.plan.rate  # it has cooled down when time is up


def test_an_untrained_autoencoder_learns_from_crops(composer: Composer) -> None:
    torch.manual_seed(0)
    run = autoencoder.Run(autoencoder.fresh(), autoencoder.Plan(samples=256, batch=8, warmup=64))
    pool = Pool(Composing(composer, 4), autoencoder.pictures(run.device), 16)
    batches = (pool.next(run.plan.batch, run.generator)[0] for _ in range(32))
    losses = [float(run.step(autoencoder.cropped(batch, 32, run.generator))) for batch in batches]
    assert sum(losses[-4:]) < 0.7 * sum(losses[:4])
