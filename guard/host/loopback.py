"""What is this machine, and what is elsewhere."""

import ipaddress


def is_loopback(address: str) -> bool:
    """Whether an IP address, or the name localhost (RFC 6761 §6.3), is this machine."""
    try:
        return address == "localhost" or ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
