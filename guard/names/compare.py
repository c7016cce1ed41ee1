"""
Two names: the same person's, confusable, or unrelated; and two local parts the same way.

    pairing    two words
    comparing  two names, as `person` reads them
    locals     local parts as names
    texts      two texts of any of these kinds
"""

from guard.names.comparing import Alike, Comparison, compare
from guard.names.locals import joined, local_forms, local_person
from guard.names.texts import alike

__all__ = ["Alike", "Comparison", "alike", "compare", "joined", "local_forms", "local_person"]
