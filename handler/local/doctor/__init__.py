"""What keeps Headway from working: a module for each kind of check, in the order of `examination.py`."""
