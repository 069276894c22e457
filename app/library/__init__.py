"""The roof: everything that the commands can do, as plain functions of Python."""
