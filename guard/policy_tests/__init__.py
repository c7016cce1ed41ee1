"""
Tests of a policy: mails that it must hold, and mails that it must not.

    schema   what stands in ``tests/*.yaml``: the language, as `guard.policy.schema` is of policies
    words    its values as people write them
    load     files → `Suite`s, or all that is wrong with them
    doubts   what names something that is not there: a rule, a list, a file
    rows     the lists of a test, and rows that are invented for them
    people   whom the sender of a test knows
    letter   a mail of a test as octets
    unmet    what was expected of a verdict, and is not so
    run      all of it, by the code that judges live mail
    told     how it went, as text
"""
