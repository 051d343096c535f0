"""The model that comes with the studio, and the code that made it. The studio imports none of that code."""
