"""ipykernel: notebooks; here functions typed into a cell"""

NAME = "ipykernel"
REQUIRES = (
    "ipykernel>=6.0",
    "jupyter-client>=7.0",
)
STANCE = "silent"
SAYS = "Read: the documentation of 7.3."
ADDRESS = "https://ipykernel.readthedocs.io/en/stable/"
THREADS = (
    (
        "bug when using multiprocessing (spawn, a function in a cell)",
        "https://github.com/jupyter/notebook/issues/6258",
    ),
    (
        "multiprocessing.Pool stuck indefinitely",
        "https://github.com/jupyter/notebook/issues/5261",
    ),
)


def run(host):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", stdout=host.printed, stderr=host.printed)
    try:
        client.execute(host.code)
        client.execute("job()")
        host.wait()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
