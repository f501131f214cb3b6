"""What holds for every test: how hypothesis looks for counterexamples."""

import os

from hypothesis import settings

# Neither has a deadline: a busy machine is no failure. CI looks at the same examples every time.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
