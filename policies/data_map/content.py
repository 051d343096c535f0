"""The tables of the content database: what people make and do, without a name."""

from __future__ import annotations

from policies.data_map.drawing import DRAWING
from policies.data_map.standing import STANDING

CONTENT = (*DRAWING, *STANDING)
