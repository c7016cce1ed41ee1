"""
Everything durable: held mail, the outbox, the audit log, contacts, lists; and the key ring.

    tables     what the database has to make; `schema` is what all tables share
    database   one SQLite file or PostgreSQL, with durable and serialised writes
    holds      `ports.HoldStore`: what the sender is asked about; its rows are `records`
    outbox     `ports.Outbox`: jobs with lease and fence
    audit      rows in a hash chain, added in the transaction of what they tell
    contacts   `ports.Contacts`, in SQL: written by `contact_adding`, each question gathered from
               rows by `contact_gathering`, in the one thread of `asking`
    lists      `ports.Lists`, over a folder of index files; `imports` says which there must be, and
               `published` has them for other nodes
    keys       the secrets that the database does not have; `crypto` seals with them
    opening    database and key ring together, or a clear refusal
    presence   running guards are known to each other; on SQLite by `occupant`, one on one machine
    version    which tables there are, and whether this Guard may use them; older ones `migrations`
    upkeep     upgrade, backup, restore, move, all by `copying`; whether all is sound by `checking`
    private    files that others can open, or on a disk that machines share (`mounts`), are refused
"""
