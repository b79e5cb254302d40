"""A module that prints when it is imported, and leaves the text to the buffer."""

print("printed by a preloaded module")
