"""
Guard: an outbound mail misdelivery guard between mail clients and the real mail server.

    receive ─▶ parse ─▶ inspect ─▶ decide ─▶ act ─▶ relay | hold | refuse
    bytes      Message   Findings   Verdict                    │
                        notice ◀── hold ◀──────────────────────┘
                        confirm (page) ─▶ release ─▶ upstream ─▶ result

`pipeline` tells the first half of the story on one screen, `release` the other half. `examine` is
the pure middle, also for mail that nobody sent; `holding` makes a hold out of a verdict.

    model/       the nouns: address envelope message extract contact finding verdict hold job reply
    parse/       octets → Message
    extract/     attachment octets → text with its place
    names/       how alike two people are
    contacts/    who writes to whom
    lists/       the customer list as keyed fingerprints
    detect/      Inspection → Findings: one module a detector
    policy/      Findings → Verdict: the YAML, its check, its explanation
    compose/     mail that we write: notice, result, DSN, trace line
    ports.py     what the flow needs from outside
    submission/  SMTP in
    upstream/    SMTP out
    sandbox/     killable child processes for attachments
    store/       holds, outbox, audit, contacts in SQL; the key ring
    web/         the sender's page, health and metrics
    cli/         one module a command group
    app.py       the one place where the parts are joined

Imports point one way, down this list of layers; `pyproject.toml` has the contract:

    cli ▶ demo ▶ app ▶ submission | web | worker ▶ store | upstream | sandbox ▶ pipeline
        ▶ holding | release ▶ examine ▶ ports | config ▶ policy | compose ▶ detect
        ▶ contacts | lists | extract ▶ names | parse ▶ model ▶ problems | telemetry
"""

__version__ = "0.1.0"
