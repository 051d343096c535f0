"""A picture as the command that draws it again. Knows no terminal; see components/cli.py for the command itself."""

from __future__ import annotations

import shlex

from policies.draft import Draft


def command_of(draft: Draft) -> str | None:
    """For a shell, every value quoted. None for a picture that needs more than words, which the command cannot give."""
    if draft.kind != "text_to_image" or draft.controls:
        return None
    options: dict[str, object] = {
        "negative": draft.negative_prompt,
        "model": draft.model,
        "seed": draft.seed,
        "size": f"{draft.width}x{draft.height}",
        "steps": draft.steps,
        "guidance": f"{draft.guidance:g}",
        "scheduler": draft.scheduler,
    }
    given = [f"--{name}={value}" for name, value in options.items() if value not in ("", None)]
    # Options come first and the prompt behind --, so that one that begins with a dash is no option.
    return shlex.join(["python", "app.py", "generate", *given, "--", draft.prompt])
