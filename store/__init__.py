"""Remember: databases, keys and blobs. Hands out frozen dataclasses, never rows of the ORM."""
