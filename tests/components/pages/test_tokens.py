"""Colours have one home, and text in them can be read: WCAG AA, in the dark and in daylight."""

from __future__ import annotations

import re

import pytest

from components import theme
from components.pages.shell import STATIC

PAIR = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TOKENS = {name: (light, dark) for name, light, dark in PAIR.findall((STATIC / "tokens.css").read_text())}
COLOUR = re.compile(r"(?<![\w&(\"'])#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?=[;,\s)])|\brgba?\(|\bhsla?\(")

# text -> the grounds it stands on
READ = {
    "text": ("ground", "surface", "raised", "field", "hover", "accent-soft", "bad-soft"),
    "muted": ("ground", "surface", "raised", "field", "bad-soft"),
    "accent-text": ("surface", "ground"),
    "star-text": ("surface", "ground", "field", "hover"),
    "bad": ("surface", "raised"),
    "on-bad": ("bad",),
    "on-accent": ("accent", "accent-end"),
}
AA = 4.5
# Large and bold: the words on Generate.
LARGE = {("on-accent", "accent-end"): 3.0}


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("text", "ground"), [(text, ground) for text, grounds in READ.items() for ground in grounds])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_meets_wcag_aa(text: str, ground: str, mode: str) -> None:
    which = ("light", "dark").index(mode)
    assert contrast(TOKENS[text][which], TOKENS[ground][which]) >= LARGE.get((text, ground), AA)


@pytest.mark.parametrize("name", [name for name in (*theme.STYLESHEETS, "document", "public") if name != "tokens"])
def test_only_the_tokens_name_colours(name: str) -> None:
    declarations = re.findall(r"[a-z-]+:\s*[^;{}]+;", (STATIC / f"{name}.css").read_text())
    assert [text for text in declarations if COLOUR.search(text.split(":", 1)[1])] == []


def test_every_token_that_is_used_exists() -> None:
    sheets = {path.stem: path.read_text() for path in STATIC.glob("*.css")}
    named = set(re.findall(r"(--[a-z-]+):", "\n".join(sheets.values())))
    ours = "\n".join([*sheets.values(), *theme.VARIABLES.values()])
    set_by_scripts = {"--drop", "--ratio", "--width", "--height", "--glow", "--blur", "--at", "--filled", "--strength"}
    set_by_scripts |= {"--scale"}
    assert set(re.findall(r"var\((--[a-z-]+)", ours)) - named - set_by_scripts == set()


def test_the_theme_serves_both_modes_and_asks_no_one_else_for_fonts() -> None:
    css = theme.make(STATIC)._get_theme_css()
    assert "--body-background-fill: var(--ground)" in css.split(":root.dark")[1]
    assert "googleapis" not in css and "http" not in css.replace("http://www.w3.org", "")
