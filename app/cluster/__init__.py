"""Several processes and machines: who takes part, and how work is dealt out."""
