"""Every Python of a trial imports this at its start; `_canifork_trial` beside it is what watches.

It must be readable by any Python, since a project may start an old one: nothing is done before 3.8.
"""

import sys

if sys.version_info >= (3, 8):
    import _canifork_trial

    _canifork_trial.begin()
