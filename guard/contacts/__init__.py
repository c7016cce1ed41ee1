"""
Who writes to whom, and what that says about the people of a message.

    history       in memory: `learn` and `add_contact` fill it, `acquaintance` asks it
    acquaintance  its answer: the value that detectors read
    memory, question                 the two halves of history: what is known, and the asking
    book, keys, threads, tally       what is known is made of these
    neighbours, roll, mentions       and the asking of these; the first two remember
    sources/, events                 mail and contacts from files
"""
