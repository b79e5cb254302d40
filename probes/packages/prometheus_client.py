"""Prometheus client: metrics in the process."""

NAME = "prometheus-client"
IMPORTS = ("prometheus_client",)
REQUIRES = ("prometheus-client>=0.12",)
STANCE = "unsafe"
SAYS = "The library presumes threads, with metrics shared among workers: processes need its multiprocess mode."
ADDRESS = "https://prometheus.github.io/client_python/multiprocess/"


def make():
    import prometheus_client

    registry = prometheus_client.CollectorRegistry()
    return prometheus_client.Counter("canifork", "a counter", registry=registry), registry


def use(thing):
    counter, registry = thing
    before = registry.get_sample_value("canifork_total")
    counter.inc(3)
    return registry.get_sample_value("canifork_total") == before + 3


def close(thing):
    pass
