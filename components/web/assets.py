"""The page's own scripts, styles and fonts. Asked about each time, so that an upgrade shows at once; a font stays."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

MONTH = 30 * 24 * 3600  # seconds


class Assets(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        kept = response.headers.get("content-type", "").startswith("font/")
        response.headers["cache-control"] = f"public, max-age={MONTH}" if kept else "no-cache"
        return response
