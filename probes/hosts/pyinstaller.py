"""PyInstaller: programs in a folder of their own; here with freeze_support(), as its manual says"""

NAME = "pyinstaller"
REQUIRES = ("pyinstaller>=5.0",)
STANCE = "safe"
SAYS = "The program must call multiprocessing.freeze_support(): without it only fork might work (6.11)."
ADDRESS = "https://pyinstaller.org/en/stable/common-issues-and-pitfalls.html#multi-processing"


MAIN = '\n\nif __name__ == "__main__":\n    multiprocessing.freeze_support()\n    job()\n'


def run(host):
    import os
    import subprocess

    home = os.path.expanduser("~/pyinstaller")  # that of the measurement: the program is built once
    program = os.path.join(home, "dist", "app", "app")
    if not os.path.exists(program):
        os.makedirs(home, exist_ok=True)
        host.write("app.py", host.code + MAIN)
        folders = ("--distpath", os.path.join(home, "dist"), "--workpath", os.path.join(home, "build"))
        host.start("-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", *folders, "app.py").wait()
    host.wait(subprocess.Popen([program], stdout=host.printed, stderr=host.printed))
