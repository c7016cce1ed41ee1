"""
Conditions: each module has what a rule may ask of one thing, and how that is answered.

    recipient    the one recipient whom a rule is asked about
    content      what attachments and text can both be asked
    attachment   files
    text         the text, and whom it greets
    people       the sender, and who sees whom
"""
