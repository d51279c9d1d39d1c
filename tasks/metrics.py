"""What Prometheus reads: figures of the installation, taken from its database at that moment.

No process counts anything: whichever of several is asked, the answer is the same.
"""

from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client.core import CollectorRegistry, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from tasks.readiness import CHECKS, Verdict, lag
from workflow.operations import words

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Installation(Collector):
    """One verdict as figures."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every figure; without a database only that there is none."""
        verdict = self.verdict
        yield GaugeMetricFamily(
            "bihuan_ready", "1 unless something is red.", value=verdict.state != "red"
        )
        build = GaugeMetricFamily("bihuan_build", "The program that answers.", labels=["version"])
        build.add_metric([version("bihuan")], 1)
        yield build
        if verdict.readings is not None:
            yield from self._checks()
            yield from self._times()
            yield from self._delivery()

    def _checks(self) -> Iterator[GaugeMetricFamily]:
        checks = GaugeMetricFamily(
            "bihuan_check", "1: ok, 0.5: attention, 0: red.", labels=["check"]
        )
        worth = {"ok": 1.0, "attention": 0.5, "red": 0.0}
        for name in ("database", "schema", *CHECKS):
            checks.add_metric([name], worth[self.verdict.checks[name]["state"]])
        yield checks
        alarms = GaugeMetricFamily("bihuan_alarms", "Open alarms.", labels=["kind"])
        count = Counter(alarm.kind for alarm in self.verdict.alarms)
        for kind in words.WORDS:
            alarms.add_metric([kind], count[kind])
        yield alarms

    def _times(self) -> Iterator[GaugeMetricFamily]:
        found = self.verdict.readings
        assert found is not None
        at = found.at
        yield GaugeMetricFamily(
            "bihuan_sweep_lag_seconds",
            "For how long the oldest due rung has been waiting.",
            value=lag(found.rung_due_since, at),
        )
        if found.lead is not None:
            yield GaugeMetricFamily(
                "bihuan_clock_lease_seconds",
                "Until the lease of the leading clock ends; negative: since it ended.",
                value=(found.lead.until - at).total_seconds(),
            )
        waits = found.canary.put_at if found.canary and found.canary.done_at is None else None
        yield GaugeMetricFamily(
            "bihuan_canary_wait_seconds",
            "For how long a task has been waiting for any worker.",
            value=lag(waits, at),
        )
        parts = GaugeMetricFamily("bihuan_processes", "Living processes.", labels=["part"])
        silent = {finding.subject for finding in self.verdict.findings}
        for part, count in sorted(
            Counter(one.part for one in found.processes if one.id not in silent).items()
        ):
            parts.add_metric([part], count)
        yield parts

    def _delivery(self) -> Iterator[GaugeMetricFamily]:
        found = self.verdict.readings
        assert found is not None
        waiting = GaugeMetricFamily(
            "bihuan_outbox_waiting", "Messages still to be delivered.", labels=["channel"]
        )
        late = GaugeMetricFamily(
            "bihuan_delivery_lag_seconds",
            "For how long the oldest due message has been waiting.",
            labels=["channel"],
        )
        for channel in found.channels:
            waiting.add_metric([channel.name], channel.open)
            late.add_metric([channel.name], lag(channel.due_since, found.at))
        yield waiting
        yield late
        yield GaugeMetricFamily(
            "bihuan_outbox_given_up",
            "Messages given up within the last day.",
            value=found.undelivered,
        )


def exposition(verdict: Verdict) -> bytes:
    """The figures in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(Installation(verdict))
    return generate_latest(registry)
