"""Measuring: finds interpreters, runs the probes under them, and merges what they answered into one matrix."""
