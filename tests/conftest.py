"""What holds for every test: how hypothesis looks for counterexamples."""

from hypothesis import settings

# Neither has a deadline: a busy machine is no failure. `make check` takes ci, everything else dev.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("dev")
