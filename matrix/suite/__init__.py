"""The suite of probes: the catalog of questions, the plan of cells, the skeleton of a new probe."""
