"""A person who has used the studio for a while: of every kind of data something, with a canary in each."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from components.actions import choices, privacy
from components.studio import Studio
from policies.actor import Actor
from policies.draft import Draft
from store.checks import NewCheck
from store.gallery import NewImage
from store.shares import VARIANTS, NewShare
from tests.conftest import SEEN

CANARY = "kanarienvogel-4471"
PIXELS = bytes(range(256)) * 16  # no picture, and nothing else on disk looks like it


def clocked(studio: Studio, now: datetime) -> Studio:
    """The same studio at another moment."""
    from dataclasses import replace

    return replace(studio, clock=lambda: now)


def draw(studio: Studio, actor: Actor, prompt: str = CANARY, count: int = 1) -> tuple[str, ...]:
    """Pictures in the store without drawing them; answers their numbers."""
    now = studio.clock()
    jobs = studio.stores.jobs
    job = jobs.enqueue(actor.subject_id, Draft(prompt=f"a {prompt}", seed=1, count=count), 1.0, now)
    while (claimed := jobs.claim("people", now, timedelta(minutes=1))) is not None and claimed.id != job.id:
        pass  # of others, whose turn it was
    assert claimed is not None
    files = {"full": PIXELS, "native": PIXELS[:512], "thumb256": PIXELS[:300], "thumb512": PIXELS[:400]}
    made = [NewImage(i, 1 + i, 8, 8, 2, 2, facts={"note": prompt}, files=files, check=SEEN) for i in range(count)]
    assert jobs.finish(job.id, "people", made, 1.0, now)
    return tuple(image.id for image in studio.stores.gallery.of_job(actor.subject_id, job.id))


def publish(studio: Studio, actor: Actor, image_id: str) -> str:
    """A public link with its copies; answers its secret."""
    share_id, now = uuid.uuid4().hex, studio.clock()
    card, files = {"title": CANARY, "pseudonym": CANARY, "prompt": CANARY}, dict.fromkeys(VARIANTS, PIXELS)
    studio.stores.consents.give(actor.subject_id, "sharing", "1", now, scope=share_id, locale="en")
    return studio.stores.shares.publish(actor.subject_id, NewShare(share_id, image_id, card, files), now).token


def live_a_little(studio: Studio, actor: Actor) -> None:
    """Draws, uploads, prefers, writes, consents, publishes, is counted and looked at."""
    stores, now = studio.stores, studio.clock()
    pictures = draw(studio, actor)
    publish(studio, actor, pictures[0])
    stores.boards.add(actor.subject_id, CANARY, now)
    stores.tags.put(actor.subject_id, pictures, CANARY)
    stores.styles.add(actor.subject_id, {"name": CANARY}, now)
    stores.bin.discard(actor.subject_id, draw(studio, actor, f"{CANARY} set aside"), now + timedelta(hours=1))
    upload = stores.inputs.add(actor.subject_id, "upload", (8, 8), {"full": PIXELS, "thumb512": PIXELS[:99]}, now)
    stores.checks.add(upload.id, actor.subject_id, "", NewCheck(0.5, 0.2, 0.1), now)  # PIXELS cannot be looked at
    stores.jobs.enqueue(actor.subject_id, Draft(prompt=f"waiting {CANARY}"), 1.0, now)
    stores.preferences.write(actor.subject_id, {"note": CANARY})
    stores.past_prompts.add(actor.subject_id, CANARY, "starter", now)
    stores.usage.count(actor.subject_id, "text_to_image", now)
    stores.audit.add(now, "moderator", "staff.read", actor.subject_id, reason=f"Looked for {CANARY}")
    privacy.visited(studio, actor, opted_out=False)
    choices.choose(studio, actor, "model_improvement", True, "en")
    privacy.write_to_us(studio, actor, "question", f"About {CANARY}", f"Where is my {CANARY}?")
    stores.notices.add(actor.subject_id, "export_ready", {"size": 1}, now)
