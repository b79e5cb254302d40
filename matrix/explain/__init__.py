"""What a traceback means: the questions that were measured about it."""
