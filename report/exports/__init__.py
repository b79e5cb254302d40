"""The files for programs: API, CSV, badges, feed, and the data of the scripts."""
