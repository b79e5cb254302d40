"""cx_Freeze: programs in a folder of their own; here with freeze_support()"""

NAME = "cx-freeze"
REQUIRES = ("cx-freeze>=6.8",)
STANCE = "safe"
SAYS = "forkserver and spawn are supported on Linux and macOS too, by a hook (2023)."
ADDRESS = "https://github.com/marcelotduarte/cx_Freeze/pull/1956"
THREADS = (
    (
        "compatibility with multiprocessing 'forkserver' start method",
        "https://github.com/marcelotduarte/cx_Freeze/issues/264",
    ),
)


MAIN = '\n\nif __name__ == "__main__":\n    multiprocessing.freeze_support()\n    job()\n'


def run(host):
    import os
    import subprocess

    home = os.path.expanduser("~/cx_freeze")  # that of the measurement: the program is built once
    program = os.path.join(home, "app")
    if not os.path.exists(program):
        host.write("app.py", host.code + MAIN)
        host.start("-m", "cx_Freeze", "build_exe", "--script", "app.py", "--build-exe", home, "--silent").wait()
    host.wait(subprocess.Popen([program], stdout=host.printed, stderr=host.printed))
