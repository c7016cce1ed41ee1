"""
A client's mail transaction, and the message that it ends with.

    addresses    argument of MAIL and RCPT → address and parameters
    arguments    whether we take them
    spool        large messages in a file that nobody can read
    intake       how much of a message may come, what may stand in it, and where it is kept
    data         where a message ends, in whatever pieces it comes
    chunks       a message that comes by BDAT
    mailing      MAIL, RCPT, DATA or BDAT, and the same at the upstream beside them
"""
