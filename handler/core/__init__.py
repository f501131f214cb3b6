"""What Headway decides, free of I/O: no clock, no randomness, no logging; `now` and ids come in."""
