"""Many visitors at once: connections that are kept open, each asking as soon as it was answered."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter


@dataclass(frozen=True)
class Asked:
    """One request, ready to be sent."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def wire(self) -> bytes:
        """The request as it goes over the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"content-length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass
class Crowd:
    """Visitors of several servers, and how long each of them had to wait."""

    ports: Sequence[int]
    visitors: int
    waits: list[float] = field(default_factory=list)

    def round(self, requests: Sequence[Asked]) -> float:
        """Seconds until every request was answered with success."""
        began = perf_counter()
        asyncio.run(self._all(iter([each.wire() for each in requests])))
        return perf_counter() - began

    async def _all(self, requests: Iterator[bytes]) -> None:
        async with asyncio.TaskGroup() as group:
            for n in range(self.visitors):
                group.create_task(self._visit(self.ports[n % len(self.ports)], requests))

    async def _visit(self, port: int, requests: Iterator[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for wire in requests:
                began = perf_counter()
                writer.write(wire)
                await _answered(reader)
                self.waits.append(perf_counter() - began)
        finally:
            writer.close()


async def _answered(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines if line)
    body = await reader.readexactly(int(fields["content-length"]))
    if not status.startswith("HTTP/1.1 2"):
        raise AssertionError(f"{status}: {body.decode()}")
