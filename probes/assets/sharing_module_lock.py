"""A module that makes its lock when it is imported: imported by the probe sharing.lock_at_module_level."""

import multiprocessing

lock = multiprocessing.Lock()
