"""Cells: each builds its part of the page, and those with controls read them into a draft."""
