"""The operating system: processes and their trees, locks, interrupts, temporary folders, shared memory."""
