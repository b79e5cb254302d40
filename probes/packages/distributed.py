"""Distributed: a client of a Dask cluster, here with a scheduler and one worker in another process."""

NAME = "distributed"
IMPORTS = ("distributed",)
REQUIRES = ("distributed>=2023.1",)
STANCE = "unsafe"
SAYS = "An author: to pass such a complex system through a fork is hard; let the child make a client of its own (2018)."
ADDRESS = "https://github.com/dask/dask/issues/3813"
THREADS = (
    (
        "Cannot spin up Client in a subprocess if a Client/LocalCluster was initialized in the parent process",
        "https://github.com/dask/distributed/issues/5947",
    ),
    (
        "Cannot connect to client when using multiprocessing",
        "https://github.com/dask/distributed/issues/5334",
    ),
    (
        "Freezes when running in another process",
        "https://github.com/dask/distributed/issues/2249",
    ),
)


def serve(ready):
    import threading

    import distributed

    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=4, processes=False, protocol="tcp", dashboard_address=None
    )
    ready(cluster.scheduler_address)
    threading.Event().wait()


def make(address):
    import distributed

    return distributed.Client(address, timeout=2)


def use(client):
    import uuid

    word = str(uuid.uuid4())
    return client.submit(str.upper, word).result(timeout=2) == word.upper()


def close(client):
    client.close(timeout=2)
