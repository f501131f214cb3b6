"""What holds for every test: how hypothesis looks for counterexamples."""

import os

from hypothesis import settings

# Neither has a deadline: a busy machine is no failure. CI looks at the same examples every time.
# As many examples as the suite has time for; the long proofs take more.
EXAMPLES = 1000 if os.environ.get("HEADWAY_PROOF") == "long" else 40
settings.register_profile("dev", deadline=None, max_examples=EXAMPLES)
settings.register_profile("ci", deadline=None, max_examples=EXAMPLES, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
