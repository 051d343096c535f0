"""Runs the web server: finds the port, says where the studio is, opens the browser. Knows no routes."""

from __future__ import annotations

import errno
import socket
import threading
import time
import webbrowser
from typing import Any

import uvicorn

from components.studio import Studio
from store.settings import Settings, SettingsError

TRIED_PORTS = 10
HIGHEST_PORT = 65_535


def run(app: Any, studio: Studio) -> None:
    settings = studio.settings
    port = free_port(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=port,
        log_config=None,  # ours is in place: see logs.py
        log_level=settings.log_level,
        access_log=False,  # addresses and paths of visitors are not ours to keep
        timeout_graceful_shutdown=3,
    )
    server = StudioServer(config, studio)
    threading.Thread(target=announce, args=(server, settings, port), daemon=True).start()
    server.run()


class StudioServer(uvicorn.Server):
    """Ends the event streams first: an open page must not hold up the stop."""

    def __init__(self, config: uvicorn.Config, studio: Studio) -> None:
        super().__init__(config)
        self._studio = studio

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._studio.live.closed = True
        super().handle_exit(sig, frame)


def announce(server: uvicorn.Server, settings: Settings, port: int) -> None:
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.05)
    shown = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    link = settings.public_url or f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    if settings.access_token is not None and settings.home == "personal":
        link = f"{link}/?token={settings.access_token.get_secret_value()}"
    print(f"PixCosmos is ready: {link}", flush=True)
    if settings.home == "personal" and settings.open_browser:
        webbrowser.open(str(link))


def free_port(settings: Settings) -> int:
    """A personal home moves on to the next free port; the others were told one and keep to it."""
    after = settings.port + (TRIED_PORTS if settings.home == "personal" else 1)
    for port in range(settings.port, min(after, HIGHEST_PORT + 1)):
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError as error:
                refuse_address(settings, error)
                continue
        return port
    raise SettingsError(f"PIXCOSMOS_PORT: {settings.port} is in use by another program. Expected a free port.")


def refuse_address(settings: Settings, error: OSError) -> None:
    """Raises SettingsError where no other port would help."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        reason = "is no address of this machine. Expected one."
        raise SettingsError(f"PIXCOSMOS_HOST: {settings.host!r} {reason}") from error
    if error.errno == errno.EACCES:
        raise SettingsError(
            f"PIXCOSMOS_PORT: {settings.port} is not for this user to open. Expected a port from 1024 on."
        ) from error
