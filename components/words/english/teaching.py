"""Teaching the starter a thing of one's own."""

WORDS = {
    "teach_open": "Teach it a thing",
    "teach_title": "Teach the starter a thing of your own",
    "teach_text": "Show it one thing in 3 to 40 pictures, best 10 to 20, large and in the middle. It learns in a few "
    "minutes on this machine, and nothing leaves it.",
    "teach_empty": "Drop pictures here",
    "teach_add": "Add pictures",
    "teach_from_gallery": "From the gallery",
    "teach_take_out": "Take picture {place} out",
    "teach_count_one": "{n} picture",
    "teach_count_other": "{n} pictures",
    "teach_name": "Its name",
    "teach_name_note": "A made-up word of small letters, for prompts.",
    "teach_kind": "What it is",
    "teach_kind_placeholder": "figurine",
    "teach_kind_note": "A word or two that the starter knows.",
    "teach_begin": "Teach",
    "teach_opening": "Opening the model",
    "teach_step": "Step {step} of {of}",
    "teach_left": "{time} left",
    "teach_done": "{name} is learnt. Say “{words}”.",
    "teach_failed": "The lesson failed: {reason}",
    "teach_stopped": "The lesson was stopped. Nothing of it is kept.",
    "teach_try": "Use it",
    "teach_known": "Taught here",
    "teach_forget": "Forget {name}",
    "teach_forget_text": "Its file is deleted, and prompts can no longer use it. Pictures made with it stay.",
}

ERRORS = {
    "lesson_name": ("This name does not work", "Make up a word of 3 to 24 small letters or digits."),
    "lesson_taken": ("There is an adapter of this name", "Choose another name, or forget that one first."),
    "lesson_kind": ("It is not clear what the thing is", "Say it in one or two words, such as figurine."),
    "lesson_pictures": ("The number of pictures does not fit", "Show the thing in 3 to 40 different pictures."),
    "lesson_busy": ("The starter is being taught already", "Wait for that lesson, or stop it."),
}
