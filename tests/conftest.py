"""
What every test gets.

That this file stands here puts its folder on the path: tests import `factories` from it.
"""

from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("guard", deadline=None)
settings.load_profile("guard")
