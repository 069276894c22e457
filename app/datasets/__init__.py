"""Room 2, images in and arrays out: IDX files, `.npz`, folders, pictures and own digits. NumPy."""
