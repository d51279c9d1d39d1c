"""Programs that walk issues over the JSON API, and remember what they were told.

Each request carries a mark of its own in its text and its own ``Idempotency-Key``.  Whoever hears
nothing asks again with the same key, mostly at the other address; now and then somebody gives up,
and will never know.
"""

import hashlib
import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

PATIENCE = 6.0
"""Seconds that a program waits for one answer."""
IMPATIENT = 0.05
"""How many hang up almost at once, and ask again while their first request is under way."""
HARDLY = (0.005, 0.1)
"""Seconds that those wait."""
GIVES_UP = 0.15
"""How many of those who heard nothing never ask again."""
REST = (0.1, 0.4)
"""Seconds before a program asks again."""
LONGEST = 90.0
"""Seconds after which an installation that answers nobody is at fault."""
UNHURRIED = 0.5
"""Seconds between two steps when enough has been done, but not all blows were dealt."""
AMENDS = 0.25
"""How many of the steps correct an issue that everybody works on."""
DONE = frozenset({200, 201})


@dataclass(slots=True)
class Sent:
    """One request, and all that its program knows of it."""

    mark: str
    by: str
    action: str
    number: str | None
    """None for an issue that is being filed."""
    version: int
    """Of the issue that the program saw; 0 for a new one."""
    status: int | None = None
    """None: nobody ever answered."""
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def acknowledged(self) -> bool:
        """Whether the program may rely on it."""
        return self.status in DONE


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that did not get its answer: refused with a status, cut off, or not answered."""

    at: float
    status: int | None
    is_cut: bool
    said: str


@dataclass
class Crowd:
    """Everything that the programs of one run share."""

    addresses: Sequence[tuple[str, int]]
    tokens: Mapping[str, str]
    shared: Sequence[str]
    """Numbers of issues that everybody works on."""
    today: date
    goal: int
    sent: list[Sent] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    done: int = 0
    replayed: int = 0
    """Requests whose first answer was lost, and came again when they were repeated."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)
    violence_is_over: Callable[[], bool] = bool

    def note(self, sent: Sent) -> None:
        """Remember a request."""
        with self.lock:
            self.sent.append(sent)
            self.done += sent.acknowledged

    @property
    def is_over(self) -> bool:
        """Whether enough has been done, to the last blow."""
        return self.stopping.is_set() or (self.is_enough and self.violence_is_over())

    @property
    def is_enough(self) -> bool:
        """Whether there is no more need to hurry."""
        return self.done >= self.goal

    def day(self, days: int) -> str:
        """A civil day so many days from now."""
        return (self.today + timedelta(days=days)).isoformat()


