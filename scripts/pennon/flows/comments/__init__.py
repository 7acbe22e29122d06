"""What a review says under its pull request, and what it may believe."""
