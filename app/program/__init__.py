"""A network as a straight-line program: steps, slots and arrays, which several machines run."""
