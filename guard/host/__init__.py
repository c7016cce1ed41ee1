"""
What a guard has from the machine that it runs on, and from a directory beside it.

    listening   its sockets: bound, or inherited
    systemd     what systemd gives a service, and is told by it
    loopback    what is this machine, and what is elsewhere
    directory   connections to a directory: for logins, and for contacts
    watched     files that are exchanged while we run
    metrics     what is counted, by one process or by several together
    pulse       how late the event loop is, and its sign of life
"""
