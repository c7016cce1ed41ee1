"""
Mail that we write ourselves: notices, results, the trace line. Values in, octets out.

Every text that a stranger wrote (subject, file name, address, reply) goes through `shown` before
it stands in a mail or on a page; every header is built from checked values.
"""
