"""Popular packages under every start method: recipes, environments, measurements, and what they say of a project."""
