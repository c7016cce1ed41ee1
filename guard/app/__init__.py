"""
The one place where the parts are joined.

    running    a guard that runs: parts opened in order, closed in reverse
    in_force   the policy of the moment; a bad one never replaces a good one
    knowledge  what judging asks: sandbox, contacts, lists
    losses     what a source must not lose without a word
    nightly    sources of contacts, read once a day
    list_import, list_child, list_nightly
               lists taken in: by hand, in a process of its own, once a day and from other nodes
    offline    the same judgement of one message, with nothing sent or learned
"""
