"""The packing desk: what is to be shipped, picked, packed and sent."""
