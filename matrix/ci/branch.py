"""The archive as a branch of the repository, by the user's git: cloned, and replaced by one commit."""

from __future__ import annotations

from pathlib import Path

from matrix.errors import DataError, WriteError
from matrix.system.command import CommandError, Completed, capture

NAME = "data"
REF = f"refs/heads/{NAME}"

TIMEOUT = 600
"""Seconds that git may take: the branch has some tens of MB."""

NO_SUCH_REF = 2
"""Exit status of `git ls-remote --exit-code` that says: the repository is there, the branch is not."""

AUTHOR = (
    "-c", "user.name=github-actions[bot]",
    "-c", "user.email=41898282+github-actions[bot]@users.noreply.github.com",
)  # fmt: skip


def clone(remote: str, folder: Path, months: int | None = None) -> bool:
    """Clone the branch into a new folder; if the repository has none yet, make an empty one. Returns whether it had.

    months: only the runs of so many newest months are brought over, to be read and not to be pushed.
    Raises DataError if the repository cannot be reached: taking that for a first run would drop what is archived.
    """
    looked = _git("ls-remote", "--exit-code", remote, REF)
    if looked.status == NO_SUCH_REF:
        _succeed(_git("init", "--quiet", "--initial-branch", NAME, str(folder)), f"Cannot make {folder}")
        return False
    _succeed(looked, f"Cannot reach {remote}")
    sparse = ("--sparse", "--filter=blob:none") if months else ()
    words = ("--quiet", "--depth", "1", "--branch", NAME, *sparse, remote, str(folder))
    _succeed(_git("clone", *words), f"Cannot clone the branch {NAME} of {remote}")
    if months:
        listed = _succeed(_git("ls-tree", "--name-only", "HEAD", "runs/", folder=folder), "Cannot list the archive")
        newest = sorted(listed.stdout.split())[-months:]
        _succeed(_git("sparse-checkout", "set", *newest, folder=folder), "Cannot fetch the newest runs")
    return True


def push(folder: Path, remote: str, message: str) -> bool:
    """Replace the branch by one commit without history; returns whether there was anything new.

    The branch must still be as it was cloned, or there must still be none. Raises DataError, WriteError.
    """
    _succeed(_git("add", "--all", folder=folder), "Cannot read the archive")
    if not _succeed(_git("status", "--porcelain", folder=folder), "Cannot read the archive").stdout.strip():
        return False
    tree = _succeed(_git("write-tree", folder=folder), "Cannot write the archive").stdout.strip()
    made = _git(*AUTHOR, "commit-tree", tree, "-m", message, folder=folder)
    commit = _succeed(made, "Cannot commit the archive").stdout.strip()
    cloned = _git("rev-parse", "--verify", "--quiet", "HEAD", folder=folder).stdout.strip()
    pushed = _git("push", "--quiet", f"--force-with-lease={REF}:{cloned}", remote, f"{commit}:{REF}", folder=folder)
    if pushed.status:
        raise WriteError(
            f"Cannot push the branch {NAME} to {remote}: {pushed.last_line}\n"
            "Its runs are in the artifacts of this workflow run. See docs/first-run.md."
        )
    return True


def _git(*words: str, folder: Path | None = None) -> Completed:
    try:
        return capture(["git", *words], timeout=TIMEOUT, cwd=folder)
    except CommandError as error:
        raise DataError(f"git {error}. Install git, or try again.") from None


def _succeed(done: Completed, what: str) -> Completed:
    if done.status:
        raise DataError(f"{what}: {done.last_line}")
    return done
