"""A second, naive interpreter of loop definitions, written from docs/loops.md alone.

It works on the plain mapping and shares no code with the product.  It knows one issue: state,
clocks, open requests, how its parts stand.
"""

from typing import Any

END = "_over"


def names(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


class Issue:
    """One issue on its way round; ``facts`` are what the walk cannot know (speed, replies)."""

    def __init__(self, loop: dict[str, Any], *, at_once: bool, unanswered: bool) -> None:
        self.loop = loop
        self.state: str = loop["initial"]
        self.clocks: dict[str, str] = {}
        self.requests: set[str] = set()
        self.parts: list[str] = []
        self.returns = 0
        self.at_once = at_once
        self.unanswered = unanswered
        self._tell(loop.get("born_by", "report"), self.state)

    # What the definition says -----------------------------------------------------------------

    def sources(self, entry: dict[str, Any]) -> list[str]:
        found = names(entry["from"])
        if found == ["open"]:
            return [s for s, e in self.loop["states"].items() if "counts_as" not in e]
        return found

    def here(self) -> dict[str, dict[str, Any]]:
        return {
            entry.get("as", entry["do"]): entry
            for entry in self.loop["transitions"]
            if self.state in self.sources(entry)
        }

    def final(self, state: str | None = None) -> bool:
        return bool(self.loop["states"][state or self.state].get("final"))

    def holders(self) -> list[str]:
        return names(self.loop["states"][self.state].get("held_to"))

    def opener(self, action: str) -> str | None:
        for name, clock in self.loop.get("clocks", {}).items():
            if (clock.get("then") or {}).get("open") == action:
                return str(name)
        return None

    # What can be done --------------------------------------------------------------------------

    def guard(self, name: str) -> bool:
        running, settled = "running" in self.parts, "settled" in self.parts
        truth = {
            "no_parts": not self.parts,
            "has_parts": bool(self.parts),
            "parts_running": running,
            "parts_settled": bool(self.parts) and not running and settled,
            "parts_void": bool(self.parts) and not running and not settled,
            "parts_ready": not self.parts or (not running and settled),
            "no_objection": "objection" not in self.requests,
            "open_objection": "objection" in self.requests,
            "sources_replied": not self.unanswered,
            "sources_unanswered": self.unanswered,
            "early_return": self.returns < 2,
            "third_return": self.returns >= 2,
            "at_once": self.at_once,
            "not_at_once": not self.at_once,
            # What no position knows may hold.
            "has_superior": True,
            "once": True,
            "recurring": True,
        }
        return truth[name]

    def can(self, action: str) -> bool:
        entry = self.here().get(action)
        if entry is None:
            return False
        opener = self.opener(action)
        if opener is not None and self.clocks.get(opener, "over") != "over":
            return False
        asked, decided = self.asks(entry), self.decides(entry)
        if asked in self.requests or (decided is not None and decided not in self.requests):
            return False
        if "running" in self.parts and "to" in entry and self.final(entry["to"]):
            return False
        return all(self.guard(g) for g in names(entry.get("when")))

    def asks(self, entry: dict[str, Any]) -> str | None:
        if entry["do"] == "object":
            return "objection"
        return entry.get("request") if entry["do"] == "request" else None

    def decides(self, entry: dict[str, Any]) -> str | None:
        if entry["do"] == "rule_objection":
            return "objection"
        return entry.get("request") if entry["do"] == "decide" else None

    def ways(self) -> list[str]:
        """Every step that is possible now; ``part:settled`` stands for a part that ends well."""
        steps = [action for action in self.here() if self.can(action)]
        steps += [
            name + END
            for name, clock in self.loop.get("clocks", {}).items()
            if clock.get("period") and self.clocks.get(name) == "running"
        ]
        return steps + (["part:settled", "part:void"] if "running" in self.parts else [])

    # What it does ------------------------------------------------------------------------------

    def do(self, step: str) -> None:
        if step.startswith("part:"):
            self.parts[self.parts.index("running")] = step.removeprefix("part:")
        elif step.endswith(END) and step.removesuffix(END) in self.clocks:
            self.end(step.removesuffix(END))
        else:
            assert self.can(step), step
            self.act(step)

    def end(self, clock: str) -> None:
        assert self.clocks[clock] == "running"
        taken = (self.loop["clocks"][clock].get("then") or {}).get("take")
        if taken is not None:
            self.act(taken)
        else:
            self.clocks[clock] = "over"
            self._tell(clock + END, self.state)

    def act(self, action: str) -> None:
        entry = self.here()[action]
        before, self.state = self.state, entry.get("to", self.state)
        self._tell(action, self.state)
        if (asked := self.asks(entry)) is not None:
            self.requests.add(asked)
        self.requests.discard(self.decides(entry) or "")
        if self.state != before:
            self.requests &= {self.decides(e) or "" for e in self.here().values()}
        if entry["do"] == "split":
            self.parts.append("running")
        self.returns += entry["do"] == "return"
        if entry["do"] == "reply" or "reply" in names(entry.get("needs")):
            self.unanswered = False

    def _tell(self, action: str, state: str) -> None:
        if self.final(state):
            self.clocks = {}
            return
        for name, clock in self.loop.get("clocks", {}).items():
            held, paused = clock.get("held_by", {}), clock.get("paused_by", {})
            if action in names(clock["from"]):
                self.clocks[name] = "running"
            elif name not in self.clocks:
                continue
            elif action in names(clock["to"]):
                del self.clocks[name]
            elif self.clocks[name] == "running" and action in held:
                self.clocks[name] = "held"
            elif self.clocks[name] == "running" and action in paused:
                self.clocks[name] = "paused"
            elif (
                self.clocks[name] == "held" and any(action in names(v) for v in held.values())
            ) or (
                self.clocks[name] == "paused" and any(action in names(v) for v in paused.values())
            ):
                self.clocks[name] = "running"
