"""Maps our tokens onto Gradio's theme variables and carries our stylesheets. Names no colour: tokens.css does."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

# In this order: tokens first, then what stands on them.
STYLESHEETS = (
    "tokens",
    "controls",
    "shell",
    "bench",
    "stage",
    "notebook",
    "lineage",
    "gallery",
    "detail",
    "account",
    "showcase",
    "review",
    "privacy",
    "trust",
    "overlays",
    "tools",
    "editing",
)

FONT = ("Inter", "system-ui", "sans-serif")
FONT_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

# The same token serves both themes, because a token itself knows its dark and its light value.
VARIABLES = {
    "body_background_fill": "var(--ground)",
    "body_text_color": "var(--text)",
    "body_text_color_subdued": "var(--muted)",
    "background_fill_primary": "var(--surface)",
    "background_fill_secondary": "var(--raised)",
    "border_color_primary": "var(--line)",
    "border_color_accent": "var(--accent)",
    "border_color_accent_subdued": "var(--line)",
    "color_accent": "var(--accent)",
    "color_accent_soft": "var(--accent-soft)",
    "link_text_color": "var(--accent-text)",
    "link_text_color_hover": "var(--accent-text)",
    "link_text_color_active": "var(--accent-text)",
    "link_text_color_visited": "var(--accent-text)",
    "block_background_fill": "transparent",
    "block_border_color": "transparent",
    "block_border_width": "0px",
    "block_info_text_color": "var(--muted)",
    "block_label_background_fill": "transparent",
    "block_label_border_width": "0px",
    "block_label_text_color": "var(--muted)",
    "block_padding": "0px",
    "block_radius": "var(--radius-control)",
    "block_shadow": "none",
    "block_title_text_color": "var(--muted)",
    "block_title_text_size": "13px",
    "block_title_text_weight": "500",
    "container_radius": "var(--radius-control)",
    "form_gap_width": "0px",
    "layout_gap": "16px",
    "panel_background_fill": "transparent",
    "panel_border_width": "0px",
    "accordion_text_color": "var(--text)",
    "input_background_fill": "var(--field)",
    "input_background_fill_focus": "var(--field)",
    "input_background_fill_hover": "var(--field)",
    "input_border_color": "var(--line)",
    "input_border_color_focus": "var(--accent)",
    "input_border_color_hover": "var(--line-strong)",
    "input_border_width": "1px",
    "input_padding": "10px 12px",
    "input_placeholder_color": "var(--muted)",
    "input_radius": "var(--radius-control)",
    "input_shadow": "none",
    "input_shadow_focus": "0 0 0 1px var(--accent)",
    "input_text_size": "14px",
    "slider_color": "var(--accent)",
    "loader_color": "var(--accent)",
    "error_background_fill": "var(--surface)",
    "error_border_color": "var(--bad)",
    "error_text_color": "var(--text)",
    "error_icon_color": "var(--bad)",
    "checkbox_label_background_fill": "var(--field)",
    "checkbox_label_background_fill_hover": "var(--raised)",
    "checkbox_label_background_fill_selected": "var(--accent-soft)",
    "checkbox_label_border_color": "var(--line)",
    "checkbox_label_border_color_hover": "var(--line-strong)",
    "checkbox_label_border_color_selected": "var(--accent)",
    "checkbox_label_border_width": "1px",
    "checkbox_label_gap": "8px",
    "checkbox_label_text_size": "13px",
    "checkbox_label_text_color": "var(--text)",
    "checkbox_label_text_color_selected": "var(--text)",
    "checkbox_label_shadow": "none",
    "button_border_width": "0px",
    "button_large_radius": "var(--radius-control)",
    "button_medium_radius": "var(--radius-control)",
    "button_small_radius": "var(--radius-control)",
    "button_primary_background_fill": "var(--accent-fill)",
    "button_primary_background_fill_hover": "var(--accent-fill)",
    "button_primary_text_color": "var(--on-accent)",
    "button_primary_text_color_hover": "var(--on-accent)",
    "button_primary_shadow": "none",
    "button_secondary_background_fill": "transparent",
    "button_secondary_background_fill_hover": "var(--raised)",
    "button_secondary_text_color": "var(--text)",
    "button_secondary_text_color_hover": "var(--text)",
    "button_secondary_shadow": "none",
    "button_transition": "var(--quick)",
}


def make(styles: Path) -> gr.themes.Base:
    """The theme with the stylesheets of folder `styles` inside, so that no unstyled moment is ever shown."""
    theme = gr.themes.Base(font=FONT, font_mono=FONT_MONO)
    dark = {f"{name}_dark": value for name, value in VARIABLES.items() if hasattr(theme, f"{name}_dark")}
    theme.set(**VARIABLES, **dark)
    theme.custom_css = "\n".join((styles / f"{name}.css").read_text() for name in STYLESHEETS)
    return theme
