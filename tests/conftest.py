"""
What every test gets.

That this file stands here puts its folder on the path: tests import `factories` from it.
"""

import os

from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("guard", deadline=None)
settings.register_profile(
    "fuzz",
    deadline=None,
    max_examples=int(os.environ.get("GUARD_FUZZ_EXAMPLES", "10000")),
    print_blob=True,
)
settings.load_profile("guard")
