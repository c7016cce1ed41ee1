"""
What is served over HTTP: the page that senders confirm on, and health and metrics for operators.

The page needs no JavaScript and sets no cookie: the token in its address is the key. Looking at
it changes nothing (RFC 9110 §9.2.1), for mail scanners open every link.
"""
