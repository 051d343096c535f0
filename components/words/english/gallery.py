"""The gallery."""

WORDS = {
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
}
