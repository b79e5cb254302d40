"""Results: runs merged to cells, compared, counted, published."""
