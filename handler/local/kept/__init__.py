"""What is kept of changes, opened and told without asking anybody."""
