"""What people see, where two wings share it: documents, writers, drawings of networks, progress."""
