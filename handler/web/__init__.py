"""What HTTP callers see: which of them are answered, what they can ask for, and what they get."""
