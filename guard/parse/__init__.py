"""
Octets to a `Message`: what a mail says, for those who judge it.

`parse` never fails: any octets have a `Message`, and what was odd stands in its defects. It walks
the octets by their offsets instead of with the standard library's parser, which decodes all of a
message line by line (a second for 25 MB), recurses once a nested part, and forgets most of what
was odd. Decoding is ours too, because mail in the wild follows no RFC to the letter.
"""

from guard.parse.markup import Page, page
from guard.parse.message import parse
from guard.parse.prose import prose
from guard.parse.reasons import reason_of

__all__ = ["Page", "page", "parse", "prose", "reason_of"]