class Program:
    """One program in a thread of its own, with one open line."""

    def __init__(self, crowd: Crowd, seed: str) -> None:
        self.crowd = crowd
        self.seed = seed
        self.chance = random.Random(seed)
        self.count = 0
        self.number: str | None = None
        self.version = 0
        self.state = ""
        self.line: http.client.HTTPConnection | None = None
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name=seed, daemon=True)

    def _run(self) -> None:
        try:
            while not self.crowd.is_over:
                self._step()
                if self.crowd.is_enough:
                    time.sleep(UNHURRIED)
        except BaseException as error:
            self.error = error
            self.crowd.stopping.set()
            raise
        finally:
            self._hang_up()

    def _step(self) -> None:
        if self.crowd.shared and self.chance.random() < AMENDS:
            self._amend(self.chance.choice(self.crowd.shared))
        elif self.number is None:
            self._report()
        else:
            self._walk(self.number)

    # -- what it wants ----------------------------------------------------------------------------

    def _report(self) -> None:
        mark = self._mark()
        sent = Sent(mark, "hb.inspector", "report", None, 0)
        body = {
            "title": f"料堆未苫盖 {mark}",
            "description": "厂区物料露天堆放，未苫盖。",
            "category": "dust",
            "place": "青山镇东沟",
            "place_unit": "青山镇",
        }
        self._ask(sent, "/issues", body)
        if sent.acknowledged:
            self._stand(sent.answer)

    def _walk(self, number: str) -> None:
        action, by, data, named = self.chance.choice(STEPS[self.state])
        mark = self._mark()
        filled = data(self.crowd) | {named: f"进展 {mark}"}
        sent = self._act(number, self.version, action, by, mark, filled)
        if sent.acknowledged:
            self._stand(sent.answer)
        elif sent.status in (None, 409):
            self._look(number)
        else:
            raise AssertionError(f"{action}: {sent.status} {sent.answer}")

    def _amend(self, number: str) -> None:
        by = "gj.dispatcher"
        version = self._get(f"/issues/{number}", by)["version"]
        mark = self._mark()
        data = {"field": "title", "value": f"更正 {mark}", "reason": "核实后更正。"}
        sent = self._act(number, version, "amend", by, mark, data)
        # Somebody else, or the clock, was faster.
        assert sent.status in (None, 200, 409), (sent.status, sent.answer)

    def _stand(self, answer: Mapping[str, Any]) -> None:
        self.number, self.version = answer["number"], answer["version"]
        self.state = answer["state"]
        if self.state not in STEPS:
            self.number = None

    def _look(self, number: str) -> None:
        self._stand(self._get(f"/issues/{number}", "gj.dispatcher"))

    def _mark(self) -> str:
        self.count += 1
        return hashlib.sha256(f"{self.seed}/{self.count}".encode()).hexdigest()[:20]

    # -- how it asks ------------------------------------------------------------------------------

    def _act(
        self,
        number: str,
        version: int,
        action: str,
        by: str,
        mark: str,
        data: Mapping[str, Any],
    ) -> Sent:
        sent = Sent(mark, by, action, number, version)
        self._ask(
            sent, f"/issues/{number}/actions/{action}", {"version": version, "data": dict(data)}
        )
        return sent

    def _ask(self, sent: Sent, path: str, body: Mapping[str, Any]) -> None:
        """Ask until there is an answer that settles it, or give up."""
        content = json.dumps(body, ensure_ascii=False).encode()

        def gives_up() -> bool:
            return self.chance.random() < GIVES_UP

        answered = self._until_answered("POST", path, sent.by, content, sent.mark, gives_up)
        if answered is not None:
            sent.status, sent.answer = answered
        self.crowd.note(sent)

    def _get(self, path: str, by: str) -> Mapping[str, Any]:
        answered = self._until_answered("GET", path, by, None, None, lambda: False)
        assert answered is not None
        status, answer = answered
        assert status == 200, (path, status, answer)
        return answer

    def _until_answered(
        self,
        method: str,
        path: str,
        by: str,
        content: bytes | None,
        key: str | None,
        gives_up: Callable[[], bool],
    ) -> tuple[int, Mapping[str, Any]] | None:
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            began, patience = time.monotonic(), self._patience(method)
            try:
                status, said = self._once(method, path, by, content, key, patience)
            except (OSError, http.client.HTTPException) as error:
                self._hang_up()
                if patience == PATIENCE:
                    cut = isinstance(error, ConnectionError)
                    self._fault(began, None, f"{method} {path}: {error!r}", is_cut=cut)
            else:
                if status < 500:
                    return status, json.loads(said)
                self._fault(began, status, said.decode(errors="replace"))
            if gives_up():
                return None
            time.sleep(self.chance.uniform(*REST))
        raise AssertionError(f"{method} {path} was not answered in {LONGEST:.0f} s")

    def _patience(self, method: str) -> float:
        if method == "POST" and self.chance.random() < IMPATIENT:
            return self.chance.uniform(*HARDLY)
        return PATIENCE

    def _once(
        self,
        method: str,
        path: str,
        by: str,
        content: bytes | None,
        key: str | None,
        patience: float,
    ) -> tuple[int, bytes]:
        if self.line is None:
            host, port = self.chance.choice(self.crowd.addresses)
            self.line = http.client.HTTPConnection(host, port, timeout=PATIENCE)
            self.line.connect()
            self.line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.line.sock.settimeout(patience)
        headers = {"authorization": f"Bearer {self.crowd.tokens[by]}"}
        if content is not None:
            headers |= {"content-type": "application/json", "idempotency-key": key or ""}
        self.line.request(method, f"/api/v1{path}", body=content, headers=headers)
        reply = self.line.getresponse()
        said = reply.read()
        if reply.getheader("idempotency-replayed"):
            with self.crowd.lock:
                self.crowd.replayed += 1
        return reply.status, said

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
        self.line = None

    def _fault(self, at: float, status: int | None, said: str, *, is_cut: bool = False) -> None:
        with self.crowd.lock:
            self.crowd.faults.append(Fault(at, status, is_cut, said))


Data = Callable[[Crowd], dict[str, Any]]
Step = tuple[str, str, Data, str]
"""Action, who takes it, what the form says, and the field that carries the mark."""


def _nothing(_: Crowd) -> dict[str, Any]:
    return {}


def _assignment(crowd: Crowd) -> dict[str, Any]:
    return {"responsible": "青山镇", "acceptance": "市生态环境局", "due": crowd.day(40)}


def _suspension(crowd: Crowd) -> dict[str, Any]:
    return {"cause": "资金未到位", "until": crowd.day(10)}


_PROGRESS: Step = ("progress", "qs.handler", _nothing, "note")
STEPS: Mapping[str, Sequence[Step]] = {
    "reported": [("take_up", "gj.dispatcher", _nothing, "reason")],
    "triaged": [("assign", "gj.dispatcher", _assignment, "requirement")],
    "assigned": [("accept", "qs.handler", _nothing, "note")],
    "investigating": [_PROGRESS, ("find_founded", "qs.handler", _nothing, "finding")],
    "planning": [("plan", "qs.handler", _nothing, "plan")],
    "plan_review": [
        ("approve_plan", "db.supervisor", _nothing, "reason"),
        ("approve_plan", "db.supervisor", _nothing, "reason"),
        ("send_back_plan", "db.supervisor", _nothing, "reason"),
    ],
    "rectifying": [
        _PROGRESS,
        _PROGRESS,
        _PROGRESS,
        ("suspend", "gj.dispatcher", _suspension, "reason"),
        ("cancel", "gj.deputy", _nothing, "reason"),
    ],
    "suspended": [("resume", "gj.dispatcher", _nothing, "reason")],
}
"""What comes next in each state; where there is nothing, an issue is left and another one filed."""
