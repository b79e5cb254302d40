"""IPython: a shell; here functions typed into it"""

NAME = "ipython"
REQUIRES = ("ipython>=7.20",)
STANCE = "silent"
SAYS = "Read: the documentation of 9.16."
ADDRESS = "https://ipython.readthedocs.io/en/stable/"
THREADS = (
    (
        "Can't use multiprocessing module in IPython",
        "https://github.com/ipython/ipython/issues/10894",
    ),
)


def run(host):
    import subprocess

    host.write("cell.py", host.code)  # what is typed: exec() leaves no module that could be imported
    shell = host.start("-m", "IPython", "--simple-prompt", "--no-banner", stdin=subprocess.PIPE)
    shell.stdin.write(b"exec(open('cell.py').read())\njob()\n")
    shell.stdin.flush()
    host.wait(shell)
