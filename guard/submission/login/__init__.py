"""
Who a client is, where it proves that (RFC 4954).

    sasl            what it answers → credentials
    authentication  the AUTH command: the exchange, and patience with wrong ones
    authenticators  who checks credentials, as the settings say
    names           whose mail address a login is, as far as its name tells
    users           the file of logins
    directory       the same from LDAP
"""
