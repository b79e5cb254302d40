"""Targets: interpreters found on a machine, identified, launched in other ways, examined by the doctor."""
