"""What keeps a repository and its registry in order."""
