"""matrix.json -> site/: pure views, small templates, one module that writes files."""
