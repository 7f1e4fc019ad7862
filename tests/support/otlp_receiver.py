"""A small OTLP/HTTP receiver: takes what an exporter sends, decodes the protobuf and keeps it."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class OtlpReceiver:
    """A context: inside it spans and metrics may be sent to ``endpoint``."""

    def __init__(self, status: int = 200) -> None:
        """Answer every export with ``status``; only what is answered with 200 is kept."""
        self.spans: list[Span] = []
        self.metrics: list[Metric] = []
        self.services: set[str] = set()
        self.raw: list[bytes] = []
        self._status = status
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def endpoint(self) -> str:
        """Where to send to."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait_until(self, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until something holds of what has come in."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not within {seconds} s: {[span.name for span in self.spans]}"
            threading.Event().wait(0.01)

    def named(self, name: str) -> list[Span]:
        """The spans of a name that have come in."""
        return [span for span in self.spans if span.name == name]

    def take(self, path: str, body: bytes) -> None:
        """Decode and keep one export."""
        self.raw.append(body)
        if path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.services |= {each.value.string_value for each in resource.resource.attributes}
                self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        else:
            assert path == "/v1/metrics", path
            for measured in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                self.metrics += [metric for scope in measured.scope_metrics for metric in scope.metrics]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            """Answers one export."""

            def do_POST(self) -> None:
                """Take it."""
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                assert self.headers["content-type"] == "application/x-protobuf"
                if receiver._status == 200:
                    receiver.take(self.path, body)
                self.send_response(receiver._status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


def attributes_of(span: Span) -> dict[str, Any]:
    """The attributes of a span as plain values."""
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}
