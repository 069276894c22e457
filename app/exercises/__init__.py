"""`python -m app.exercises`: small sums asked one by one, each answer explained step by step, with a score."""
