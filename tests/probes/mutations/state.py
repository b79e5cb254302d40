"""Alterations of what the probes of state observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child(
        "state.random_seed",
        "fork",
        "    return [random.random() for _ in range(3)]\n",
        "    random.seed(42)\n    return [random.random() for _ in range(3)]\n",
        "no > yes",
    ),
    child(
        "state.recursion_limit",
        "fork",
        "return kept(ctx, plain + 777, plain, sys.getrecursionlimit)",
        "return kept(ctx, plain + 777, plain, int)",
        "yes > error",
    ),
    child(
        "state.trace_function",
        "spawn",
        "    (lambda: None)()\n",
        "    sys.settrace(trace)\n    (lambda: None)()\n",
        "no > yes",
    ),
)
