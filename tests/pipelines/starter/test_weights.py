"""The optimiser for many matrices at once does what torch's own does for one after the other."""

from __future__ import annotations

import pytest
import torch

from pipelines.starter import weights


@pytest.mark.parametrize("shape", [(48, 32), (32, 80), (40, 40)])
def test_matrices_of_one_shape_go_together_as_torch_takes_them_alone(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    start, gradients = torch.randn(3, *shape), torch.randn(4, 3, *shape)
    mine = [start[place].clone().requires_grad_() for place in range(3)] + [torch.randn(64, 33).requires_grad_()]
    theirs = [start[place].clone().requires_grad_() for place in range(3)]
    ours = weights.Muon(mine, 0.02)
    torchs = torch.optim.Muon(theirs, lr=0.02, weight_decay=weights.DECAY, adjust_lr_fn="match_rms_adamw")
    for step in gradients:
        for place in range(3):
            mine[place].grad, theirs[place].grad = step[place].clone(), step[place].clone()
        mine[3].grad = torch.randn(64, 33)
        ours.step()
        torchs.step()
    moved = max(float((one - other).abs().max()) for one, other in zip(mine, theirs, strict=False))
    assert moved < 0.03 * float((mine[0] - start[0]).abs().max())  # torch multiplies in bfloat16


def test_the_steps_of_a_run_go_on_from_its_state() -> None:
    torch.manual_seed(0)
    start, gradients = torch.randn(40, 40), torch.randn(4, 40, 40)

    def stepped(master: weights.Master, some: torch.Tensor) -> None:
        for gradient in some:
            master.weights[0].grad, master.weights[1].grad = gradient.clone(), gradient[0, :3].clone()
            master.apply(0.01, 0.9)

    def fresh() -> weights.Master:
        return weights.Master([torch.nn.Parameter(start.clone()), torch.nn.Parameter(torch.ones(3))], 0.01)

    whole, first, second = fresh(), fresh(), fresh()
    stepped(whole, gradients)
    stepped(first, gradients[:2])
    second.restore(first.state())
    stepped(second, gradients[2:])
    for mine, other in zip(whole.master + whole.average, second.master + second.average, strict=True):
        assert torch.equal(mine, other)
