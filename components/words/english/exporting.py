"""Notebooks as files."""

WORDS = {
    "export_title": "Take it along",
    "export_ipynb": "Jupyter notebook",
    "export_ipynb_note": "Draws the same pixels with plain diffusers",
    "export_py": "Python script",
    "export_py_note": "The same, as one file",
    "export_json": "Notebook file",
    "export_json_note": "To read in here or in another studio",
    "export_zip": "Everything as ZIP",
    "export_zip_note": "All of these, with pictures and a manifest",
    "export_read": "Read a notebook in",
    "export_read_note": "A .json, .ipynb or .zip that was taken along",
    "export_arrived": "{title} is here.",
    "export_untitled": "Notebook",
    "export_heading": "Drawn with PixCosmos. Run it from top to bottom: plain diffusers draws the same pictures, to "
    "the last bit on the same machine. Another processor or version may round differently.",
    "export_settings": "Where the models are: a folder, or a name on the hub. Change it to where they are here.",
    "export_not_run": "Cell {number} was not drawn yet: {prompt}",
    "export_kind_text_to_image": "Text to image",
    "export_kind_image_to_image": "Image to image",
    "export_kind_inpaint": "Inpaint",
    "export_kind_upscale": "Upscale",
    "export_kind_control": "Steered by a map",
    "export_kind_grid": "X/Y grid",
    "export_kind_series": "Series of prompts",
    "export_no_upscaler": "Its upscaler {name} is not here any more, so the picture itself is kept in this file.",
    "export_other_pipeline": "{name} has a pipeline of its own, so the picture itself is kept in this file.",
    "export_no_file": "Its file {name} is not here any more, so the picture itself is kept in this file.",
}

ERRORS = {
    "bad_import": ("This file cannot be read in", "Take a notebook that was exported here, as it was written."),
    "export_large": ("The notebook is too large for one file", "Take it along as a Jupyter notebook instead."),
}
