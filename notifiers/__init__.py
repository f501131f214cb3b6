"""What to say and to whom; knows channels and wording, nothing of DMS."""
