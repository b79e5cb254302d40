"""cx_Freeze: programs in a folder of their own; here with freeze_support()"""

NAME = "cx-freeze"
REQUIRES = ("cx-freeze>=6.8",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of start methods."
ADDRESS = "https://cx-freeze.readthedocs.io/en/stable/faq.html"


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
