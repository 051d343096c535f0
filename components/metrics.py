"""Numbers about the studio in Prometheus' format: counts and seconds. No prompt, no name, no subject, no address."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipelines.types import Cancelled, Done, EngineStatus, Event, Failed, Measures
from store.jobs import Job

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)
STATES = ("queued", "running", "done", "failed", "cancelled")


class Metrics:
    """Of one studio: two studios in one process count apart. The arguments are asked when somebody reads."""

    def __init__(
        self, counts: Callable[[], dict[str, int]], status: Callable[[], EngineStatus], measures: Callable[[], Measures]
    ) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(Now(counts, status, measures))
        self._ended = Counter(
            "pixcosmos_jobs_ended", "Jobs that ended, by state and code.", ["state", "code"], registry=self.registry
        )
        self._wait = Histogram(
            "pixcosmos_job_wait_seconds", "From asking to the start.", buckets=SECONDS, registry=self.registry
        )
        self._draw = Histogram(
            "pixcosmos_job_draw_seconds",
            "Seconds of the device that a job took.",
            ["model"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._http = Histogram(
            "pixcosmos_http_request_seconds",
            "Requests, by method, route and class of status.",
            ["method", "route", "status"],
            buckets=(0.005, 0.025, 0.1, 0.5, 1, 5, 30),
            registry=self.registry,
        )

    def ended(self, job: Job, event: Event) -> None:
        if isinstance(event, Done):
            self._ended.labels("done", "").inc()
            self._draw.labels(job.draft.model).observe(event.seconds)
        elif isinstance(event, Failed):
            self._ended.labels("failed", event.code).inc()
        elif isinstance(event, Cancelled):
            self._ended.labels("cancelled", "").inc()

    def started(self, job: Job) -> None:
        if job.started_at is not None:
            self._wait.observe(max(0.0, (job.started_at - job.created_at).total_seconds()))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._http.labels(method, route, f"{status // 100}xx").observe(seconds)

    def text(self) -> bytes:
        return bytes(generate_latest(self.registry))


class Now(Collector):
    def __init__(
        self, counts: Callable[[], dict[str, int]], status: Callable[[], EngineStatus], measures: Callable[[], Measures]
    ) -> None:
        self._counts, self._status, self._measures = counts, status, measures

    def describe(self) -> Iterable[Metric]:
        return ()  # registering must not ask the database

    def collect(self) -> Iterable[Metric]:
        counts, status, measures = self._counts(), self._status(), self._measures()
        jobs = GaugeMetricFamily("pixcosmos_jobs", "Jobs there are, by state.", labels=["state"])
        for state in STATES:
            jobs.add_metric([state], counts.get(state, 0))
        yield jobs
        yield GaugeMetricFamily("pixcosmos_queue_depth", "Jobs that wait.", value=counts.get("queued", 0))
        yield GaugeMetricFamily("pixcosmos_pictures_active", "Pictures being drawn.", value=status.active)
        yield GaugeMetricFamily("pixcosmos_models_loaded", "Models in memory.", value=len(status.models))
        memory = GaugeMetricFamily("pixcosmos_memory_bytes", "Memory of the device.", labels=["kind"])
        memory.add_metric(["used"], status.memory_used)
        memory.add_metric(["total"], status.memory_total)
        yield memory
        steps = CounterMetricFamily("pixcosmos_steps", "Calls of a network, by pictures in it.", labels=["pictures"])
        for pictures, number in sorted(measures.steps.items()):
            steps.add_metric([str(pictures)], number)
        yield steps
        for name, words, value in (
            ("pixcosmos_step_seconds", "Seconds that steps took.", measures.step_seconds),
            ("pixcosmos_previews", "Previews drawn.", measures.previews),
            ("pixcosmos_preview_seconds", "Seconds that previews took.", measures.preview_seconds),
            ("pixcosmos_model_loads", "Models read from disk.", measures.loads),
            ("pixcosmos_model_evictions", "Models that made room for others.", measures.evictions),
            ("pixcosmos_out_of_memory", "Steps that were tried again in halves.", measures.halved),
        ):
            yield CounterMetricFamily(name, words, value=value)
