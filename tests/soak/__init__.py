"""
A guard under load for as long as wanted, with a fault each minute, and an account of every mail.

    account   what was promised for each mail, what arrived, and what of it breaks the promise
    ledger    the mail server behind the guard: it only notes whose mail came when
    site      the folder of a guard, and the process in it
    load      clients that send, and people who answer what is held
    faults    what goes wrong, one after the other
    health    memory, handles and files of the guard, and how they grow
    run       all of it together, and the report
"""
