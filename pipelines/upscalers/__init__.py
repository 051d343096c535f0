"""How upscaling weights come to be: made ready once, not at run time."""
