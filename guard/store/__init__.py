"""
Everything durable: held mail, the outbox, the audit log, contacts, lists; and the key ring.

    tables     what the database has to make; `schema` is what all tables share
    database   one SQLite file or PostgreSQL, with durable and serialised writes
    holds      `ports.HoldStore`: what the sender is asked about; its rows are `records`
    outbox     `ports.Outbox`: jobs with lease and fence
    audit      rows in a hash chain, added in the transaction of what they tell
    contacts   `ports.Contacts`, in SQL
    lists      `ports.Lists`, over a folder of index files; `imports` says which there must be
    keys       the secrets that the database does not have; `crypto` seals with them
    opening    database and key ring together, or a clear refusal
"""
