"""The CI job that made a run, if it was one: public provenance, never a host or user name."""

from __future__ import annotations

import os
from collections.abc import Mapping

_GITHUB = {
    "repository": "GITHUB_REPOSITORY",
    "run_id": "GITHUB_RUN_ID",
    "run_attempt": "GITHUB_RUN_ATTEMPT",
    "job": "GITHUB_JOB",
    "event": "GITHUB_EVENT_NAME",
    "image": "ImageOS",
    "image_version": "ImageVersion",
    "lane": "CANIFORK_LANE",
}


def provenance(env: Mapping[str, str] = os.environ) -> Mapping[str, str] | None:
    """What GitHub Actions says about the job; None elsewhere."""
    if env.get("GITHUB_ACTIONS") != "true":
        return None
    return {"service": "github-actions"} | {key: env[name][:300] for key, name in _GITHUB.items() if env.get(name)}
