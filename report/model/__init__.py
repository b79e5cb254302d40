"""What the pages show, as values: platforms, ranges, cells, comparisons, languages."""
