"""OpenTelemetry SDK: traces; here spans that a thread exports in batches."""

import uuid

NAME = "opentelemetry-sdk"
IMPORTS = ("opentelemetry.sdk.trace.export",)
REQUIRES = ("opentelemetry-sdk>=1.15",)
STANCE = "unsafe"
SAYS = "The BatchSpanProcessor is not fork-safe: make it in a post-fork hook."
ADDRESS = "https://opentelemetry-python.readthedocs.io/en/latest/examples/fork-process-model/README.html"


def make():
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=50))
    return provider, exporter


def use(thing):
    import time

    provider, exporter = thing
    word = str(uuid.uuid4())
    with provider.get_tracer("canifork").start_as_current_span(word):
        pass
    end = time.monotonic() + 2
    while time.monotonic() < end:  # by the thread alone, as in a program that runs on
        if any(span.name == word for span in exporter.get_finished_spans()):
            return True
        time.sleep(0.01)
    return False


def close(thing):
    thing[0].shutdown()
