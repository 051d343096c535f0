"""The notebook: its cells, and what can be done with them."""

WORDS = {
    "notebook_template_empty": "Empty",
    "notebook_template_icon_set": "Icon set",
    "notebook_template_character_sheet": "Character sheet",
    "notebook_template_colour_variations": "Colour variations",
    "notebook_template_before_and_after": "Before and after",
    "notebook_note_icon_set": (
        "**An icon set.** One ground and one seed hold it together: change *lavender* to a colour of your "
        "own, then run what is stale."
    ),
    "notebook_note_character_sheet": (
        "**A character sheet.** One seed, one character, many places. Write yours in place of the fox."
    ),
    "notebook_note_colour_variations": (
        "**Colour variations.** The seed stays, the colour changes. Pick the best one and go on from it."
    ),
    "notebook_note_before_and_after": (
        "**Before and after.** The second cell enlarges what the first one draws. Draw the first anew and the"
        " second follows."
    ),
}

ERRORS = {
    "notebook_rule": ("That does not fit into this notebook", "Nothing was changed."),
    "notebook_stale": ("This notebook was changed elsewhere", "The newer one is shown; what you typed is kept."),
    "notebook_input": ("The picture it starts from is not there", "Choose another input, or draw that one first."),
}
