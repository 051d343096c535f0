"""Noise schedulers by id, made anew for each picture: they keep state, so no two pictures may share one."""

from __future__ import annotations

from typing import Any

ORIGINAL_STEPS = 50  # of the teacher that consistency models are distilled from; theirs are a choice among these


def make(name: str, config: dict[str, Any], steps: int = 1) -> Any:
    """A scheduler with the model's own betas and prediction type. Raises ValueError for an unknown id.

    A job of more `steps` than a consistency model's teacher had is given a teacher of as many.
    """
    import diffusers

    teacher = {"original_inference_steps": max(ORIGINAL_STEPS, steps)}
    kinds: dict[str, tuple[Any, dict[str, Any]]] = {
        "euler": (diffusers.EulerDiscreteScheduler, {}),
        "euler_a": (diffusers.EulerAncestralDiscreteScheduler, {}),
        "dpmpp_2m": (diffusers.DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++"}),
        "dpmpp_2m_karras": (
            diffusers.DPMSolverMultistepScheduler,
            {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True},
        ),
        # Latents have no bounds to clip to; configurations of other schedulers do not say so.
        "ddim": (diffusers.DDIMScheduler, {"clip_sample": False}),
        "unipc": (diffusers.UniPCMultistepScheduler, {}),
        "lcm": (diffusers.LCMScheduler, teacher),
        "tcd": (diffusers.TCDScheduler, teacher),
    }
    if name not in kinds:
        raise ValueError(f"scheduler: {name!r} is not known. Expected {' or '.join(kinds)}.")
    kind, options = kinds[name]
    return kind.from_config(config, **options)
