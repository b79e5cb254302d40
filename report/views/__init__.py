"""The pages: each module turns the index of a matrix into what one template shows."""
