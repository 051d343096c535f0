"""The studio's log: one line an event, as text or JSON, with names and numbers. Never a prompt, never a person.

An exception is told by its class and the places it passed. Its message stays out: libraries quote what they were given.
The owner of a failed job reads the whole reason on the page, where it is sealed like the prompt.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict

from store.settings import Settings

PLACES = 12  # innermost calls of an exception that are told


def configure(settings: Settings) -> None:
    """For the whole process: everything that uses Python's logging is written in our way."""
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        tell_exception,
    ]
    last: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    threading.excepthook = tell_thread


def tell_exception(_: Any, __: str, event: EventDict) -> EventDict:
    """`exc_info` becomes a class and places."""
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["exception"] = type(error).__name__
        event["places"] = places(error.__traceback__)
    return event


def places(found: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(found)[-PLACES:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def tell_thread(what: threading.ExceptHookArgs) -> None:
    """A thread that ended by an exception: Python itself would print the message."""
    name = what.thread.name if what.thread else "unknown"
    if what.exc_value is not None:
        logging.getLogger(__name__).error("thread ended", exc_info=what.exc_value, extra={"thread_name": name})
