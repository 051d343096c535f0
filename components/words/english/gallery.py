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

ERRORS = {
    "bad_search": ("That search cannot be read", "Change the part that is named, or put quotes around the words."),
    "bad_name": ("That name cannot be used", "Choose a shorter or another one."),
    "title_taken": ("You have a board of that title", "Choose another title, or use that board."),
    "too_many_boards": ("You have as many boards as there can be", "Delete one that you no longer need."),
    "too_many_tags": ("You have as many tags as there can be", "Take one off the pictures that have it."),
}
