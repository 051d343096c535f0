"""The styles and negative presets that come with the studio: data. components/pages/styles.py draws their pictures.

The starter knows grounds and colours; looks such as watercolour are for models that saw the world.
"""

from __future__ import annotations

from policies.styles import Style


def ground(id: str, name: str, words: str) -> Style:
    return Style(id, name, prompt=f"{{prompt}} {words}", suits="starter", picture=f"/ui/styles/{id}.webp")


def look(id: str, name: str, words: str, negative: str = "") -> Style:
    return Style(id, name, prompt=words, negative=negative, suits="large")


GROUNDS = (
    ground("white", "On white", "on white"),
    ground("mint", "Mint", "on mint green"),
    ground("lavender", "Lavender", "on lavender"),
    ground("night", "Night sky", "in the night sky"),
    ground("nebula", "Nebula", "in a purple nebula"),
    ground("meadow", "Meadow", "in a meadow"),
    ground("sunset", "Sunset", "at sunset"),
    ground("sea", "Sea", "on the sea"),
    ground("desert", "Desert", "in the desert"),
    ground("snow", "Snow", "in the snow"),
)
LOOKS = (
    look("photo", "Studio photo", "studio photograph of {prompt}, softbox light, 85 mm, sharp", "drawing, painting"),
    look("film", "Film still", "{prompt}, film still, 35 mm, shallow depth of field, natural light", "drawing, render"),
    look("icon", "Glossy icon", "{prompt}, glossy 3D icon, soft studio light, plain background", "text, photo"),
    look("clay", "Clay", "{prompt} made of modelling clay, stop-motion look, soft light", "photo, flat"),
    look("watercolour", "Watercolour", "watercolour painting of {prompt}, paper texture, loose strokes", "photo, 3D"),
    look("ink", "Ink drawing", "ink line drawing of {prompt}, black on white, fine lines", "colour, photo, shading"),
    look("oil", "Oil painting", "oil painting of {prompt}, visible brush strokes, rich colours", "photo, flat"),
    look("papercut", "Papercut", "papercut of {prompt}, layered paper, soft shadows", "photo"),
    look("lowpoly", "Low poly", "low poly render of {prompt}, flat facets, isometric", "photo, smooth"),
    look("pixel", "Pixel art", "pixel art of {prompt}, 16-bit palette, crisp pixels", "blurry, smooth, photo"),
    look("comic", "Comic", "comic panel of {prompt}, bold outlines, halftone", "photo, 3D"),
    look("poster", "Travel poster", "vintage travel poster of {prompt}, flat colours, grain", "photo, text"),
)
NEGATIVES = (
    Style("clean", "Clean", "negative", negative="blurry, low quality, jpeg artefacts, noise"),
    Style("no-text", "No text", "negative", negative="text, letters, watermark, signature, logo"),
    Style("anatomy", "Hands and faces", "negative", negative="extra fingers, deformed hands, extra limbs, bad anatomy"),
    Style("framing", "Whole subject", "negative", negative="cropped, out of frame, cut off"),
)
SHIPPED = (*GROUNDS, *LOOKS, *NEGATIVES)
