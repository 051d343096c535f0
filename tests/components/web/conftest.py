"""What the tests of the web layer share."""

from __future__ import annotations

from tests.on_a_space import space, there, wren  # noqa: F401
