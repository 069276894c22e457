"""Training that can be killed: recipes, losses, backups, the epochs kept."""
