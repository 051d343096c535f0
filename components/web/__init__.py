"""Routes: HTTP in, actions called, JSON and bytes out."""
