"""One at a time within a process, without forgetting whoever came meanwhile."""

import threading
from collections.abc import Callable


class Turnstile:
    """Whoever finds it busy leaves word that there is more to do, and goes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = False
        self._again = False

    def passed(self, work: Callable[[], int]) -> int:
        """Do the work, and again if somebody asked for it meanwhile; the sum of its results.

        0 at once if it is being done already.
        """
        if not self.enter():
            return 0
        done = 0
        try:
            while True:
                done += work()
                if not self.leave():
                    return done
        except BaseException:
            self.abandon()
            raise

    def enter(self) -> bool:
        """True: go on. False: somebody is at work and will look once more."""
        with self._lock:
            self._again = self._busy
            entered = not self._busy
            self._busy = True
            return entered

    def leave(self) -> bool:
        """True: there was word of more, look again and leave then."""
        with self._lock:
            again, self._again = self._again, False
            self._busy = again
            return again

    def abandon(self) -> None:
        """Leave without looking again."""
        with self._lock:
            self._busy = self._again = False
