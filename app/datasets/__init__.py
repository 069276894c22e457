"""Images in and arrays out: IDX files, `.npz`, folders, pictures and own digits. NumPy."""
