"""Editing a picture: inpaint, upscale, image to image, control."""

WORDS: dict[str, str] = {}

# code of a refusal or a failure -> what happened, what to do next
ERRORS = {
    "no_picture": ("There is no picture to start from", "Choose one of yours, or drop a file."),
    "nothing_marked": ("Nothing is marked yet", "Paint over what should change, or add room at a side."),
    "bad_mask": ("The mask belongs to another picture", "Clear the mask and paint it on this one."),
    "no_network": ("This model cannot be steered here", "Take the control away, or choose a model that has networks."),
    "source_missing": ("The picture it starts from is gone", "Choose another one and try again."),
}
