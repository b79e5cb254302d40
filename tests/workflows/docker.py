"""Stands for `docker`: a container that is this machine, with the variables that it is given and no others."""

import os
import sys

NETWORKS = ("PIP_", "PYENV_", "XDG_")
"""Where packages and interpreters come from on this machine."""


def main(words):
    if words[0] == "run":
        assert {"--detach", "--init", "--volume"} <= {*words}, words
        print("0123456789ab")
        return
    assert words.pop(0) == "exec", words
    env = {name: os.environ[name] for name in os.environ if name in ("PATH", "HOME") or name.startswith(NETWORKS)}
    while words[0].startswith("--"):
        option, given = words.pop(0), words.pop(0)
        if option == "--workdir":
            os.chdir(given)
        else:
            assert option == "--env", option
            env[given] = os.environ[given]
    assert words.pop(0) == "alpine", words
    os.execvpe(words[0], words, env)


main(sys.argv[1:])
