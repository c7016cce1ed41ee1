"""
How a client comes in: sockets, proxies before it, TLS, lines.

    proxy        the PROXY header before the first octet of a client
    tls          certificates, and how they are exchanged
    listener     one [[listen]]: its sockets, its certificate, whom it lets do what
    wire         octets in and out, TLS, and the end of a connection
    connection   lines in, replies out, and time
    xclient      what a proxy says of the client that it speaks for
"""
