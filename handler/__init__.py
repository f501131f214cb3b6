"""One invocation of Headway, from trigger to answer; `invocation.py` is the main path."""
