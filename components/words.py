"""Every sentence a user reads, by language. Gradio's labels and the page's scripts look their words up here.

Keys are flat. A key that ends in `_one` and `_other` is a plural, chosen by `n`; values stand in braces.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    # shell
    "app_name": "PixCosmos",
    "skip_to_content": "Skip to the content",
    "navigation": "Main",
    "nav_studio": "Studio",
    "nav_gallery": "Gallery",
    "theme": "Theme",
    "theme_system": "Like the system",
    "theme_dark": "Dark",
    "theme_light": "Light",
    "machine": "Machine",
    "machine_starting": "Starting",
    "machine_ready": "Ready",
    "machine_working": "Drawing",
    "machine_closed": "Stopped",
    "machine_unknown": "Connecting",
    "machine_device": "Device",
    "machine_models": "Models in memory",
    "machine_no_models": "None yet",
    "machine_memory": "Memory",
    "machine_memory_value": "{used} of {total}",
    "machine_queue": "Queue",
    "machine_idle": "Nothing is waiting",
    "machine_queued_one": "{n} job waiting",
    "machine_queued_other": "{n} jobs waiting",
    "reconnecting": "The connection is gone. What you typed is kept, and jobs go on without this page.",
    "reconnected": "Connected again.",
    "close": "Close",
    "cancel": "Cancel",
    # bench
    "text_to_image": "Text to image",
    "prompt_label": "Prompt",
    "prompt_placeholder": "What do you want to see?",
    "negative_label": "Negative prompt",
    "negative_placeholder": "What should not be there",
    "model_label": "Model",
    "models": "Models",
    "models_more": "More models",
    "models_text": "The starter comes with the studio. Larger ones are fetched from the model hub when you ask.",
    "models_folder": "Your own go into the models folder: a diffusers folder, or a single safetensors file.",
    "model_ready": "Here",
    "model_fetch_size": "Fetch, {size}",
    "model_licence": "Licence: {licence}",
    "model_fetching": "{done} of {total}",
    "model_asking": "Asking the hub",
    "model_arrived": "{name} is here. Choose it under Model.",
    "size_label": "Size",
    "count_label": "Pictures",
    "seed_label": "Seed",
    "seed_placeholder": "A new one each time",
    "seed_roll": "Roll a seed and keep it",
    "seed_lock": "Keep the seed of the last picture",
    "seed_unlock": "Take a new seed each time",
    "advanced_label": "Advanced",
    "steps_label": "Steps",
    "guidance_label": "Guidance",
    "scheduler_label": "Scheduler",
    "generate": "Generate",
    "generate_keys": "Ctrl ↵",
    "generate_keys_mac": "⌘ ↵",
    "hint_unknown": "The {model} model has not seen {words}. It knows {known} things, so expect a guess.",
    "drop_here": "Drop a picture to restore its settings",
    "settings_restored": "The settings of {name} are back.",
    "settings_used": "The settings are in the controls again.",
    # stage
    "stage": "Pictures in the making and just made",
    "empty_title": "Type it, and watch it form",
    "empty_text": "Describe a thing and where it is, or start with one of these. Everything is drawn on this machine.",
    "example_draw": "Draw: {prompt}",
    "queued_next": "Next in line",
    "queued_ahead_one": "{n} ahead of you",
    "queued_ahead_other": "{n} ahead of you",
    "queued_about": "{position}, about {time}",
    "phase_loading": "Loading the model",
    "phase_drawing": "Drawing",
    "phase_decoding": "Developing",
    "phase_enlarging": "Enlarging",
    "time_left": "{time} left",
    "said_working": "{prompt}: {phase}, {percent} percent",
    "said_done_one": "{prompt}: {n} picture is ready",
    "said_done_other": "{prompt}: {n} pictures are ready",
    "said_failed": "{prompt}: {title}",
    "state_cancelled": "Cancelled",
    "try_again": "Try again",
    "steps_value_one": "{n} step",
    "steps_value_other": "{n} steps",
    "guidance_value": "Guidance {value}",
    "picture_gone": "Deleted",
    # a picture
    "picture_alt": "{prompt}, seed {seed}",
    "open_picture": "Open {prompt}",
    "seed_copy": "Copy seed {seed}",
    "seed_copied": "Seed {seed} is copied.",
    "download": "Download",
    "download_as": "Download as {format}",
    "download_metadata": "Keep the settings inside the file",
    "download_metadata_note": "Without them the file does not say how it was made.",
    "download_native": "As drawn, {width} × {height}",
    "use_settings": "Use settings",
    "reproduce": "Reproduce",
    "reproducing": "Drawing it once more with the same settings.",
    "more": "More",
    "copy_prompt": "Copy prompt",
    "copy_settings": "Copy settings as text",
    "copied": "Copied.",
    "copy_failed": "The browser did not allow copying.",
    "open_new_tab": "Open the file",
    "delete": "Delete",
    "delete_images_one": "Delete {n} image",
    "delete_images_other": "Delete {n} images",
    "delete_ask_one": "Delete this image?",
    "delete_ask_other": "Delete {n} images?",
    "delete_text_one": "The picture, its settings and every copy of it here go for good. This cannot be undone.",
    "delete_text_other": "The pictures, their settings and every copy of them here go for good. This cannot be undone.",
    "deleted_one": "{n} image is deleted.",
    "deleted_other": "{n} images are deleted.",
    # gallery
    "gallery": "Gallery",
    "gallery_search": "Search by words of the prompt",
    "gallery_select": "Select",
    "gallery_select_done": "Done",
    "gallery_selected_one": "{n} selected",
    "gallery_selected_other": "{n} selected",
    "gallery_select_none": "Clear",
    "gallery_pick": "Select {prompt}",
    "gallery_empty_title": "Nothing here yet",
    "gallery_empty_text": "Every picture you make is kept here, newest first, and only you can see it.",
    "gallery_empty_start": "Make the first one",
    "gallery_nothing_title": "No picture for “{words}”",
    "gallery_nothing_text": "The search looks for pictures whose prompt has all of these words.",
    "gallery_clear_search": "Clear the search",
    "gallery_end": "That is everything.",
    "gallery_failed": "The pictures could not be listed.",
    "gallery_loading": "Loading pictures",
    "today": "Today",
    "yesterday": "Yesterday",
    # detail
    "detail": "Picture and its settings",
    "detail_previous": "Newer picture",
    "detail_next": "Older picture",
    "detail_prompt": "Prompt",
    "detail_negative": "Negative prompt",
    "detail_model": "Model",
    "detail_size": "Size",
    "detail_seed": "Seed",
    "detail_steps": "Steps",
    "detail_guidance": "Guidance",
    "detail_scheduler": "Scheduler",
    "detail_created": "Made",
    "detail_file": "File",
    "detail_gone_title": "This picture is not here",
    "detail_gone_text": "It was deleted, or the link is not complete.",
}

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH}

# code of a refusal or a failure -> what happened, what to do next
ERRORS: Mapping[str, tuple[str, str]] = {
    "empty": ("The prompt is empty", "Say in a few words what you want to see."),
    "too_long": ("That text is too long", "Shorten it and try again."),
    "out_of_range": ("A value is out of range", "Change it and try again; the rest is kept."),
    "unknown": ("A choice is not available here", "Choose another one; the rest is kept."),
    "malformed": ("The request could not be read", "Reload the page and try again."),
    "queue_full": ("The queue is full", "Wait for a job to finish, or cancel one."),
    "not_yours": ("That is for the owner of this studio", "Choose one of the models that are here."),
    "not_found": ("This is not here", "It may have been deleted. Go back and choose another."),
    "bad_image": ("This file cannot be used", "Drop a PNG, JPEG or WebP that was made by an image studio."),
    "out_of_memory": ("The machine ran out of memory", "Try a smaller size or fewer pictures."),
    "model_missing": ("The model is not here", "Choose another model, or fetch this one first."),
    "not_finite": ("The picture came out broken", "Try another seed or a lower guidance."),
    "engine_error": ("Drawing failed", "Try again; if it happens again, try other settings."),
    "gave_up": ("Drawing failed twice", "Try other settings; the server's log says more."),
    "not_kept": ("The picture could not be kept", "Make room on the disk and try again."),
    "unreachable": ("The studio does not answer", "Your input is kept. Try again when it is back."),
}
UNEXPECTED = ("Something unexpected happened", "Try again; the server's log says more.")


def error(code: str) -> tuple[str, str]:
    """What happened and what to do next, for a stable code. An unknown code gets an honest general pair."""
    return ERRORS.get(code, UNEXPECTED)


def say(key: str, **values: object) -> str:
    """The English sentence for a key, its braces filled. Raises KeyError for an unknown key."""
    return ENGLISH[key].format(**values)


def for_scripts() -> str:
    """All words as JSON that may stand inside a script element."""
    titles = {code: {"title": title, "hint": hint} for code, (title, hint) in {**ERRORS, "": UNEXPECTED}.items()}
    return json.dumps({"languages": LANGUAGES, "errors": titles}, separators=(",", ":")).replace("<", "\\u003c")
