"""Make: models, the step loop and pictures. Knows no users, prices or rows."""
