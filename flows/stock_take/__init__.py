"""A stock-take: freeze the list, count, approve what is much, correct the books."""
