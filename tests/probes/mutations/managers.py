"""Alterations of what the probes of managers observe."""

from tests.probes.mutation import child, python

MUTATIONS = (
    child("managers.namespace", "fork", "    namespace.count += count\n", "    pass\n", "yes > error"),
    child("managers.nested_managed_list", "fork", '    numbers["list"].append(2)\n', "    pass\n", "yes > no"),
    python(
        "managers.wrong_key",
        "fork",
        "import multiprocessing.connection as n; n.deliver_challenge = n.answer_challenge = lambda *some: None",
        "yes > no",
    ),
)
