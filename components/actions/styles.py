"""Styles and negative presets: those that are here, laid around a prompt or taken off, and a person's own."""

from __future__ import annotations

from dataclasses import replace

from components.studio import Studio
from policies import styles
from policies.actor import Actor
from policies.shipped_styles import SHIPPED
from policies.styles import Style, Words
from policies.verdict import refuse, require
from store.vault import Missing

MOST_OWN = 200


def all_styles(studio: Studio, actor: Actor) -> tuple[Style, ...]:
    """Their own first. A picture of theirs serves as the thumbnail of one that was made from it."""
    own = (shown(studio, actor, style) for style in studio.stores.styles.all(actor.subject_id))
    return (*own, *SHIPPED)


def apply(studio: Studio, actor: Actor, style_id: str, on: bool, words: Words) -> Words:
    known = all_styles(studio, actor)
    return styles.change(found(known, style_id), on, words, known)


def worn(studio: Studio, actor: Actor, words: Words) -> tuple[str, ...]:
    return tuple(style.id for style in styles.worn(all_styles(studio, actor), words))


def add(studio: Studio, actor: Actor, values: dict[str, str]) -> Style:
    """`values` are name, kind, prompt, negative and the id of a picture. Raises Refused or Missing."""
    count = len(studio.stores.styles.all(actor.subject_id))
    if count >= MOST_OWN:
        require(refuse("styles_full", field="name", value=count, expected=f"fewer than {MOST_OWN} styles of yours"))
    kept = studio.stores.styles.add(actor.subject_id, checked(studio, actor, values), studio.clock())
    return shown(studio, actor, kept)


def change(studio: Studio, actor: Actor, style_id: str, values: dict[str, str]) -> Style:
    kept = studio.stores.styles.change(actor.subject_id, style_id, checked(studio, actor, values))
    return shown(studio, actor, kept)


def delete(studio: Studio, actor: Actor, style_id: str) -> None:
    studio.stores.styles.delete(actor.subject_id, style_id)


def checked(studio: Studio, actor: Actor, values: dict[str, str]) -> dict[str, str]:
    kind = values.get("kind", "style")
    prompt = values.get("prompt", "").strip() if kind == "style" else styles.HOLE
    name, negative = values.get("name", "").strip(), values.get("negative", "").strip()
    require(styles.check(name, kind, prompt, negative))
    picture = values.get("picture", "")
    if picture:
        studio.stores.gallery.get(actor.subject_id, picture)
    return {"name": name, "kind": kind, "prompt": prompt, "negative": negative, "picture": picture}


def shown(studio: Studio, actor: Actor, style: Style) -> Style:
    """With the address of its picture, while that is there."""
    if not style.picture:
        return style
    try:
        image = studio.stores.gallery.get(actor.subject_id, style.picture)
    except Missing:
        return replace(style, picture="")
    return replace(style, picture=f"/i/{image.id}/thumb256")


def found(known: tuple[Style, ...], style_id: str) -> Style:
    style = next((style for style in known if style.id == style_id), None)
    if style is None:
        raise Missing(f"id: there is no style {style_id!r}")
    return style
