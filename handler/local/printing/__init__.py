"""What the commands print, and in which words."""
