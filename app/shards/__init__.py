"""Work on many pictures, in shards: by this process, or by the workers of a cluster."""
