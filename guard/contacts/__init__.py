"""
Who writes to whom, and what that says about the people of a message.

    history       in memory: `learn` and `add_contact` fill it, `acquaintance` asks it
    acquaintance  its answer: the value that detectors read
    memory, question                 the two halves of history: what is known, and the asking
    keys, threads, mentions, tally   what they are made of
    sources, table, events           mail and contacts from files
"""
