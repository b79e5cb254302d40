"""One command run once under each start method, and what differs between those trials."""
