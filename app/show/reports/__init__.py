"""The reports of counts, as documents: pure functions of what was worked out."""
