"""English, an area of the page in each module: `WORDS`, and `ERRORS` where the area has refusals of its own."""
