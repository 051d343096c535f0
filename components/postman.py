"""Empties the outbox: takes a letter that is due, has it carried, notes what became of it. One thread a server."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from components.actions.mail import wants
from components.actions.tidying import tidy
from components.smtp import Carrier, Refused, carrier_of
from components.studio import Studio
from store.outbox import Letter

IDLE = 1.0  # seconds between looks at the outbox
TIDY_EVERY = timedelta(hours=1)

logger = logging.getLogger(__name__)


class Postman:
    """A letter is noted as sent after the mail server took it. Dying in between sends it once more, under one id."""

    def __init__(self, studio: Studio, carrier: Carrier | None = None) -> None:
        self.studio = studio
        self._carrier = carrier or carrier_of(studio.settings)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)
        self._tidied = studio.clock()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def deliver(self) -> int:
        """Everything that is due now. Answers how many letters were sent."""
        sent = 0
        while not self._stop.is_set() and (letter := self.studio.stores.outbox.claim(self.studio.clock())):
            sent += self._deliver(letter)
        return sent

    def _run(self) -> None:
        while not self._stop.wait(IDLE):
            try:
                self.deliver()
                self._tidy()
            except Exception:
                logger.exception("the postman stumbled and goes on")

    def _deliver(self, letter: Letter) -> bool:
        outbox, now = self.studio.stores.outbox, self.studio.clock()
        if not self._is_wanted(letter):
            outbox.dropped(letter.id, now)
            return False
        try:
            self._carrier.carry(letter)
        except Refused:
            outbox.dropped(letter.id, now)
            return False
        except Exception as error:
            # Whose letter it is stays out of the log.
            logger.warning("a letter of kind %s waits: %s", letter.kind, type(error).__name__)
            outbox.failed(letter, now)
            return False
        outbox.sent(letter.id, now)
        return True

    def _is_wanted(self, letter: Letter) -> bool:
        """Asked again at the door: a person may have switched the kind off since it was written."""
        if letter.account_id is None:
            return True
        return wants(self.studio, letter.account_id, letter.kind)

    def _tidy(self) -> None:
        if self.studio.clock() - self._tidied >= TIDY_EVERY:
            self._tidied = self.studio.clock()
            tidy(self.studio)
