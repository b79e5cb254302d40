"""HTML: templates, static files, catalogues of texts, and the one place that renders them."""
